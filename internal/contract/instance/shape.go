package instance

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// A shape is what a schema allows, in the form that the generator needs: references followed, allOf merged,
// null apart from the other types. Shapes of schemas that refer to themselves are cyclic.
type shape struct {
	source *openapi3.Schema
	ref    string   // where it is defined, if it has a name
	types  []string // without null; nil when anything goes
	null   bool
	enum   []any // nil when every value goes; also that of const
	format string
	wire   wire

	props  map[string]*property
	names  []string // of props, sorted
	extra  *shape   // of other properties; nil when none are made
	minLen int      // of strings in characters, of arrays in items, of maps in properties
	maxLen int      // -1 when there is no limit
	items  *shape

	min, max       *float64
	minOut, maxOut bool // the bound itself is not allowed
	multiple       *float64
	patterns       []string

	groups []*group // one for each oneOf and anyOf
}

type property struct {
	shape     *shape
	required  bool
	readOnly  bool
	writeOnly bool
}

// A group is a oneOf or an anyOf: a value is made from one branch.
type group struct {
	branches []*branch
	selector string // the property of the discriminator, if there is one
}

type branch struct {
	name  string
	shape *shape
	value string // of the selector
}

// in reports whether a stack of shapes has this one. A reference with something beside it is another schema to
// kin-openapi, so it goes by names, where there are any.
func (sh *shape) in(stack []*shape) bool { return sh.count(stack) > 0 }

func (sh *shape) count(stack []*shape) int {
	n := 0
	for _, other := range stack {
		if other == sh || sh.ref != "" && sh.ref == other.ref {
			n++
		}
	}
	return n
}

// compiler remembers what it has seen, so that a cycle in the document is a cycle of shapes.
type compiler struct {
	seen map[*openapi3.Schema]*shape
	wire wire
}

func (c *compiler) compile(ref *openapi3.SchemaRef) *shape {
	if ref == nil || ref.Value == nil {
		return &shape{null: true, maxLen: -1, wire: c.wire}
	}
	if sh, ok := c.seen[ref.Value]; ok {
		return sh
	}
	sh := &shape{source: ref.Value, ref: ref.Ref, maxLen: -1, props: map[string]*property{}, wire: c.wire}
	c.seen[ref.Value] = sh
	m := &merger{compiler: c, into: sh, null: true}
	m.add(ref.Value, nil)
	sh.null = m.null && (m.saidNull || sh.types == nil && len(sh.groups) == 0 && sh.enum == nil && len(sh.props) == 0)
	for name, p := range sh.props {
		p.required = slices.Contains(m.required, name)
		sh.names = append(sh.names, name)
	}
	slices.Sort(sh.names)
	return sh
}

// merger collects the keywords of a schema and of the members of its allOf.
type merger struct {
	*compiler
	into     *shape
	null     bool // nothing has forbidden null yet
	saidNull bool // something has allowed it by name
	required []string
}

func (m *merger) add(s *openapi3.Schema, stack []*openapi3.Schema) {
	if slices.Contains(stack, s) {
		return // an allOf that contains itself says nothing new
	}
	stack = append(stack, s)
	sh := m.into
	m.addType(s)
	if s.Const != nil {
		sh.enum = []any{s.Const}
	}
	if s.Enum != nil {
		sh.enum = common(sh.enum, s.Enum)
	}
	if s.Format != "" {
		sh.format = s.Format
	}
	if s.Pattern != "" {
		sh.patterns = append(sh.patterns, s.Pattern)
	}
	m.addBounds(s)
	for name, ref := range s.Properties {
		p := sh.props[name]
		if p == nil {
			p = &property{shape: m.compile(ref)}
			sh.props[name] = p
		} else {
			// Two members of an allOf describe one property: what both allow.
			p.shape = m.compile(openapi3.NewSchemaRef("", &openapi3.Schema{
				AllOf: openapi3.SchemaRefs{openapi3.NewSchemaRef("", p.shape.source), ref},
			}))
		}
		p.readOnly = p.readOnly || ref.Value.ReadOnly
		p.writeOnly = p.writeOnly || ref.Value.WriteOnly
	}
	for _, ref := range s.AllOf {
		m.add(ref.Value, stack)
	}
	m.addGroup(s.OneOf, s.Discriminator)
	m.addGroup(s.AnyOf, s.Discriminator)
	m.required = append(m.required, s.Required...)
	switch a := s.AdditionalProperties; {
	case a.Schema != nil:
		sh.extra = m.compile(a.Schema)
	case a.Has != nil && *a.Has:
		sh.extra = m.compile(nil)
	}
	if s.Items != nil {
		sh.items = m.compile(s.Items)
	}
}

func (m *merger) addType(s *openapi3.Schema) {
	types := slices.Clone(s.Type.Slice())
	if len(types) == 0 {
		return
	}
	if slices.Contains(types, "null") || s.Nullable {
		m.saidNull = true
	} else {
		m.null = false
	}
	types = slices.DeleteFunc(types, func(t string) bool { return t == "null" })
	if m.into.types != nil {
		types = slices.DeleteFunc(types, func(t string) bool { return !slices.Contains(m.into.types, t) })
	}
	m.into.types = types
}

func (m *merger) addBounds(s *openapi3.Schema) {
	sh := m.into
	for _, n := range []uint64{s.MinLength, s.MinItems, s.MinProps} {
		sh.minLen = max(sh.minLen, int(n))
	}
	for _, n := range []*uint64{s.MaxLength, s.MaxItems, s.MaxProps} {
		if n != nil && (sh.maxLen < 0 || int(*n) < sh.maxLen) {
			sh.maxLen = int(*n)
		}
	}
	lower := func(v *float64, out bool) {
		if v != nil && (sh.min == nil || *v >= *sh.min) {
			sh.min, sh.minOut = v, out
		}
	}
	upper := func(v *float64, out bool) {
		if v != nil && (sh.max == nil || *v <= *sh.max) {
			sh.max, sh.maxOut = v, out
		}
	}
	lower(s.Min, s.ExclusiveMin.Bool != nil && *s.ExclusiveMin.Bool)
	upper(s.Max, s.ExclusiveMax.Bool != nil && *s.ExclusiveMax.Bool)
	lower(s.ExclusiveMin.Value, true)
	upper(s.ExclusiveMax.Value, true)
	if s.MultipleOf != nil {
		sh.multiple = s.MultipleOf
	}
}

func (m *merger) addGroup(refs openapi3.SchemaRefs, d *openapi3.Discriminator) {
	if len(refs) == 0 {
		return
	}
	g := &group{}
	if d != nil {
		g.selector = d.PropertyName
	}
	null := false
	for i, ref := range refs {
		if ref.Value.Type.Is("null") {
			null = true
			continue
		}
		b := &branch{name: fmt.Sprintf("<%d>", i+1), shape: m.compile(ref)}
		if d != nil {
			b.value = selectorValue(d, ref.Ref)
		}
		null = null || b.shape.null
		g.branches = append(g.branches, b)
	}
	if null {
		m.saidNull = true
	} else {
		m.null = false
	}
	if len(g.branches) == 1 {
		g.branches[0].name = "" // only a way to say that null is allowed: its properties keep their names
	}
	if len(g.branches) > 0 {
		m.into.groups = append(m.into.groups, g)
	}
}

// common returns what both enums have.
func common(a, b []any) []any {
	if a == nil {
		return b
	}
	var both []any
	for _, v := range a {
		if slices.ContainsFunc(b, func(w any) bool { return fmt.Sprint(v) == fmt.Sprint(w) }) {
			both = append(both, v)
		}
	}
	return both
}
