package portal_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"syscall"
	"time"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// An outcome is what one attempt of a call can meet. The zero value is a server that has never heard of the request.
type outcome struct {
	name string

	noToken bool // the token source fails
	sent    bool // the request is written to a connection
	rival   bool // just before it arrives, somebody else registers the end user
	work    bool // the server carries it out

	status  int           // of the reply; 0 for none, truth for what the server has to say
	content content       // of the reply's body
	wait    time.Duration // Retry-After; 0 for none
	err     error         // of the round trip, when there is no reply

	silent  bool // and then nothing happens until a limit of time ends the attempt
	hangsUp bool // and then the caller's context ends, before the attempt does
	gone    bool // the caller's context ends afterwards, as soon as the call waits for anything
	mute    bool // the round tripper reports nothing of what it sees on the wire
	early   bool // the round trip ends before the end of the request is reported
	torn    bool // the request cannot be written to its end

	said *saying // of a server with which others deal too
}

// A saying is what the server had to say, and whether the customer existed then.
type saying struct {
	status int
	exists bool
}

// truth stands for the status and body that follow from the state of the server.
const truth = -1

type content int

const (
	whole    content = iota
	cutShort         // the connection ends in the middle of the body
	garbage          // a page in HTML
	hollow           // {}
	refusal          // 200 {"error": …}: the operation failed
	large            // more than WithMaxResponseBytes
)

const (
	soon = time.Minute        // a Retry-After that the policy allows
	late = 1000 * time.Hour   // one that it does not
	base = time.Hour          // of the backoff: so large that no random wait is shorter than a nanosecond
	most = 2 * time.Hour      // MaxRetryAfter
	tick = time.Nanosecond    // less than any wait
	soft = 30 * time.Second   // the time of an attempt
	hard = 100000 * time.Hour // no limit of an attempt
)

// The errors of round trips and token sources wrap sentinels and answers of this package, as those of a caller may
// who makes calls of his own in there. None of it is an answer to the call.
var (
	errForeign = errors.Join(portal.ErrNotFound, portal.ErrConflict, &portal.APIError{StatusCode: 409})
	errVault   = fmt.Errorf("the vault is shut: %w", errForeign)
	errGone    = fmt.Errorf("the user has left: %w", errForeign)
	errNoConn  = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	errReset   = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	errQuoting = fmt.Errorf("malformed HTTP status line %q: %w", walkSecret, errors.Join(io.ErrUnexpectedEOF, errForeign))
)

// outcomes are all outcomes, after which the caller's context goes on.
var outcomes = []outcome{
	// The first is what a healthy server does.
	{name: "200", sent: true, work: true, status: truth},

	{name: "token source fails", noToken: true, err: errVault},
	{name: "token source is silent", noToken: true, silent: true},
	{name: "context ended in the token source", noToken: true, hangsUp: true},

	{name: "no connection", err: errNoConn},
	{name: "no connection, and a mute round tripper", err: errNoConn, mute: true},
	{name: "a used connection that takes nothing, and no new one", err: errNoConn, torn: true},
	{name: "silent dial", silent: true},
	{name: "context ended while dialing", hangsUp: true},

	{name: "lost before the work", sent: true, err: errReset},
	{name: "lost before the work, and it looks like a dial", sent: true, err: errNoConn},
	{name: "lost before the end of the request is reported, and it looks like a dial", sent: true, err: errNoConn, early: true},
	{name: "lost while the request is written", sent: true, err: errReset, torn: true},
	{name: "lost with a text from the wire", sent: true, err: errQuoting},
	{name: "lost after the work", sent: true, work: true, err: io.EOF},
	{name: "lost after the work, and a mute round tripper", sent: true, work: true, err: errReset, mute: true},
	{name: "101 after the work", sent: true, work: true, status: 101},
	{name: "silent after the work", sent: true, work: true, silent: true},
	{name: "context ended before the work", sent: true, hangsUp: true},
	{name: "context ended after the work", sent: true, work: true, hangsUp: true},

	{name: "reply cut", sent: true, work: true, status: truth, content: cutShort},
	{name: "silent body", sent: true, work: true, status: truth, content: cutShort, silent: true},
	{name: "context ended in the body", sent: true, work: true, status: truth, content: cutShort, hangsUp: true},
	{name: "reply garbage", sent: true, work: true, status: truth, content: garbage},
	{name: "reply {}", sent: true, work: true, status: truth, content: hollow},
	{name: "reply too large", sent: true, work: true, status: truth, content: large},
	{name: "200 of somebody else", sent: true, status: 200, content: garbage},
	{name: "200 that says it failed", sent: true, status: 200, content: refusal},

	{name: "307", sent: true, status: 307},
	{name: "400", sent: true, status: 400},
	{name: "401", sent: true, status: 401},
	{name: "409 with ID", sent: true, rival: true, work: true, status: truth},
	{name: "409 without ID", sent: true, rival: true, status: 409},
	{name: "429", sent: true, status: 429},
	{name: "429, soon", sent: true, status: 429, wait: soon},
	{name: "429, late", sent: true, status: 429, wait: late},
	{name: "500", sent: true, status: 500},
	{name: "500 after the work", sent: true, work: true, status: 500},
	{name: "501", sent: true, status: 501},
	{name: "502 after the work", sent: true, work: true, status: 502},
	{name: "503", sent: true, status: 503},
	{name: "503, soon", sent: true, status: 503, wait: soon},
	{name: "503, late", sent: true, status: 503, wait: late},
}

// alphabet is all outcomes that keep allows, and the same with a caller whose context ends when the
// call waits.
func alphabet(keep func(*outcome) bool) (all []*outcome) {
	for i := range outcomes {
		o := outcomes[i]
		all = append(all, &o)
		if left := o; !o.noToken && !o.hangsUp && o.status != truth {
			left.name, left.gone = o.name+", context ended in the wait", true
			all = append(all, &left)
		}
	}
	return slices.DeleteFunc(all, func(o *outcome) bool { return !keep(o) })
}

// few are one outcome of each kind, to go deeper.
func few(o *outcome) bool {
	switch o.name {
	case "200", "token source fails", "no connection", "lost before the work", "lost after the work", "reply cut", "reply {}",
		"401", "409 without ID", "429, soon", "500 after the work":
		return true
	}
	return false
}
