package portal_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

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
		{"up to the deadline", 6 * time.Second, "6"},
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

// A policy may hold any number that is not negative.
func TestRetryPolicyOfAnySize(t *testing.T) {
	t.Parallel()
	for _, policy := range []portal.RetryPolicy{
		{BaseDelay: math.MaxInt64, MaxDelay: math.MaxInt64, MaxRetryAfter: math.MaxInt64, MaxAttempts: math.MaxInt},
		{BaseDelay: math.MaxInt64/2 + 1, MaxDelay: math.MaxInt64}, {BaseDelay: 1, MaxDelay: math.MaxInt64, MaxAttempts: 100}, {BaseDelay: math.MaxInt64, MaxDelay: 1, MaxAttempts: 100},
	} {
		for _, retryAfter := range []string{"", "0", "9223372036", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"} {
			synctest.Test(t, func(t *testing.T) {
				network := newPipeNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if retryAfter != "" {
						w.Header().Set("Retry-After", retryAfter)
					}
					w.WriteHeader(http.StatusServiceUnavailable)
				}))
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				client := network.client(t, portal.StaticToken("tok"), portal.WithRetry(policy), portal.WithAttemptTimeout(math.MaxInt64))
				_, err := client.GetMeldCustomer(ctx)
				require.ErrorIs(t, err, portal.ErrServer)
				require.LessOrEqual(t, requireAPIError(t, err).Attempts, 100)
			})
		}
	}
}

// The defaults: three attempts of 30 s each, and a Retry-After of 30 s at most.
func TestDefaultsOfTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNetwork(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}))
		start := time.Now()
		_, err := network.client(t, portal.StaticToken("tok")).CreateMeldCustomer(t.Context(), nil)
		require.ErrorIs(t, err, portal.ErrOutcomeUnknown)
		require.Equal(t, 30*time.Second, time.Since(start))
		_, err = network.client(t, portal.StaticToken("tok")).GetMeldCustomer(t.Context())
		require.Equal(t, 3, requireAPIError(t, err).Attempts)
	})
	for asked, attempts := range map[string]int{"30": 3, "31": 1} {
		synctest.Test(t, func(t *testing.T) {
			network := newPipeNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", asked)
				w.WriteHeader(http.StatusTooManyRequests)
			}))
			start := time.Now()
			_, err := network.client(t, portal.StaticToken("tok")).CreateMeldCustomer(t.Context(), nil)
			require.Equal(t, attempts, requireAPIError(t, err).Attempts)
			require.Equal(t, time.Duration(attempts-1)*30*time.Second, time.Since(start))
		})
	}
}

// The waits between attempts are random, and their ceiling doubles up to MaxDelay.
func TestBackoffDoubles(t *testing.T) {
	t.Parallel()
	const baseDelay, maxDelay, attempts = time.Second, 20 * time.Second, 8
	longest := make([]time.Duration, attempts)
	synctest.Test(t, func(t *testing.T) {
		for range 300 {
			var at []time.Time
			client := newClient(t, portal.StaticToken("tok"), portal.WithRetry(portal.RetryPolicy{MaxAttempts: attempts, BaseDelay: baseDelay, MaxDelay: maxDelay}),
				portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
					at = append(at, time.Now())
					return nil, io.EOF
				})}))
			_, err := client.GetMeldCustomer(t.Context())
			require.Error(t, err)
			require.Len(t, at, attempts)
			for n := 1; n < attempts; n++ {
				longest[n] = max(longest[n], at[n].Sub(at[n-1]))
			}
		}
	})
	for n := 1; n < attempts; n++ {
		ceiling := min(baseDelay<<(n-1), maxDelay)
		require.LessOrEqual(t, longest[n], ceiling, "before retry %d", n)
		require.Greater(t, longest[n], ceiling*3/4, "before retry %d", n) // but for one run in 10^37
	}
}
