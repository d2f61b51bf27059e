package portal_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

const (
	faultToken   = "tok_4f1c9a0b7d"
	faultCap     = 16 << 10
	faultPath    = "/api/v3/clients/me/integrations/meld/customers"
	faultTimeout = 100 * time.Millisecond
)

// jane is a person whose values must not come back in any error.
var jane = &api.MeldCreateCustomerRequest{
	Name:        api.MeldCustomerName{FirstName: "Jane", LastName: "Roe-Öztürk"},
	Email:       "jane.roe@mail.invalid",
	Phone:       "+14155550123",
	DateOfBirth: portal.NewDate(1990, time.February, 3),
}

// secrets are what jane and her client must not see again, in lower case.
var secrets = []string{faultToken, "jane", "roe-öztürk", "mail.invalid", "4155550123", "1990-02-03"}

// An entry is a way into the door. It returns the customer's ID.
type entry struct {
	name string
	want func(*fault) want
	do   func(context.Context, *portal.Client) (string, error)
}

var entries = []entry{
	{"Create", func(f *fault) want { return f.write }, func(ctx context.Context, c *portal.Client) (string, error) {
		customer, err := c.CreateMeldCustomer(ctx, jane)
		if err != nil {
			return "", err
		}
		return customer.ID, nil
	}},
	{"Ensure", func(f *fault) want { return f.ensure }, func(ctx context.Context, c *portal.Client) (string, error) {
		ensured, err := c.EnsureMeldCustomer(ctx, jane)
		return ensured.ID, err
	}},
	{"Get", func(f *fault) want { return f.read }, func(ctx context.Context, c *portal.Client) (string, error) {
		customer, err := c.GetMeldCustomer(ctx)
		if err != nil {
			return "", err
		}
		return customer.ID, nil
	}},
	{"API POST", func(f *fault) want { return f.write }, func(ctx context.Context, c *portal.Client) (string, error) {
		customer, err := portal.Result(c.API().CreateMeldCustomerWithResponse(ctx, *jane))
		if err != nil {
			return "", err
		}
		return customer.Data.ID, nil
	}},
	{"API GET", func(f *fault) want { return f.read }, func(ctx context.Context, c *portal.Client) (string, error) {
		found, err := portal.Result(c.API().GetMeldCustomerWithResponse(ctx))
		if err != nil {
			return "", err
		}
		return found.Data.Customers[0].ID, nil
	}},
}

// A fault is one row of the matrix: something that goes wrong, and what each way into the door makes of it.
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

	write, ensure, read want // of Create and API POST; of Ensure; of Get and API GET

	timeout    bool // it ends with the attempt's time limit
	cause      func(error) bool
	retryAfter time.Duration // 0: none; -1: any but none
}

// want is the outcome of a call: the customer's ID when status and is are empty and ok is true, or else an
// *APIError.
type want struct {
	ok       bool
	status   int
	attempts int
	requests int // that arrive, the lookup of Ensure and net/http's own repeats included
	is       []error
}

func found(requests int) want { return want{ok: true, requests: requests} }

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
	s, transport, strikes := f.setUp(t, e)
	opts := []portal.Option{
		portal.WithBaseURL(s.url()),
		portal.WithHTTPClient(&http.Client{Transport: transport}),
		portal.WithMaxResponseBytes(faultCap),
		portal.WithRetry(portal.RetryPolicy{BaseDelay: 1, MaxDelay: 1, MaxRetryAfter: time.Millisecond}),
	}
	if f.base != nil {
		opts = append(opts, portal.WithBaseURL(f.base(s.url())))
	}
	if f.timeout {
		opts = append(opts, portal.WithAttemptTimeout(faultTimeout))
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
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	id, err := e.do(ctx, client)
	transport.CloseIdleConnections()
	s.close(t)

	f.checkRequests(t, s, w, once)
	if w.ok {
		require.NoError(t, err)
		require.Equal(t, "cus_1", id)
		return
	}
	require.Empty(t, id)
	f.checkError(t, s, e, w, err)
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
	s.exists = f.exists || strings.Contains(strings.ToUpper(e.name), "GET")
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

func (f *fault) checkRequests(t *testing.T, s *faultServer, w want, once bool) {
	works := len(s.requests)
	switch {
	case f.noWork && once && len(s.requests) > 0 && f.serve != nil:
		works-- // the one that was struck
	case f.noWork && !once:
		works = 0
	}
	require.Len(t, s.requests, w.requests, "requests")
	require.Equal(t, works, s.works, "requests that were carried out")
	for _, r := range s.requests {
		require.Equal(t, faultPath, r.path)
		require.Empty(t, r.query)
		require.Equal(t, []string{"Bearer " + faultToken}, r.header["Authorization"])
		require.Equal(t, s.requests[0].header["X-Portal-Trace-Id"], r.header["X-Portal-Trace-Id"], "one trace ID for the whole call")
	}
}

func (f *fault) checkError(t *testing.T, s *faultServer, e *entry, w want, err error) {
	for _, sentinel := range sentinels {
		require.Equal(t, slices.Contains(w.is, sentinel), errors.Is(err, sentinel), "%v: %v", sentinel, err)
	}
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, context.Canceled)
	apiErr := requireAPIError(t, err)
	require.Equal(t, w.status, apiErr.StatusCode)
	require.Equal(t, w.attempts, apiErr.Attempts)
	require.Equal(t, f.timeout, errors.Is(err, os.ErrDeadlineExceeded), "%v", err)
	require.Equal(t, f.timeout, apiErr.Timeout())
	if f.cause != nil {
		require.True(t, f.cause(err), "%v", err)
	}
	if f.retryAfter < 0 {
		require.Positive(t, apiErr.RetryAfter)
	} else {
		require.Equal(t, f.retryAfter, apiErr.RetryAfter)
	}
	checkBody(t, s.sent[cmp.Or(map[string]string{"Get": "GET", "API GET": "GET"}[e.name], "POST")], apiErr)
	requireNoSecrets(t, err)
}

// checkBody compares the body that an error keeps with what was sent.
func checkBody(t *testing.T, sent sentReply, e *portal.APIError) {
	switch {
	case e.StatusCode == 0:
		require.Empty(t, e.Body)
	case errors.Is(e, portal.ErrResponseTooLarge):
		require.Len(t, e.Body, faultCap)
	case sent.cut:
		require.Less(t, len(e.Body), len(sent.body))
		require.Equal(t, sent.body[:len(e.Body)], string(e.Body))
	default:
		require.Equal(t, sent.body, string(e.Body))
	}
}

// requireNoSecrets looks through all the errors that err is made of.
func requireNoSecrets(t *testing.T, err error) {
	t.Helper()
	text := strings.ToLower(err.Error())
	for _, secret := range secrets {
		require.NotContains(t, text, secret)
	}
	switch err := err.(type) { //nolint:errorlint // it walks the tree of errors itself
	case interface{ Unwrap() error }:
		if inner := err.Unwrap(); inner != nil {
			requireNoSecrets(t, inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range err.Unwrap() {
			requireNoSecrets(t, inner)
		}
	}
}

var sentinels = []error{
	portal.ErrInvalidRequest, portal.ErrBadRequest, portal.ErrUnauthorized, portal.ErrForbidden, portal.ErrNotFound,
	portal.ErrConflict, portal.ErrRateLimited, portal.ErrServer, portal.ErrResponseTooLarge, portal.ErrUnusableResponse,
	portal.ErrOutcomeUnknown,
}
