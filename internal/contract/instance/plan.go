package instance

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A Mark is one state of one place in a schema, such as "data.name" being "absent".
type Mark struct {
	Place string
	State string
}

// The states of a property. Others are "null", "= value" for an enum or a boolean, "0 items", "1 item",
// "n items" for an array, and "taken" for a branch of a oneOf.
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
	// Reply: the value is what a server sends. Properties that are only for requests stay away, and those
	// only for replies may be there.
	Reply bool
	// In is where a parameter stands: "path", "query", "header" or "cookie"; empty for a body.
	In string
}

// A Plan covers one schema with values.
type Plan struct {
	shape    *shape
	use      Use
	rand     *rand.Rand
	validate func(any) error
	expected []Mark
	seen     map[Mark]int
	open     *openMarks
	made     int
}

// minimum is how many values a plan makes even when fewer cover it.
const minimum, maximum = 6, 400

// NewPlan reads a schema. validate decides whether a value is valid; it is asked about each one. A nil
// schema allows everything.
func NewPlan(ref *openapi3.SchemaRef, use Use, random *rand.Rand, validate func(any) error) *Plan {
	c := &compiler{seen: map[*openapi3.Schema]*shape{}, wire: wire(use.In)}
	p := &Plan{shape: c.compile(ref), use: use, rand: random, validate: validate, seen: map[Mark]int{}}
	p.expected = expectedMarks(p.shape, use)
	p.open = newOpenMarks(p.expected)
	return p
}

// Done reports that every state was covered, and that enough values were made.
func (p *Plan) Done() bool { return p.made >= minimum && len(p.open.keys) == 0 }

// Next makes a value. It fails when the schema allows none that the generator can find, or when it has
// tried for so long that the rest cannot be covered.
func (p *Plan) Next() (*Instance, error) {
	if p.made >= maximum && len(p.open.keys) > 0 {
		return nil, fmt.Errorf("after %d values these are still not covered: %s", p.made, list(p.Missing()))
	}
	p.made++
	var problem error
	for range 200 {
		inst, err := p.attempt()
		if err == nil {
			return inst, nil
		}
		problem = err
	}
	return nil, fmt.Errorf("found no valid value: %w", problem)
}

func (p *Plan) attempt() (inst *Instance, err error) {
	g := &generator{Plan: p, inst: newInstance(nil), mode: p.mode()}
	defer func() {
		if r := recover(); r != nil {
			stuck, ok := r.(dead)
			if !ok {
				panic(r)
			}
			err = errors.New(string(stuck))
		}
	}()
	g.inst.Value = g.value(p.shape, place{})
	if p.validate != nil {
		if err := p.validate(g.inst.Value); err != nil {
			return nil, err
		}
	}
	return g.inst, nil
}

// mode: everything, then as little as possible, then what is still missing.
func (p *Plan) mode() mode {
	switch p.made {
	case 1:
		return everything
	case 2:
		return minimal
	}
	return directed
}

// Cover notes that a value has travelled and came out equal.
func (p *Plan) Cover(inst *Instance) {
	for _, m := range inst.marks {
		p.seen[m]++
		p.open.remove(m)
	}
}

// Expected lists every state that the schema asks for.
func (p *Plan) Expected() []Mark { return slices.Clone(p.expected) }

// Missing lists the states that no covered value has shown.
func (p *Plan) Missing() []Mark {
	var missing []Mark
	for _, m := range p.expected {
		if p.seen[m] == 0 {
			missing = append(missing, m)
		}
	}
	return missing
}

// Count says how many covered values have shown a state.
func (p *Plan) Count(m Mark) int { return p.seen[m] }

func list(marks []Mark) string {
	var texts []string
	for _, m := range marks {
		texts = append(texts, m.String())
	}
	return strings.Join(texts, ", ")
}

// openMarks are those still to be covered, sorted, so that one can ask about everything below a place.
type openMarks struct{ keys []string }

func newOpenMarks(marks []Mark) *openMarks {
	o := &openMarks{}
	for _, m := range marks {
		o.keys = append(o.keys, key(m))
	}
	slices.Sort(o.keys)
	o.keys = slices.Compact(o.keys)
	return o
}

func key(m Mark) string { return m.Place + "\x00" + m.State }

func (o *openMarks) has(m Mark) bool {
	_, ok := slices.BinarySearch(o.keys, key(m))
	return ok
}

// below reports whether anything is open at a place or further down.
func (o *openMarks) below(place string) bool {
	i, _ := slices.BinarySearch(o.keys, place)
	return i < len(o.keys) && strings.HasPrefix(o.keys[i], place)
}

func (o *openMarks) remove(m Mark) {
	if i, ok := slices.BinarySearch(o.keys, key(m)); ok {
		o.keys = slices.Delete(o.keys, i, i+1)
	}
}
