// Package overlaycheck tells whether an overlay still fits the document it is applied to.
//
// Applying an overlay strictly finds the actions that match nothing. It does not find the opposite: an
// action that adds an operation, a schema, a response or a property that the document has come to define
// by itself. The library merges the two, and what comes out is neither the one nor the other. Check finds
// both, and what has become superfluous, and says for each action what to do.
package overlaycheck

import (
	"errors"
	"fmt"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// Kind says what is wrong with an action.
type Kind string

// The kinds of findings.
const (
	MatchesNothing  Kind = "matches nothing"                 // the target, or the source of a copy, is not in the document
	MergesInto      Kind = "merges into the document's own"  // it brings a definition that the document has
	SameElsewhere   Kind = "is in the document, differently" // it brings an operation that the document has under another path
	RefersToNothing Kind = "refers to nothing"               // what it brings refers to something that the document lacks
	Superfluous     Kind = "superfluous"                     // everything it brings is there already, with the same value
	Unused          Kind = "unused"                          // it brings a component that nothing refers to
)

// A Finding is one thing to look at, in one action.
type Finding struct {
	Number      int    `json:"action"`      // the action's place in the overlay, from 1
	Target      string `json:"target"`      // as written in the overlay
	Description string `json:"description"` // as written in the overlay, in one line
	Kind        Kind   `json:"kind"`
	What        string `json:"what,omitempty"`   // the definition, where it is one of several in the action
	Detail      string `json:"detail,omitempty"` // how two definitions differ, or who else is concerned
	Advice      string `json:"advice"`
	// Misfit is true when the overlay must not be applied as it is. What is only superfluous or unused does no harm.
	Misfit bool `json:"misfit"`
}

// String is the finding in a few lines: what is wrong, where, and what to do.
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "action %d %s", f.Number, f.Kind)
	if f.What != "" {
		fmt.Fprintf(&b, ": %s", f.What)
	}
	fmt.Fprintf(&b, "\n  target:      %s", f.Target)
	if f.Description != "" {
		fmt.Fprintf(&b, "\n  description: %s", f.Description)
	}
	if f.Detail != "" {
		fmt.Fprintf(&b, "\n  detail:      %s", strings.ReplaceAll(f.Detail, "\n", "\n               "))
	}
	fmt.Fprintf(&b, "\n  what to do:  %s", f.Advice)
	return b.String()
}

// A Result is what Check found, and the two texts with everything left out that does not fit.
type Result struct {
	Findings []Finding
	Overlay  []byte // the overlay without the parts that do not fit
	Merged   []byte // the document with that overlay applied, as YAML
}

// Misfits returns the findings because of which the overlay must not be applied as it is.
func (r *Result) Misfits() []Finding {
	var misfits []Finding
	for _, f := range r.Findings {
		if f.Misfit {
			misfits = append(misfits, f)
		}
	}
	return misfits
}

// Err returns nil when the overlay fits, otherwise an error that lists every misfit with what to do.
func (r *Result) Err() error {
	misfits := r.Misfits()
	if len(misfits) == 0 {
		return nil
	}
	texts := make([]string, len(misfits))
	for i, f := range misfits {
		texts[i] = f.String()
	}
	return errors.New("the overlay no longer fits the document\n" + strings.Join(texts, "\n"))
}

// Check applies the overlay to the document, action by action as the library does, and looks at what each
// one meets. Actions that select by wildcard or filter are rules for whatever they match; of those only
// the match and the references are checked. An error means that one of the texts cannot be read.
//
// The previous document may be nil. Components that the overlay refers to, and that only the previous one
// defines, are in the texts of the result as they were there.
func Check(document, overlayText, previous []byte) (*Result, error) {
	own, err := parseDocument(document)
	if err != nil {
		return nil, err
	}
	o, err := parseOverlay(overlayText)
	if err != nil {
		return nil, err
	}
	c, err := apply(own, o)
	if err != nil {
		return nil, err
	}
	if previous == nil {
		return c.result()
	}
	before, err := parseDocument(previous)
	if err != nil {
		return nil, err
	}
	restore, needed := c.restoring(before)
	if !needed {
		return c.result()
	}
	// Once more with them, first of all, so that the rules reach them as they did.
	restored := clone(own)
	if err := applyOne(o, restore, restored); err != nil {
		return nil, err
	}
	again, err := apply(restored, o)
	if err != nil {
		return nil, err
	}
	c.merged = again.merged
	c.fitting.Actions = append([]overlay.Action{restore}, again.fitting.Actions...)
	return c.result()
}

