package meldwebhook

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var errFromHandler = errors.New("the database is away")

func signedRequest(timestamp, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://10.0.0.7:8080/some/inner/path", strings.NewReader(body))
	r.Header = signedHeader(timestamp, body)
	return r
}

func serve(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// record returns a handler and what it was called with and reported.
func record(t *testing.T, answer error, opts ...Option) (h http.Handler, events *[]Event, reported *[]error) {
	t.Helper()
	events, reported = new([]Event), new([]error)
	opts = append(opts, WithErrorHook(func(_ context.Context, err error) { *reported = append(*reported, err) }))
	h = newVerifier(t, opts...).Handler(func(_ context.Context, event Event) error {
		*events = append(*events, event)
		return answer
	})
	return h, events, reported
}

func TestHandlerAnswers(t *testing.T) {
	t.Parallel()
	now := timestampOf(testNow)
	request := func(change func(*http.Request)) *http.Request {
		r := signedRequest(now, testBody)
		change(r)
		return r
	}
	largest := testBody + strings.Repeat(" ", 1000-len(testBody))
	tests := []struct {
		name    string
		request *http.Request
		answer  error // of the callback
		status  int
		want    error // reported
	}{
		{"authentic", signedRequest(now, testBody), nil, 200, nil},
		{"the callback fails", signedRequest(now, testBody), errFromHandler, 500, errFromHandler},
		{"not signed", request(func(r *http.Request) { r.Header = http.Header{} }), nil, 401, ErrMissingHeader},
		{"badly signed", request(func(r *http.Request) { r.Header.Set(SignatureHeader, "x") }), nil, 401, ErrInvalidSignature},
		{"no time", request(func(r *http.Request) { r.Header.Set(TimestampHeader, "x") }), nil, 401, ErrInvalidTimestamp},
		{"stale", signedRequest("1", testBody), nil, 401, ErrStaleTimestamp},
		{"from the future", signedRequest("9999999999", testBody), nil, 401, ErrFutureTimestamp},
		{"an empty body", signedRequest(now, ""), nil, 400, ErrInvalidBody},
		{"a body that is no event", signedRequest(now, "[]"), nil, 400, ErrInvalidBody},
		{"as large as can be", signedRequest(now, largest), nil, 200, nil},
		{"as large as can be, of unknown length", request(func(r *http.Request) {
			r.Header, r.Body, r.ContentLength = signedHeader(now, largest), io.NopCloser(strings.NewReader(largest)), -1
		}), nil, 200, nil},
		{"over the cap", signedRequest(now, largest+" "), nil, 413, ErrBodyTooLarge},
		{"over the cap, of unknown length", request(func(r *http.Request) {
			r.Header, r.Body, r.ContentLength = signedHeader(now, largest+" "), io.NopCloser(strings.NewReader(largest+" ")), -1
		}), nil, 413, ErrBodyTooLarge},
		{"no body at all", request(func(r *http.Request) { r.Body = nil }), nil, 401, ErrInvalidSignature},
		{"no body at all, signed", request(func(r *http.Request) { r.Header, r.Body = signedHeader(now, ""), nil }), nil, 400, ErrInvalidBody},
		{"no URL", request(func(r *http.Request) { r.URL = nil }), nil, 200, nil},
		{"no header", request(func(r *http.Request) { r.Header = nil }), nil, 401, ErrMissingHeader},
		{"names in lower case", request(func(r *http.Request) {
			r.Header = http.Header{"meld-signature": r.Header[SignatureHeader], "meld-signature-timestamp": r.Header[TimestampHeader]}
		}), nil, 200, nil},
		{"a query that was not signed", request(func(r *http.Request) { r.URL.RawQuery = "tenant=b" }), nil, 401, ErrInvalidSignature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, events, reported := record(t, tt.answer, WithMaxBodyBytes(1000))
			resp := serve(h, tt.request)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)

			require.Equal(t, tt.status, resp.StatusCode)
			called := tt.status == 200 || tt.status == 500
			require.Equal(t, called, len(*events) == 1)
			if tt.status == 200 {
				require.Empty(t, body)
				require.Empty(t, *reported)
				require.Equal(t, "txn-1", (*events)[0].Payload.PaymentTransactionID)
				return
			}
			require.Equal(t, http.StatusText(tt.status)+"\n", string(body), "the sender learns the status, nothing more")
			require.Len(t, *reported, 1)
			require.ErrorIs(t, (*reported)[0], tt.want)
		})
	}
}

func TestHandlerMethods(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "post"} {
		h, events, reported := record(t, nil)
		r := signedRequest(timestampOf(testNow), testBody)
		r.Method = method
		resp := serve(h, r)
		require.Equal(t, 405, resp.StatusCode, method)
		require.Equal(t, "POST", resp.Header.Get("Allow"))
		require.Empty(t, *events)
		require.Empty(t, *reported)
	}
}

func TestHandlerWithoutAFunctionPanics(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() { newVerifier(t).Handler(nil) })
}

func TestHandlerWithoutAHook(t *testing.T) {
	t.Parallel()
	h := newVerifier(t).Handler(func(context.Context, Event) error { return errFromHandler })
	require.Equal(t, 500, serve(h, signedRequest(timestampOf(testNow), testBody)).StatusCode)
}

