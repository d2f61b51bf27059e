package portal

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// A RetryPolicy says how often and when a request is repeated. Whether it may be is a matter of its
// operation. A zero field takes its default.
type RetryPolicy struct {
	// MaxAttempts counts the first one: 1 turns retries off. Default 3.
	MaxAttempts int
	// BaseDelay and MaxDelay bound the waits: before the nth retry a random time between zero and
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

// backoff is the wait before the nth retry, from 1 on. It is written here because it is these lines: the
// libraries that offer it bring their own loop, which would not know the classes below.
func (p RetryPolicy) backoff(n int) time.Duration {
	ceiling := p.MaxDelay
	if shift := n - 1; shift < 62 && p.BaseDelay < p.MaxDelay>>shift {
		ceiling = p.BaseDelay << shift
	}
	return rand.N(min(ceiling, math.MaxInt64-1) + 1)
}

// A retryClass says which failures a request may be repeated after. The documents mark each operation as a read or
// a write (x-portal-effect); a GET without a mark is a read.
type retryClass int

const (
	read        retryClass = iota // repeating it does no harm
	write                         // repeated only when it was surely, or by convention, not carried out
	getOrCreate                   // a write whose repeat finds what the first one made
)

// A failure is the kind of an outcome, as far as repeating is concerned.
type failure int

const (
	final        failure = iota // an answer, or a failure that would come again
	unsent                      // nothing reached the server
	throttled                   // 429
	unavailable                 // 503 with Retry-After
	lost                        // the reply is missing, or a 2xx was cut
	serverFault                 // 5xx, other than 501 and the above
	unauthorized                // 401: repeated once, if the token source is an Invalidator
)

// retries says after which failure a request of which class is repeated. A 409 is an answer, so it never is.
var retries = [...][unauthorized + 1]bool{
	//            final  unsent throttled unavailable lost   serverFault unauthorized
	read:        {false, true, true, true, true, true, true},
	write:       {false, true, true, true, false, false, true},
	getOrCreate: {false, true, true, true, true, true, true},
}

// failure classifies an outcome, by its status first: a reply that was cut still has one.
func (o *outcome) failure() failure {
	switch {
	case o.permanent:
		return final
	case o.status == 0 && o.unsent:
		return unsent
	case o.status == 0:
		return lost
	case o.status == http.StatusUnauthorized:
		return unauthorized
	case o.status == http.StatusTooManyRequests:
		return throttled
	case o.status == http.StatusServiceUnavailable && o.asksToWait():
		return unavailable
	case o.status >= 500 && o.status != http.StatusNotImplemented:
		return serverFault
	case o.status/100 == 2 && o.err != nil && o.err != errTooLarge: //nolint:errorlint // that would come again; a round tripper may wrap anything
		return lost
	}
	return final
}

func (o *outcome) asksToWait() bool {
	_, ok := retryAfter(o.header, time.Now)
	return ok
}

// again decides whether the request is sent once more, and after what wait. A wait that the policy does not
// allow, or that the context would cut short, is not begun.
func (c *call) again(ctx context.Context, o *outcome) (time.Duration, bool) {
	f := o.failure()
	if f == final && o.err == nil {
		c.quota.refund()
	}
	switch {
	case ctx.Err() != nil, !retries[c.class][f], c.attempts >= c.retry.MaxAttempts:
		return 0, false
	case c.req.Body != nil:
		return 0, false // the body is a stream, and it is used up
	case f == unauthorized:
		// It takes nothing from the quota, which is shared: the refused token is the matter of one end user.
		_, ok := c.source().(Invalidator)
		again := ok && !c.renewed
		c.renewed = true
		return 0, again
	}
	asked, _ := retryAfter(o.header, time.Now)
	delay := max(asked, c.retry.backoff(c.attempts))
	if asked > c.retry.MaxRetryAfter || !fits(ctx, delay) {
		return 0, false
	}
	return delay, c.quota.take()
}

// fits reports whether a wait ends before the deadline of ctx.
func fits(ctx context.Context, delay time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > delay
}

// retryAfter reads Retry-After (RFC 9110, 10.2.3): seconds or a date. A date counts from the reply's own
// Date, so that it does not matter how wrong our clock is. ok is false when there is none that makes sense.
func retryAfter(header http.Header, now func() time.Time) (wait time.Duration, ok bool) {
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
	from, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		from = now()
	}
	return max(0, at.Sub(from)), true
}

// sleep waits, or returns at once with the reason when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return &limitError{contextError(ctx), nil}
	}
}

// quotaSize is how many more attempts may fail than succeed before retries stop.
const quotaSize = 500

// A retryQuota is a token bucket that keeps retries from multiplying an outage. A retry takes one token, a
// success puts one back: it runs dry only while more than half of all attempts fail.
type retryQuota struct{ left atomic.Int64 }

func newRetryQuota() *retryQuota {
	q := &retryQuota{}
	q.left.Store(quotaSize)
	return q
}

// take pays for a retry; false means that there is nothing left.
func (q *retryQuota) take() bool {
	for {
		n := q.left.Load()
		if n <= 0 {
			return false
		}
		if q.left.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

// refund pays back for a success.
func (q *retryQuota) refund() {
	for {
		n := q.left.Load()
		if n >= quotaSize || q.left.CompareAndSwap(n, n+1) {
			return
		}
	}
}
