package portaltest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// Each fault, as a client without any cleverness sees it, and whether the work was done.
func TestFaults(t *testing.T) {
	t.Parallel()
	whole := func(t *testing.T, a answer) {
		t.Helper()
		require.Contains(t, a.Body, `"accountId"`)
		require.True(t, json.Valid([]byte(a.Body)))
	}
	text := func(want string) func(*testing.T, answer) {
		return func(t *testing.T, a answer) { t.Helper(); require.Equal(t, want, a.Body) }
	}
	for name, tc := range map[string]struct {
		fault  portaltest.Fault
		status int // 0: no reply at all
		done   bool
		check  func(*testing.T, answer)
	}{
		"status":               {portaltest.Status(503), 503, false, text(`{"error":"Service Unavailable"}`)},
		"status, other name":   {portaltest.Status(599), 599, false, text(`{"error":""}`)},
		"no content":           {portaltest.Status(204), 204, false, text("")},
		"success without work": {portaltest.Status(200), 200, false, text(`{}`)},
		"retry after": {portaltest.Status(429).RetryAfter(2 * time.Minute), 429, false, func(t *testing.T, a answer) {
			t.Helper()
			require.Equal(t, "120", a.Header.Get("Retry-After"))
		}},
		"header and body": {portaltest.Status(502).Header("X-Cache", "miss").Body("text/html", "<h1>Bad Gateway</h1>"), 502, false, func(t *testing.T, a answer) {
			t.Helper()
			require.Equal(t, "<h1>Bad Gateway</h1>", a.Body)
			require.Equal(t, "text/html", a.Header.Get("Content-Type"))
			require.Equal(t, "miss", a.Header.Get("X-Cache"))
		}},
		"status after the work": {portaltest.Status(502).AfterWork(), 502, true, text(`{"error":"Bad Gateway"}`)},
		"redirect": {portaltest.Redirect(307, "https://elsewhere.example/x"), 307, false, func(t *testing.T, a answer) {
			t.Helper()
			require.Equal(t, "https://elsewhere.example/x", a.Header.Get("Location"))
		}},
		"conflict without ID": {portaltest.ConflictWithoutID(), 409, false, text(`{"error":"Conflict"}`)},
		"error object":        {portaltest.ErrorObject(400), 400, false, text(`{"error":{"code":400,"id":"fault","message":"Bad Request"}}`)},
		"garbage": {portaltest.Garbage(200), 200, true, func(t *testing.T, a answer) {
			t.Helper()
			require.False(t, json.Valid([]byte(a.Body)))
			require.Equal(t, "application/json", a.Header.Get("Content-Type"))
		}},
		"garbage in an error": {portaltest.Garbage(500), 500, false, func(t *testing.T, a answer) {
			t.Helper()
			require.False(t, json.Valid([]byte(a.Body)))
		}},
		"content type": {portaltest.ContentType("text/plain"), 200, true, func(t *testing.T, a answer) {
			t.Helper()
			whole(t, a)
			require.Equal(t, "text/plain", a.Header.Get("Content-Type"))
		}},
		"cut": {portaltest.CutBody(10), 200, true, func(t *testing.T, a answer) {
			t.Helper()
			require.ErrorIs(t, a.Err, io.ErrUnexpectedEOF)
			require.Len(t, a.Body, 10)
			require.NotEmpty(t, a.Header.Get("Content-Length"))
		}},
		"cut at the start": {portaltest.CutBody(0), 200, true, func(t *testing.T, a answer) {
			t.Helper()
			require.ErrorIs(t, a.Err, io.ErrUnexpectedEOF)
			require.Empty(t, a.Body)
		}},
		"cut at the end": {portaltest.CutBody(1 << 20), 200, true, func(t *testing.T, a answer) {
			t.Helper()
			require.ErrorIs(t, a.Err, io.ErrUnexpectedEOF)
			require.True(t, json.Valid([]byte(a.Body+"}")), a.Body)
		}},
		"endless": {portaltest.EndlessBody(), 200, true, func(t *testing.T, a answer) {
			t.Helper()
			require.NoError(t, a.Err)
			require.Len(t, a.Body, 1<<20, "as much as we took")
			require.True(t, strings.HasPrefix(a.Body, `{"data":{"id":"xxx`))
		}},
		"drip":                {portaltest.Drip(time.Microsecond), 200, true, whole},
		"drop before":         {portaltest.DropBefore(), 0, false, nil},
		"drop after":          {portaltest.DropAfter(), 0, true, nil},
		"drop before, moved":  {portaltest.DropBefore().AfterWork(), 0, true, nil},
		"pass":                {portaltest.Pass(), 200, true, whole},
		"pass with a header":  {portaltest.Pass().Header("X-Extra", "1"), 200, true, whole},
		"token expired":       {portaltest.TokenExpired(), 401, false, text(`{"error":"Authorization: the token is expired"}`)},
		"delay":               {portaltest.Delay(time.Microsecond), 200, true, whole},
		"delay, then drop":    {portaltest.Delay(time.Microsecond).Then(portaltest.DropAfter()), 0, true, nil},
		"delay, then refuse":  {portaltest.Delay(time.Microsecond).Then(portaltest.Status(503)), 503, false, nil},
		"late, then refuse":   {portaltest.Delay(time.Microsecond).AfterWork().Then(portaltest.Status(503)), 503, true, nil},
		"two delays, refused": {portaltest.Delay(1).Then(portaltest.Delay(1)).Then(portaltest.Status(503)), 503, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := portaltest.NewServer(t)
			srv.Fail("createMeldCustomer", tc.fault)
			require.Len(t, srv.PendingFaults(), 1)
			a, err := try(srv, "POST", customersPath, "jane", jane)
			require.Equal(t, tc.status == 0, err != nil, "%v", err)
			if tc.status == 0 {
				require.ErrorIs(t, err, syscall.ECONNRESET)
			}
			require.Equal(t, tc.status, a.Status)
			require.Equal(t, tc.done, len(srv.Meld.Customers()) == 1)
			if tc.check != nil {
				tc.check(t, a)
			}
			log := srv.Requests()
			require.Len(t, log, 1)
			require.Equal(t, tc.fault.String(), log[0].Fault)
			require.Equal(t, tc.status, log[0].Status)
			require.JSONEq(t, jane, string(log[0].Body))
			require.Empty(t, srv.PendingFaults())
		})
	}
}

