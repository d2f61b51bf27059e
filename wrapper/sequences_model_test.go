package portal_test

import (
	"slices"
	"strings"
	"time"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// What a call promises, said once more and without looking at how it is done. The model is told what each attempt
// meets, and says what has to come of the call and how many attempts there have to be.

// A promise is what a caller sees of a call, and what the server has seen of it.
type promise struct {
	ok       bool // it succeeds, with the one right value
	created  bool // EnsuredMeldCustomer.Created
	status   int  // this and what follows are of the error
	attempts int
	wait     time.Duration // RetryAfter
	is       sentinelSet
	ended    bool // the caller's context is among the causes
	timeout  bool
}

// An effect is what a repeat of a request does.
type effect int

const (
	reads  effect = iota // nothing
	writes               // harm
	finds                // it finds what the first one made
)

type model struct {
	met      []*outcome // what the attempts have met, those of all calls in one row
	surplus  bool       // there was no more to meet: an attempt is missing
	exists   bool       // the customer
	works    int
	leaving  bool // the caller's context ends as soon as there is a wait
	hurried  bool // the caller's context ends before any wait does
	fixed    bool // the token source has one token only
	sessions bool // the token comes of a custodian's session
	session  bool // there is one
}

// An ending is how the attempts of one request went.
type ending struct {
	status   int      // of the reply to the last attempt that was sent, as the caller gets it
	reply    *outcome // that attempt; nil if there was none
	last     *outcome // the last attempt, sent or not
	attempts int
	accepted bool // one was answered with a 2xx
	unknown  bool // one was sent, and nobody knows whether it was carried out
	ended    bool // by the caller's context
	noToken  bool
	timeout  bool
}

// request makes attempts until one settles it.
func (m *model) request(kind string, is effect) (e ending) {
	renewed := false
	for {
		if m.sessions && kind != "session" && !m.session {
			s := m.request("session", reads)
			if e.ended = s.ended; s.ended || !s.usable() {
				e.noToken, e.timeout = !s.ended, s.timeout
				return e
			}
			m.session = true
		}
		if len(m.met) == 0 {
			m.surplus = true
			return e
		}
		o := m.met[0]
		m.met = m.met[1:]
		status := m.serve(kind, o)
		e.last, e.noToken, e.timeout = o, o.noToken && !o.hangsUp, o.silent
		if o.sent {
			e.reply, e.status = o, status
		}
		if !o.noToken {
			e.attempts++
		}

		// Who can tell whether the request was carried out?
		vague := o.sent && (status == 0 || status/100 == 2 && o.content == cutShort || status >= 500 && status != 501 && !(status == 503 && o.wait > 0))
		switch {
		case is == reads:
		case vague:
			e.unknown = true
		case status/100 == 2 && o.content != refusal, status == 409:
			e.unknown = false // it exists, whatever came of the attempts before
		}
		e.accepted = e.accepted || status/100 == 2

		leaving := m.leaving
		m.leaving = leaving || o.gone

		m.session = m.session && status != 401

		// Is there another attempt, and is there time for it?
		switch {
		case o.hangsUp, o.silent && (m.hurried || leaving):
			e.ended, e.noToken, e.timeout = true, false, m.hurried
			return e
		case o.noToken, e.attempts == 3:
			return e
		case status == 401 && o.sent:
			if renewed || m.fixed && kind != "session" || kind == "session" {
				return e
			}
			renewed = true
			continue // at once
		case !o.sent, status == 429, status == 503 && o.wait > 0:
		case vague && is != writes:
		default:
			return e
		}
		switch {
		case o.wait > most, m.hurried:
			return e
		case m.leaving:
			e.ended, e.timeout = true, false
			return e
		}
	}
}

// serve is what the server does, and the status that arrives.
func (m *model) serve(kind string, o *outcome) int {
	m.exists = m.exists || o.rival && kind != "session"
	status := 200
	switch {
	case o.said != nil:
		status, m.exists = o.said.status, o.said.exists
	case o.work:
		switch kind {
		case "create":
			if m.exists {
				status = 409
			} else {
				m.exists = true
				m.works++
			}
		case "write":
			m.works++
		}
	}
	switch {
	case !o.sent, o.status == 101:
		return 0
	case o.status != truth:
		return o.status
	}
	return status
}

// usable reports a success with a value.
func (e *ending) usable() bool {
	return e.reply != nil && e.reply == e.last && e.status == 200 && e.reply.content == whole && !e.ended
}

// failed is the error of a request.
func (m *model) failed(e ending, also ...error) promise {
	p := promise{status: e.status, attempts: e.attempts, ended: e.ended, timeout: e.timeout || e.ended && m.hurried}
	is := append(slices.Clone(also), byStatus[e.status])
	if e.status >= 500 {
		is = append(is, portal.ErrServer)
	}
	if e.noToken {
		is = append(is, portal.ErrTokenSource)
	}
	if e.unknown {
		is = append(is, portal.ErrOutcomeUnknown)
	}
	if e.status != 0 {
		p.wait = e.reply.wait
		if e.reply.content == large {
			is = append(is, portal.ErrResponseTooLarge)
		}
		if e.status == 200 && e.reply.content == refusal {
			is = append(is, portal.ErrOperationFailed)
		} else if e.status == 200 && e.reply.content != whole {
			is = append(is, portal.ErrUnusableResponse)
		}
	}
	p.is = setOf(is...)
	return p
}

var byStatus = map[int]error{400: portal.ErrBadRequest, 401: portal.ErrUnauthorized, 409: portal.ErrConflict, 429: portal.ErrRateLimited}

// call is a call of one request.
func (m *model) call(kind string, is effect) promise {
	e := m.request(kind, is)
	switch {
	case !e.usable():
		return m.failed(e)
	case kind == "get" && !m.exists:
		return m.failed(e, portal.ErrNotFound)
	}
	return promise{ok: true}
}

// ensure creates the customer, or finds it.
func (m *model) ensure() promise {
	e := m.request("create", finds)
	conflict := e.status == 409
	if e.usable() || conflict && e.reply == e.last && e.reply.status == truth && e.reply.content == whole && !e.ended {
		return promise{ok: true, created: e.accepted}
	}
	failed := m.failed(e)
	if !e.accepted && !conflict || e.ended || e.noToken || failed.is&setOf(portal.ErrOperationFailed) != 0 {
		return failed
	}
	// It exists. Who is it?
	p := m.call("get", reads)
	if p.ok {
		p.created = e.accepted
		return p
	}
	p.is |= failed.is & setOf(portal.ErrConflict, portal.ErrUnusableResponse)
	p.attempts += e.attempts
	return p
}

// A sentinelSet has one bit for each sentinel.
type sentinelSet uint

func setOf(errs ...error) (set sentinelSet) {
	for _, err := range errs {
		if i := slices.Index(sentinels, err); i >= 0 {
			set |= 1 << i
		}
	}
	return set
}

func (set sentinelSet) String() string {
	var names []string
	for i, sentinel := range sentinels {
		if set&(1<<i) != 0 {
			names = append(names, strings.TrimPrefix(sentinel.Error(), "portal: "))
		}
	}
	return strings.Join(names, ", ")
}
