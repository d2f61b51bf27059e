package portal

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAttemptContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit = attemptTimeout(time.Second)
		newContext := func() *attemptContext {
			return &attemptContext{parent: t.Context(), deadline: time.Now().Add(time.Duration(limit)), cause: limit}
		}

		late := newContext()
		time.Sleep(time.Second) // nobody has asked before the limit is reached
		require.ErrorIs(t, late.Err(), context.DeadlineExceeded)
		require.Equal(t, limit, context.Cause(late))
		require.Equal(t, limit, late.reached())
		late.end()

		due := newContext()
		require.NoError(t, due.reached())
		_ = due.Done()
		time.Sleep(time.Second)
		require.Equal(t, limit, due.reached(), "whether or not the timer has gone off")
		due.end()

		running := newContext()
		deadline, ok := running.Deadline()
		require.True(t, ok)
		require.Equal(t, time.Second, time.Until(deadline))
		require.NoError(t, running.Err())
		running.end()
		<-running.Done()
		require.ErrorIs(t, running.Err(), context.Canceled)

		// What a transport makes of it ends in the same moment: no goroutine waits to carry that on.
		outer := newContext()
		inner, cancel := context.WithCancel(&connTrace{Context: outer})
		defer cancel()
		require.NoError(t, inner.Err())
		outer.end()
		require.ErrorIs(t, inner.Err(), context.Canceled)

		// One that somebody keeps has ended with the attempt, even if nobody has asked before.
		type key struct{}
		kept := newContext()
		kept.parent = context.WithValue(kept.parent, key{}, "value")
		kept.end()
		<-kept.Done()
		require.ErrorIs(t, kept.Err(), context.Canceled)
		require.Equal(t, "value", kept.Value(key{}))
		inner, cancel = context.WithCancel(kept)
		defer cancel()
		require.ErrorIs(t, inner.Err(), context.Canceled)
	})
}