// apply applies what fits of an overlay to a copy of the document.
func apply(own *yaml.Node, o *overlay.Overlay) (*checker, error) {
	fitting := *o
	fitting.Actions = nil
	c := &checker{own: own, merged: clone(own), overlay: o, fitting: &fitting}
	var numbers []int // where the fitting actions stand in the overlay
	for i := range o.Actions {
		action, keep, err := c.action(i)
		if err == nil && keep {
			err = applyOne(o, action, c.merged)
			fitting.Actions = append(fitting.Actions, action)
			numbers = append(numbers, i)
		}
		if err != nil {
			return nil, fmt.Errorf("overlay action %d, target %s: %w", i+1, o.Actions[i].Target, err)
		}
	}
	c.dangling(numbers)
	c.unused()
	return c, nil
}

// applyOne applies one action by the rules of the overlay that it is from.
func applyOne(o *overlay.Overlay, action overlay.Action, to *yaml.Node) error {
	one := *o
	one.Actions = []overlay.Action{action}
	return one.ApplyTo(to)
}

type checker struct {
	own, merged      *yaml.Node // what the document defines by itself; the same with what fits of the overlay
	overlay, fitting *overlay.Overlay
	findings         []Finding
	brought          []broughtComponent
}

func (c *checker) report(i int, f Finding) {
	action := c.overlay.Actions[i]
	f.Number, f.Target = i+1, action.Target
	f.Description = strings.Join(strings.Fields(action.Description), " ")
	c.findings = append(c.findings, f)
}

// action examines one action against the merged document as it is so far. It returns the action without
// the parts that do not fit; keep is false when nothing is left of it.
func (c *checker) action(i int) (action overlay.Action, keep bool, err error) {
	action = c.overlay.Actions[i]
	path, err := c.overlay.NewPath(action.Target, nil)
	if err != nil {
		return action, false, err
	}
	nodes := path.Query(c.merged)
	if len(nodes) == 0 {
		c.report(i, Finding{Kind: MatchesNothing, Misfit: true, Advice: adviceNoMatch(action)})
		return action, false, nil
	}
	switch {
	case action.Remove || !action.Update.IsZero():
	case action.Copy != "":
		return action, c.copySource(i, action), nil
	default:
		return action, false, errors.New("it has neither update, remove nor copy")
	}
	if action.Remove || isRule(action.Target) {
		return action, true, nil
	}
	update := clone(&action.Update)
	misfit := false
	for _, node := range nodes {
		at, ok := locate(c.merged, node)
		if !ok {
			continue
		}
		misfit = c.definitions(i, at, update) || misfit
	}
	if misfit {
		action.Update = *update
		return action, len(update.Content) > 0, nil
	}
	if c.superfluous(i, nodes, update) {
		return action, false, nil
	}
	return action, true, nil
}

// copySource reports a copy whose source is gone.
func (c *checker) copySource(i int, action overlay.Action) (keep bool) {
	source, err := c.overlay.NewPath(action.Copy, nil)
	if err == nil && len(source.Query(c.merged)) == 1 {
		return true
	}
	c.report(i, Finding{Kind: MatchesNothing, What: "the source of the copy, " + action.Copy, Misfit: true,
		Advice: "name a source that the document has exactly once, or delete the action"})
	return false
}

func adviceNoMatch(action overlay.Action) string {
	switch {
	case action.Remove:
		return "delete the action: the document no longer has what it removes"
	case isRule(action.Target):
		return "delete the action, or adapt its filter: no part of the document is of this form any more"
	default:
		return "find where the document has it now and correct the target; delete the action if it is gone"
	}
}

// superfluous reports an action of which everything is there already. Lists are appended to, so that an
// action that brings a list again would double it.
func (c *checker) superfluous(i int, nodes []*yaml.Node, update *yaml.Node) bool {
	doubled := ""
	for _, node := range nodes {
		there, list := contains(node, update)
		if !there {
			return false
		}
		if list != "" {
			doubled = list
		}
	}
	f := Finding{Kind: Superfluous, Advice: "delete the action: the document says the same by itself"}
	if doubled != "" {
		f.Misfit = true
		f.Detail = "none, and applying the action would double the list at " + doubled
	}
	c.report(i, f)
	return true
}

func (c *checker) result() (*Result, error) {
	text, err := c.fitting.ToString()
	if err != nil {
		return nil, fmt.Errorf("write the fitting overlay: %w", err)
	}
	merged, err := yaml.Marshal(c.merged)
	if err != nil {
		return nil, fmt.Errorf("write the merged document: %w", err)
	}
	return &Result{Findings: c.findings, Overlay: []byte(text), Merged: merged}, nil
}
