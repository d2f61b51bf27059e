package portal_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// call is one way into the door.
type call struct {
	name string
	do   func(context.Context, *portal.Client) error
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
	apiPost = call{"API POST", func(ctx context.Context, c *portal.Client) error {
		_, err := portal.Result(c.API().CreateMeldCustomerWithResponse(ctx, api.MeldCreateCustomerRequest{}))
		return err
	}}
)

func TestRepeatsByClass(t *testing.T) {
	t.Parallel()
	retryAfter := http.Header{"Retry-After": {"0"}}
	tests := []struct {
		name  string
		first answer
		again map[string]bool // by call
	}{
		{"429", answer{status: 429}, map[string]bool{"Create": true, "Ensure": true, "Get": true, "API POST": true}},
		{"503 with Retry-After", answer{status: 503, header: retryAfter}, map[string]bool{"Create": true, "Ensure": true, "Get": true, "API POST": true}},
		{"bare 503", answer{status: 503}, map[string]bool{"Ensure": true, "Get": true}},
		{"503 with a Retry-After that says nothing", answer{status: 503, header: http.Header{"Retry-After": {"soon"}}}, map[string]bool{"Ensure": true, "Get": true}},
		{"500", answer{status: 500}, map[string]bool{"Ensure": true, "Get": true}},
		{"502", answer{status: 502, body: "<html>", contentType: "text/html"}, map[string]bool{"Ensure": true, "Get": true}},
		{"504", answer{status: 504}, map[string]bool{"Ensure": true, "Get": true}},
		{"501", answer{status: 501}, map[string]bool{}},
		{"400", answer{status: 400}, map[string]bool{}},
		{"401", answer{status: 401}, map[string]bool{}},
		{"403", answer{status: 403}, map[string]bool{}},
		{"302", answer{status: 302, header: http.Header{"Location": {"/elsewhere"}}}, map[string]bool{}},
	}
	for _, tt := range tests {
		for _, call := range []call{create, ensure, get, apiPost} {
			t.Run(tt.name+"/"+call.name, func(t *testing.T) {
				t.Parallel()
				good := customerBody
				srv := newScriptedServer(t, tt.first, jsonAnswer(200, good))
				err := call.do(t.Context(), srv.client(t))
				if tt.again[call.name] {
					require.NoError(t, err)
					require.Len(t, srv.received(), 2)
					return
				}
				e := requireAPIError(t, err)
				require.Equal(t, tt.first.status, e.StatusCode)
				require.Equal(t, 1, e.Attempts)
				require.Len(t, srv.received(), 1)
			})
		}
	}
}

func TestConflictIsNeverRepeated(t *testing.T) {
	t.Parallel()
	for _, call := range []call{create, apiPost} {
		srv := newScriptedServer(t, jsonAnswer(409, conflictBody))
		err := call.do(t.Context(), srv.client(t))
		require.ErrorIs(t, err, portal.ErrConflict)
		require.NotErrorIs(t, err, portal.ErrOutcomeUnknown)
		require.Len(t, srv.received(), 1)
	}
}

func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		first   answer
		unknown bool
	}{
		{"500", answer{status: 500}, true},
		{"502", answer{status: 502}, true},
		{"504", answer{status: 504}, true},
		{"bare 503", answer{status: 503}, true},
		{"503 with Retry-After", answer{status: 503, header: http.Header{"Retry-After": {"3600"}}}, false},
		{"429", answer{status: 429, header: http.Header{"Retry-After": {"3600"}}}, false},
		{"501", answer{status: 501}, false},
		{"400", answer{status: 400}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, tt.first)
			for _, call := range []call{create, ensure, apiPost} {
				err := call.do(t.Context(), srv.client(t))
				require.Equal(t, tt.unknown, errors.Is(err, portal.ErrOutcomeUnknown), "%s: %v", call.name, err)
			}
			require.NotErrorIs(t, get.do(t.Context(), srv.client(t)), portal.ErrOutcomeUnknown, "a read has no outcome to be unknown")
		})
	}
}

