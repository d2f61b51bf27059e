package portal_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// somebodyElses may be the rest of another user's reply on the connection.
const somebodyElses = "joe@else.invalid"

// What net/http quotes from the wire is never shown: not in the text of an error, nor on the way along Unwrap, nor to a
// printer. The cause can be asked for by errors.Is and errors.As alone.
func TestForeignBytesAreNeverShown(t *testing.T) {
	t.Parallel()
	const chunked = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, bytes := range map[string]string{
		"status line":               somebodyElses + "\r\n\r\n",
		"protocol":                  "HTTP/" + somebodyElses + " 200 OK\r\n\r\n",
		"status":                    "HTTP/1.1 " + somebodyElses + "\r\n\r\n",
		"status of too many digits": "HTTP/1.1 2000 " + somebodyElses + "\r\n\r\n",
		"a JSON body alone":         `{"email":"` + somebodyElses + `"}` + "\r\n\r\n",
		"header line":               "HTTP/1.1 200 OK\r\n" + somebodyElses + "\r\n\r\n",
		"first header line":         "HTTP/1.1 200 OK\r\n " + somebodyElses + ": x\r\n\r\n",
		"header name":               "HTTP/1.1 200 OK\r\n" + somebodyElses + "\x00: x\r\n\r\n",
		"header value":              "HTTP/1.1 200 OK\r\nX: " + somebodyElses + "\x00\r\n\r\n",
		"length":                    "HTTP/1.1 200 OK\r\nContent-Length: " + somebodyElses + "\r\n\r\n",
		"two lengths":               "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: " + somebodyElses + "\r\n\r\nx",
		"transfer encoding":         "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + somebodyElses + "\r\n\r\n",
		"chunk":                     chunked + somebodyElses + "\r\n",
		"chunk extension":           chunked + "1;" + somebodyElses + "\rx\r\n",
		"trailer":                   chunked + "0\r\n" + somebodyElses + "\r\n\r\n",
		"early hints":               "HTTP/1.1 103 Early Hints\r\n" + somebodyElses + "\r\n\r\n",
		"upgrade":                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + somebodyElses + "\r\nConnection: Upgrade\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newFaultServer(t, func(x *exchange) bool { x.write(bytes); return false }).start()
			requireNothingForeign(t, srv, portal.NewTransport())
		})
	}
}

// The same for HTTP/2, whose last words to a connection may be a text.
func TestForeignFramesAreNeverShown(t *testing.T) {
	t.Parallel()
	frame := func(kind byte, payload string) string {
		header := make([]byte, 9)
		binary.BigEndian.PutUint32(header, uint32(len(payload))<<8|uint32(kind))
		return string(header) + payload
	}
	for name, bytes := range map[string]string{
		"going away":       frame(4, "") + frame(7, "\x00\x00\x00\x00\x00\x00\x00\x01"+somebodyElses),
		"a frame of text":  frame(4, "") + frame(1, somebodyElses),
		"no frame":         strings.Repeat(somebodyElses, 100),
		"the wrong answer": "HTTP/1.1 400 " + somebodyElses + "\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newFaultServer(t, func(*exchange) bool { return false })
			srv.tls = &tls.Config{Certificates: []tls.Certificate{testCertificate().certificate}, NextProtos: []string{"h2"}}
			srv.greet = func(conn net.Conn) bool {
				encrypted := tls.Server(conn, srv.tls)
				_, _ = io.WriteString(encrypted, bytes)
				_, _ = io.CopyN(io.Discard, encrypted, 24) // the client's preface
				_ = encrypted.Close()
				return false
			}
			transport := portal.NewTransport()
			transport.TLSClientConfig = &tls.Config{RootCAs: testCertificate().pool}
			requireNothingForeign(t, srv.start(), transport)
		})
	}
}

func requireNothingForeign(t *testing.T, srv *faultServer, transport *http.Transport) {
	t.Helper()
	client := newClient(t, portal.StaticToken("tok_1"), portal.WithBaseURL(srv.url()), portal.WithHTTPClient(&http.Client{Transport: transport}),
		portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
	for _, call := range calls {
		err := call.do(t.Context(), client)
		require.Error(t, err)
		checkWords(t, err)
		require.NoError(t, errors.Unwrap(err), "nothing foreign on the way along Unwrap")
		for form, text := range printed(err, errorVerbs) {
			require.NotContains(t, text, somebodyElses, form)
		}
		require.NotContains(t, dump(err), somebodyElses)
		require.NotContains(t, fmt.Sprintf("%+v", []error{err}), somebodyElses)
	}
	transport.CloseIdleConnections()
	srv.close(t)
}

// A secretive error of a round tripper says something else than what it wraps; neither is shown, both are found.
type secretive struct{ inner error }

func (secretive) Error() string { return "the middleware failed" }

func (e secretive) Unwrap() error { return e.inner }

func TestErrorsOfARoundTripperAreFoundNotShown(t *testing.T) {
	t.Parallel()
	inner := &codeError{7}
	for name, wrap := range map[string]func(error) error{
		"secretive": func(err error) error { return secretive{err} },
		"joined":    func(err error) error { return errors.Join(errors.New("a"), err) },
		"wrapped":   func(err error) error { return fmt.Errorf("sending: %w", err) },
	} {
		client := newClient(t, portal.StaticToken(faultToken), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}), portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			return nil, wrap(fmt.Errorf("sending %s: %w", r.Header.Get("Authorization"), inner))
		})}))
		_, err := client.CreateMeldCustomer(t.Context(), jane)
		require.NotContains(t, err.Error(), faultToken, name)
		requireNoSecrets(t, err)
		require.ErrorIs(t, err, inner)
		var found *codeError
		require.ErrorAs(t, err, &found)
		require.Equal(t, 7, found.code)
		requireHidden(t, err, errorVerbs, faultToken)
		require.NotContains(t, dump(err), faultToken)
	}
}

// The texts of the caller's own errors are shown, unless they repeat what is sent.
func TestTextsOfTheCallersErrors(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	for text, shown := range map[string]bool{
		"the vault is sealed": true, "no session for Jane": false, "portal: twice portal: named": true, "line\nbreak": true, "call +1 (415) 555-0123": false,
	} {
		source := portal.TokenFunc(func(context.Context) (string, error) { return "", errors.New(text) })
		_, err := srv.client(t).WithTokenSource(source).CreateMeldCustomer(t.Context(), jane)
		require.ErrorIs(t, err, portal.ErrTokenSource)
		require.Equal(t, !shown, strings.Contains(err.Error(), "its text is withheld"), "%v", err)
		requireNoSecrets(t, err)
		checkWords(t, err)
	}
}
