package instance

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// A Mark is one state of one place in a schema, such as "data.name" being "absent".
type Mark struct {
	Place string
	State string
}

// The states of a property. Others are "null" and "not null", "= value" for an enum or a boolean, "0 items",
// "1 item", "n items" for an array, and "<1>" for a branch.
const (
	Present = "present"
	Absent  = "absent"
)

func (m Mark) String() string {
	if m.Place == "" {
		return "(the value itself) " + m.State
	}
	return strings.TrimPrefix(m.Place, ".") + " " + m.State
}

// A Use says where a value goes.
type Use struct {
	Reply bool   // what a server sends: properties that are only for requests stay away
	In    string // where a parameter stands: path, query, header or cookie; empty for a body
}

// A Plan covers one schema with values. It learns which states there are while it makes them.
type Plan struct {
	doc      *apicheck.Document
	schema   any
	use      Use
	rand     *rand.Rand
	check    func(any) error
	expected []Mark
	seen     map[Mark]int
	made     int
}

// NewPlan makes the plan of a schema of a document; nil allows everything.
func NewPlan(doc *apicheck.Document, schema any, use Use, random *rand.Rand) *Plan {
	return &Plan{doc: doc, schema: schema, use: use, rand: random, check: doc.Checker(schema), seen: map[Mark]int{}}
}

// Done reports that every state was covered.
func (p *Plan) Done() bool { return p.made >= 2 && len(p.Missing()) == 0 }

// Next makes a value: the full one, the minimal one, then full ones in which places take the states that are still
// to be seen. It fails when the schema allows none that can be found.
func (p *Plan) Next() (*Instance, error) {
	p.made++
	missing := p.Missing()
	var problem error
	for i := range 100 {
		b := &builder{Plan: p, inst: newInstance(), minimal: p.made == 2, repeated: i > 0, open: newOpenMarks(nil)}
		if p.made > 2 {
			b.open = newOpenMarks(missing)
		}
		b.inst.Value = b.value(readShape(p.doc, p.schema), place{})
		problem = p.check(b.inst.Value)
		shows := func(m Mark) bool { return b.inst.marks[m] }
		switch {
		case problem != nil:
		case p.made <= 2 || len(missing) == 0 || slices.ContainsFunc(missing, shows):
			return b.inst, nil
		default:
			problem = fmt.Errorf("none shows one of %s", missing)
		}
	}
	return nil, fmt.Errorf("found no valid value: %w", problem)
}

// Cover notes that a value has travelled and came out equal.
func (p *Plan) Cover(inst *Instance) {
	for m := range inst.marks {
		p.seen[m]++
	}
}

// Expected lists every state that was met or has to be.
func (p *Plan) Expected() []Mark { return p.expected }

// Missing lists the states that no covered value has shown.
func (p *Plan) Missing() []Mark {
	return slices.DeleteFunc(slices.Clone(p.expected), func(m Mark) bool { return p.seen[m] > 0 })
}

// Count says how many covered values have shown a state.
func (p *Plan) Count(m Mark) int { return p.seen[m] }

// openMarks are the states still to be seen.
type openMarks struct {
	marks  map[Mark]bool
	leads  map[string]bool // the places where they are, and those that lead there
	inside map[string]bool // places that show one further down, or by their value
}

func newOpenMarks(missing []Mark) *openMarks {
	o := &openMarks{map[Mark]bool{}, map[string]bool{}, map[string]bool{}}
	for _, m := range missing {
		o.marks[m], o.leads[m.Place] = true, true
		o.inside[m.Place] = o.inside[m.Place] || m.State[0] == '=' || m.State[0] == '<'
		for i, r := range m.Place {
			if strings.ContainsRune(".[{<", r) {
				o.leads[m.Place[:i]], o.inside[m.Place[:i]] = true, true
			}
		}
	}
	return o
}

// take reports whether a mark was open, and closes it.
func (o *openMarks) take(m Mark) bool {
	open := o.marks[m]
	delete(o.marks, m)
	return open
}