// A write that was lost stays of unknown outcome, whatever the attempts after it say, until one says that
// the customer exists.
func TestOutcomeStaysUnknown(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, answer{status: 500}, answer{status: 401})
	_, err := srv.client(t).EnsureMeldCustomer(t.Context(), nil)
	require.ErrorIs(t, err, portal.ErrUnauthorized)
	require.ErrorIs(t, err, portal.ErrOutcomeUnknown)
	require.Equal(t, 2, requireAPIError(t, err).Attempts)

	srv = newScriptedServer(t, answer{status: 500}, jsonAnswer(409, `{}`), answer{status: 403})
	_, err = srv.client(t).EnsureMeldCustomer(t.Context(), nil)
	require.ErrorIs(t, err, portal.ErrConflict)
	require.ErrorIs(t, err, portal.ErrForbidden)
	require.NotErrorIs(t, err, portal.ErrOutcomeUnknown)
}

func TestMaxAttempts(t *testing.T) {
	t.Parallel()
	for attempts, want := range map[int]int{0: 3, 1: 1, 2: 2, 5: 5} {
		srv := newScriptedServer(t, answer{status: 500})
		_, err := srv.client(t, portal.WithRetry(portal.RetryPolicy{MaxAttempts: attempts, BaseDelay: 1, MaxDelay: 1})).GetMeldCustomer(t.Context())
		require.Equal(t, want, requireAPIError(t, err).Attempts)
		require.Len(t, srv.received(), want)
	}
}

// A stream cannot be read twice, so a request with one is sent once.
func TestStreamIsNotRepeated(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, answer{status: 429})
	body := io.MultiReader(http.NoBody)
	_, err := srv.client(t).API().CreateMeldCustomerWithBodyWithResponse(t.Context(), "application/json", body)
	require.ErrorIs(t, err, portal.ErrRateLimited)
	require.Len(t, srv.received(), 1)
}

func TestRetryAfterIsWaitedFor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header http.Header
		wait   time.Duration
	}{
		{"seconds", http.Header{"Retry-After": {"7"}}, 7 * time.Second},
		{"date by the server's clock", http.Header{
			"Date":        {"Sat, 01 Jan 2050 00:00:00 GMT"},
			"Retry-After": {"Sat, 01 Jan 2050 00:00:09 GMT"},
		}, 9 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var requests atomic.Int64
				network := newPipeNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "application/json")
					if requests.Add(1) == 1 {
						for key, values := range tt.header {
							w.Header()[key] = values
						}
						w.WriteHeader(http.StatusTooManyRequests)
						return
					}
					_, _ = io.WriteString(w, customerBody)
				}))
				start := time.Now()
				_, err := network.client(t, portal.StaticToken("tok")).CreateMeldCustomer(t.Context(), nil)
				require.NoError(t, err)
				require.Equal(t, tt.wait, time.Since(start))
			})
		})
	}
}

func TestWaitThatIsNotBegun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		deadline time.Duration
		header   string
	}{
		{"longer than the policy's ceiling", time.Hour, "31"},
		{"longer than the deadline allows", 5 * time.Second, "6"},
		{"longer than anything", time.Hour, "99999999999999999999"},
		{"longer than anything that fits", time.Hour, "18446744073709551615"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				network := newPipeNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Retry-After", tt.header)
					w.WriteHeader(http.StatusTooManyRequests)
				}))
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				start := time.Now()
				_, err := network.client(t, portal.StaticToken("tok"), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 2})).GetMeldCustomer(ctx)
				require.ErrorIs(t, err, portal.ErrRateLimited)
				require.Zero(t, time.Since(start))
				if len(tt.header) < 20 {
					seconds, _ := time.ParseDuration(tt.header + "s")
					require.Equal(t, seconds, requireAPIError(t, err).RetryAfter)
				}
			})
		})
	}
}

func TestWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	errShutdown := errors.New("shutting down")
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "20")
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Second, func() { cancel(errShutdown) })
		start := time.Now()
		_, err := network.client(t, portal.StaticToken("tok")).GetMeldCustomer(ctx)
		require.Equal(t, 3*time.Second, time.Since(start))
		require.ErrorIs(t, err, errShutdown)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, portal.ErrServer, "what the last attempt was told is kept")
		require.Equal(t, 20*time.Second, requireAPIError(t, err).RetryAfter)
	})
}