func TestExpiredTokenStaysExpired(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	srv.Fail(portaltest.AnyOperation, portaltest.TokenExpired())
	for range 3 {
		require.Equal(t, http.StatusUnauthorized, create(t, srv, "jane", "").Status)
	}
	require.Equal(t, http.StatusOK, create(t, srv, "john", "").Status)
	require.Empty(t, srv.Requests()[1].Fault)

	srv.Fail("getMeldCustomer", portaltest.TokenExpired().AfterWork())
	require.Equal(t, http.StatusUnauthorized, send(t, srv, "GET", customersPath, "john", "").Status)
}

func TestScriptsAreFollowedInOrder(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	srv.Fail(portaltest.AnyOperation, portaltest.Status(500))
	srv.Fail("createMeldCustomer", portaltest.Status(501), portaltest.Pass(), portaltest.Status(502).Times(2))
	srv.Fail("createMeldCustomer", portaltest.Status(503))
	var got []int
	for range 7 {
		got = append(got, create(t, srv, "jane", "").Status)
	}
	require.Equal(t, []int{501, 200, 502, 502, 503, 500, 409}, got)

	srv.Fail("createMeldCustomer", portaltest.Status(429).RetryAfter(time.Second).Times(3))
	create(t, srv, "jane", "")
	require.Equal(t, []string{"createMeldCustomer: Status(429).RetryAfter(1s), 2 of 3 times"}, srv.PendingFaults())
	create(t, srv, "jane", "")
	create(t, srv, "jane", "")
	require.Empty(t, srv.PendingFaults())

	srv.Fail("getMeldCustomer", portaltest.Status(504).Always())
	require.Equal(t, http.StatusNotFound, send(t, srv, "GET", "/elsewhere", "jane", "").Status)
	require.Equal(t, []string{"getMeldCustomer: Status(504)"}, srv.PendingFaults(), "no operation, no fault")
	for range 3 {
		require.Equal(t, 504, send(t, srv, "GET", customersPath, "jane", "").Status)
		require.Empty(t, srv.PendingFaults())
	}
}

func TestClearFaults(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	srv.Fail(portaltest.AnyOperation, portaltest.Status(500).Always())
	srv.Fail("createMeldCustomer", portaltest.Status(501).Times(9))
	srv.Fail("getMeldCustomer", portaltest.Status(502), portaltest.Status(503).Always())
	srv.ClearFaults("createMeldCustomer", portaltest.AnyOperation)
	require.Equal(t, 200, create(t, srv, "jane", "").Status)
	require.Equal(t, 502, send(t, srv, "GET", customersPath, "jane", "").Status)
	require.Equal(t, 503, send(t, srv, "GET", customersPath, "jane", "").Status)
	srv.ClearFaults()
	require.Equal(t, 200, send(t, srv, "GET", customersPath, "jane", "").Status)
	require.Empty(t, srv.PendingFaults())
}

// A fault before the work meets a request unchecked, as a gateway would; one after it meets the refusal.
func TestFaultsAndInvalidRequests(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	srv.Fail("createMeldCustomer", portaltest.Status(503), portaltest.CutBody(5))
	require.Equal(t, http.StatusServiceUnavailable, create(t, srv, "", `{"type":1}`).Status)
	a, err := try(srv, "POST", customersPath, "jane", `{"type":1}`)
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, a.Status)
	require.ErrorIs(t, a.Err, io.ErrUnexpectedEOF)
}