// The query string is signed. What a proxy may do to it is to write it another way.
func TestHandlerQuery(t *testing.T) {
	t.Parallel()
	tests := []struct {
		configured, received string
		status               int
	}{
		{"", "", 200},
		{"?tenant=a&env=prod", "tenant=a&env=prod", 200},
		{"?tenant=a&env=prod", "env=prod&tenant=a", 200},
		{"?x=a%2fb+c", "x=a/b%20c", 200},
		{"?a;b", "a;b", 200},
		{"?tenant=a", "tenant=b", 401},
		{"?tenant=a", "tenant=a&tenant=b", 401},
		{"?tenant=a", "", 401},
		{"", "tenant=a", 401},
		{"?a;b", "a;c", 401},
		{"?a;b", "", 401},
		{"", "a;b", 401},
	}
	for _, tt := range tests {
		t.Run(tt.configured+" "+tt.received, func(t *testing.T) {
			t.Parallel()
			v, err := New(testURL+tt.configured, testSecret)
			require.NoError(t, err)
			now := timestampOf(time.Now())
			r := signedRequest(now, testBody)
			r.Header.Set(SignatureHeader, Sign(testSecret, now, testURL+tt.configured, []byte(testBody)))
			r.URL.RawQuery = tt.received
			require.Equal(t, tt.status, serve(v.Handler(func(context.Context, Event) error { return nil }), r).StatusCode)
		})
	}
}

// A body is not read for a sender who cannot be Meld.
func TestHandlerReadsNoBodyInVain(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*http.Request){
		"no signature": func(r *http.Request) { r.Header.Del(SignatureHeader) },
		"no timestamp": func(r *http.Request) { r.Header.Set(TimestampHeader, "x") },
		"a query":      func(r *http.Request) { r.URL.RawQuery = "x" },
		"a length":     func(r *http.Request) { r.ContentLength = DefaultMaxBodyBytes + 1 },
	} {
		h, _, _ := record(t, nil)
		r := signedRequest(timestampOf(testNow), testBody)
		body := strings.NewReader(testBody)
		r.Body = io.NopCloser(body)
		change(r)
		require.NotEqual(t, 200, serve(h, r).StatusCode, name)
		require.Equal(t, len(testBody), body.Len(), name)
	}
}

func TestHandlerUnderASmallerCap(t *testing.T) {
	t.Parallel()
	h, _, reported := record(t, nil)
	resp := serve(http.MaxBytesHandler(h, 10), signedRequest(timestampOf(testNow), testBody))
	require.Equal(t, 413, resp.StatusCode)
	require.ErrorContains(t, (*reported)[0], "more than 10 bytes")
}

// Meld gives up after ten seconds; the callback is told in time to fail properly.
func TestHandlerDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := New(testURL, testSecret)
		start := time.Now()
		resp := serve(h.Handler(func(ctx context.Context, _ Event) error {
			<-ctx.Done()
			return ctx.Err()
		}), signedRequest(timestampOf(start), testBody))
		require.Equal(t, 500, resp.StatusCode)
		require.Equal(t, 9*time.Second, time.Since(start))
	})
}

// The context of the request reaches the callback, and the hook even after the deadline.
func TestHandlerContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		inHook := errors.New("not called")
		v, err := New(testURL, testSecret, WithErrorHook(func(ctx context.Context, _ error) { inHook = ctx.Err() }))
		require.NoError(t, err)
		r := signedRequest(timestampOf(time.Now()), testBody)
		r = r.WithContext(context.WithValue(r.Context(), key{}, "value"))
		serve(v.Handler(func(ctx context.Context, _ Event) error {
			require.Equal(t, "value", ctx.Value(key{}))
			<-ctx.Done()
			return ctx.Err()
		}), r)
		require.NoError(t, inHook)
	})
}

func TestHandlerOverTheNetwork(t *testing.T) {
	t.Parallel()
	got := make(chan Event, 1)
	v, err := New(testURL, testSecret)
	require.NoError(t, err)
	server := httptest.NewServer(v.Handler(func(_ context.Context, event Event) error {
		got <- event
		return nil
	}))
	defer server.Close()

	now := timestampOf(time.Now())
	r, err := http.NewRequest(http.MethodPost, server.URL, struct{ io.Reader }{strings.NewReader(testBody)}) // chunked
	require.NoError(t, err)
	r.Header = signedHeader(now, testBody)
	r.Header.Set("Meld-Retry-Count", "2")
	resp, err := server.Client().Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 200, resp.StatusCode)
	event := <-got
	require.Equal(t, "evt-1", event.ID)
	require.Equal(t, 2, event.RetryCount)
	require.Equal(t, now, timestampOf(event.SignedAt))
}

// A sender that breaks off, or talks nonsense, is refused without a word of what it said in the error.
func TestHandlerBodyBreaksOff(t *testing.T) {
	t.Parallel()
	for name, rest := range map[string]string{
		"too short":     "Content-Length: 1000\r\n\r\nsaid-by-the-sender",
		"a bad chunk":   "Transfer-Encoding: chunked\r\n\r\nsaid-by-the-sender\r\n",
		"a bad trailer": "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nsaid-by-the-sender\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reported := make(chan error, 1)
			v, err := New(testURL, testSecret, WithErrorHook(func(_ context.Context, err error) { reported <- err }))
			require.NoError(t, err)
			server := httptest.NewServer(v.Handler(func(context.Context, Event) error { return nil }))
			defer server.Close()

			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			defer conn.Close()
			h := signedHeader(timestampOf(time.Now()), testBody)
			_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\n%s: %s\r\n%s: %s\r\n%s", SignatureHeader, h.Get(SignatureHeader),
				TimestampHeader, h.Get(TimestampHeader), rest)
			require.NoError(t, err)
			require.NoError(t, conn.(*net.TCPConn).CloseWrite())

			err = <-reported
			require.ErrorIs(t, err, ErrInvalidBody)
			require.ErrorContains(t, err, "broke off after")
			requireNoLeak(t, everyVerb, err, "said-by-the-sender")
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, 400, resp.StatusCode)
		})
	}
}