func TestSilentServer(t *testing.T) {
	t.Parallel()
	// A server notices that the client has left only after it has read the body.
	silent := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	drip := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		for {
			if _, err := w.Write([]byte(" ")); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-time.After(time.Second):
			case <-r.Context().Done():
				return
			}
		}
	})
	for name, handler := range map[string]http.Handler{"silent": silent, "drip": drip} {
		t.Run(name+"/attempt timeout", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				network := newPipeNetwork(t, handler)
				start := time.Now()
				_, err := network.client(t, portal.StaticToken("tok"), portal.WithAttemptTimeout(10*time.Second)).CreateMeldCustomer(t.Context(), nil)
				require.Equal(t, 10*time.Second, time.Since(start))
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				require.NotErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, portal.ErrOutcomeUnknown)
				require.ErrorContains(t, err, "attempt timeout of 10s")
				require.True(t, requireAPIError(t, err).Timeout())
			})
		})
		t.Run(name+"/deadline", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				network := newPipeNetwork(t, handler)
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
				defer cancel()
				start := time.Now()
				_, err := network.client(t, portal.StaticToken("tok"), portal.WithAttemptTimeout(10*time.Second)).EnsureMeldCustomer(ctx, nil)
				require.Equal(t, 15*time.Second, time.Since(start))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
				require.Equal(t, 2, requireAPIError(t, err).Attempts)
			})
		})
	}
}

// Waits are random between zero and a ceiling that doubles, and never above MaxDelay.
func TestBackoffIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		network := newPipeNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			at = append(at, time.Now())
			w.WriteHeader(http.StatusInternalServerError)
		}))
		policy := portal.RetryPolicy{MaxAttempts: 80, BaseDelay: 100 * time.Millisecond, MaxDelay: 2 * time.Second}
		_, err := network.client(t, portal.StaticToken("tok"), portal.WithRetry(policy)).GetMeldCustomer(t.Context())
		require.Equal(t, 80, requireAPIError(t, err).Attempts)
		var long int
		for i := 1; i < len(at); i++ {
			wait, ceiling := at[i].Sub(at[i-1]), 2*time.Second
			if i < 6 {
				ceiling = 100 * time.Millisecond << (i - 1)
			}
			require.LessOrEqual(t, wait, ceiling, "wait %d", i)
			if wait > time.Second {
				long++
			}
		}
		require.Greater(t, long, 10, "half of the waits at the ceiling of 2 s are expected to be longer than 1 s")
		require.Less(t, long, 70)
	})
}

// While everything fails, repeats stop after the quota; a success pays one back.
func TestQuotaStopsRepeats(t *testing.T) {
	t.Parallel()
	var fail atomic.Bool
	var requests atomic.Int64
	fail.Store(true)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.Header().Set("Content-Type", "application/json")
		if fail.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, customerBody)
	})
	synctest.Test(t, func(t *testing.T) {
		client := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok"))
		for range 1000 {
			_, err := client.GetMeldCustomer(t.Context())
			require.ErrorIs(t, err, portal.ErrServer)
		}
		require.EqualValues(t, 1000+500, requests.Load(), "an outage is not multiplied")

		other := client.WithTokenSource(portal.StaticToken("other"))
		before := requests.Load()
		_, _ = other.GetMeldCustomer(t.Context())
		require.EqualValues(t, 1, requests.Load()-before, "the quota is shared by all clients of one New")

		fail.Store(false)
		_, err := client.GetMeldCustomer(t.Context())
		require.NoError(t, err)
		fail.Store(true)
		before = requests.Load()
		_, _ = other.GetMeldCustomer(t.Context())
		require.EqualValues(t, 2, requests.Load()-before, "one success has paid for one repeat")
	})
}

// A network that loses a third of all attempts never empties the quota.
func TestQuotaSurvivesALossyNetwork(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1)%3 == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, customerBody)
	})
	client := srv.client(t)
	for range 1500 {
		_, err := client.GetMeldCustomer(t.Context())
		require.NoError(t, err)
	}
}
