package portal_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// statuses answers with one status after the other, and the last again and again; "404" and the like are
// answered as errors.
func statuses(list ...string) (http.Handler, *[]string) {
	var paths []string
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		w.Header().Set("Content-Type", "application/json")
		status := list[0]
		if len(list) > 1 {
			list = list[1:]
		}
		if code, err := strconv.Atoi(status); err == nil {
			w.Header().Set("Retry-After", "20")
			w.WriteHeader(code)
			return
		}
		_, _ = fmt.Fprintf(w, `{"data":{"transaction":{"id":"t1","status":%q}}}`, status)
	}), &paths
}

func TestWatchMeldTransaction(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer []string
		want   []string
		is     error
	}{
		{"to the end", []string{"PENDING", "PENDING", "SETTLING", "SETTLED"}, []string{"PENDING", "SETTLING", "SETTLED"}, nil},
		{"already over", []string{"REFUNDED"}, []string{"REFUNDED"}, nil},
		{"ERROR and the unknown are not the end", []string{"ERROR", "PARTIALLY_SETTLED", "VOIDED", "FAILED"}, []string{"ERROR", "PARTIALLY_SETTLED", "VOIDED", "FAILED"}, nil},
		{"failures that pass", []string{"PENDING", "503", "429", "DECLINED"}, []string{"PENDING", "DECLINED"}, nil},
		{"failures that do not pass", []string{"PENDING", "503"}, []string{"PENDING"}, portal.ErrServer},
		{"not found", []string{"404"}, nil, portal.ErrNotFound},
		{"refused", []string{"PENDING", "403"}, []string{"PENDING"}, portal.ErrForbidden},
		{"never", []string{"PENDING"}, []string{"PENDING"}, context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				handler, _ := statuses(tt.answer...)
				client := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok"), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				var got []string
				var last error
				for transaction, err := range client.WatchMeldTransaction(ctx, "t1", portal.PollPolicy{}) {
					if last = err; err == nil {
						got = append(got, transaction.Status)
					}
				}
				require.Equal(t, tt.want, got)
				require.ErrorIs(t, last, tt.is)

				handler, _ = statuses(tt.answer...)
				client = newPipeNetwork(t, handler).client(t, portal.StaticToken("tok"), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
				transaction, err := client.WaitForMeldTransaction(ctx, "t1", portal.PollPolicy{})
				if tt.is != nil {
					require.Error(t, err)
					return
				}
				require.NoError(t, err)
				require.Equal(t, tt.want[len(tt.want)-1], transaction.Status)
			})
		})
	}
}

// The waits grow from BaseDelay to MaxDelay, and begin anew after a change.
func TestWatchWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		inner, _ := statuses(append(append(make([]string, 0, 30), repeat("PENDING", 15)...), "SETTLING", "SETTLING", "SETTLED")...)
		network := newPipeNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			at = append(at, time.Now())
			inner.ServeHTTP(w, r)
		}))
		_, err := network.client(t, portal.StaticToken("tok")).WaitForMeldTransaction(t.Context(), "t1", portal.PollPolicy{BaseDelay: time.Second, MaxDelay: 10 * time.Second})
		require.NoError(t, err)
		delay := time.Second
		for i := 1; i < len(at); i++ {
			wait := at[i].Sub(at[i-1])
			require.LessOrEqual(t, wait, delay, "wait %d", i)
			require.GreaterOrEqual(t, wait, delay*3/4-time.Nanosecond, "wait %d", i)
			if delay = min(delay*3/2, 10*time.Second); i == 15 {
				delay = time.Second
			}
		}
		require.Len(t, at, 18)
	})
}

