package portaltest_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

var _ http.Handler = portaltest.NewHandler()

// What is wrong in a test fails it at once, with a sentence that says what to do.
func TestWrongArgumentsFailTheTest(t *testing.T) {
	t.Parallel()
	start := func(opts ...portaltest.Option) func(t *fakeT) {
		return func(t *fakeT) { portaltest.NewServer(t, opts...) }
	}
	with := func(f func(*portaltest.Server)) func(t *fakeT) {
		return func(t *fakeT) { f(portaltest.NewServer(t)) }
	}
	fail := func(f portaltest.Fault) func(t *fakeT) {
		return with(func(s *portaltest.Server) { s.Fail("createMeldCustomer", f) })
	}
	for want, test := range map[string]func(t *fakeT){
		"an Option is nil; leave it out":                                                start(nil),
		"WithClock: the function is nil; leave the option out":                          start(portaltest.WithClock(nil)),
		"WithLogger: the logger is nil; leave the option out":                           start(portaltest.WithLogger(nil)),
		"WithTokens: give at least one token":                                           start(portaltest.WithTokens()),
		"WithTokens: a token cannot be sent":                                            start(portaltest.WithTokens("a b")),
		"WithRequestHistory: -1 is negative":                                            start(portaltest.WithRequestHistory(-1)),
		"WithRandomFault: 1.5 is not a probability; give a number from 0 to 1":          start(portaltest.WithRandomFault(1.5, portaltest.Pass())),
		"WithRandomFault: a Fault is empty; make it with Status":                        start(portaltest.WithRandomFault(0.5, portaltest.Fault{})),
		"WithRandomFault: Times and Always are for scripts":                             start(portaltest.WithRandomFault(0.5, portaltest.Pass().Times(2))),
		`WithRandomFault: there is no operation "makeTea"; the nearest are `:            start(portaltest.WithRandomFault(0.5, portaltest.Pass(), "makeTea")),
		"WithRandomFault: the probabilities for createMeldCustomer sum up to 1.1; keep": start(portaltest.WithRandomFault(0.5, portaltest.Pass()), portaltest.WithRandomFault(0.6, portaltest.Pass(), "createMeldCustomer")),
		`there is no operation "makeTea"; the nearest are `:                             with(func(s *portaltest.Server) { s.Fail("makeTea", portaltest.Pass()) }),
		`there is no operation "*"; the nearest are `:                                   with(func(s *portaltest.Server) { s.Requests("*") }),
		"Fail: what follows a fault with Always would never happen": with(func(s *portaltest.Server) {
			s.Fail("createMeldCustomer", portaltest.Pass().Always())
			s.Fail("createMeldCustomer", portaltest.Pass())
		}),
		`there is no operation "tea"; the nearest are `:                                      with(func(s *portaltest.Server) { s.ClearFaults("tea") }),
		"Fail: give at least one fault":                                                      with(func(s *portaltest.Server) { s.Fail("createMeldCustomer") }),
		"Fail: a Fault is empty; make it with Status":                                        fail(portaltest.Fault{}),
		"Fail: Status(42): give a status from 200 to 599":                                    fail(portaltest.Status(42)),
		"Fail: Redirect(200): give a status from 300 to 399":                                 fail(portaltest.Redirect(200, "/")),
		"Fail: CutBody(-1): give a number of bytes that is not negative":                     fail(portaltest.CutBody(-1)),
		"Fail: Drip(0s): give a positive duration":                                           fail(portaltest.Drip(0)),
		"Fail: Delay(-1s): give a positive duration":                                         fail(portaltest.Delay(-time.Second)),
		"Fail: Hold: give a channel; a nil channel never releases":                           fail(portaltest.Hold(nil)),
		"RetryAfter(1.5s): the header counts whole seconds":                                  fail(portaltest.Status(503).RetryAfter(1500 * time.Millisecond)),
		"Header: give a name and a value that can be sent":                                   fail(portaltest.Status(503).Header("X-A", "b\r\nX-C: d")),
		"Times(0): give a number of at least 1, or use Always":                               fail(portaltest.Status(503).Times(0)),
		"Then: only a Delay or a Hold goes on to another fault":                              fail(portaltest.Status(503).Then(portaltest.Pass())),
		"Delay(1ns): Then: put Times or Always at the end":                                   fail(portaltest.Delay(1).Times(2).Then(portaltest.Pass())),
		"Status(1): give a status":                                                           fail(portaltest.Delay(1).Then(portaltest.Status(1))),
		"Delay(0s): give a positive duration":                                                fail(portaltest.Delay(0).Then(portaltest.Status(500))),
		"ExpireToken: the token is empty or cannot be sent":                                  with(func(s *portaltest.Server) { s.ExpireToken("") }),
		"RotateToken: the token is empty or cannot be sent":                                  with(func(s *portaltest.Server) { s.RotateToken("a", "b c") }),
		"RotateToken: the two tokens are the same; give a new one":                           with(func(s *portaltest.Server) { s.RotateToken("a", "a") }),
		"RotateToken: the new token belongs to a client already":                             with(func(s *portaltest.Server) { s.Meld.SeedCustomer("b", api.MeldCustomer{}); s.RotateToken("a", "b") }),
		"SeedCustomer: the token is empty or cannot be sent":                                 with(func(s *portaltest.Server) { s.Meld.SeedCustomer("", api.MeldCustomer{}) }),
		"SeedCustomer: the document does not allow this customer: /data/status: must be one": with(func(s *portaltest.Server) { s.Meld.SeedCustomer("a", api.MeldCustomer{Status: "HAPPY"}) }),
		"Client: the token is empty or cannot be sent":                                       with(func(s *portaltest.Server) { s.Client("") }),
		"Client: portal: WithLogger: the logger is nil":                                      with(func(s *portaltest.Server) { s.Client("a", portal.WithLogger(nil)) }),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			log := (&fakeT{}).run(test)
			require.NotEmpty(t, log)
			require.True(t, strings.HasPrefix(log[0], "fatal: portaltest: "), log)
			require.Contains(t, log[0], want)
		})
	}
}

