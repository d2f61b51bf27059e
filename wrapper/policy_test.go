package portal

import (
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The defaults that the documentation names.
func TestDefaults(t *testing.T) {
	t.Parallel()
	require.Equal(t, RetryPolicy{MaxAttempts: 3, BaseDelay: 200 * time.Millisecond, MaxDelay: 5 * time.Second, MaxRetryAfter: 30 * time.Second}, RetryPolicy{}.withDefaults())
	require.Equal(t, PollPolicy{BaseDelay: 2 * time.Second, MaxDelay: 30 * time.Second, MaxFailures: 10}, PollPolicy{}.withDefaults())
	require.Equal(t, PollPolicy{BaseDelay: 1, MaxDelay: 1, MaxFailures: 10}, PollPolicy{BaseDelay: 5, MaxDelay: 1, MaxFailures: -1}.withDefaults())
	client, err := New(StaticToken("tok_1"))
	require.NoError(t, err)
	require.Equal(t, 30*time.Second, client.sender.attemptTimeout)
	require.EqualValues(t, 1<<20, client.sender.maxBody)
	client, err = New(StaticToken("tok_1"), WithHTTPClient(&http.Client{Timeout: 1}))
	require.NoError(t, err)
	require.EqualValues(t, 1, client.sender.attemptTimeout, "the shorter limit counts")
	require.NoError(t, checkToken("!tok_1~"))
}

// A wait is shortened by up to a quarter.
func TestWithJitter(t *testing.T) {
	t.Parallel()
	least, most := time.Duration(1000), time.Duration(0)
	for range 100_000 {
		wait := withJitter(1000)
		least, most = min(least, wait), max(most, wait)
	}
	require.Equal(t, time.Duration(750), least)
	require.Equal(t, time.Duration(1000), most)
}

// A backoff is anything from zero to its ceiling, which doubles up to the longest.
func TestBackoff(t *testing.T) {
	t.Parallel()
	policy := RetryPolicy{BaseDelay: 4, MaxDelay: 10}
	for n, ceiling := range map[int]time.Duration{1: 4, 2: 8, 3: 10, 4: 10, 62: 10, 63: 10, 64: 10, 1000: 10} {
		least, most := ceiling, time.Duration(0)
		for range 10_000 {
			wait := policy.backoff(n)
			least, most = min(least, wait), max(most, wait)
		}
		require.Zero(t, least)
		require.Equal(t, ceiling, most, n)
	}
	require.NotPanics(t, func() { RetryPolicy{BaseDelay: math.MaxInt64, MaxDelay: math.MaxInt64}.backoff(1) })
}

// Whoever takes from the quota at the same time takes a token each, and so do those who pay back.
func TestRetryQuotaCountsExactly(t *testing.T) {
	t.Parallel()
	const all, each = 1 << 19, 1 << 16
	q := newRetryQuota()
	q.left.Store(all)
	var taken atomic.Int64
	share := func(do func()) {
		var wait sync.WaitGroup
		for range all / each {
			wait.Go(func() {
				for range each {
					do()
				}
			})
		}
		wait.Wait()
	}
	share(func() {
		if q.take() {
			taken.Add(1)
		}
	})
	require.EqualValues(t, all, taken.Load())
	require.Zero(t, q.left.Load())
	require.False(t, q.take())
	q.left.Store(-all)
	share(q.refund)
	require.Zero(t, q.left.Load())
	q.left.Store(quotaSize)
	q.refund()
	require.EqualValues(t, quotaSize, q.left.Load())
}

func TestIsTerminalMeldStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"SETTLED", "FAILED", "DECLINED", "CANCELLED", "REFUNDED"} {
		require.True(t, IsTerminalMeldStatus(status), status)
	}
	for _, status := range []string{"", "ERROR", "PENDING", "settled", "A_STATUS_OF_NEXT_YEAR"} {
		require.False(t, IsTerminalMeldStatus(status), status)
	}
}
