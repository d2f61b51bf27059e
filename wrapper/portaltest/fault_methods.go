package portaltest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Header sets a header of the reply that the fault sends.
func (f Fault) Header(name, value string) Fault {
	if name == "" || strings.ContainsAny(name+value, "\r\n\x00") || strings.ContainsAny(name, " :") {
		f.problem = "Header: give a name and a value that can be sent, without line breaks"
		return f
	}
	f.header = f.header.Clone()
	if f.header == nil {
		f.header = http.Header{}
	}
	f.header.Set(name, value)
	return f
}

// RetryAfter sets the header of that name, in whole seconds. For a date use [Fault.Header].
func (f Fault) RetryAfter(d time.Duration) Fault {
	if d < 0 || d%time.Second != 0 {
		f.problem = fmt.Sprintf("RetryAfter(%v): the header counts whole seconds; give a multiple of time.Second", d)
		return f
	}
	f = f.Header("Retry-After", strconv.FormatInt(int64(d/time.Second), 10))
	f.label += fmt.Sprintf(".RetryAfter(%v)", d)
	return f
}

// Body replaces the body of the reply that the fault sends, and its Content-Type.
func (f Fault) Body(contentType, body string) Fault {
	f = f.Header("Content-Type", contentType)
	f.body, f.replaced = []byte(body), true
	return f
}

// AfterWork lets the fault act when the work is done and its effect stays: Status(502).AfterWork() is a
// gateway that lost the reply, Silent().AfterWork() a server that did the work and never says so,
// Delay(d).AfterWork() a reply that is late.
func (f Fault) AfterWork() Fault {
	f.work = true
	f.after, f.before = append(slices.Clone(f.after), f.before...), nil
	f.label += ".AfterWork"
	return f
}

// Then lets another fault have the request once a [Delay] or [Hold] is over: Delay(d).Then(DropAfter()).
func (f Fault) Then(next Fault) Fault {
	waits := slices.Concat(f.before, f.after)
	switch {
	case f.problem != "":
		return f
	case next.problem != "":
		return next
	case len(waits) == 0 || f.status != 0 || f.delivery != whole || f.header != nil || f.expire:
		f.problem = "Then: only a Delay or a Hold goes on to another fault"
		return f
	case f.times != 1:
		f.problem = "Then: put Times or Always at the end"
		return f
	}
	next.before = append(slices.Clone(f.before), next.before...)
	next.after = append(slices.Clone(f.after), next.after...)
	next.work = next.work || len(f.after) > 0
	next.label = f.label + ".Then(" + next.label + ")"
	return next
}

// Times lets the fault meet the next n requests, instead of one.
func (f Fault) Times(n int) Fault {
	if n < 1 {
		f.problem = fmt.Sprintf("Times(%d): give a number of at least 1, or use Always", n)
		return f
	}
	f.times = n
	return f
}

// Always lets the fault meet every request from now on, until [Handler.ClearFaults]. It is the last of its
// script, and counts as used when it has met one request.
func (f Fault) Always() Fault {
	f.times = 0
	return f
}

// waiting makes a wait of the fault, before the work that it then lets happen.
func (f Fault) waiting(w wait) Fault {
	f.work, f.before = true, []wait{w}
	return f
}

// check says why a fault cannot be used.
func (f Fault) check() error {
	switch {
	case f.label == "":
		return errors.New("a Fault is empty; make it with Status, DropAfter or another function of portaltest")
	case f.problem != "":
		return fmt.Errorf("%s: %s", f.label, f.problem)
	}
	return nil
}
