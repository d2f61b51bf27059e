package meldwebhook

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// What New takes when an option does not say otherwise.
const (
	// DefaultTolerance is three days and an hour. [WithTolerance] says why.
	DefaultTolerance = 73 * time.Hour
	// DefaultMaxBodyBytes is some five hundred times the transaction events that Meld documents.
	DefaultMaxBodyBytes = 256 << 10
)

// clockSkew is how far the clock of Meld may be ahead of ours. Nothing is ever signed in the future, so there
// is no reason to be as generous here as with the past.
const clockSkew = 5 * time.Minute

// An Option adjusts a [Verifier]. [New] reports the error of an unusable one.
type Option func(*config) error

// config is what New collects before it freezes it in a Verifier.
type config struct {
	secrets   []string
	tolerance time.Duration
	maxBody   int64
	now       func() time.Time
	onError   func(context.Context, error)
}

// WithSecret adds a secret beside the one given to [New]; a delivery signed with any of them is accepted. Use it
// while a secret is being replaced: deploy with both, have Meld sign with the new one, and remove the old one three
// days later, when Meld has given up its last repeat. The option can be given more than once.
func WithSecret(secret string) Option {
	return func(c *config) error { return c.addSecret(secret) }
}

// WithTolerance sets how long after its signing a delivery is accepted. It must be positive. What is signed
// more than five minutes ahead of this machine's clock is refused in any case, and with a tolerance below five
// minutes, what is ahead by more than that.
//
// Meld documents no tolerance, so the default needs a reason. Meld repeats a delivery for up to three days,
// and nobody documents whether a repeat is signed anew or carries its first timestamp. (In Meld's published
// example the signature is 92 seconds younger than the event, so it is not the time of the event; that is all
// it shows.) If it is the first timestamp, the few minutes that are customary elsewhere would turn any longer
// outage into lost events: every later repeat is refused as stale. The customary minutes would buy little,
// too. A replay is an event that was seen before, and because Meld may deliver twice within three days,
// a handler has to remember IDs for about as long anyway; see the package comment. So [DefaultTolerance] is the three days and
// an hour to spare.
//
// To find out what holds for your account, look at Event.SignedAt of an event whose Event.RetryCount is not
// zero. If repeats are signed anew, five minutes is a good value.
func WithTolerance(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return errors.New("meldwebhook: the tolerance has to be positive: pass for example 5*time.Minute")
		}
		c.tolerance = d
		return nil
	}
}

// WithMaxBodyBytes sets how large a body may be, [DefaultMaxBodyBytes] by default. It must be positive.
func WithMaxBodyBytes(n int64) Option {
	return func(c *config) error {
		if n <= 0 {
			return errors.New("meldwebhook: the largest body has to be positive: pass a number of bytes")
		}
		c.maxBody = n
		return nil
	}
}

// WithErrorHook has f called for every delivery that [Verifier.Handler] does not answer with 200: with an error
// that matches a sentinel of this package when it was refused, else with one that wraps what the callback
// returned. Log and count there; the sender learns nothing but the status. (A request that is no POST is no
// delivery.) f may be called by many goroutines at once, and is called before the answer is sent.
func WithErrorHook(f func(ctx context.Context, err error)) Option {
	return func(c *config) error {
		if f == nil {
			return errors.New("meldwebhook: the error hook is nil: pass a function, or leave the option out")
		}
		c.onError = f
		return nil
	}
}

// WithClock replaces [time.Now], for tests that verify a recorded delivery.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return errors.New("meldwebhook: the clock is nil: pass a function like time.Now")
		}
		c.now = now
		return nil
	}
}

// addSecret refuses what would never verify anything, or, being empty, would let everybody sign.
func (c *config) addSecret(secret string) error {
	switch {
	case secret == "":
		return errors.New("meldwebhook: the secret is empty: pass the secret of the webhook profile")
	case strings.TrimSpace(secret) != secret:
		return errors.New("meldwebhook: the secret begins or ends with white space, such as the line break of a file: trim it")
	}
	c.secrets = append(c.secrets, secret)
	return nil
}

// parseURL checks the public URL. Its errors do not quote it: a query string may hold a token.
func parseURL(publicURL string) (*url.URL, error) {
	u, err := url.Parse(publicURL)
	var rule string
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		rule = "is not of the form https://host/path"
	case strings.TrimSpace(publicURL) != publicURL:
		rule = "begins or ends with white space"
	case u.User != nil:
		rule = "holds a user name"
	case strings.Contains(publicURL, "#"):
		rule = "has a fragment, which is never sent"
	default:
		return u, nil
	}
	return nil, fmt.Errorf("meldwebhook: the public URL %s: pass the URL exactly as it stands in the webhook profile", rule)
}
