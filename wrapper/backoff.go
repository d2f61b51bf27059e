package portal

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A RetryPolicy says how often and when a request is repeated. Whether it may be is a matter of its
// operation. A zero field takes its default.
type RetryPolicy struct {
	// MaxAttempts counts the first one: 1 turns repeats off. Default 3.
	MaxAttempts int
	// BaseDelay and MaxDelay bound the waits: before the nth repeat a random time between zero and
	// BaseDelay·2ⁿ⁻¹, but no more than MaxDelay (exponential backoff with full jitter). Defaults 200 ms and 5 s.
	BaseDelay, MaxDelay time.Duration
	// MaxRetryAfter is the longest Retry-After that is waited for. A longer one is returned at once, in
	// APIError.RetryAfter. Default 30 s.
	MaxRetryAfter time.Duration
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	return RetryPolicy{
		MaxAttempts:   cmp.Or(p.MaxAttempts, 3),
		BaseDelay:     cmp.Or(p.BaseDelay, 200*time.Millisecond),
		MaxDelay:      cmp.Or(p.MaxDelay, 5*time.Second),
		MaxRetryAfter: cmp.Or(p.MaxRetryAfter, 30*time.Second),
	}
}

// backoff is the wait before the nth repeat, from 1 on. It is written here because it is these lines:
// the libraries that offer it bring their own retry loop, which would not know our classes.
func (p RetryPolicy) backoff(n int) time.Duration {
	ceiling := p.MaxDelay
	if shift := n - 1; shift < 62 && p.BaseDelay < p.MaxDelay>>shift {
		ceiling = p.BaseDelay << shift
	}
	return rand.N(ceiling + 1)
}

// retryAfter reads Retry-After (RFC 9110, 10.2.3): seconds or a date. A date counts from the reply's own
// Date, so that it does not matter how wrong our clock is. ok is false when there is none that makes sense.
func retryAfter(header http.Header, now time.Time) (wait time.Duration, ok bool) {
	value := header.Get("Retry-After")
	if value == "" {
		return 0, false
	}
	seconds, err := strconv.ParseUint(value, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) && strings.Trim(value, "0123456789") == "" {
		// Out of range, it is the largest number.
		const most = uint64(1<<63-1) / uint64(time.Second)
		return time.Duration(min(seconds, most)) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return max(0, at.Sub(now)), true
}

// sleep waits, or returns at once with the reason when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return contextError(ctx)
	}
}

// withJitter takes a random part of up to a quarter off a wait, so that many waits do not end together.
func withJitter(d time.Duration) time.Duration { return d - rand.N(d/4+1) }
