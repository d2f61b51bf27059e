package contract

import (
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// compile compiles a schema that may stand anywhere, such as a part of one of the document; nil allows everything.
func (d *document) compile(schema any) (*jsonschema.Schema, error) {
	if schema == nil {
		schema = true
	}
	root := maps.Clone(d.root.(object)) // so that its references hold
	root["$defs"] = object{"this": schema}
	c, err := apicheck.NewCompiler(root)
	if err != nil {
		return nil, err
	}
	return c.Compile(apicheck.Home + "#/$defs/this")
}

// checker checks values of a schema. That one fits several branches of a oneOf is no fault here either.
func (d *document) checker(schema any) func(value any) error {
	compiled, err := d.compile(schema)
	return func(value any) error {
		if err != nil {
			return err
		}
		if fault, ok := errors.AsType[*jsonschema.ValidationError](compiled.Validate(value)); ok && !apicheck.Forgiven(fault) {
			return fault
		}
		return nil
	}
}

// flatten makes one schema of a schema, of what it refers to, and of the members of its allOf. The members of each
// oneOf and anyOf are alternatives. refs are the references that were followed.
func (d *document) flatten(schema any) (flat object, alternatives [][]any, refs []string) {
	flat = object{}
	var add func(schema any)
	add = func(schema any) {
		s, _ := schema.(object)
		if ref, ok := s["$ref"].(string); ok && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
			add(d.at(ref))
		}
		members, _ := s["allOf"].([]any)
		for _, member := range members {
			add(member)
		}
		for _, key := range []string{"oneOf", "anyOf"} {
			if list, _ := s[key].([]any); len(list) > 0 {
				alternatives = append(alternatives, list)
			}
		}
		for key, v := range s {
			if old, both := flat[key]; both {
				v = narrower(key, old, v)
			}
			if !slices.Contains([]string{"$ref", "allOf", "oneOf", "anyOf"}, key) {
				flat[key] = v
			}
		}
	}
	add(schema)
	return flat, alternatives, refs
}

// narrower is what two schemas that both hold say with one keyword.
func narrower(keyword string, a, b any) any {
	listA, isListA := a.([]any)
	listB, isListB := b.([]any)
	x, y := rational(a), rational(b)
	switch {
	case keyword == "properties":
		both := maps.Clone(a.(object))
		for name, p := range b.(object) {
			if both[name] != nil {
				p = object{"allOf": []any{both[name], p}}
			}
			both[name] = p
		}
		return both
	case keyword == "required":
		return slices.Concat(listA, listB)
	case keyword == "type" && isListB && !isListA, keyword == "enum" && len(listA) < len(listB),
		x != nil && y != nil && strings.HasPrefix(keyword, "min") && x.Cmp(y) > 0,
		x != nil && y != nil && strings.HasPrefix(keyword, "max") && x.Cmp(y) < 0:
		return a
	}
	return b
}

func rational(v any) *big.Rat {
	n, _ := v.(json.Number)
	r, _ := new(big.Rat).SetString(string(n))
	return r
}
