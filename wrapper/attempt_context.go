package portal

import (
	"context"
	"sync"
	"time"
)

// An attemptContext is the context of a call with the time limit of one attempt. The timer is started when somebody
// asks for what it would change, which a static token and a round tripper that answers from memory never do.
type attemptContext struct {
	parent   context.Context // of the call
	deadline time.Time
	cause    error // of the end, once the deadline has passed

	once    sync.Once
	limited context.Context
	cancel  context.CancelFunc
}

// limit is the context with the time limit. Who keeps it and asks only when the attempt is over gets one that has ended,
// as all have who asked before.
func (a *attemptContext) limit() context.Context {
	a.once.Do(func() { a.limited, a.cancel = context.WithDeadlineCause(a.parent, a.deadline, a.cause) })
	if a.limited == nil {
		ended, cancel := context.WithCancel(a.parent)
		cancel()
		return ended
	}
	return a.limited
}

// end releases what the attempt has started.
func (a *attemptContext) end() {
	a.once.Do(func() {})
	if a.cancel != nil {
		a.cancel()
	}
}

// reached is the limit of time that the attempt has reached: that of the call, or else its own; nil when it has reached
// none. It looks at the clock, since the timer goes off a moment after the deadline.
func (a *attemptContext) reached() error {
	switch {
	case a.parent.Err() != nil:
		return contextError(a.parent)
	case time.Until(a.deadline) <= 0:
		return a.cause
	}
	return nil
}

func (a *attemptContext) Deadline() (time.Time, bool) { return a.limit().Deadline() }
func (a *attemptContext) Done() <-chan struct{}       { return a.limit().Done() }
func (a *attemptContext) Err() error                  { return a.limit().Err() }

// Value hides what the caller captures: calls of a token source or a round tripper, if it makes any with this module, are
// its own.
func (a *attemptContext) Value(key any) any {
	if _, ok := key.(captureKey); ok {
		return nil
	}
	return a.limit().Value(key)
}
