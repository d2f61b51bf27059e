package portaltest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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
	if operation != AnyOperation && !h.knows(operation) {
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
	defer h.mu.Unlock()
	for _, f := range faults {
		h.script[operation] = append(h.script[operation], &step{fault: f, left: f.times})
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

// knows complains of an operation that the document does not have.
func (h *Handler) knows(operation string) bool {
	h.helper()
	if h.doc.byID[operation] != nil {
		return true
	}
	h.complain(fmt.Sprintf("there is no operation %q; the document has %s",
		operation, strings.Join(h.doc.operationIDs(), ", ")))
	return false
}

// nextFault takes the fault that a request is due.
func (h *Handler) nextFault(c *call) (Fault, bool) {
	if c.op == nil {
		return Fault{}, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	f, ok := h.scripted(c.op.id)
	if !ok {
		f, ok = h.scripted(AnyOperation)
	}
	if !ok {
		f, ok = h.throwDice(c)
	}
	if ok {
		c.Fault = f.String()
	}
	return f, ok
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
