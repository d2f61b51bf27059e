package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// structure says of each kind of object of an OpenAPI document which kind stands below which key: one of it,
// or with a * a map or list of them. So a walk never takes for a schema what only looks like one, as an
// example or a property that is called properties does.
var structure = map[string]map[string]string{
	"document": {"paths": "*path item", "webhooks": "*path item", "components": "components"},
	"components": {"schemas": "*schema", "parameters": "*parameter", "responses": "*response", "requestBodies": "*body",
		"headers": "*header", "pathItems": "*path item"},
	"path item": {"parameters": "*parameter", "get": "operation", "put": "operation", "post": "operation", "delete": "operation",
		"options": "operation", "head": "operation", "patch": "operation", "trace": "operation"},
	"operation": {"parameters": "*parameter", "requestBody": "body", "responses": "*response"},
	"parameter": {"schema": "schema", "content": "*media"},
	"header":    {"schema": "schema", "content": "*media"},
	"body":      {"content": "*media"},
	"response":  {"content": "*media", "headers": "*header"},
	"media":     {"schema": "schema"},
	"schema": {"properties": "*schema", "patternProperties": "*schema", "$defs": "*schema", "items": "schema", "not": "schema",
		"additionalProperties": "schema", "allOf": "*schema", "anyOf": "*schema", "oneOf": "*schema", "prefixItems": "*schema"},
}

// walk visits an object and all below it. A path is a normalized JSONPath.
func walk(n *yaml.Node, kind, path string, visit func(n *yaml.Node, kind, path string)) {
	visit(n, kind, path)
	for key, value := range pairs(n) {
		at := path + member(key.Value)
		one, many := strings.CutPrefix(structure[kind][key.Value], "*")
		switch {
		case one == "":
		case !many:
			walk(value, one, at, visit)
		default:
			for name, child := range pairs(value) {
				walk(child, one, at+member(name.Value), visit)
			}
			for i, child := range sequence(value) {
				walk(child, one, fmt.Sprintf("%s[%d]", at, i), visit)
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
			} else if text(n, "additionalProperties") == "true" { // a map of any values would round numbers
				m.mark(path, "additionalProperties", "!!map", "")
				m.mark(path+member("additionalProperties"), "x-go-type", "!!str", "json.RawMessage")
			}
			m.fields(n, path)
		}
	})
	return m.actions
}

func (m *marker) mark(path, key, tag, value string) {
	update := yaml.Node{Kind: yaml.MappingNode}
	set(&update, key, tag, value)
	if tag == "!!map" {
		update.Content[1] = &yaml.Node{Kind: yaml.MappingNode}
	}
	m.actions = append(m.actions, overlay.Action{Target: path, Update: update})
}

const skipPointer = "x-go-type-skip-optional-pointer"

// parameter makes an optional parameter a pointer. As a plain value it would be sent even when nobody set
// it, as an empty text, a zero or a false. A nil list or map is not sent.
func (m *marker) parameter(p *yaml.Node, path string) {
	types := m.types(get(p, "schema"))
	if in := text(p, "in"); in != "" && in != "path" && !slices.Contains(types, "array") && !slices.Contains(types, "object") {
		m.mark(path, skipPointer, "!!bool", "false")
	}
}

// untyped tells of a schema that Go has no type for: any value, an object of any members, or several types.
// As raw JSON it keeps every digit, and whatever stands there is decoded by those who look at it.
func (m *marker) untyped(schema *yaml.Node) bool {
	if schema.Kind != yaml.MappingNode {
		return false
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if get(schema, "properties") == nil && get(schema, "x-go-type") == nil && slices.ContainsFunc(sequence(get(schema, key)), m.anything) {
			return true
		}
	}
	for _, key := range []string{"$ref", "x-go-type", "anyOf", "oneOf", "allOf", "properties", "items", "enum", "const"} {
		if get(schema, key) != nil {
			return false
		}
	}
	types := m.types(schema)
	named := slices.DeleteFunc(slices.Clone(types), func(t string) bool { return t == "null" })
	additional := get(schema, "additionalProperties")
	free := additional == nil || additional.Value == "true" || additional.Kind == yaml.MappingNode && len(additional.Content) == 0
	return len(types) == 0 || len(named) > 1 || slices.Equal(named, []string{"object"}) && free
}

// anything tells of a schema that says nothing of a value.
func (m *marker) anything(schema *yaml.Node) bool {
	return len(m.types(schema)) == 0 && m.untyped(schema)
}

// fields marks the properties of an object.
func (m *marker) fields(schema *yaml.Node, path string) {
	open := get(schema, "additionalProperties") != nil && text(schema, "additionalProperties") != "false"
	for name, p := range pairs(get(schema, "properties")) {
		at := path + member("properties") + member(name.Value)
		if p.Kind != yaml.MappingNode || text(p, skipPointer) == "false" {
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
