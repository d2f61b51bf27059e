package portal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// changesOfOrigin point a request elsewhere, host being the address of another server.
func changesOfOrigin(host string) map[string]func(*http.Request) {
	return map[string]func(*http.Request){
		"another port":   func(r *http.Request) { r.URL.Host = host },
		"another host":   func(r *http.Request) { r.URL.Host = strings.Replace(host, "127.0.0.1", "localhost", 1) },
		"another scheme": func(r *http.Request) { r.URL.Scheme = "https" },
		"a user":         func(r *http.Request) { r.URL.User = url.UserPassword("jane", "s3cret") },
		"a Host header":  func(r *http.Request) { r.Host = "example.com" },
		"an opaque URL":  func(r *http.Request) { r.URL.Opaque = "//" + host + "/api/v3" },
		"no host":        func(r *http.Request) { r.URL.Host = "" },
		"another URL":    func(r *http.Request) { r.URL = &url.URL{Scheme: "http", Host: host, Path: r.URL.Path} },
	}
}

// Credentials go to the scheme, host and port of the base URL, and nowhere else.
func TestCredentialsGoToOneOrigin(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	other := newScriptedServer(t, jsonAnswer(200, customerBody))
	for name, edit := range changesOfOrigin(other.Listener.Addr().String()) {
		_, err := srv.client(t).API().GetMeldCustomerWithResponse(t.Context(), func(_ context.Context, r *http.Request) error {
			edit(r)
			return nil
		})
		require.ErrorIs(t, err, portal.ErrInvalidRequest, name)
		require.Zero(t, requireAPIError(t, err).Attempts)
		require.NotContains(t, err.Error(), "s3cret")
	}
	require.Empty(t, srv.received())
	require.Empty(t, other.received())
}

// The origin is that of the request which is sent, on every attempt: a transport that rewrites the request it is
// handed, or an editor that has kept it, does not lead the next attempt elsewhere.
func TestOriginHoldsOnEveryAttempt(t *testing.T) {
	t.Parallel()
	other := newScriptedServer(t, jsonAnswer(200, customerBody))
	for name, change := range changesOfOrigin(other.Listener.Addr().String()) {
		t.Run("transport/"+name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, jsonAnswer(200, customerBody))
			for _, call := range calls {
				first := true
				client := srv.client(t, portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					if first {
						first = false
						change(r)
						r.Header.Set("X-Changed", "1")
						return nil, errRefused
					}
					return portal.NewTransport().RoundTrip(r)
				})}))
				require.NoError(t, call.do(t.Context(), client))
			}
			require.Len(t, srv.received(), len(calls))
			for _, r := range srv.received() {
				require.Empty(t, r.header.Get("X-Changed"))
				require.Equal(t, "Bearer tok_1", r.header.Get("Authorization"))
			}
		})
		t.Run("editor/"+name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, answer{status: 503}, jsonAnswer(200, customerBody))
			var kept *http.Request
			source := portal.TokenFunc(func(context.Context) (string, error) {
				if len(srv.received()) == 1 {
					change(kept)
					kept.URL.Path = "/api/v3/elsewhere"
					kept.Header.Set("X-Changed", "1")
				}
				return "tok_1", nil
			})
			_, err := srv.client(t).WithTokenSource(source).API().GetMeldCustomerWithResponse(t.Context(), func(_ context.Context, r *http.Request) error {
				kept = r
				return nil
			})
			require.NoError(t, err)
			require.Len(t, srv.received(), 2)
			require.Equal(t, srv.received()[0].path, srv.received()[1].path)
			require.Empty(t, srv.received()[1].header.Get("X-Changed"))
		})
	}
	t.Cleanup(func() { require.Empty(t, other.received()) })
}

func TestRedirectsAreNeverFollowed(t *testing.T) {
	t.Parallel()
	other := newScriptedServer(t, jsonAnswer(200, customerBody))
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := newScriptedServer(t, answer{status: status, header: http.Header{"Location": {other.URL + "/api/v3"}}})
		for _, call := range calls {
			client := srv.client(t, portal.WithHTTPClient(&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
				t.Error("a redirect was followed")
				return nil
			}}))
			require.Equal(t, status, requireAPIError(t, call.do(t.Context(), client)).StatusCode)
		}
		require.Len(t, srv.received(), len(calls))
	}
	require.Empty(t, other.received())
}

func TestCookiesAreNeitherKeptNorSent(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, answer{status: 200, body: customerBody, header: http.Header{"Set-Cookie": {"session=1; Path=/"}}})
	jar := &countingJar{}
	client := srv.client(t, portal.WithHTTPClient(&http.Client{Jar: jar}))
	for _, call := range append(calls, calls...) {
		require.NoError(t, call.do(t.Context(), client))
	}
	for _, r := range srv.received() {
		require.Empty(t, r.header.Get("Cookie"))
	}
	require.Zero(t, jar.uses, "a cookie of one end user would be sent for the next")
}

type countingJar struct{ uses int }

func (j *countingJar) SetCookies(*url.URL, []*http.Cookie) { j.uses++ }

func (j *countingJar) Cookies(*url.URL) []*http.Cookie { j.uses++; return nil }

