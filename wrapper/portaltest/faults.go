package portaltest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// A Fault is what goes wrong with one request. Script faults with [Handler.Fail], or let chance choose with
// [WithRandomFault].
//
// A fault acts either before the work or after it. Before it, the request is read and nothing else happens:
// it is not even checked, as when a gateway answers. After it, the request is checked, its work is done and
// its effect stays; only the reply is spoiled. [Status], [Redirect], [DropBefore], [Silent] and a Garbage of
// another status than 2xx act before; all others after. [Fault.AfterWork] moves the former.
//
// A Fault is a value: its methods return a changed copy.
type Fault struct {
	label    string
	problem  string // why it cannot be used
	before   []wait
	after    []wait
	work     bool // do the work
	expire   bool // let the token expire first
	status   int  // 0: that of the work
	header   http.Header
	body     []byte
	replaced bool // body stands for that of the work
	delivery delivery
	size     int           // of a cut body
	every    time.Duration // of a drip
	times    int           // 0: always
}

// A wait holds a request up; false means that the client left or the server closed.
type wait func(context.Context) bool

type delivery int

const (
	whole delivery = iota
	dropped
	cut
	endless
	dripped
	silent
)

func newFault(label string, args ...any) Fault {
	return Fault{label: fmt.Sprintf(label, args...), times: 1}
}

// Status answers with a status before any work, and with {"error": "…"} if it is an error. Give it other
// headers with [Fault.Header] and [Fault.RetryAfter], another body with [Fault.Body]. Status(409) is a
// conflict that does not say with which customer; see [ConflictWithoutID].
func Status(code int) Fault {
	f := newFault("Status(%d)", code)
	if code < 200 || code > 599 {
		f.problem = "give a status from 200 to 599"
		return f
	}
	f.status = code
	body := object{}
	if code >= 300 {
		body["error"] = http.StatusText(code)
	}
	f.body, _ = apicheck.EncodeJSON(body)
	f.replaced, f.header = true, jsonHeader()
	return f
}

// Redirect answers with a 3xx status and a Location, before any work.
func Redirect(code int, location string) Fault {
	f := Status(code).Header("Location", location)
	f.label = fmt.Sprintf("Redirect(%d)", code)
	if code < 300 || code > 399 {
		f.problem = "give a status from 300 to 399"
	}
	return f
}

// ConflictWithoutID answers 409 with a message and without details.meldCustomerId, which the document
// allows.
func ConflictWithoutID() Fault {
	f := Status(http.StatusConflict)
	f.label = "ConflictWithoutID"
	return f
}

// ErrorObject answers with a status and an error that is an object instead of a text, as Portal is seen to
// do elsewhere. It acts before any work.
func ErrorObject(code int) Fault {
	body, _ := apicheck.EncodeJSON(object{"error": object{"id": "fault", "code": code, "message": http.StatusText(code)}})
	f := Status(code).Body("application/json", string(body))
	f.label = fmt.Sprintf("ErrorObject(%d)", code)
	return f
}

// Garbage answers with a status and bytes that are not JSON, though the Content-Type says so. With a 2xx
// the work is done first.
func Garbage(code int) Fault {
	f := Status(code).Body("application/json", "\x00\x1f\x8b{\"data\": garbage")
	f.label, f.work = fmt.Sprintf("Garbage(%d)", code), code < 300
	return f
}

// ContentType sends the real reply after the work, with another Content-Type.
func ContentType(value string) Fault {
	f := newFault("ContentType(%q)", value).Header("Content-Type", value)
	f.work = true
	return f
}

// CutBody does the work and announces the whole reply, but closes the connection after n bytes of the body,
// or before the last byte if n is more.
func CutBody(n int) Fault {
	f := newFault("CutBody(%d)", n)
	if n < 0 {
		f.problem = "give a number of bytes that is not negative"
	}
	f.work, f.delivery, f.size = true, cut, n
	return f
}

// EndlessBody does the work and then sends a JSON string that never ends, as fast as the client takes it.
func EndlessBody() Fault {
	f := newFault("EndlessBody")
	f.work, f.delivery = true, endless
	return f
}

// Drip does the work and then sends the reply one byte at a time, the first at once.
func Drip(every time.Duration) Fault {
	f := newFault("Drip(%v)", every)
	if every <= 0 {
		f.problem = "give a positive duration"
	}
	f.work, f.delivery, f.every = true, dripped, every
	return f
}

// DropBefore reads the request and then resets the connection, with nothing done.
//
// A client of net/http repeats a GET by itself when its connection was reused and is lost before the first
// byte of a reply, so one GET may meet two such faults; see [Handler.Requests].
func DropBefore() Fault {
	f := newFault("DropBefore")
	f.delivery = dropped
	return f
}

// DropAfter does the work and then resets the connection, so that the client cannot know. What [DropBefore]
// says of a GET is true here too.
func DropAfter() Fault {
	f := newFault("DropAfter")
	f.work, f.delivery = true, dropped
	return f
}

// Silent reads the request and says nothing until the client leaves or the server closes.
func Silent() Fault {
	f := newFault("Silent")
	f.delivery = silent
	return f
}

// TokenExpired lets the token of the request expire as it arrives: this request and all later ones with the
// token get a 401.
func TokenExpired() Fault {
	f := newFault("TokenExpired")
	f.work, f.expire = true, true
	return f
}

// Delay holds a request up for d and then serves it, or lets another fault have it: see [Fault.Then]. When
// the client leaves in the meantime, nothing is done. In testing/synctest, with [WithMemoryNetwork], it
// takes no real time.
func Delay(d time.Duration) Fault {
	f := newFault("Delay(%v)", d)
	if d <= 0 {
		f.problem = "give a positive duration"
	}
	return f.waiting(func(ctx context.Context) bool {
		timer := time.NewTimer(d)
		defer timer.Stop()
		return comes(ctx, timer.C)
	})
}

// Hold holds a request up until release is closed or gives a value, so that a test decides when it goes on
// without a clock. For the rest it is as [Delay].
func Hold(release <-chan struct{}) Fault {
	f := newFault("Hold")
	if release == nil {
		f.problem = "give a channel; a nil channel never releases, for which there is Silent"
	}
	return f.waiting(func(ctx context.Context) bool { return comes(ctx, release) })
}

// comes waits for a channel; false means that the context ended first.
func comes[T any](ctx context.Context, c <-chan T) bool {
	select {
	case <-c:
		return true
	case <-ctx.Done():
		return false
	}
}

// Pass lets one request through, so that the fault after it in a script meets the next.
func Pass() Fault {
	f := newFault("Pass")
	f.work = true
	return f
}

// String names the fault for logs and messages; it holds no header or body.
func (f Fault) String() string {
	if f.label == "" {
		return "Fault{}"
	}
	return strings.TrimSpace(f.label)
}