// Without a policy, the waits are those that PollPolicy documents.
func TestWatchWaitsByDefault(t *testing.T) {
	t.Parallel()
	shortest, longest := time.Hour, time.Duration(0)
	synctest.Test(t, func(t *testing.T) {
		for range 300 {
			handler, _ := statuses("PENDING", "SETTLED")
			start := time.Now()
			_, err := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok")).WaitForMeldTransaction(t.Context(), "t1", portal.PollPolicy{})
			require.NoError(t, err)
			shortest, longest = min(shortest, time.Since(start)), max(longest, time.Since(start))
		}
		handler, _ := statuses(append(repeat("PENDING", 60), "SETTLED")...)
		start := time.Now()
		_, err := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok")).WaitForMeldTransaction(t.Context(), "t1", portal.PollPolicy{})
		require.NoError(t, err)
		require.LessOrEqual(t, time.Since(start), 60*30*time.Second)
		require.Greater(t, time.Since(start), 50*30*time.Second*3/4)
	})
	require.GreaterOrEqual(t, shortest, 1500*time.Millisecond)
	require.LessOrEqual(t, longest, 2*time.Second)
}

// What ends a watch is failures in a row, one more than MaxFailures.
func TestWatchCountsFailures(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer []string
		most   int
		looks  int
		is     error
	}{
		"one too many at once":              {[]string{"503"}, 2, 3, portal.ErrServer},
		"one too many later":                {[]string{"PENDING", "503"}, 2, 4, portal.ErrServer},
		"not in a row, for a new status":    {[]string{"503", "503", "PENDING", "503", "503", "SETTLED"}, 2, 6, nil},
		"not in a row, for the same status": {[]string{"PENDING", "503", "503", "PENDING", "503", "503", "SETTLED"}, 2, 7, nil},
		"no policy":                         {[]string{"503"}, 0, 11, portal.ErrServer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				handler, paths := statuses(tt.answer...)
				client := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok"), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
				_, err := client.WaitForMeldTransaction(t.Context(), "t1", portal.PollPolicy{MaxFailures: tt.most})
				require.ErrorIs(t, err, tt.is)
				require.Len(t, *paths, tt.looks)
			})
		})
	}
}

// What is wrong with the call itself does not pass, so it is not waited for.
func TestWatchOfAWrongIDEndsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		handler, paths := statuses("PENDING")
		client := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok"))
		start := time.Now()
		for _, id := range []string{"", ".."} {
			_, err := client.WaitForMeldTransaction(t.Context(), id, portal.PollPolicy{})
			require.ErrorIs(t, err, portal.ErrInvalidRequest)
			for _, err := range client.WatchMeldSession(t.Context(), id, portal.PollPolicy{}) {
				require.ErrorIs(t, err, portal.ErrInvalidRequest)
			}
		}
		require.Zero(t, time.Since(start))
		require.Empty(t, *paths)
	})
}

func repeat(s string, n int) (list []string) {
	for range n {
		list = append(list, s)
	}
	return list
}

// A session has no transaction until the end user begins; from then on it is followed by its ID.
func TestWatchMeldSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		handler, paths := statuses("404", "404", "PENDING", "SETTLED")
		client := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok"))
		var got []string
		for transaction, err := range client.WatchMeldSession(t.Context(), "s1", portal.PollPolicy{BaseDelay: -1, MaxDelay: -1}) {
			require.NoError(t, err)
			got = append(got, transaction.Status)
		}
		require.Equal(t, []string{"PENDING", "SETTLED"}, got)
		const transactions = "/api/v3/clients/me/integrations/meld/retail/transactions/"
		require.Equal(t, []string{transactions + "sessions/s1", transactions + "sessions/s1", transactions + "sessions/s1", transactions + "t1"}, *paths)
	})
}

// An iterator of a session can be used again, and by two goroutines at once: each iteration has a session of its own.
func TestWatchMeldSessionAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		handler, paths := statuses("SETTLED")
		watch := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok")).WatchMeldSession(t.Context(), "s1", portal.PollPolicy{})
		for range 2 {
			for _, err := range watch {
				require.NoError(t, err)
			}
		}
		const session = "/api/v3/clients/me/integrations/meld/retail/transactions/sessions/s1"
		require.Equal(t, []string{session, session}, *paths)
	})
}

