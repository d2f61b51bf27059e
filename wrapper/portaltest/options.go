package portaltest

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// An Option changes a default of [NewServer] or [NewHandler].
type Option func(*config) error

type config struct {
	seed          uint64
	now           func() time.Time
	tokens        map[string]bool // nil: every token is a client
	chances       []chance
	history       int // requests kept; negative: all
	single        bool
	noneIsMissing bool
	meldSpelling  bool
	startLater    bool
	autoAdvance   bool
	memory        bool
	logger        *slog.Logger
}

func newConfig(opts []Option) (config, error) {
	c := config{seed: 1, history: -1}
	for _, opt := range opts {
		if opt == nil {
			return c, errors.New("an Option is nil; leave it out")
		}
		if err := opt(&c); err != nil {
			return c, err
		}
	}
	return c, c.checkChances()
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

// WithSingleCustomer lets getMeldCustomer answer with the customer itself in data, instead of a search
// result that holds it. Portal's documentation reads like the former, its TypeScript SDK has the latter;
// code that must not care can be tested against both.
func WithSingleCustomer() Option {
	return func(c *config) error {
		c.single, c.noneIsMissing = true, true
		return nil
	}
}

// WithCustomerNotFound lets getMeldCustomer answer 404 when there is no customer, instead of an empty
// search result. [WithSingleCustomer] includes it.
func WithCustomerNotFound() Option {
	return func(c *config) error {
		c.noneIsMissing = true
		return nil
	}
}

// WithMeldSpelling lets getMeldKycLimits name the limits of a tier daily, weekly and so on, as Meld's
// reference does, instead of dailyLimit, weeklyLimit and so on, as Portal's TypeScript SDK does.
func WithMeldSpelling() Option {
	return func(c *config) error {
		c.meldSpelling = true
		return nil
	}
}

// WithStartedLater lets a widget session have no transaction until [Handler.StartTransaction], as when the
// end user takes a while to begin. The default begins it with the session.
func WithStartedLater() Option {
	return func(c *config) error {
		c.startLater = true
		return nil
	}
}

// WithAutoAdvance moves a transaction one step on its usual way each time that it was read by its ID or its
// session: a first read answers PENDING, a second SETTLING, a third SETTLED. It is for clients that cannot
// call [Handler.AdvanceTransaction], such as those in other languages.
func WithAutoAdvance() Option {
	return func(c *config) error {
		c.autoAdvance = true
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
