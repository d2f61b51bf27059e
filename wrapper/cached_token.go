package portal

import (
	"context"
	"sync"
)

// CachedTokenSource keeps the token of src until it is invalidated. However many goroutines ask at once,
// src is asked once; each waits no longer than its own context allows. A failure is handed to everyone who
// waited for it and is not kept.
//
// The fetch runs with the values of the first caller's context, but not with its deadline: it goes on as
// long as anyone waits for it.
//
// It is an [Invalidator]: after a 401 the client forgets the refused token and asks src again. If src is an
// Invalidator itself, it is told too.
func CachedTokenSource(src TokenSource) TokenSource {
	c := &tokenCache{src: src}
	return &cachedTokenSource{func() *tokenCache { return c }}
}

// A cachedTokenSource keeps its state behind a function, of which fmt prints the address. A pointer would
// not do: of what a pointer in a struct leads to, fmt prints every field for a verb such as %s.
type cachedTokenSource struct{ cache func() *tokenCache }

type tokenCache struct {
	src TokenSource

	mu      sync.Mutex
	token   string // "" when there is none
	refused string // the one before, to keep it out of messages
	fetch   *fetch // the one under way, if any
}

// A fetch is one call of the source that others wait for.
type fetch struct {
	cancel  context.CancelFunc
	waiters int // guarded by tokenCache.mu

	done     chan struct{} // closed when the fields below are set
	token    string
	err      error
	panicked any
}

// Token returns the kept token, or waits for the one fetch that is under way.
func (s *cachedTokenSource) Token(ctx context.Context) (string, error) {
	c := s.cache()
	if c.src == nil {
		return "", errNoTokenSource
	}
	c.mu.Lock()
	if c.token != "" {
		defer c.mu.Unlock()
		return c.token, nil
	}
	if c.fetch == nil {
		fetchCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		c.fetch = &fetch{cancel: cancel, done: make(chan struct{})}
		go c.run(fetchCtx, c.fetch)
	}
	f := c.fetch
	f.waiters++
	c.mu.Unlock()

	select {
	case <-f.done:
	case <-ctx.Done():
		c.leave(f)
		return "", contextError(ctx)
	}
	if f.panicked != nil {
		panic(f.panicked) // in the caller's goroutine, where it can be recovered
	}
	return f.token, f.err
}

// Invalidate forgets the token, unless a newer one has taken its place.
func (s *cachedTokenSource) Invalidate(token string) {
	c := s.cache()
	c.mu.Lock()
	if c.token == token {
		c.token, c.refused = "", token
	}
	c.mu.Unlock()
	if src, ok := c.src.(Invalidator); ok {
		src.Invalidate(token)
	}
}

// run asks the source and wakes everyone up, even when the source panics or ends its goroutine.
func (c *tokenCache) run(ctx context.Context, f *fetch) {
	defer func() {
		f.panicked = recover()
		c.mu.Lock()
		if c.fetch == f {
			c.fetch = nil
			if f.err == nil {
				c.token = f.token
			} else if f.token == "" {
				f.token = c.refused // which the error may be about: a token beside an error is not sent, and not shown
			}
		}
		c.mu.Unlock()
		f.cancel()
		close(f.done)
	}()
	f.err = notice("the TokenSource ended its goroutine")
	token, err := c.src.Token(ctx)
	if err == nil {
		err = checkToken(token) // what cannot be sent is not worth keeping
	}
	f.token, f.err = token, err
}

// leave gives up waiting. The last one to leave ends the fetch.
func (c *tokenCache) leave(f *fetch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiters--; f.waiters > 0 {
		return
	}
	f.cancel()
	if c.fetch == f {
		c.fetch = nil
	}
}
