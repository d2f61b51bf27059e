package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// A below says what stands below a key: one object of the kind, or a map or list of them.
type below struct {
	kind string
	many bool
}

// structure says of each kind of object of an OpenAPI document where others stand in it. So a walk never
// takes for a schema what only looks like one, as an example or a property called properties does.
var structure = map[string]map[string]below{
	"document": {"paths": {"path item", true}, "webhooks": {"path item", true}, "components": {"components", false}},
	"components": {"schemas": {"schema", true}, "parameters": {"parameter", true}, "responses": {"response", true},
		"requestBodies": {"body", true}, "headers": {"header", true}, "pathItems": {"path item", true}},
	"path item": {"parameters": {"parameter", true}, "get": {"operation", false}, "put": {"operation", false},
		"post": {"operation", false}, "delete": {"operation", false}, "options": {"operation", false},
		"head": {"operation", false}, "patch": {"operation", false}, "trace": {"operation", false}},
	"operation": {"parameters": {"parameter", true}, "requestBody": {"body", false}, "responses": {"response", true}},
	"parameter": {"schema": {"schema", false}, "content": {"media", true}},
	"header":    {"schema": {"schema", false}, "content": {"media", true}},
	"body":      {"content": {"media", true}},
	"response":  {"content": {"media", true}, "headers": {"header", true}},
	"media":     {"schema": {"schema", false}},
	"schema": {"properties": {"schema", true}, "patternProperties": {"schema", true}, "$defs": {"schema", true},
		"items": {"schema", false}, "additionalProperties": {"schema", false}, "not": {"schema", false},
		"allOf": {"schema", true}, "anyOf": {"schema", true}, "oneOf": {"schema", true}, "prefixItems": {"schema", true}},
}

// walk visits an object and all below it. A path is a normalized JSONPath.
func walk(n *yaml.Node, kind, path string, visit func(n *yaml.Node, kind, path string)) {
	visit(n, kind, path)
	for key, value := range pairs(n) {
		b, ok := structure[kind][key.Value]
		at := path + member(key.Value)
		switch {
		case !ok:
		case !b.many:
			walk(value, b.kind, at, visit)
		case value.Kind == yaml.SequenceNode:
			for i, child := range value.Content {
				walk(child, b.kind, fmt.Sprintf("%s[%d]", at, i), visit)
			}
		default:
			for name, child := range pairs(value) {
				walk(child, b.kind, at+member(name.Value), visit)
			}
		}
	}
}

func member(name string) string {
	return "['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name) + "']"
}

// A marker collects the marks for the generator.
type marker struct {
	merged  *yaml.Node
	actions []overlay.Action
}

// generatorMarks tells the generator of each field and parameter what holds for all of its form.
func generatorMarks(merged *yaml.Node) []overlay.Action {
	m := &marker{merged: merged}
	walk(merged, "document", "$", func(n *yaml.Node, kind, path string) {
		switch kind {
		case "parameter":
			m.parameter(n, path)
		case "schema":
			if m.untyped(n) {
				m.mark(path, "x-go-type", "!!str", "json.RawMessage")
			}
			m.fields(n, path)
		}
	})
	return m.actions
}

func (m *marker) mark(path, key, tag, value string) {
	update := yaml.Node{Kind: yaml.MappingNode}
	set(&update, key, value)
	update.Content[1].Tag = tag
	m.actions = append(m.actions, overlay.Action{Target: path, Update: update})
}

const skipPointer = "x-go-type-skip-optional-pointer"

// parameter makes an optional parameter a pointer. As a plain value it would be sent even when nobody set
// it, as an empty text, a zero or a false. A nil list or map is not sent.
func (m *marker) parameter(p *yaml.Node, path string) {
	in := get(p, "in")
	types := m.types(get(p, "schema"))
	if in != nil && in.Value != "path" && !slices.Contains(types, "array") && !slices.Contains(types, "object") {
		m.mark(path, skipPointer, "!!bool", "false")
	}
}

// untyped tells of a schema that Go has no type for: any value, an object of any members, or several types.
// As raw JSON it keeps every digit, and whatever stands there is decoded by those who look at it.
func (m *marker) untyped(schema *yaml.Node) bool {
	if schema.Kind != yaml.MappingNode {
		return false
	}
	for _, key := range []string{"$ref", "x-go-type", "anyOf", "oneOf", "allOf", "properties", "items", "enum", "const"} {
		if get(schema, key) != nil {
			return false
		}
	}
	types := slices.DeleteFunc(m.types(schema), func(t string) bool { return t == "null" })
	additional := get(schema, "additionalProperties")
	free := additional == nil || additional.Value == "true" || additional.Kind == yaml.MappingNode && len(additional.Content) == 0
	return len(types) != 1 || types[0] == "object" && free
}

// fields marks the properties of an object.
func (m *marker) fields(schema *yaml.Node, path string) {
	additional := get(schema, "additionalProperties")
	open := additional != nil && additional.Value != "false"
	for name, p := range pairs(get(schema, "properties")) {
		at := path + member("properties") + member(name.Value)
		if skip := get(p, skipPointer); p.Kind != yaml.MappingNode || skip != nil && skip.Value == "false" {
			continue
		}
		types := m.types(p)
		container := slices.Contains(types, "array") || slices.Contains(types, "object") && get(p, "properties") == nil
		switch {
		case m.nullable(p) && !container, open && m.encodesEmpty(p):
			m.mark(at, skipPointer, "!!bool", "false")
			// The encoder of an open struct asks what is referred to, not the field.
			for _, combination := range []string{"anyOf", "oneOf"} {
				for i, branch := range sequence(get(p, combination)) {
					if open && get(branch, "$ref") != nil {
						m.mark(fmt.Sprintf("%s['%s'][%d]", at, combination, i), skipPointer, "!!bool", "false")
					}
				}
			}
		default:
			m.mark(at, "x-omitempty", "!!bool", "false")
			if slices.Equal(types, []string{"number"}) {
				m.mark(at, "x-omitzero", "!!bool", "true")
			}
		}
	}
}

// encodesEmpty tells of a property of an open struct whether its encoder, which knows nothing of omitzero,
// would send the empty value. As a pointer it is left out.
func (m *marker) encodesEmpty(p *yaml.Node) bool {
	if get(p, "$ref") != nil || get(p, "properties") != nil || m.untyped(p) {
		return true
	}
	types := m.types(p)
	return len(types) == 1 && !slices.Contains([]string{"array", "object"}, types[0])
}

// nullable tells whether null is one of the documented values of a property: it is not mistaken for an empty
// text, a zero or a false then, and is sent again as null where the field is required.
func (m *marker) nullable(p *yaml.Node) bool {
	return slices.Contains(m.types(p), "null") ||
		slices.ContainsFunc(slices.Concat(sequence(get(p, "anyOf")), sequence(get(p, "oneOf"))), func(branch *yaml.Node) bool {
			return slices.Equal(m.types(branch), []string{"null"})
		})
}

// types lists the types that a schema, or what it refers to, names.
func (m *marker) types(schema *yaml.Node) (types []string) {
	t := get(resolve(m.merged, schema), "type")
	if t != nil && t.Kind == yaml.ScalarNode {
		return []string{t.Value}
	}
	for _, one := range sequence(t) {
		types = append(types, one.Value)
	}
	return types
}

func sequence(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}