// A wait that the deadline or the ceiling of the policy forbids is not begun: the error comes at once, and says what
// the API asked for.
func TestWatchDoesNotBeginAForbiddenWait(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		retryAfter string
		deadline   time.Duration
	}{
		"beyond the ceiling":               {"31", 24 * time.Hour},
		"a date beyond the ceiling":        {"Fri, 31 Dec 9999 23:59:59 GMT", 24 * time.Hour},
		"more than fits":                   {"99999999999999999999", 24 * time.Hour},
		"beyond the deadline":              {"20", 10 * time.Second},
		"beyond the deadline and ceiling":  {"3600", 2 * time.Second},
		"beyond the ceiling, no deadline":  {"120", 0},
		"a wait of its own that is longer": {"", time.Second},
	} {
		for _, status := range []int{429, 503} {
			t.Run(fmt.Sprint(name, "/", status), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					network := newPipeNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						if tt.retryAfter != "" {
							w.Header().Set("Retry-After", tt.retryAfter)
						}
						w.WriteHeader(status)
					}))
					client := network.client(t, portal.StaticToken("tok"), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
					ctx := t.Context()
					if tt.deadline != 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, tt.deadline)
						defer cancel()
					}
					start := time.Now()
					_, err := client.WaitForMeldTransaction(ctx, "t1", portal.PollPolicy{BaseDelay: 10 * time.Second})
					require.Zero(t, time.Since(start))
					e := requireAPIError(t, err)
					require.Equal(t, status, e.StatusCode)
					require.Equal(t, tt.retryAfter != "", e.RetryAfter > 0)
					require.NotErrorIs(t, err, context.DeadlineExceeded, "it has not passed")
					checkWords(t, err)

					for _, err := range client.WatchMeldSession(ctx, "s1", portal.PollPolicy{BaseDelay: 10 * time.Second}) {
						require.Equal(t, status, requireAPIError(t, err).StatusCode)
					}
					require.Zero(t, time.Since(start))
				})
			})
		}
	}
}

// A look without a reply may pass, too.
func TestWatchOutlastsAMissingReply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		settled, _ := statuses("SETTLED")
		network := newPipeNetwork(t, settled)
		transport := network.transport(t)
		var lost bool
		client := network.client(t, portal.StaticToken("tok"), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}), portal.WithHTTPClient(&http.Client{
			Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				if !lost {
					lost = true
					return nil, io.ErrUnexpectedEOF
				}
				return transport.RoundTrip(r)
			})}))
		transaction, err := client.WaitForMeldTransaction(t.Context(), "t1", portal.PollPolicy{})
		require.NoError(t, err)
		require.Equal(t, "SETTLED", transaction.Status)
	})
}

// A look that no whole reply ended may pass, whatever was answered to an attempt before its last.
func TestWatchOutlastsALostLook(t *testing.T) {
	t.Parallel()
	noConnection := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for name, look := range map[string][]any{
		"cut":                                 {200, 200, 200},
		"cut, then no connection":             {200, noConnection, noConnection},
		"a refused token, then cut":           {401, 200, 200},
		"a refused token, then no connection": {401, noConnection, noConnection},
		"a refused token, then no new one":    {401, errMaintenance},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				settled, _ := statuses("SETTLED")
				network := newPipeNetwork(t, settled)
				transport := network.transport(t)
				next := func() any {
					if len(look) == 0 {
						return nil
					}
					defer func() { look = look[1:] }()
					return look[0]
				}
				source := portal.CachedTokenSource(portal.TokenFunc(func(context.Context) (string, error) {
					if len(look) > 0 && look[0] == any(errMaintenance) {
						return "", next().(error)
					}
					return "tok", nil
				}))
				client := network.client(t, source, portal.WithHTTPClient(&http.Client{
					Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
						switch met := next().(type) {
						case error:
							return nil, met
						case int:
							cut := io.MultiReader(strings.NewReader(`{"data":`), iotest.ErrReader(io.ErrUnexpectedEOF))
							return &http.Response{StatusCode: met, Body: io.NopCloser(cut)}, nil
						}
						return transport.RoundTrip(r)
					})}))
				transaction, err := client.WaitForMeldTransaction(t.Context(), "t1", portal.PollPolicy{})
				require.NoError(t, err)
				require.Equal(t, "SETTLED", transaction.Status)
				require.Empty(t, look)
			})
		})
	}
}

