package portaltest

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// An Option changes a default of [NewServer] or [NewHandler].
type Option func(*config) error

type config struct {
	seed        uint64
	now         func() time.Time
	tokens      map[string]bool // nil: every token is a client
	chances     []chance
	history     int // requests kept; negative: all
	memoryLimit int // bytes kept for clients; 0: no limit
	meld        MeldOptions
	memory      bool
	logger      *slog.Logger
}

func newConfig(doc *apicheck.Document, opts []Option) (config, error) {
	c := config{seed: 1, history: -1}
	for _, opt := range opts {
		if opt == nil {
			return c, errors.New("an Option is nil; leave it out")
		}
		if err := opt(&c); err != nil {
			return c, err
		}
	}
	return c, c.checkChances(doc)
}

// WithSeed sets the number that every ID and every random fault is derived from; the default is 1. The same
// seed gives the same token the same IDs and its requests the same faults, in whatever order clients come.
func WithSeed(seed uint64) Option {
	return func(c *config) error {
		c.seed = seed
		return nil
	}
}

// WithClock takes the times in replies from now. The default is a clock of its own that starts at
// 2026-01-01T00:00:00Z and goes on one second with each change of a transaction, so that no two runs differ.
// now must not call the fake.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return errors.New("WithClock: the function is nil; leave the option out for the clock of the fake")
		}
		c.now = now
		return nil
	}
}

// WithTokens accepts these tokens only, and those that are seeded or rotated in; any other is a 401. Without
// it every well-formed token is a client of its own.
func WithTokens(tokens ...string) Option {
	return func(c *config) error {
		if len(tokens) == 0 {
			return errors.New("WithTokens: give at least one token, or leave the option out to accept all")
		}
		if c.tokens == nil {
			c.tokens = map[string]bool{}
		}
		for _, token := range tokens {
			if !bearerToken.MatchString(token) {
				return errors.New("WithTokens: a token cannot be sent as a bearer token; use letters, digits and -._~+/ only")
			}
			c.tokens[token] = true
		}
		return nil
	}
}

// WithRequestHistory keeps the last n requests for [Handler.Requests], for a fake that runs for long. The
// default keeps all; 0 keeps none.
func WithRequestHistory(n int) Option {
	return func(c *config) error {
		if n < 0 {
			return fmt.Errorf("WithRequestHistory: %d is negative; leave the option out to keep all", n)
		}
		c.history = n
		return nil
	}
}

// WithMemoryLimit lets what the fake keeps for its end users take about this many bytes at most, for a fake that
// strangers reach: it forgets the end users that were idle the longest, with all that they made. The default
// has no limit.
func WithMemoryLimit(bytes int) Option {
	return func(c *config) error {
		if bytes < 1<<20 {
			return fmt.Errorf("WithMemoryLimit: %d bytes are too few; give at least 1<<20", bytes)
		}
		c.memoryLimit = bytes
		return nil
	}
}

// WithLogger logs one line for each reply: operation, method, status and fault; no token, path value,
// query or body.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return errors.New("WithLogger: the logger is nil; leave the option out to log nothing")
		}
		c.logger = logger
		return nil
	}
}

// WithMemoryNetwork lets a [Server] listen in memory instead of on a loopback port, so that a test can run
// it inside testing/synctest, where time passes at once. Clients reach it through [Server.Client] or
// [Server.HTTPClient] only.
func WithMemoryNetwork() Option {
	return func(c *config) error {
		c.memory = true
		return nil
	}
}
