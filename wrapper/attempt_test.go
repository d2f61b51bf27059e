package portal_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

var errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}

// lookUnsent are errors that look as if the request had never been sent.
var lookUnsent = map[string]error{
	"refused":            errRefused,
	"refused, wrapped":   fmt.Errorf("the proxy: %w", errRefused),
	"refused, joined":    errors.Join(errors.New("all backends failed"), errRefused),
	"refused, in a URL":  &url.Error{Op: "Post", URL: "https://elsewhere.example", Err: errRefused},
	"unknown host":       &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true}},
	"bad certificate":    &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
	"no TLS":             tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"},
	"plain HTTP instead": http.ErrSchemeMismatch,
}

// What was seen on the wire outranks what an error looks like: a request that a connection carried may have been
// carried out, whatever the transport says in the end.
func TestErrorAfterTheRequestWasSent(t *testing.T) {
	t.Parallel()
	for name, failure := range lookUnsent {
		for _, call := range calls {
			t.Run(name+"/"+call.name, func(t *testing.T) {
				t.Parallel()
				srv := newScriptedServer(t, jsonAnswer(200, customerBody))
				transport := portal.NewTransport()
				defer transport.CloseIdleConnections()
				err := call.do(t.Context(), srv.client(t, portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					resp, err := transport.RoundTrip(r)
					require.NoError(t, err)
					_, _ = io.Copy(io.Discard, resp.Body)
					require.NoError(t, resp.Body.Close())
					return nil, failure
				})})))
				require.Equal(t, call.writes(), errors.Is(err, portal.ErrOutcomeUnknown), "%v", err)
				attempts := 3
				if call.writes() && call.name != ensure.name {
					attempts = 1
				}
				require.Equal(t, attempts, requireAPIError(t, err).Attempts)
				require.Len(t, srv.received(), attempts)
				require.ErrorIs(t, err, failure)
				checkWords(t, err)
			})
		}
	}
}

// The same errors before a connection was there leave nothing unknown. What no repeat will mend is not repeated.
func TestErrorBeforeTheRequestWasSent(t *testing.T) {
	t.Parallel()
	for name, failure := range lookUnsent {
		for _, call := range calls {
			t.Run(name+"/"+call.name, func(t *testing.T) {
				t.Parallel()
				transport := portal.NewTransport()
				transport.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, failure }
				client := newClient(t, portal.StaticToken("tok_1"), portal.WithBaseURL("http://127.0.0.1/api/v3"),
					portal.WithHTTPClient(&http.Client{Transport: transport}), portal.WithRetry(portal.RetryPolicy{BaseDelay: 1, MaxDelay: 1}))
				err := call.do(t.Context(), client)
				require.NotErrorIs(t, err, portal.ErrOutcomeUnknown)
				attempts := 3
				switch name {
				case "bad certificate", "no TLS", "plain HTTP instead":
					attempts = 1
				}
				require.Equal(t, attempts, requireAPIError(t, err).Attempts)
				require.ErrorIs(t, err, failure)
			})
		}
	}
}

// A round tripper that reports nothing of its connections is believed when it says that it could not dial.
func TestRoundTripperThatReportsNothing(t *testing.T) {
	t.Parallel()
	for failure, unsent := range map[error]bool{errRefused: true, io.ErrUnexpectedEOF: false, errors.New("out of order"): false, tls.RecordHeaderError{}: false} {
		client := newClient(t, portal.StaticToken("tok_1"), portal.WithRetry(portal.RetryPolicy{BaseDelay: 1, MaxDelay: 1}),
			portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, failure })}))
		for _, call := range []call{create, ensure} {
			require.Equal(t, !unsent, errors.Is(call.do(t.Context(), client), portal.ErrOutcomeUnknown), "%v", failure)
		}
	}
}

// The limits of time that end an attempt or a call are timeouts, whoever set them and with whatever cause.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	hanging := newScriptedServer(t, answer{})
	hanging.Config.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	const short = 20 * time.Millisecond
	budget := errors.New("the budget of the request is used up")
	withCause := func(parent context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeoutCause(parent, short, budget)
	}
	plain := func(parent context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(parent, short)
	}
	cancelled := func(parent context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancelCause(parent)
		time.AfterFunc(short, func() { cancel(budget) })
		return ctx, func() { cancel(nil) }
	}
	transport := portal.NewTransport()
	transport.ResponseHeaderTimeout = short
	for name, tt := range map[string]struct {
		context func(context.Context) (context.Context, context.CancelFunc)
		opts    []portal.Option
		source  portal.TokenSource
		is      []error
		timeout bool
	}{
		"deadline":              {plain, nil, nil, []error{context.DeadlineExceeded}, true},
		"deadline with a cause": {withCause, nil, nil, []error{context.DeadlineExceeded, budget}, true},
		"deadline of the token source": {withCause, nil, portal.TokenFunc(func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}), []error{context.DeadlineExceeded, budget}, true},
		"cancelled with a cause": {cancelled, nil, nil, []error{context.Canceled, budget}, false},
		"attempt":                {context.WithCancel, []portal.Option{portal.WithAttemptTimeout(short)}, nil, []error{os.ErrDeadlineExceeded}, true},
		"http.Client":            {context.WithCancel, []portal.Option{portal.WithHTTPClient(&http.Client{Timeout: short})}, nil, []error{os.ErrDeadlineExceeded}, true},
		"transport":              {context.WithCancel, []portal.Option{portal.WithHTTPClient(&http.Client{Transport: transport})}, nil, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := hanging.client(t, append([]portal.Option{portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1})}, tt.opts...)...)
			if tt.source != nil {
				client = client.WithTokenSource(tt.source)
			}
			for _, person := range []string{"Jane", "context", "Deadline", "exceeded", "the", "timeout", "Attempt"} {
				ctx, cancel := tt.context(t.Context())
				req := *jane
				req.Name.FirstName, req.Name.LastName = person, person
				_, err := client.CreateMeldCustomer(ctx, &req)
				cancel()
				e := requireAPIError(t, err)
				require.Equal(t, tt.timeout, e.Timeout(), "%v", err)
				for _, is := range tt.is {
					require.ErrorIs(t, err, is)
				}
				require.Equal(t, tt.timeout, os.IsTimeout(e))
				checkWords(t, err)
			}
		})
	}
}
