package apicheck

import (
	"maps"
	"slices"
	"strings"
)

// Flatten makes one schema of a schema, of what it refers to, and of the members of its allOf. The members of each
// oneOf and anyOf are alternatives. refs are the references that were followed.
func (d *Document) Flatten(schema any) (flat map[string]any, alternatives [][]any, refs []string) {
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
		merge(flat, n.object())
	}
	add(node{d, "", schema})
	return flat, alternatives, refs
}

// merge adds the rules of another schema to one.
func merge(s, more object) {
	for key, v := range more {
		old, both := s[key]
		switch {
		case slices.Contains([]string{"$ref", "allOf", "oneOf", "anyOf"}, key):
		case !both:
			s[key] = v
		case key == "properties":
			s[key] = mergedProperties(old, v)
		case key == "required":
			s[key] = append(slices.Clone(listOf(old)), listOf(v)...)
		case key == "type" && listOf(v) != nil && listOf(old) == nil: // the one type is the narrower rule
		case key == "enum" && len(listOf(v)) > len(listOf(old)):
		case strings.HasPrefix(key, "min") && less(v, old), strings.HasPrefix(key, "max") && less(old, v):
		default:
			s[key] = v
		}
	}
}

func mergedProperties(a, b any) object {
	merged := maps.Clone(asObject(a))
	for name, p := range asObject(b) {
		if merged[name] != nil {
			p = object{"allOf": []any{merged[name], p}}
		}
		merged[name] = p
	}
	return merged
}

func less(a, b any) bool {
	x, y := rational(a), rational(b)
	return x != nil && y != nil && x.Cmp(y) < 0
}