// The body that an editor sets is the one that is sent, on every attempt.
func TestBodyOfAnEditor(t *testing.T) {
	t.Parallel()
	const body = `{"email":"new@example.com"}`
	replace := func(r *http.Request, body io.Reader, length int64) {
		r.Body, r.ContentLength = io.NopCloser(body), length
	}
	for name, tt := range map[string]struct {
		edit     func(*http.Request)
		want     string
		attempts int
	}{
		"as it was":                 {func(*http.Request) {}, `{"email":"old@example.com"}`, 3},
		"with its length":           {func(r *http.Request) { replace(r, strings.NewReader(body), int64(len(body))) }, body, 3},
		"with the length of before": {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(body)) }, body, 3},
		"with no length":            {func(r *http.Request) { replace(r, strings.NewReader(body), -1) }, body, 3},
		"longer than it says":       {func(r *http.Request) { replace(r, strings.NewReader(body), 3) }, body, 3},
		"with its own GetBody": {func(r *http.Request) {
			replace(r, strings.NewReader(body), int64(len(body)))
			r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
		}, body, 3},
		"a stream": {func(r *http.Request) {
			replace(r, strings.NewReader(body), int64(len(body)))
			r.GetBody = nil
		}, body, 1},
		"none":        {func(r *http.Request) { r.Body = nil }, "", 3},
		"no bytes":    {func(r *http.Request) { replace(r, bytes.NewReader(nil), 0) }, "", 3},
		"http.NoBody": {func(r *http.Request) { r.Body = http.NoBody }, "", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, answer{status: 429})
			var closed atomic.Int64
			_, err := srv.client(t).API().CreateMeldCustomerWithResponse(t.Context(), api.MeldCreateCustomerRequest{Email: "old@example.com"}, func(_ context.Context, r *http.Request) error {
				tt.edit(r)
				if r.Body != nil && r.Body != http.NoBody {
					r.Body = &closedBody{r.Body, &closed}
				} else {
					closed.Add(1)
				}
				return nil
			})
			require.ErrorIs(t, err, portal.ErrRateLimited)
			require.EqualValues(t, 1, closed.Load(), "whoever takes a body closes it")
			require.Len(t, srv.received(), tt.attempts)
			for _, r := range srv.received() {
				require.Equal(t, tt.want, r.body)
			}
		})
	}
}

// A closedBody counts how often it is closed.
type closedBody struct {
	io.ReadCloser
	times *atomic.Int64
}

func (b *closedBody) Close() error {
	b.times.Add(1)
	return b.ReadCloser.Close()
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// What net/http would not send is refused before anything is sent, and so leaves nothing unknown.
func TestEditsThatCannotBeSent(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	const unknown, name, value = "request is no operation of the document", "header has a name that is not a token", "header X-Extra holds a control character"
	for name, tt := range map[string]struct {
		edit func(*http.Request)
		want string
	}{
		"method":                   {func(r *http.Request) { r.Method = "PO\r\nST" }, "portal: request of a path that is not in the document: invalid request: " + unknown},
		"no method":                {func(r *http.Request) { r.Method = "" }, "portal: request of a path that is not in the document: invalid request: " + unknown},
		"another method":           {func(r *http.Request) { r.Method = http.MethodDelete }, "portal: DELETE of a path that is not in the document: invalid request: " + unknown},
		"another path":             {func(r *http.Request) { r.URL.Path = "/api/v3/elsewhere" }, "portal: POST of a path that is not in the document: invalid request: " + unknown},
		"a path beside the base":   {func(r *http.Request) { r.URL.Path = strings.TrimPrefix(r.URL.Path, "/api/v3") }, unknown},
		"a path below another":     {func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, "/api/v3", "/api/v30", 1) }, unknown},
		"no URL":                   {func(r *http.Request) { r.URL = nil }, unknown},
		"header name":              {func(r *http.Request) { r.Header["X Extra"] = []string{"1"} }, name},
		"no header name":           {func(r *http.Request) { r.Header[""] = []string{"1"} }, name},
		"header name with a colon": {func(r *http.Request) { r.Header["X:"] = []string{"1"} }, name},
		"header name beyond ASCII": {func(r *http.Request) { r.Header["X-É"] = []string{"1"} }, name},
		"header value":             {func(r *http.Request) { r.Header.Set("X-Extra", "a\r\nX-Evil: 1") }, value},
		"header value of zero":     {func(r *http.Request) { r.Header.Set("X-Extra", "a\x00") }, value},
		"header value of DEL":      {func(r *http.Request) { r.Header.Set("X-Extra", "a\x7f") }, value},
		"a body that fails":        {func(r *http.Request) { r.Body = io.NopCloser(errReader{errors.New("jane")}) }, "body cannot be read"},
	} {
		_, err := srv.client(t).API().CreateMeldCustomerWithResponse(t.Context(), api.MeldCreateCustomerRequest{}, func(_ context.Context, r *http.Request) error {
			tt.edit(r)
			return nil
		})
		require.ErrorIs(t, err, portal.ErrInvalidRequest, name)
		require.NotErrorIs(t, err, portal.ErrOutcomeUnknown, name)
		require.Zero(t, requireAPIError(t, err).Attempts, name)
		require.ErrorContains(t, err, tt.want, name)
		checkWords(t, err)
	}
	require.Empty(t, srv.received())
}
