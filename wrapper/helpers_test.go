package portal_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/oapi-codegen/runtime/types"
	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// answer is what a scripted server says to one request.
type answer struct {
	status      int
	header      http.Header
	body        string
	contentType string
}

func jsonAnswer(status int, body string) answer { return answer{status: status, body: body} }

const (
	customerBody = `{"data":{"id":"cus_1","accountId":"acc_1","externalId":"ext_1"}}`
	conflictBody = `{"error":"exists","details":{"meldCustomerId":"cus_0"}}`
)

// received is one request as it arrived.
type received struct {
	method, path, query string
	header              http.Header
	body                string
}

// A scriptedServer gives its answers in order, and the last one again and again.
type scriptedServer struct {
	*httptest.Server
	mu       sync.Mutex
	answers  []answer
	requests []received
}

func newScriptedServer(t *testing.T, answers ...answer) *scriptedServer {
	t.Helper()
	s := &scriptedServer{answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *scriptedServer) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.requests = append(s.requests, received{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Clone(), string(body)})
	a := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if a.contentType != "" {
		w.Header().Set("Content-Type", a.contentType)
	}
	for key, values := range a.header {
		w.Header()[key] = values
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (s *scriptedServer) received() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.requests...)
}

// client is a client for the server that repeats without waiting long.
func (s *scriptedServer) client(t *testing.T, opts ...portal.Option) *portal.Client {
	t.Helper()
	return newClient(t, portal.StaticToken("tok_1"), append([]portal.Option{
		portal.WithBaseURL(s.URL + "/api/v3"),
		portal.WithRetry(portal.RetryPolicy{BaseDelay: time.Microsecond, MaxDelay: time.Microsecond}),
	}, opts...)...)
}

func newClient(t *testing.T, ts portal.TokenSource, opts ...portal.Option) *portal.Client {
	t.Helper()
	client, err := portal.New(ts, opts...)
	require.NoError(t, err)
	return client
}

// pipeNetwork is a network in memory, for tests under testing/synctest, whose bubble a socket would leave.
type pipeNetwork struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipeNetwork(t *testing.T, handler http.Handler) *pipeNetwork {
	t.Helper()
	n := &pipeNetwork{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(n) }()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return n
}

func (n *pipeNetwork) Accept() (net.Conn, error) {
	select {
	case conn := <-n.conns:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *pipeNetwork) Close() error {
	close(n.closed)
	return nil
}

func (n *pipeNetwork) Addr() net.Addr { return &net.TCPAddr{} }

// transport dials on the network; it leaves no connection behind.
func (n *pipeNetwork) transport(t *testing.T) *http.Transport {
	t.Helper()
	transport := portal.NewTransport()
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		client, server := net.Pipe()
		select {
		case n.conns <- server:
			return client, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// client is a client on the network.
func (n *pipeNetwork) client(t *testing.T, ts portal.TokenSource, opts ...portal.Option) *portal.Client {
	t.Helper()
	return newClient(t, ts, append([]portal.Option{
		portal.WithBaseURL("http://127.0.0.1/api/v3"),
		portal.WithHTTPClient(&http.Client{Transport: n.transport(t)}),
	}, opts...)...)
}

func requireAPIError(t *testing.T, err error) *portal.APIError {
	t.Helper()
	var e *portal.APIError
	require.ErrorAs(t, err, &e)
	return e
}

func marshal(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func date(year, month, day int) types.Date {
	return types.Date{Time: time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)}
}

// roundTripper is a function as an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// tokensOf are the Authorization headers of requests.
func tokensOf(requests []received) []string {
	var tokens []string
	for _, r := range requests {
		tokens = append(tokens, r.header.Get("Authorization"))
	}
	return tokens
}

// A call is one way to the network.
type call struct {
	name string
	do   func(context.Context, *portal.Client) error
}

// writes reports whether a call writes, Ensure included.
func (c call) writes() bool {
	return c.name == create.name || c.name == ensure.name || c.name == generatedWrite.name
}

var (
	create = call{"Create", func(ctx context.Context, c *portal.Client) error {
		_, err := c.CreateMeldCustomer(ctx, nil)
		return err
	}}
	ensure = call{"Ensure", func(ctx context.Context, c *portal.Client) error {
		_, err := c.EnsureMeldCustomer(ctx, nil)
		return err
	}}
	get = call{"Get", func(ctx context.Context, c *portal.Client) error {
		_, err := c.GetMeldCustomer(ctx)
		return err
	}}
	generatedWrite = call{"generated write", func(ctx context.Context, c *portal.Client) error {
		_, err := c.TestWrite(ctx, "t_1", "part", &portal.TestBody{})
		return err
	}}
	generatedRead = call{"generated read", func(ctx context.Context, c *portal.Client) error {
		_, err := c.TestRead(ctx, "t_1")
		return err
	}}
	generatedSearch = call{"generated search", func(ctx context.Context, c *portal.Client) error {
		_, err := c.TestSearch(ctx) // a POST that is a read
		return err
	}}
	calls = []call{create, ensure, get, generatedWrite, generatedRead, generatedSearch}
)
