package contract

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// A mark is one state of one place in a schema, such as "data.name" being "absent".
type mark struct {
	Place string
	State string
}

// The states of a property. Others are "null" and "not null", "= value" for an enum or a boolean, "0 items",
// "1 item", "n items" for an array, and "<1>" for a branch.
const (
	present = "present"
	absent  = "absent"
)

func (m mark) String() string { return strings.TrimPrefix(m.Place+" "+m.State, ".") }

// Where a value goes. That of a parameter goes to its place: path, query, header, cookie.
const (
	inRequest = ""
	inReply   = "reply"
)

// A plan covers one schema with values, and keeps account of what they have shown: which properties were there and
// which were not, enum values, nulls, branches of a oneOf, lengths of arrays. It learns which states there are while
// it makes the values.
//
// The first value holds all that the schema allows, the second as little as possible; in each further one, places
// take states that were not seen yet, until all were. The leaves are random. Every value has been found valid: a plan
// can fail to make one, which is an error, but it cannot make a wrong one.
//
// It never makes what Go's types cannot keep as it was written: an integer as 1.0 or 1e3, or beyond 64 bits; a
// date-time with a leap second or zeros at the end of its fraction; a UUID in capitals. A property that the schema
// does not name is made only where additionalProperties says that there may be some.
type plan struct {
	Expected []mark       // every state that was met or has to be
	Seen     map[mark]int // how many covered values have shown it

	doc    *document
	schema any
	goes   string
	rand   *rand.Rand
	check  func(any) error
	made   int
}

// newPlan makes the plan of a schema of a document; nil allows everything.
func newPlan(doc *document, schema any, goes string, random *rand.Rand) *plan {
	return &plan{doc: doc, schema: schema, goes: goes, rand: random, check: doc.checker(schema), Seen: map[mark]int{}}
}

// Done reports that every state was covered.
func (p *plan) Done() bool { return p.made >= 2 && len(p.Missing()) == 0 }

// Next makes a value: the full one, the minimal one, then full ones in which places take the states that are still
// to be seen. It fails when the schema allows none that can be found.
func (p *plan) Next() (*instance, error) {
	var missing []mark
	if p.made++; p.made > 2 {
		missing = p.Missing()
	}
	var problem error
	for i := range 100 {
		b := &builder{plan: p, inst: &instance{MayMiss: map[string]bool{}, marks: map[mark]bool{}}, minimal: p.made == 2, repeated: i > 0, open: newOpenMarks(missing)}
		b.inst.Value = b.value(readShape(p.doc, p.schema), place{})
		problem = p.check(b.inst.Value)
		switch {
		case problem != nil:
		case len(missing) == 0 || slices.ContainsFunc(missing, func(m mark) bool { return b.inst.marks[m] }):
			return b.inst, nil
		default:
			problem = fmt.Errorf("none shows one of %s", missing)
		}
	}
	return nil, fmt.Errorf("found no valid value: %w", problem)
}

// Cover notes that a value has travelled and came out equal.
func (p *plan) Cover(inst *instance) {
	for m := range inst.marks {
		p.Seen[m]++
	}
}

// Missing lists the states that no covered value has shown.
func (p *plan) Missing() []mark {
	return slices.DeleteFunc(slices.Clone(p.Expected), func(m mark) bool { return p.Seen[m] > 0 })
}

// openMarks are the states still to be seen.
type openMarks struct {
	marks  map[mark]bool
	leads  map[string]bool // the places where they are, and those that lead there
	inside map[string]bool // places that show one further down, or by their value
}

func newOpenMarks(missing []mark) *openMarks {
	o := &openMarks{map[mark]bool{}, map[string]bool{}, map[string]bool{}}
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