// An answer is no lost look, even when it was cut.
func TestWatchEndsWithAnAnswerThatWasCut(t *testing.T) {
	t.Parallel()
	for _, status := range []int{302, 400, 401, 403, 404} {
		client := newClient(t, portal.StaticToken("tok"), portal.WithHTTPClient(&http.Client{
			Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Body: io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))}, nil
			})}))
		_, err := client.WaitForMeldTransaction(t.Context(), "t1", portal.PollPolicy{})
		require.Equal(t, status, requireAPIError(t, err).StatusCode)
	}
}

// The longest wait that the policy allows is waited.
func TestWatchWaitsUpToTheCeiling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		settled, _ := statuses("SETTLED")
		var asked bool
		network := newPipeNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !asked {
				asked = true
				w.Header().Set("Retry-After", "30")
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			settled.ServeHTTP(w, r)
		}))
		client := network.client(t, portal.StaticToken("tok"), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
		start := time.Now()
		transaction, err := client.WaitForMeldTransaction(t.Context(), "t1", portal.PollPolicy{})
		require.NoError(t, err)
		require.Equal(t, "SETTLED", transaction.Status)
		require.Equal(t, 30*time.Second, time.Since(start))
	})
}

// The end of the context is an *APIError like every other, during a look and between two.
func TestWatchEndsWithTheContext(t *testing.T) {
	t.Parallel()
	gone := errors.New("the user has gone")
	for _, status := range []string{"PENDING", "silent"} {
		synctest.Test(t, func(t *testing.T) {
			network := newPipeNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if status == "silent" {
					<-r.Context().Done()
					return
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = fmt.Fprintf(w, `{"data":{"transaction":{"id":"t1","status":%q}}}`, status)
			}))
			client := network.client(t, portal.StaticToken("tok"))
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, gone)
			defer cancel()
			_, err := client.WaitForMeldTransaction(ctx, "t1", portal.PollPolicy{})
			e := requireAPIError(t, err)
			require.Equal(t, "getMeldRetailTransaction", e.Operation)
			require.NotEmpty(t, e.TraceID, "of the last look")
			require.NotZero(t, e.Attempts)
			require.Zero(t, e.StatusCode)
			require.True(t, e.Timeout())
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, err, gone)
			checkWords(t, err)

			ctx, end := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Minute, func() { end(gone) })
			for _, err = range client.WatchMeldSession(ctx, "s1", portal.PollPolicy{}) {
				if err == nil {
					continue
				}
				require.False(t, requireAPIError(t, err).Timeout())
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, gone)
				checkWords(t, err)
			}
			require.Error(t, err)
		})
	}
}

// Between two looks, too, a cause that repeats what was sent is found and not shown.
func TestWatchShowsNothingThatWasSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		handler, _ := statuses("PENDING")
		client := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok_secret"))
		repeats := errors.New("nobody waits for jane_doe_4711 with tok_secret any more")
		for _, end := range []time.Duration{0, time.Second} { // during a look and after one
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(end, func() { cancel(repeats) })
			_, err := client.WaitForMeldTransaction(ctx, "jane_doe_4711", portal.PollPolicy{BaseDelay: time.Hour, MaxDelay: time.Hour})
			require.ErrorIs(t, err, repeats)
			require.ErrorContains(t, err, "withheld")
			require.NotContains(t, err.Error(), "jane_doe_4711")
			require.NotContains(t, err.Error(), "tok_secret")
			checkWords(t, err)
		}
	})
}

