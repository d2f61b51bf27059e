package portal

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"time"
)

// A class says which failures a request may be repeated after.
type class int

const (
	read       class = iota // changes nothing: any number of repeats does no harm
	careful                 // a write: repeated only when it was surely, or by convention, not carried out
	convergent              // a write whose repeat finds what the first one did, as create-or-409 does
)

// A failure is the kind of an outcome, as far as repeating is concerned.
type failure int

const (
	final        failure = iota // an answer, or a failure that would come again
	unsent                      // no connection: nothing reached the server
	throttled                   // 429
	unavailable                 // 503 with Retry-After
	lost                        // the reply is missing, or a 2xx was cut
	serverFault                 // 5xx, other than 501 and the above
	unauthorized                // 401: repeated once, if the token source is an Invalidator
)

// repeats is rule 5 of the design. A 409 is an answer and never repeated.
var repeats = [...][unauthorized + 1]bool{
	//           final  unsent throttled unavailable lost   serverFault unauthorized
	read:       {false, true, true, true, true, true, true},
	careful:    {false, true, true, true, false, false, true},
	convergent: {false, true, true, true, true, true, true},
}

// classOf is the class of an operation that nobody gave another one. RFC 9110 calls PUT and DELETE
// idempotent, but a repeat of one that worked may report a false 404 or 409, so only reads repeat freely.
func classOf(op *operation) class {
	switch {
	case op.method == http.MethodGet, op.method == http.MethodHead:
		return read
	case op.id == "getMeldRetailQuote": // a read that happens to be a POST
		return read
	}
	return careful
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
	case o.status/100 == 2 && o.err != nil && !errors.Is(o.err, ErrResponseTooLarge): // that would come again
		return lost
	}
	return final
}

func (o *outcome) asksToWait() bool {
	_, ok := retryAfter(o.header, time.Time{})
	return ok
}

// isPermanent reports a failed handshake that no repeat will mend: a wrong certificate, or no TLS at all.
func isPermanent(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &certificate) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}

// note keeps what an outcome tells about the call as a whole.
func (c *call) note(o *outcome) {
	switch f := o.failure(); {
	case c.class != read && (f == lost || f == serverFault):
		c.unknown = true
	case o.status/100 == 2, o.status == http.StatusConflict:
		c.unknown = false // whatever came of the attempts before, it exists now
	}
	if o.status/100 == 2 {
		c.accepted = true
	}
}

// reject tells the token source about a token that the API refused, so that no later call is sent with it.
func (d *door) reject(c *call, o *outcome) {
	if o.status != http.StatusUnauthorized {
		return
	}
	if source, ok := d.tokens().(Invalidator); ok {
		source.Invalidate(c.token)
	}
}

// again decides whether the request is sent once more, and after what wait. A wait that the policy does not
// allow, or that the context would cut short, is not begun.
func (d *door) again(ctx context.Context, req *http.Request, c *call, o *outcome) (time.Duration, bool) {
	f := o.failure()
	if f == final && o.err == nil {
		d.quota.refund()
	}
	if ctx.Err() != nil || !repeats[c.class][f] || c.attempts >= d.retry.MaxAttempts {
		return 0, false
	}
	if req.GetBody == nil && req.Body != nil && req.Body != http.NoBody {
		return 0, false // the body is a stream, and it is used up
	}
	var delay time.Duration
	if f == unauthorized {
		if _, ok := d.tokens().(Invalidator); !ok || c.replayed {
			return 0, false
		}
		c.replayed = true
	} else {
		asked, _ := retryAfter(o.header, time.Now())
		if asked > d.retry.MaxRetryAfter {
			return 0, false
		}
		delay = max(asked, d.retry.backoff(c.attempts))
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
			return 0, false
		}
	}
	return delay, d.quota.take()
}
