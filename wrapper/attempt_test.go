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
	"net/http/httptrace"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

var errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}

// lookUnsent are errors that look as if the request had never been sent. Some of them no repeat would mend.
var lookUnsent = map[string]struct {
	err       error
	permanent bool
}{
	"refused":            {errRefused, false},
	"refused, wrapped":   {fmt.Errorf("the proxy: %w", errRefused), false},
	"refused, joined":    {errors.Join(errors.New("all backends failed"), errRefused), false},
	"refused, in a URL":  {&url.Error{Op: "Post", URL: "https://elsewhere.example", Err: errRefused}, false},
	"unknown host":       {&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true}}, false},
	"bad certificate":    {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, true},
	"no TLS":             {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, true},
	"plain HTTP instead": {http.ErrSchemeMismatch, true},
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
					return nil, failure.err
				})})))
				require.Equal(t, call.writes(), errors.Is(err, portal.ErrOutcomeUnknown), "%v", err)
				attempts := 3
				if call.writes() && call.name != ensure.name {
					attempts = 1
				}
				require.Equal(t, attempts, requireAPIError(t, err).Attempts)
				require.Len(t, srv.received(), attempts)
				require.ErrorIs(t, err, failure.err)
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
				transport.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, failure.err }
				client := newClient(t, portal.StaticToken("tok_1"), portal.WithBaseURL("http://127.0.0.1/api/v3"),
					portal.WithHTTPClient(&http.Client{Transport: transport}), portal.WithRetry(portal.RetryPolicy{BaseDelay: 1, MaxDelay: 1}))
				err := call.do(t.Context(), client)
				require.NotErrorIs(t, err, portal.ErrOutcomeUnknown)
				attempts := 3
				if failure.permanent {
					attempts = 1
				}
				require.Equal(t, attempts, requireAPIError(t, err).Attempts)
				require.ErrorIs(t, err, failure.err)
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