func TestHandlerPanicsWithTheSameSentence(t *testing.T) {
	t.Parallel()
	require.PanicsWithValue(t, "portaltest: an Option is nil; leave it out", func() { portaltest.NewHandler(nil) })
	require.PanicsWithValue(t, "portaltest: NewHandler: WithMemoryNetwork is for NewServer; a Handler has no network of its own",
		func() { portaltest.NewHandler(portaltest.WithMemoryNetwork()) })
	require.PanicsWithValue(t, "portaltest: Fail: give at least one fault, such as portaltest.Status(503)",
		func() { portaltest.NewHandler().Fail(portaltest.AnyOperation) })
}

func TestScriptThatNeverHappenedFailsTheTest(t *testing.T) {
	t.Parallel()
	var srv *portaltest.Server
	log := (&fakeT{}).run(func(t *fakeT) {
		srv = portaltest.NewServer(t, portaltest.WithSeed(99))
		srv.Fail("getMeldCustomer", portaltest.Status(503).Times(2), portaltest.DropAfter())
		srv.Fail("createMeldCustomer", portaltest.Pass().Always())
		_, _ = try(srv, "GET", customersPath, "jane", "")
	})
	require.Equal(t, []string{
		"error: portaltest: scripted faults that never happened: createMeldCustomer: Pass; " +
			"getMeldCustomer: Status(503), 1 of 2 times; getMeldCustomer: DropAfter. " +
			"The code under test made fewer requests than the script says: shorten the script, or find out why.",
		"log: portaltest: the seed was 99; portaltest.WithSeed(99) repeats its IDs and random faults",
	}, log)
	_, err := try(srv, "GET", customersPath, "jane", "")
	require.Error(t, err, "the server must be closed")
}

func TestAFailedTestLogsTheSeedAndIsBlamedForNothingElse(t *testing.T) {
	t.Parallel()
	log := (&fakeT{}).run(func(t *fakeT) {
		portaltest.NewServer(t).Fail("getMeldCustomer", portaltest.Pass())
		t.Errorf("an assertion of the test")
	})
	require.Equal(t, []string{
		"error: an assertion of the test",
		"log: portaltest: scripted faults that never happened: getMeldCustomer: Pass",
		"log: portaltest: the seed was 1; portaltest.WithSeed(1) repeats its IDs and random faults",
	}, log)
}

