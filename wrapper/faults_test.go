package portal_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

const (
	faultToken = "tok_4f1c9a0b7d"
	faultCap   = 16 << 10
	faultPath  = "/api/v3/clients/me/integrations/meld/customers"
)

// jane is a person whose values must not come back in any error.
var jane = &api.MeldCreateCustomerRequest{
	Name:        api.MeldCustomerName{FirstName: "Jane", LastName: "Roe-Öztürk"},
	Email:       "jane.roe@mail.invalid",
	Phone:       "+14155550123",
	DateOfBirth: date(1990, 2, 3),
}

// secrets are what jane and her client must not see again, in lower case.
var secrets = []string{faultToken, "jane", "roe-öztürk", "mail.invalid", "4155550123", "1990-02-03"}

// An entry is a way to the network. It returns the ID in the answer.
type entry struct {
	name         string
	method, path string // of its first request
	want         func(*fault) want
	do           func(context.Context, *portal.Client) (string, error)
}

var entries = []entry{
	{"Create", http.MethodPost, faultPath, func(f *fault) want { return f.write }, func(ctx context.Context, c *portal.Client) (string, error) {
		customer, err := c.CreateMeldCustomer(ctx, jane)
		if err != nil {
			return "", err
		}
		return customer.ID, nil
	}},
	{"Ensure", http.MethodPost, faultPath, func(f *fault) want { return f.ensure }, func(ctx context.Context, c *portal.Client) (string, error) {
		ensured, err := c.EnsureMeldCustomer(ctx, jane)
		return ensured.ID, err
	}},
	{"Get", http.MethodGet, faultPath, func(f *fault) want { return f.read }, func(ctx context.Context, c *portal.Client) (string, error) {
		customer, err := c.GetMeldCustomer(ctx)
		if err != nil {
			return "", err
		}
		return customer.ID, nil
	}},
	{"generated write", http.MethodPost, "/api/v3/tests/jane%3A:write/4155550123", func(f *fault) want { return f.write }, func(ctx context.Context, c *portal.Client) (string, error) {
		written, err := c.TestWrite(ctx, "jane:", "4155550123", &portal.TestBody{Name: jane.Email})
		if err != nil {
			return "", err
		}
		return written.Data.ID, nil
	}},
	{"generated read", http.MethodGet, "/api/v3/tests/4155550123", func(f *fault) want { return f.read }, func(ctx context.Context, c *portal.Client) (string, error) {
		found, err := c.TestRead(ctx, "4155550123")
		if err != nil {
			return "", err
		}
		return found.Data.ID, nil
	}},
}

// A fault is one row of the matrix: something that goes wrong, and what each way to the network makes of it.
type fault struct {
	name   string
	serve  func(*exchange) bool // answers the requests that it strikes; nil for the healthy answer
	greet  func(net.Conn) bool  // strikes connections instead
	dial   bool                 // strikes dials instead: they are refused
	noWork bool                 // it strikes before the work

	tls       bool                  // the server speaks TLS
	base      func(string) string   // changes the base URL
	transport func(*http.Transport) // changes the client's transport
	exists    bool                  // the customer exists beforehand
	warm      bool                  // the connection has been used before

	write, ensure, read want     // of Create and the generated write; of Ensure; of Get and the generated read
	usable              []string // the entries that the answer says something to, though it holds no ID

	timeout    bool // it ends with the attempt's time limit
	cause      func(error) bool
	retryAfter time.Duration // 0: none; -1: any but none
}

// want is the outcome of a call: the customer's ID, or an *APIError.
type want struct {
	ok       bool
	id       string
	status   int
	attempts int
	requests int     // that arrive, the lookup of Ensure and net/http's own repeats included
	is       []error // the sentinels that match; no other may
}

func found(requests int) want { return want{ok: true, id: "cus_1", requests: requests} }

func fails(status, attempts int, is ...error) want {
	return want{status: status, attempts: attempts, requests: attempts, is: is}
}

// in says how many requests arrive when it is another number than that of the attempts.
func (w want) in(requests int) want {
	w.requests = requests
	return w
}

