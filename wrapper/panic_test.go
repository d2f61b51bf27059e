package portal_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A bomb panics as long as it is armed.
type bomb struct {
	armed   atomic.Bool
	refused bool // whether the server refuses the token as long as it is armed
}

var errBomb = errors.New("the caller's code has panicked")

func (b *bomb) tick() {
	if b.armed.Load() {
		panic(errBomb)
	}
}

// The caller's code that the client runs, each with a bomb in it.
type (
	bombSource struct {
		*bomb
		token string
	}
	bombInvalidator struct {
		*bomb
		generation atomic.Int64
	}
	bombTransport struct {
		*bomb
		next  http.RoundTripper
		after bool // panics with the response in its hands, as a middleware would
	}
	bombBody struct {
		*bomb
		io.ReadCloser
		onClose bool
	}
	bombHandler struct {
		*bomb
		onEnabled bool
	}
)

func (s *bombSource) Token(context.Context) (string, error) {
	s.tick()
	return s.token, nil
}

func (s *bombInvalidator) Token(context.Context) (string, error) {
	return "tok_" + string(rune('a'+s.generation.Load()%26)), nil
}

func (s *bombInvalidator) Invalidate(string) {
	s.generation.Add(1)
	s.tick()
}

func (rt *bombTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !rt.after {
		rt.tick()
	}
	resp, err := rt.next.RoundTrip(r)
	if err == nil && rt.after {
		defer func() {
			if rt.armed.Load() {
				_ = resp.Body.Close()
			}
		}()
		rt.tick()
	}
	return resp, err
}

type bodyTransport struct {
	*bomb
	next    http.RoundTripper
	onClose bool
}

func (rt *bodyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := rt.next.RoundTrip(r)
	if err == nil {
		resp.Body = &bombBody{rt.bomb, resp.Body, rt.onClose}
	}
	return resp, err
}

func (b *bombBody) Read(p []byte) (int, error) {
	if !b.onClose {
		b.tick()
	}
	return b.ReadCloser.Read(p)
}

func (b *bombBody) Close() error {
	err := b.ReadCloser.Close()
	if b.onClose {
		b.tick()
	}
	return err
}

func (h *bombHandler) Enabled(context.Context, slog.Level) bool {
	if h.onEnabled {
		h.tick()
	}
	return true
}

func (h *bombHandler) Handle(context.Context, slog.Record) error {
	h.tick()
	return nil
}

func (h *bombHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *bombHandler) WithGroup(string) slog.Handler      { return h }

// A panic in the caller's code comes out of the call that ran it, in the goroutine of its caller, and leaves
// nothing behind: the next call works, and neither a goroutine nor a connection is left.
func TestPanicsLeaveNothingBehind(t *testing.T) {
	tests := map[string]func(b *bomb, next http.RoundTripper) (portal.TokenSource, http.RoundTripper, []portal.Option){
		"token source": func(b *bomb, next http.RoundTripper) (portal.TokenSource, http.RoundTripper, []portal.Option) {
			return &bombSource{b, "tok"}, next, nil
		},
		"cached token source": func(b *bomb, next http.RoundTripper) (portal.TokenSource, http.RoundTripper, []portal.Option) {
			return portal.CachedTokenSource(&bombSource{b, "tok"}), next, nil
		},
		"invalidator": func(b *bomb, next http.RoundTripper) (portal.TokenSource, http.RoundTripper, []portal.Option) {
			b.refused = true
			return &bombInvalidator{bomb: b}, next, nil
		},
		"cached invalidator": func(b *bomb, next http.RoundTripper) (portal.TokenSource, http.RoundTripper, []portal.Option) {
			b.refused = true
			return portal.CachedTokenSource(&bombInvalidator{bomb: b}), next, nil
		},
		"transport": func(b *bomb, next http.RoundTripper) (portal.TokenSource, http.RoundTripper, []portal.Option) {
			return portal.StaticToken("tok"), &bombTransport{b, next, false}, nil
		},
		"transport with a response": func(b *bomb, next http.RoundTripper) (portal.TokenSource, http.RoundTripper, []portal.Option) {
			return portal.StaticToken("tok"), &bombTransport{b, next, true}, nil
		},
		"body": func(b *bomb, next http.RoundTripper) (portal.TokenSource, http.RoundTripper, []portal.Option) {
			return portal.StaticToken("tok"), &bodyTransport{b, next, false}, nil
		},
		"body's end": func(b *bomb, next http.RoundTripper) (portal.TokenSource, http.RoundTripper, []portal.Option) {
			return portal.StaticToken("tok"), &bodyTransport{b, next, true}, nil
		},
		"log handler": func(b *bomb, next http.RoundTripper) (portal.TokenSource, http.RoundTripper, []portal.Option) {
			return portal.StaticToken("tok"), next, []portal.Option{portal.WithLogger(slog.New(&bombHandler{b, false}))}
		},
		"log handler's level": func(b *bomb, next http.RoundTripper) (portal.TokenSource, http.RoundTripper, []portal.Option) {
			return portal.StaticToken("tok"), next, []portal.Option{portal.WithLogger(slog.New(&bombHandler{b, true}))}
		},
	}
	for name, setUp := range tests {
		t.Run(name, func(t *testing.T) {
			goroutines := runtime.NumGoroutine()
			var b bomb
			s := newFaultServer(t, func(x *exchange) bool {
				if b.armed.Load() && b.refused {
					return x.reply(http.StatusUnauthorized, jsonType, `{"error":"expired"}`)
				}
				status, body := x.work()
				return x.reply(status, jsonType, body)
			})
			s.forgets, s.exists = true, true
			s.start()
			transport := portal.NewTransport()
			ts, roundTripper, opts := setUp(&b, transport)
			client := newClient(t, ts, append(opts, portal.WithBaseURL(s.url()), portal.WithHTTPClient(&http.Client{Transport: roundTripper}))...)
			for range 3 {
				if cached, ok := ts.(portal.Invalidator); ok {
					cached.Invalidate("tok") // so that it asks again
				}
				b.armed.Store(true)
				panicTogether(t, client)
				b.armed.Store(false)
				for _, e := range entries[1:3] {
					id, err := e.do(t.Context(), client)
					require.NoError(t, err)
					require.Equal(t, "cus_1", id)
				}
			}
			transport.CloseIdleConnections()
			s.close(t)
			requireGoroutines(t, goroutines)
		})
	}
}

// panicTogether calls from many goroutines at once; each gets the panic itself.
func panicTogether(t *testing.T, client *portal.Client) {
	t.Helper()
	var callers sync.WaitGroup
	var panics atomic.Int64
	for i := range 20 {
		callers.Go(func() {
			defer func() {
				if recover() == any(errBomb) {
					panics.Add(1)
				}
			}()
			_, _ = entries[i%len(entries)].do(t.Context(), client)
		})
	}
	callers.Wait()
	require.EqualValues(t, 20, panics.Load())
}