func TestAPassedTestLogsNothing(t *testing.T) {
	t.Parallel()
	require.Empty(t, (&fakeT{}).run(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithRandomFault(1, portaltest.Status(503)))
		_, _ = try(srv, "GET", customersPath, "jane", "")
	}))
}

func TestClientWorksAtOnce(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]portaltest.Option{
		"loopback": nil,
		"memory":   {portaltest.WithMemoryNetwork()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := portaltest.NewServer(t, opts...)
			require.True(t, strings.HasSuffix(srv.URL(), "/api/v3"))
			client := srv.Client("jane", portal.WithUserAgent("shop/1"))
			made, err := client.CreateMeldCustomer(t.Context(), &api.MeldCreateCustomerRequest{Email: "jane@example.com"})
			require.NoError(t, err)
			require.Equal(t, srv.Meld.Customers()["jane"], *made)
			require.True(t, strings.HasPrefix(srv.Requests()[0].Header.Get("User-Agent"), "shop/1 "))
		})
	}
}

// Each of both serves its own state, however many run at once.
func TestServersShareNothing(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			srv := portaltest.NewServer(t)
			_, _ = try(srv, "POST", customersPath, "jane", "")
			assert.Len(t, srv.Meld.Customers(), 1)
			assert.Len(t, srv.Requests(), 1)
		})
	}
	wg.Wait()
}

// A handler may stand in any server; what needs a connection of its own falls back.
func TestHandlerInOtherServers(t *testing.T) {
	t.Parallel()
	h := portaltest.NewHandler()
	s := httptest.NewServer(h)
	defer s.Close()
	res, err := http.Get(s.URL + "/api/v3" + customersPath)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusUnauthorized, res.StatusCode)

	h.Fail("getMeldCustomer", portaltest.DropBefore(), portaltest.Drip(1))
	get := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/api/v3"+customersPath, nil)
		r.Header.Set("Authorization", "Bearer jane")
		h.ServeHTTP(w, r)
		return w
	}
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { get() })
	require.JSONEq(t, `{"data":{"customers":[],"count":0,"remaining":0}}`, get().Body.String())
}

func TestFaultsOverHTTP2(t *testing.T) {
	t.Parallel()
	h := portaltest.NewHandler()
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	h.Fail("getMeldCustomer", portaltest.DropAfter(), portaltest.CutBody(3))
	for range 2 {
		r, err := http.NewRequest(http.MethodGet, s.URL+"/api/v3"+customersPath, nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer jane")
		res, err := s.Client().Do(r)
		if err == nil {
			require.Equal(t, 2, res.ProtoMajor)
			_, err = res.Body.Read(make([]byte, 10))
			for err == nil {
				_, err = res.Body.Read(make([]byte, 10))
			}
			_ = res.Body.Close()
		}
		require.ErrorContains(t, err, "stream error")
	}
}

func TestLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	srv := portaltest.NewServer(t, portaltest.WithLogger(logger))
	srv.Fail("getMeldCustomer", portaltest.Status(503))
	srv.Fail("createMeldCustomer", portaltest.Pass(), portaltest.DropAfter())
	create(t, srv, "secret-token", `{"email":"secret@example.com"}`)
	send(t, srv, "GET", customersPath+"?secret=1", "secret-token", "")
	_, _ = try(srv, "POST", customersPath, "secret-token", "")
	send(t, srv, "SECRET", "/secret", "secret-token", "")
	srv.Close()
	require.Equal(t, `level=INFO msg=request operation=createMeldCustomer method=POST status=200 fault=Pass
level=INFO msg=request operation=getMeldCustomer method=GET status=503 fault=Status(503)
level=INFO msg=request operation=createMeldCustomer method=POST fault=DropAfter
level=INFO msg=request operation="" method=other status=404
`, out.String())
}
