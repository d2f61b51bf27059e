package apicheck

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// Flatten makes one schema of a schema, of what it refers to, and of the members of its allOf. The members of each
// oneOf and anyOf are alternatives. refs are the references that were followed.
func (d *Document) Flatten(schema any) (flat map[string]any, alternatives [][]any, refs []string) {
	m := &maker{d: d}
	flat = object{}
	var add func(n node)
	add = func(n node) {
		if ref := n.text("$ref"); strings.HasPrefix(ref, "#/") && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
			add(d.at(ref))
		}
		for _, member := range listOf(n.object()["allOf"]) {
			add(node{d, "", member})
		}
		for _, key := range []string{"oneOf", "anyOf"} {
			if list := listOf(n.object()[key]); len(list) > 0 {
				alternatives = append(alternatives, list)
			}
		}
		m.merge(flat, n.object())
	}
	add(node{d, "", schema})
	return flat, alternatives, refs
}

// Value makes a small value from a schema. It fits unless the schema is intricate.
func (d *Document) Value(schema any) any {
	m := &maker{d: d, rand: rand.New(rand.NewPCG(1, 1))}
	return m.value(node{d, "", schema}, "text", 0)
}