// The limits of time that end an attempt or a call are timeouts, whoever set them and with whatever cause, and
// whatever the caller is called.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	const limit = 10 * time.Second
	budget := errors.New("the budget of the request is used up")
	forEver := context.WithCancel
	withDeadline := func(parent context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(parent, limit)
	}
	withCause := func(parent context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeoutCause(parent, limit, budget)
	}
	cancelled := func(parent context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancelCause(parent)
		time.AfterFunc(limit, func() { cancel(budget) })
		return ctx, func() { cancel(nil) }
	}
	for name, tt := range map[string]struct {
		context func(context.Context) (context.Context, context.CancelFunc)
		change  func(*http.Client)
		opts    []portal.Option
		source  portal.TokenSource
		is      []error
		says    string
		timeout bool
	}{
		"deadline":              {context: withDeadline, is: []error{context.DeadlineExceeded}, says: "ended: context deadline exceeded: it may", timeout: true},
		"deadline with a cause": {context: withCause, is: []error{context.DeadlineExceeded, budget}, says: "ended: context deadline exceeded:", timeout: true},
		"deadline of the token source": {context: withCause, source: portal.TokenFunc(func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}), is: []error{context.DeadlineExceeded, budget}, timeout: true},
		"attempt of the token source": {context: forEver, opts: []portal.Option{portal.WithAttemptTimeout(limit)}, source: portal.TokenFunc(func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}), is: []error{os.ErrDeadlineExceeded, portal.ErrTokenSource}, says: "no token within the attempt timeout of 10s", timeout: true},
		"attempt of a cached token source": {context: forEver, opts: []portal.Option{portal.WithAttemptTimeout(limit)}, source: portal.CachedTokenSource(portal.TokenFunc(func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		})), is: []error{os.ErrDeadlineExceeded, portal.ErrTokenSource}, says: "no token within the attempt timeout of 10s", timeout: true},
		"attempt of a token source that says that it was cancelled": {context: forEver, opts: []portal.Option{portal.WithAttemptTimeout(limit)}, source: portal.TokenFunc(func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", context.Canceled
		}), is: []error{os.ErrDeadlineExceeded, portal.ErrTokenSource}, says: "no token within the attempt timeout of 10s", timeout: true},
		"attempt of a token source that does not mind": {context: forEver, opts: []portal.Option{portal.WithAttemptTimeout(limit)}, source: portal.TokenFunc(func(context.Context) (string, error) {
			time.Sleep(limit)
			return "tok_1", nil
		}), is: []error{os.ErrDeadlineExceeded, portal.ErrTokenSource}, says: "no token within the attempt timeout of 10s", timeout: true},
		"attempt of a token source that minds, and is as late as the timer": {context: forEver, opts: []portal.Option{portal.WithAttemptTimeout(limit)}, source: portal.TokenFunc(func(ctx context.Context) (string, error) {
			_ = ctx.Done()
			time.Sleep(limit)
			return "tok_1", nil
		}), is: []error{os.ErrDeadlineExceeded, portal.ErrTokenSource}, says: "no token within the attempt timeout of 10s", timeout: true},
		"deadline of a token source that does not mind": {context: withCause, source: portal.TokenFunc(func(context.Context) (string, error) {
			time.Sleep(limit)
			return "tok_1", nil
		}), is: []error{context.DeadlineExceeded, budget}, timeout: true},
		"cancelled with a cause": {context: cancelled, is: []error{context.Canceled, budget}, says: "ended: context canceled:"},
		"attempt":                {context: forEver, opts: []portal.Option{portal.WithAttemptTimeout(limit)}, is: []error{os.ErrDeadlineExceeded}, says: "no complete reply within the attempt timeout of 10s", timeout: true},
		"http.Client":            {context: forEver, change: func(c *http.Client) { c.Timeout = limit }, is: []error{os.ErrDeadlineExceeded}, says: "no complete reply within the attempt timeout of 10s", timeout: true},
		"transport":              {context: forEver, change: func(c *http.Client) { c.Transport.(*http.Transport).ResponseHeaderTimeout = limit }, is: []error{context.DeadlineExceeded}, timeout: true}, // as net/http has it
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				network := newPipeNetwork(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					<-r.Context().Done()
				}))
				httpClient := &http.Client{Transport: network.transport(t)}
				if tt.change != nil {
					tt.change(httpClient)
				}
				opts := append([]portal.Option{portal.WithHTTPClient(httpClient), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1})}, tt.opts...)
				client := network.client(t, portal.StaticToken("tok_1"), opts...)
				if tt.source != nil {
					client = client.WithTokenSource(tt.source)
				}
				for _, person := range []string{"Jane", "context", "Deadline", "exceeded", "the", "timeout", "Attempt"} {
					ctx, cancel := tt.context(t.Context())
					req := *jane
					req.Name.FirstName, req.Name.LastName = person, person
					start := time.Now()
					_, err := client.CreateMeldCustomer(ctx, &req)
					cancel()
					require.Equal(t, limit, time.Since(start))
					e := requireAPIError(t, err)
					require.Equal(t, tt.timeout, e.Timeout(), "%v", err)
					for _, is := range tt.is {
						require.ErrorIs(t, err, is)
					}
					for _, ended := range []error{context.DeadlineExceeded, context.Canceled} {
						require.Equal(t, slices.Contains(tt.is, ended), errors.Is(err, ended), "%v is not said of the limit of an attempt", ended)
					}
					require.ErrorContains(t, err, tt.says)
					require.Equal(t, tt.timeout, os.IsTimeout(e))
					checkWords(t, err)
				}
			})
		})
	}
}

// Why a context ended is said in the words of who ended it.
func TestCauseOfTheContextIsShown(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	for says, cause := range map[string]error{
		"context canceled: the budget is used up (trace ": errors.New("the budget is used up"),
		"context canceled (trace ":                        nil,
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		_, err := srv.client(t).GetMeldCustomer(ctx)
		require.ErrorContains(t, err, "portal: getMeldCustomer: the call's context ended: "+says)
	}
}

// A transport that finds the connection closed sends the body once more: it asks the request for it.
func TestBodyIsThereAgain(t *testing.T) {
	t.Parallel()
	client := newClient(t, portal.StaticToken("tok_1"), portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		sent, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Contains(t, string(sent), jane.Email)
		for range 2 {
			body, err := r.GetBody()
			require.NoError(t, err)
			again, err := io.ReadAll(body)
			require.NoError(t, err)
			require.Equal(t, sent, again)
		}
		return nil, errRefused
	})}), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
	_, err := client.CreateMeldCustomer(t.Context(), jane)
	require.ErrorIs(t, err, errRefused)
}

// A round tripper that adds to a header changes no other.
func TestHeadersAreApart(t *testing.T) {
	t.Parallel()
	var trace string
	client := newClient(t, portal.StaticToken("tok_1"), portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		r.Header.Add("Authorization", "another")
		trace = r.Header.Get("X-Portal-Trace-Id")
		return nil, errRefused
	})}))
	_, err := client.GetMeldCustomer(portal.WithTraceID(t.Context(), "trace-1"))
	require.Error(t, err)
	require.Equal(t, "trace-1", trace)
}

