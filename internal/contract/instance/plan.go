// Package instance makes JSON values for the schemas of an OpenAPI 3.1 document, and keeps account of what
// they have shown: which properties were there and which were not, enum values, nulls, branches of a oneOf,
// lengths of arrays.
//
// A [Plan] belongs to one schema. Its first value holds all that the schema allows, the second as little as
// possible; in each further one, places take states that were not seen yet, until all were. The leaves are random.
// Every value has been found valid: a plan can fail to make one, which is an error, but it cannot make a wrong one.
//
// It never makes what Go's types cannot keep as it was written: an integer as 1.0 or 1e3, or beyond 64 bits; a
// date-time with a leap second or zeros at the end of its fraction; a UUID in capitals. A property that the schema
// does not name is made only where additionalProperties says that there may be some.
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

func (m Mark) String() string { return strings.TrimPrefix(m.Place+" "+m.State, ".") }

// Where a value goes. That of a parameter goes to its place: path, query, header, cookie.
const (
	Request = ""
	Reply   = "reply"
)

// A Plan covers one schema with values. It learns which states there are while it makes them.
type Plan struct {
	Expected []Mark       // every state that was met or has to be
	Seen     map[Mark]int // how many covered values have shown it

	doc    *apicheck.Document
	schema any
	goes   string
	rand   *rand.Rand
	check  func(any) error
	made   int
}

// NewPlan makes the plan of a schema of a document; nil allows everything.
func NewPlan(doc *apicheck.Document, schema any, goes string, random *rand.Rand) *Plan {
	return &Plan{doc: doc, schema: schema, goes: goes, rand: random, check: doc.Checker(schema), Seen: map[Mark]int{}}
}

// Done reports that every state was covered.
func (p *Plan) Done() bool { return p.made >= 2 && len(p.Missing()) == 0 }

// Next makes a value: the full one, the minimal one, then full ones in which places take the states that are still
// to be seen. It fails when the schema allows none that can be found.
func (p *Plan) Next() (*Instance, error) {
	var missing []Mark
	if p.made++; p.made > 2 {
		missing = p.Missing()
	}
	var problem error
	for i := range 100 {
		b := &builder{Plan: p, inst: &Instance{MayMiss: map[string]bool{}, marks: map[Mark]bool{}}, minimal: p.made == 2, repeated: i > 0, open: newOpenMarks(missing)}
		b.inst.Value = b.value(readShape(p.doc, p.schema), place{})
		problem = p.check(b.inst.Value)
		switch {
		case problem != nil:
		case len(missing) == 0 || slices.ContainsFunc(missing, func(m Mark) bool { return b.inst.marks[m] }):
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
		p.Seen[m]++
	}
}

// Missing lists the states that no covered value has shown.
func (p *Plan) Missing() []Mark {
	return slices.DeleteFunc(slices.Clone(p.Expected), func(m Mark) bool { return p.Seen[m] > 0 })
}

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