// A source that is missing, or gives what is no token, gives none at the next look either.
func TestWatchWithoutATokenEndsAtOnce(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]portal.TokenSource{
		"nil": nil, "cached nil": portal.CachedTokenSource(nil), "empty": portal.StaticToken(""),
		"a line break": portal.StaticToken("tok\n"), "cached": portal.CachedTokenSource(portal.StaticToken("tok tok")),
	} {
		synctest.Test(t, func(t *testing.T) {
			client := newPipeNetwork(t, http.NotFoundHandler()).client(t, source)
			start := time.Now()
			_, err := client.WaitForMeldTransaction(t.Context(), "t1", portal.PollPolicy{})
			require.ErrorIs(t, err, portal.ErrTokenSource, name)
			require.Zero(t, time.Since(start), name)
		})
	}
}

// A transaction without an ID or a status cannot be followed, and the watcher says so instead of waiting.
func TestWatchSaysWhatItCannotFollow(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"data":{"transaction":{"id":"t1"}}}`, `{"data":{"transaction":{"status":"PENDING"}}}`, `{"data":{"transaction":{"id":"t1","status":""}}}`,
		`{"data":{"transaction":{"id":null,"status":"SETTLED"}}}`, `{"data":{"transaction":{}}}`, `{"data":{"transaction":null}}`, `{"data":{}}`, `{"data":null}`,
	} {
		srv := newScriptedServer(t, jsonAnswer(200, body))
		_, err := srv.client(t).WaitForMeldTransaction(t.Context(), "t1", portal.PollPolicy{})
		require.ErrorIs(t, err, portal.ErrUnusableResponse, body)
		require.ErrorContains(t, err, "no ID or no status")
		e := requireAPIError(t, err)
		require.Equal(t, "getMeldRetailTransaction", e.Operation)
		require.Equal(t, 200, e.StatusCode)
		require.Equal(t, srv.received()[0].header.Get("X-Portal-Trace-Id"), e.TraceID)
		require.Equal(t, 1, e.Attempts)
		require.Equal(t, body, string(e.Body()))
		require.Equal(t, "application/json", e.Header().Get("Content-Type"))
		n := 0
		for transaction, err := range srv.client(t).WatchMeldSession(t.Context(), "s1", portal.PollPolicy{}) {
			require.Nil(t, transaction)
			require.ErrorIs(t, err, portal.ErrUnusableResponse, body)
			checkWords(t, err)
			n++
		}
		require.Equal(t, 1, n)
		require.Len(t, srv.received(), 2, "it looks once")
	}
}

// A policy may hold any number.
func TestPollPolicyOfAnySize(t *testing.T) {
	t.Parallel()
	const centuries = 200 * 365 * 24 * time.Hour
	for _, poll := range []portal.PollPolicy{
		{BaseDelay: centuries, MaxDelay: math.MaxInt64}, {BaseDelay: math.MaxInt64, MaxDelay: math.MaxInt64},
		{BaseDelay: 1, MaxDelay: 1}, {BaseDelay: math.MinInt64, MaxDelay: math.MinInt64, MaxFailures: math.MinInt}, {BaseDelay: math.MaxInt64, MaxDelay: 1, MaxFailures: math.MaxInt},
	} {
		synctest.Test(t, func(t *testing.T) {
			handler, _ := statuses("PENDING", "PENDING", "PENDING", "PENDING", "SETTLED")
			ctx, cancel := context.WithTimeout(t.Context(), centuries+10*365*24*time.Hour)
			defer cancel()
			transaction, err := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok")).WaitForMeldTransaction(ctx, "t1", poll)
			if poll.BaseDelay >= centuries && poll.MaxDelay > centuries {
				require.ErrorIs(t, err, context.DeadlineExceeded)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "SETTLED", transaction.Status)
		})
	}
}