// A reply that is complete counts, even if the context ends with its last byte: also for what is known of the attempt
// before, of which nothing came.
func TestContextThatEndsWithTheReply(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body string
		lost       bool
		is, isNot  error
	}{
		{name: "a customer", body: customerBody},
		{name: "after a lost reply", body: customerBody, lost: true},
		{name: "a 200 without a customer, after a lost reply", body: `{"data":{}}`, lost: true, is: portal.ErrUnusableResponse, isNot: portal.ErrOutcomeUnknown},
		{name: "a failure, after a lost reply", body: `{"error":"no"}`, lost: true, is: portal.ErrOutcomeUnknown, isNot: portal.ErrUnusableResponse},
		{name: "a failure alone", body: `{"error":"no"}`, is: portal.ErrOperationFailed, isNot: portal.ErrOutcomeUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			lost := tt.lost
			policy := portal.WithRetry(portal.RetryPolicy{BaseDelay: 1, MaxDelay: 1})
			client := newClient(t, portal.StaticToken("tok_1"), policy, portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				if lost {
					lost = false
					return nil, io.ErrUnexpectedEOF
				}
				body := io.MultiReader(strings.NewReader(tt.body), readerFunc(func([]byte) (int, error) {
					cancel()
					return 0, io.EOF
				}))
				return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(body), ContentLength: -1}, nil
			})}))
			ensured, err := client.EnsureMeldCustomer(ctx, jane)
			require.ErrorIs(t, ctx.Err(), context.Canceled)
			if tt.is == nil {
				require.NoError(t, err)
				require.NotEmpty(t, ensured.ID)
				return
			}
			require.ErrorIs(t, err, tt.is)
			require.NotErrorIs(t, err, tt.isNot)
			require.NotErrorIs(t, err, context.Canceled)
		})
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// What a round tripper leaves behind ends with the attempt, even if it answers from memory and asks for the end only later.
func TestContextEndsWithTheAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		client := newClient(t, portal.StaticToken("tok_1"), portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			go func() {
				time.Sleep(time.Second)
				<-r.Context().Done()
				ended <- r.Context().Err()
			}()
			return &http.Response{StatusCode: http.StatusNotFound}, nil
		})}))
		_, err := client.GetMeldCustomer(t.Context())
		require.ErrorIs(t, err, portal.ErrNotFound)
		time.Sleep(2 * time.Second)
		select {
		case err := <-ended:
			require.ErrorIs(t, err, context.Canceled)
		default:
			t.Fatal("it still waits")
		}
	})
}

// A write is not sent again by net/http either, which goes by the method and by what an editor says of it, when a
// connection that was used before ends without a reply.
func TestWritesAreSentOnceOnAUsedConnection(t *testing.T) {
	t.Parallel()
	keyed := func(name string) func(context.Context, *portal.Client) error {
		return func(ctx context.Context, c *portal.Client) error {
			_, err := c.API().CreateMeldCustomerWithResponse(ctx, api.MeldCreateCustomerRequest{}, func(_ context.Context, r *http.Request) error {
				r.Header.Set(name, "key_1")
				return nil
			})
			return err
		}
	}
	for _, write := range []call{
		create, generatedWrite,
		{"a GET that writes", func(ctx context.Context, c *portal.Client) error {
			_, err := c.TestFetch(ctx, "t_1")
			return err
		}},
		{"no body", func(ctx context.Context, c *portal.Client) error { return c.TestEmpty(ctx) }},
		{"a key", keyed("Idempotency-Key")},
		{"another key", keyed("x-idempotency-key")},
	} {
		for name, end := range map[string]func(*exchange) bool{"closed": func(*exchange) bool { return false }, "reset": (*exchange).reset} {
			t.Run(write.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				// Three connections are there, of which the write takes one, and one more at most is given up for it.
				require.EqualValues(t, 3, bestOfTen(3, func() int64 { // more on a starved machine, as in thousandCalls
					var reads, writes atomic.Int64
					busy := make(chan struct{})
					srv := newFaultServer(t, func(x *exchange) bool {
						if x.method != http.MethodGet || x.path != "/api/v3/clients/me/integrations/meld/customers" {
							writes.Add(1)
							return end(x)
						}
						if reads.Add(1) == 3 {
							close(busy)
						}
						<-busy
						return x.reply(x.status200())
					}).start()
					transport := portal.NewTransport()
					client := newClient(t, portal.StaticToken("tok_1"), portal.WithBaseURL(srv.url()), portal.WithHTTPClient(&http.Client{Transport: transport}))
					var wg sync.WaitGroup
					for range 3 {
						wg.Go(func() { assert.NoError(t, get.do(t.Context(), client)) })
					}
					wg.Wait()
					require.ErrorIs(t, write.do(t.Context(), client), portal.ErrOutcomeUnknown)
					require.NoError(t, get.do(t.Context(), client))
					transport.CloseIdleConnections()
					srv.close(t)
					require.EqualValues(t, 1, writes.Load())
					return srv.opened.Load()
				}))
			})
		}
	}
}