func TestNetHTTPRepeatsAGetOfAReusedConnection(t *testing.T) {
	t.Parallel()
	var got []portaltest.Request
	for range 10 { // on a starved machine net/http may drop the connection instead of using it again
		srv := portaltest.NewServer(t)
		create(t, srv, "jane", "")
		srv.Fail("getMeldCustomer", portaltest.DropBefore())
		a, err := try(srv, "GET", customersPath, "jane", "")
		if got = srv.Requests("getMeldCustomer"); len(got) == 2 {
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, a.Status)
			break
		}
	}
	require.Len(t, got, 2, "what the doc of DropBefore says is no longer so")
	require.Equal(t, "DropBefore", got[0].Fault)
	require.Empty(t, got[1].Fault)
}

func TestHoldLetsATestDecideWhenToGoOn(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	release := make(chan struct{})
	srv.Fail("createMeldCustomer", portaltest.Hold(release).Then(portaltest.Hold(release).AfterWork()))
	done := make(chan answer)
	go func() {
		a, err := try(srv, "POST", customersPath, "jane", jane)
		assert.NoError(t, err)
		done <- a
	}()
	release <- struct{}{}
	require.Eventually(t, func() bool { return len(srv.Meld.Customers()) == 1 }, time.Minute, time.Millisecond)
	select {
	case <-done:
		require.Fail(t, "the reply must still be held")
	default:
	}
	close(release)
	require.Equal(t, http.StatusOK, (<-done).Status)
}

// Time in a bubble of synctest passes at once, so that long waits cost nothing.
func TestWaitsUnderSynctest(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault portaltest.Fault
		takes time.Duration // of a call that has a minute
		err   error
		done  bool
	}{
		"delay":           {portaltest.Delay(30 * time.Second), 30 * time.Second, nil, true},
		"delay too long":  {portaltest.Delay(time.Hour), time.Minute, context.DeadlineExceeded, false},
		"reply too late":  {portaltest.Delay(time.Hour).AfterWork(), time.Minute, context.DeadlineExceeded, true},
		"silent":          {portaltest.Silent(), time.Minute, context.DeadlineExceeded, false},
		"silent but done": {portaltest.Silent().AfterWork(), time.Minute, context.DeadlineExceeded, true},
		"never released":  {portaltest.Fault{}, time.Minute, context.DeadlineExceeded, false},
		"slow drip":       {portaltest.Drip(time.Second), time.Minute, context.DeadlineExceeded, true},
		"drip":            {portaltest.Drip(time.Second).Body("text/plain", "12345"), 4 * time.Second, nil, true},
		"endless":         {portaltest.EndlessBody(), 0, nil, true},
		"lost":            {portaltest.DropAfter(), 0, io.EOF, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if name == "never released" {
					tc.fault = portaltest.Hold(make(chan struct{})) // a channel must be of the bubble
				}
				srv := portaltest.NewServer(t, portaltest.WithMemoryNetwork())
				srv.Fail("createMeldCustomer", tc.fault)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				start := time.Now()
				err := createWith(ctx, srv)
				require.Equal(t, tc.takes, time.Since(start))
				require.ErrorIs(t, err, tc.err)
				synctest.Wait()
				require.Equal(t, tc.done, len(srv.Meld.Customers()) == 1)
			})
		})
	}
}

func createWith(ctx context.Context, srv *portaltest.Server) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL()+customersPath, strings.NewReader(`{}`))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer jane")
	r.Header.Set("Content-Type", "application/json")
	res, err := srv.HTTPClient().Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return err
}

func TestServerCloseEndsWhatWaits(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]portaltest.Fault{
		"silent":  portaltest.Silent(),
		"delay":   portaltest.Delay(time.Hour),
		"hold":    portaltest.Hold(make(chan struct{})),
		"drip":    portaltest.Drip(time.Hour),
		"endless": portaltest.EndlessBody(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := portaltest.NewServer(t)
			srv.Fail("createMeldCustomer", f)
			done := make(chan error)
			go func() {
				a, err := try(srv, "POST", customersPath, "jane", "")
				if err == nil && !strings.HasPrefix(name, "endless") {
					err = a.Err
				}
				done <- err
			}()
			require.Eventually(t, func() bool { return len(srv.Requests()) == 1 }, time.Minute, time.Millisecond)
			srv.Close()
			srv.Close()
			if err := <-done; name != "endless" {
				require.Error(t, err)
			}
			_, err := try(srv, "GET", customersPath, "jane", "")
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
		})
	}
}

func TestFaultString(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Delay(1s).AfterWork.Then(Status(503).RetryAfter(2s))",
		portaltest.Delay(time.Second).AfterWork().Then(portaltest.Status(503).RetryAfter(2*time.Second)).String())
	require.Equal(t, "Fault{}", portaltest.Fault{}.String())
}
