package portaltest

import (
	"fmt"
	"maps"
	"slices"
)

// AnyOperation stands for every operation, in [Handler.Fail].
const AnyOperation = "*"

// A step is a fault of a script and how often it is still to happen.
type step struct {
	fault Fault
	left  int
	met   bool
}

// Fail scripts faults for an operation, such as "createMeldCustomer", or for [AnyOperation]: its next
// requests meet them one by one, in this order, and those after them are served. Further calls add to the
// script. An operation's own script comes before that for any, and both come before random faults.
//
// A script is a claim about the code under test: that it makes so many requests. So a [Server] fails the
// test at its end when a scripted fault never happened.
func (h *Handler) Fail(operation string, faults ...Fault) {
	h.helper()
	if operation != AnyOperation && h.operation("Fail", operation) == nil {
		return
	}
	if len(faults) == 0 {
		h.complain("Fail: give at least one fault, such as portaltest.Status(503)")
		return
	}
	for _, f := range faults {
		if err := f.check(); err != nil {
			h.complain("Fail: " + err.Error())
			return
		}
	}
	h.mu.Lock()
	open := h.extend(operation, faults)
	h.mu.Unlock()
	if !open {
		h.complain("Fail: what follows a fault with Always would never happen; put it last, or end it with ClearFaults")
	}
}

// extend adds to a script, unless that would never be reached.
func (h *Handler) extend(operation string, faults []Fault) bool {
	steps := slices.Clone(h.script[operation])
	for _, f := range faults {
		if n := len(steps); n > 0 && steps[n-1].fault.times == 0 {
			return false
		}
		steps = append(steps, &step{fault: f, left: f.times})
	}
	h.script[operation] = steps
	return true
}

// ClearFaults drops what is left of the scripts of the named operations, or of all of them if none is named,
// as when an outage with [Fault.Always] ends. What it drops does not fail the test.
func (h *Handler) ClearFaults(operations ...string) {
	h.helper()
	for _, id := range operations {
		if id != AnyOperation && h.operation("ClearFaults", id) == nil {
			return
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(operations) == 0 {
		clear(h.script)
	}
	for _, id := range operations {
		delete(h.script, id)
	}
}

// PendingFaults lists the scripted faults that have not happened yet.
func (h *Handler) PendingFaults() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for _, operation := range slices.Sorted(maps.Keys(h.script)) {
		for _, s := range h.script[operation] {
			switch {
			case s.fault.times == 0 && s.met:
			case s.fault.times > 1:
				all = append(all, fmt.Sprintf("%s: %v, %d of %d times", operation, s.fault, s.left, s.fault.times))
			default:
				all = append(all, fmt.Sprintf("%s: %v", operation, s.fault))
			}
		}
	}
	return all
}

// admit records a request and takes the fault that it is due, or one that does nothing: at once, so that faults
// and requests have the same order.
func (h *Handler) admit(c *call) Fault {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.record(c.Request)
	none := Fault{work: true}
	if c.op == nil {
		return none
	}
	f, ok := h.scripted(c.op.Name)
	if !ok {
		f, ok = h.scripted(AnyOperation)
	}
	if !ok {
		f, ok = h.throwDice(c)
	}
	if !ok {
		return none
	}
	c.Fault = f.String()
	return f
}

func (h *Handler) scripted(operation string) (Fault, bool) {
	steps := h.script[operation]
	if len(steps) == 0 {
		return Fault{}, false
	}
	s := steps[0]
	s.met = true
	if s.fault.times > 0 {
		if s.left--; s.left == 0 {
			h.script[operation] = steps[1:]
		}
	}
	return s.fault, true
}