// When nothing of a write could be sent on a connection that was used before, net/http takes another one.
func TestWritesAreSentOnANewConnectionWhereNothingWasSent(t *testing.T) {
	t.Parallel()
	for _, write := range []call{create, generatedWrite, {"API()", func(ctx context.Context, c *portal.Client) error {
		_, err := c.API().CreateMeldCustomerWithResponse(ctx, api.MeldCreateCustomerRequest{})
		return err
	}}} {
		srv := newScriptedServer(t, jsonAnswer(200, customerBody))
		transport := portal.NewTransport()
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return &connForOneRequest{Conn: conn}, err
		}
		client := srv.client(t, portal.WithHTTPClient(&http.Client{Transport: transport}))
		require.NoError(t, get.do(t.Context(), client))
		require.NoError(t, write.do(t.Context(), client), write.name)
		require.Len(t, srv.received(), 2)
		transport.CloseIdleConnections()
	}
}

// A connForOneRequest is broken after the first write, as when a server is gone.
type connForOneRequest struct {
	net.Conn
	used atomic.Bool
}

func (c *connForOneRequest) Write(b []byte) (int, error) {
	if c.used.Swap(true) {
		return 0, syscall.EPIPE
	}
	return c.Conn.Write(b)
}

// What a server that speaks HTTP/2 says that it did not carry out may be sent again. As on every GET, there is no body,
// not even an empty one, which some servers refuse.
func TestWriteThatLooksLikeARead(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		var asked atomic.Int64
		srv := newCountingServer(t, secure, func(w http.ResponseWriter, r *http.Request) {
			assert.Zero(t, r.ContentLength)
			assert.Equal(t, secure, r.ProtoMajor == 2)
			if asked.Add(1) == 1 {
				panic(http.ErrAbortHandler)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, customerBody)
		})
		transport := srv.Client().Transport
		client := srv.client(t, portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			_, err := transport.RoundTrip(r)
			require.Error(t, err)
			return transport.RoundTrip(r)
		})}))
		_, err := client.TestFetch(t.Context(), "t_1")
		if secure {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, portal.ErrOutcomeUnknown)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.NotErrorIs(t, err, context.Canceled)
		}
	}
}

// A round tripper may ask another server with the context of the request, or repeat what was answered: net/http does not
// send a request again once a reply to it has begun, so there is nothing to keep it from.
func TestARoundTripperMaySendSeveralRequests(t *testing.T) {
	t.Parallel()
	answer := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, customerBody)
	}
	keys, srv := newCountingServer(t, false, answer), newCountingServer(t, false, answer)
	transport := srv.Client().Transport
	for name, first := range map[string]func(*http.Request) *http.Request{
		"a key from elsewhere": func(r *http.Request) *http.Request {
			r, err := http.NewRequestWithContext(r.Context(), http.MethodGet, keys.URL, nil)
			require.NoError(t, err)
			return r
		},
		"a repeat": func(r *http.Request) *http.Request { return r },
	} {
		client := srv.client(t, portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := transport.RoundTrip(first(r))
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			return transport.RoundTrip(r)
		})}))
		_, err := client.TestFetch(t.Context(), "t_1")
		require.NoError(t, err, name)
	}
}

// The connection that net/http would send a write again on is closed, and the context has ended. What a round tripper for
// HTTP/3 tells of as a connection may panic when it is used as one.
func TestConnectionOfARepeatIsClosed(t *testing.T) {
	t.Parallel()
	piped, _ := net.Pipe()
	for _, conn := range []net.Conn{piped, struct{ net.Conn }{}} {
		client := newClient(t, portal.StaticToken("tok_1"), portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			trace := httptrace.ContextClientTrace(r.Context())
			trace.GotConn(httptrace.GotConnInfo{Conn: conn, Reused: true})
			trace.WroteHeaders()
			require.NoError(t, r.Context().Err())
			trace.GotConn(httptrace.GotConnInfo{Conn: conn})
			return nil, r.Context().Err()
		})}))
		_, err := client.TestFetch(t.Context(), "t_1")
		require.ErrorIs(t, err, portal.ErrOutcomeUnknown)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	}
	require.ErrorIs(t, piped.SetDeadline(time.Time{}), io.ErrClosedPipe)
}
