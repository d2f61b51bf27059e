package portal_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A countingServer counts connections and answers by status, of all sizes and framings.
type countingServer struct {
	*httptest.Server
	connections, requests atomic.Int64
	statuses              [600]atomic.Int64
}

func newCountingServer(t *testing.T, secure bool, handler http.HandlerFunc) *countingServer {
	t.Helper()
	s := &countingServer{}
	s.Server = httptest.NewUnstartedServer(handler)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	if secure {
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// client has a transport of its own, made as the default is.
func (s *countingServer) client(t *testing.T, opts ...portal.Option) *portal.Client {
	t.Helper()
	transport := portal.NewTransport()
	transport.TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig
	t.Cleanup(transport.CloseIdleConnections)
	return newClient(t, portal.StaticToken("tok_1"), append([]portal.Option{
		portal.WithBaseURL(s.URL + "/api/v3"),
		portal.WithHTTPClient(&http.Client{Transport: transport}),
		portal.WithRetry(portal.RetryPolicy{BaseDelay: 1, MaxDelay: 1}),
	}, opts...)...)
}

// A thousand calls that meet 200, 409, 429 and 503, in bodies short and long, need one connection. net/http
// drops one whose writing goroutine has not reported back within 50 ms, which happens on a starved machine:
// the best of ten runs counts.
func TestOneConnectionForAThousandCalls(t *testing.T) {
	t.Parallel()
	for name, secure := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.EqualValues(t, 1, bestOfTen(1, func() int64 { return thousandCalls(t, secure) }))
		})
	}
}

// bestOfTen runs something until it takes as few connections as it should, and returns the fewest that it took.
func bestOfTen(want int64, run func() int64) int64 {
	fewest := run()
	for i := 1; i < 10 && fewest > want; i++ {
		fewest = min(fewest, run())
	}
	return fewest
}

// thousandCalls makes a thousand calls and returns how many connections they took.
func thousandCalls(t *testing.T, secure bool) int64 {
	t.Helper()
	var s *countingServer
	s = newCountingServer(t, secure, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		n := s.requests.Add(1)
		status, body := http.StatusOK, customerBody
		switch {
		case n%5 == 1:
			status, body = http.StatusTooManyRequests, `{"error":"slow down"}`
			w.Header().Set("Retry-After", "0")
		case n%5 == 3:
			status, body = http.StatusServiceUnavailable, "<html>"+strings.Repeat("busy ", int(n))
			w.Header().Set("Retry-After", "Sat, 01 Jan 2000 00:00:00 GMT")
		case r.Method == http.MethodPost && n%2 == 0:
			status, body = http.StatusConflict, conflictBody
		}
		s.statuses[status].Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if n%3 == 0 {
			_ = http.NewResponseController(w).Flush() // in chunks, then
		}
		_, _ = io.WriteString(w, body)
	})
	client := s.client(t)
	for range 250 {
		_, err := client.EnsureMeldCustomer(t.Context(), nil)
		require.NoError(t, err)
		if _, err = client.CreateMeldCustomer(t.Context(), nil); err != nil {
			require.ErrorIs(t, err, portal.ErrConflict)
		}
		_, err = client.GetMeldCustomer(t.Context())
		require.NoError(t, err)
		_, err = client.API().CreateMeldCustomerWithResponse(t.Context(), api.MeldCreateCustomerRequest{})
		require.NoError(t, err, "a documented 409 is in its field")
	}
	for _, status := range []int{200, 409, 429, 503} {
		require.Greater(t, s.statuses[status].Load(), int64(100), "status %d", status)
	}
	return s.connections.Load()
}

// A body that is larger than the cap costs its connection, since nobody reads what is left; one of exactly
// the cap does not.
func TestOnlyAnOversizedBodyCostsItsConnection(t *testing.T) {
	t.Parallel()
	const limit = 1 << 10
	for size, connections := range map[int]int64{limit: 1, limit + 1<<20: 10} {
		require.Equal(t, connections, bestOfTen(connections, func() int64 {
			s := newCountingServer(t, false, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				_ = http.NewResponseController(w).Flush()
				_, _ = io.WriteString(w, strings.Repeat("x", size))
			})
			client := s.client(t, portal.WithMaxResponseBytes(limit))
			for range 10 {
				_, err := client.GetMeldCustomer(t.Context())
				require.ErrorIs(t, err, portal.ErrBadRequest)
			}
			return s.connections.Load()
		}))
	}
}

// As many connections as calls at the same time, and no more, however many clients share them.
func TestConnectionsAreShared(t *testing.T) {
	t.Parallel()
	const workers = 50
	// A dial may be overtaken by a connection that has become idle meanwhile; then it is one more, once.
	const most = 2 * workers
	require.LessOrEqual(t, bestOfTen(most, func() int64 {
		var s *countingServer
		s = newCountingServer(t, false, func(w http.ResponseWriter, _ *http.Request) {
			s.requests.Add(1)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, customerBody)
		})
		client := s.client(t)
		var group sync.WaitGroup
		for range workers {
			group.Go(func() {
				for range 20 {
					_, err := client.WithTokenSource(portal.StaticToken("tok")).GetMeldCustomer(t.Context())
					assert.NoError(t, err)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, 20*workers, s.requests.Load())
		return s.connections.Load()
	}), int64(most))
}

// A user's transport begins with these, and so does every client without one.
func TestNewTransport(t *testing.T) {
	t.Parallel()
	transport := portal.NewTransport()
	require.NotSame(t, transport, portal.NewTransport())
	require.Equal(t, reflect.ValueOf(http.ProxyFromEnvironment).Pointer(), reflect.ValueOf(transport.Proxy).Pointer())
	require.True(t, transport.ForceAttemptHTTP2)
	require.True(t, transport.DisableCompression)
	require.GreaterOrEqual(t, transport.MaxIdleConnsPerHost, 1000)
	require.GreaterOrEqual(t, transport.MaxIdleConns, transport.MaxIdleConnsPerHost)
	require.InDelta(t, 256<<10, transport.MaxResponseHeaderBytes, 0)
	for name, limit := range map[string]time.Duration{
		"idle": transport.IdleConnTimeout, "handshake": transport.TLSHandshakeTimeout, "100": transport.ExpectContinueTimeout,
		"silence": transport.HTTP2.SendPingTimeout, "ping": transport.HTTP2.PingTimeout,
	} {
		require.Positive(t, limit, name)
		require.Less(t, limit, 2*time.Minute, name)
	}
}

// A writeCounter counts the writes to a connection.
type writeCounter struct {
	net.Conn
	writes *atomic.Int64
}

func (c writeCounter) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

// A request and its body are one write: net/http sends the headers ahead of a body that it does not know to be in memory.
func TestRequestsAreOneWrite(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	var writes atomic.Int64
	transport := portal.NewTransport()
	defer transport.CloseIdleConnections()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return writeCounter{conn, &writes}, err
	}
	client := srv.client(t, portal.WithHTTPClient(&http.Client{Transport: transport}))
	for _, call := range calls {
		writes.Store(0)
		require.NoError(t, call.do(t.Context(), client))
		require.EqualValues(t, 1, writes.Load(), call.name)
	}
}
