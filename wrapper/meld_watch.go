package portal

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/portalclient/portal-client-go/api"
)

// A PollPolicy says how often [Client.WatchMeldTransaction] looks. A zero field takes its default.
type PollPolicy struct {
	// BaseDelay is the wait after a change. It grows by half with each look that finds nothing new, up to
	// MaxDelay, less a random part of up to a quarter. Defaults 2 s and 30 s.
	BaseDelay, MaxDelay time.Duration
	// MaxFailures is how many looks in a row may fail with something that may pass: no whole reply, 429, 5xx.
	// Default 10.
	MaxFailures int
}

// withDefaults fills in what is not set, or makes no sense.
func (p PollPolicy) withDefaults() PollPolicy {
	p.MaxDelay = cmp.Or(max(p.MaxDelay, 0), 30*time.Second)
	p.BaseDelay = min(cmp.Or(max(p.BaseDelay, 0), 2*time.Second), p.MaxDelay)
	p.MaxFailures = cmp.Or(max(p.MaxFailures, 0), 10)
	return p
}

// IsTerminalMeldStatus reports whether a transaction in this state does not change any more. ERROR is not
// terminal, and neither is a state that Meld adds later.
func IsTerminalMeldStatus(status string) bool {
	switch status {
	case "SETTLED", "FAILED", "DECLINED", "CANCELLED", "REFUNDED":
		return true
	}
	return false
}

// WatchMeldTransaction follows a transaction to its end (getMeldRetailTransaction): it yields the
// transaction as it is now, then each time its status changes, and ends after a terminal one. Watch under a
// context with a deadline, for an end user may never finish.
//
// Failures that may pass are waited out, at least as long as their Retry-After; every other one is yielded
// and ends the iteration. An iteration that ends without an error has yielded a terminal status.
func (c *Client) WatchMeldTransaction(ctx context.Context, id string, poll PollPolicy) iter.Seq2[*api.MeldTransaction, error] {
	return c.watch(ctx, &opGetMeldRetailTransaction, poll, func(ctx context.Context) (*api.MeldTransaction, error) {
		return c.meldTransaction(ctx, id)
	})
}

// WatchMeldSession is [Client.WatchMeldTransaction] for the transaction of a widget session, which begins
// when the end user does (getMeldRetailTransactionBySession): as long as there is none, it looks again.
func (c *Client) WatchMeldSession(ctx context.Context, sessionID string, poll PollPolicy) iter.Seq2[*api.MeldTransaction, error] {
	return func(yield func(*api.MeldTransaction, error) bool) {
		var id string // of this iteration: another may run at the same time
		c.watch(ctx, &opGetMeldRetailTransactionBySession, poll, func(ctx context.Context) (*api.MeldTransaction, error) {
			if id != "" { // by ID, for by session the provider is asked each time
				return c.meldTransaction(ctx, id)
			}
			reply, err := c.GetMeldRetailTransactionBySession(ctx, sessionID)
			switch {
			case errors.Is(err, ErrNotFound):
				return nil, nil
			case err != nil:
				return nil, err
			}
			id = reply.Data.Transaction.ID
			return &reply.Data.Transaction, nil
		})(yield)
	}
}

// WaitForMeldTransaction follows a transaction and returns it in its terminal status, whichever that is. What it waits
// out and which errors it returns is as with [Client.WatchMeldTransaction].
func (c *Client) WaitForMeldTransaction(ctx context.Context, id string, poll PollPolicy) (transaction *api.MeldTransaction, err error) {
	for transaction, err = range c.WatchMeldTransaction(ctx, id, poll) {
		if err != nil {
			return nil, err
		}
	}
	return transaction, nil
}

func (c *Client) meldTransaction(ctx context.Context, id string) (*api.MeldTransaction, error) {
	reply, err := c.GetMeldRetailTransaction(ctx, id)
	if err != nil {
		return nil, err
	}
	return &reply.Data.Transaction, nil
}

// watch looks until the status is terminal. A look that finds no transaction returns nil.
func (c *Client) watch(ctx context.Context, op *operation, poll PollPolicy, look func(context.Context) (*api.MeldTransaction, error)) iter.Seq2[*api.MeldTransaction, error] {
	poll = poll.withDefaults()
	return func(yield func(*api.MeldTransaction, error) bool) {
		ctx, sequence := inSequence(ctx)
		var status string
		failures, delay := 0, poll.BaseDelay
		for {
			transaction, err := look(ctx)
			if err == nil && transaction != nil && (transaction.ID == "" || transaction.Status == "") {
				err = op.newError(sequence.last, ErrUnusableResponse, "the transaction has no ID or no status, so it cannot be followed")
			}
			wait := withJitter(delay)
			switch {
			case err != nil:
				asked, passing := mayPass(err)
				if failures++; failures > poll.MaxFailures || ctx.Err() != nil || !passing {
					yield(nil, err)
					return
				}
				if wait = max(asked, wait); asked > c.sender.retry.MaxRetryAfter || !fits(ctx, wait) {
					yield(nil, err) // a wait that is not allowed is not begun
					return
				}
			case transaction != nil && transaction.Status != status:
				failures, delay, status = 0, poll.BaseDelay, transaction.Status
				wait = withJitter(delay)
				if !yield(transaction, nil) || IsTerminalMeldStatus(status) {
					return
				}
			default:
				failures = 0
			}
			if ended := sleep(ctx, wait); ended != nil {
				yield(nil, op.endedError(sequence, ended))
				return
			}
			delay += min(delay/2, poll.MaxDelay-delay)
		}
	}
}

// mayPass reports whether the same look may succeed later, for it ended without a whole reply, or with one of 429 or
// 5xx; and after what wait, if the server asked for one. A call that is wrong in itself, or has no source of tokens or
// one that gives what is no token, does not pass.
func mayPass(err error) (asked time.Duration, ok bool) {
	e, _ := errors.AsType[*APIError](err) // every error of a call is one
	passing := e.details().lost || errors.Is(err, ErrRateLimited) || errors.Is(err, ErrServer)
	_, wrong := errors.AsType[*invalidRequest](err)
	return e.RetryAfter, passing && !wrong && !errors.Is(err, errNoTokenSource)
}

// withJitter takes a random part of up to a quarter off a wait, so that many waits do not end together.
func withJitter(d time.Duration) time.Duration { return d - rand.N(d/4+1) }