// once is the outcome when the fault strikes no more than once: whoever does anything after it gets the ID.
func (w want) once(f *fault) want {
	switch {
	case w.ok || w.attempts == 1 && w.requests <= 1:
		return w
	case f.dial || f.greet != nil:
		return found(1)
	}
	return found(2)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	elsewhere := newFaultServer(t, func(x *exchange) bool { return x.reply(200, "", "") }).start()
	t.Cleanup(func() {
		elsewhere.close(t)
		require.Zero(t, elsewhere.opened.Load(), "something was sent to where a redirect points")
	})
	for _, f := range allFaults(elsewhere) {
		for _, e := range entries {
			for _, mode := range []string{"always", "once"} {
				t.Run(f.name+"/"+e.name+"/"+mode, func(t *testing.T) {
					t.Parallel()
					w := e.want(&f)
					if slices.Contains(f.usable, e.name) {
						w = want{ok: true, requests: 1}
					}
					require.NotZero(t, w, "no cell is left out")
					if mode == "once" {
						w = w.once(&f)
					}
					f.test(t, &e, w, mode == "once")
				})
			}
		}
	}
}

func (f *fault) test(t *testing.T, e *entry, w want, once bool) {
	limits := []time.Duration{30 * time.Second}
	switch {
	case f.timeout: // one that fits an idle machine may be too short for a busy one, which answers late: then a longer one counts
		limits = []time.Duration{50 * time.Millisecond, 2 * time.Second, 10 * time.Second}
	case f.warm: // a starved machine may have lost the used connection, see TestOneConnectionForAThousandCalls
		limits = slices.Repeat(limits, 10)
	}
	last := len(limits) - 1
	for _, limit := range limits[:last] {
		if softly(func(soft require.TestingT) { f.try(t, soft, e, w, once, limit) }) == "" {
			return
		}
	}
	f.try(t, t, e, w, once, limits[last])
}

// A softT is a test whose failure does not count yet.
type softT struct{ failures string }

func (s *softT) Errorf(format string, args ...any) { s.failures += fmt.Sprintf(format, args...) }

func (s *softT) FailNow() { panic(s) }

func softly(try func(require.TestingT)) (failures string) {
	soft := &softT{}
	defer func() {
		if r := recover(); r != nil && r != any(soft) {
			panic(r)
		}
		failures = soft.failures
	}()
	try(soft)
	return
}

func (f *fault) try(t *testing.T, check require.TestingT, e *entry, w want, once bool, timeout time.Duration) {
	s, transport, strikes := f.setUp(t, e)
	opts := []portal.Option{
		portal.WithBaseURL(s.url()),
		portal.WithHTTPClient(&http.Client{Transport: transport}),
		portal.WithMaxResponseBytes(faultCap),
		portal.WithRetry(portal.RetryPolicy{BaseDelay: 1, MaxDelay: 1, MaxRetryAfter: time.Millisecond}),
		portal.WithAttemptTimeout(timeout),
	}
	if f.base != nil {
		opts = append(opts, portal.WithBaseURL(f.base(s.url())))
	}
	client := newClient(t, portal.StaticToken(faultToken), opts...)
	if f.warm {
		_, err := client.GetMeldCustomer(t.Context())
		require.NoError(t, err)
		s.requests, s.works = nil, 0
	}
	strikes.Store(1 << 30)
	if once {
		strikes.Store(1)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	id, err := e.do(ctx, client)
	transport.CloseIdleConnections()
	s.close(t)

	f.checkRequests(check, s, e, w, once)
	if w.ok {
		require.NoError(check, err)
		require.Equal(check, w.id, id)
		return
	}
	require.Empty(check, id)
	f.checkError(check, s, w, err)
}

// setUp starts the server. Its faults strike as often as the counter says.
func (f *fault) setUp(t *testing.T, e *entry) (*faultServer, *http.Transport, *atomic.Int64) {
	strikes := new(atomic.Int64)
	s := newFaultServer(t, func(x *exchange) bool {
		if f.serve != nil && strikes.Add(-1) >= 0 {
			return f.serve(x)
		}
		status, body := x.work()
		return x.reply(status, jsonType, body)
	})
	s.exists = f.exists || e.method == http.MethodGet
	if f.greet != nil {
		s.greet = func(conn net.Conn) bool { return strikes.Add(-1) < 0 || f.greet(conn) }
	}
	transport := portal.NewTransport()
	if f.tls {
		s.tls = &tls.Config{Certificates: []tls.Certificate{testCertificate().certificate}}
		transport.TLSClientConfig = &tls.Config{RootCAs: testCertificate().pool}
	}
	if f.transport != nil {
		f.transport(transport)
	}
	if f.dial {
		dial := transport.DialContext
		transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if strikes.Add(-1) >= 0 {
				addr = "127.0.0.1:1" // nobody listens there
			}
			return dial(ctx, network, addr)
		}
	}
	return s.start(), transport, strikes
}
