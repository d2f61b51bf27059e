package portal

import "sync/atomic"

// quotaSize is how many more attempts may fail than succeed before repeats stop.
const quotaSize = 500

// A quota is a token bucket that keeps repeats from multiplying an outage. A repeat takes one token, a
// success puts one back: it runs dry only while more than half of all attempts fail.
type quota struct{ left atomic.Int64 }

func newQuota() *quota {
	q := &quota{}
	q.left.Store(quotaSize)
	return q
}

// take pays for a repeat; false means that there is nothing left.
func (q *quota) take() bool {
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
func (q *quota) refund() {
	for {
		n := q.left.Load()
		if n >= quotaSize || q.left.CompareAndSwap(n, n+1) {
			return
		}
	}
}
