package spec

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

const skipPointer = "x-go-type-skip-optional-pointer"

// mark tells the generator of each field and parameter of a document what holds for all of its form.
func mark(merged Object) {
	m := marker{merged}
	charset := regexp.MustCompile(`(?i)^application/json *; *charset=`)
	Walk(merged, func(node Object, kind string) {
		switch kind {
		case "parameter":
			// An optional parameter is a pointer. As a plain value it would be sent even when nobody set it, as an empty text,
			// a zero or a false. A nil list or map is not sent. The same holds of what an object has as a parameter.
			schema, _ := Resolve(m.merged, node["schema"])
			types, properties := m.types(schema), Get[Object](schema, "properties")
			isList, isMap := slices.Contains(types, "array"), slices.Contains(types, "object") && properties == nil
			// What may be of several types is a text here. Raw JSON would be sent byte by byte.
			several := func(s Object) bool {
				return m.untyped(s) || s["x-go-type"] == "json.RawMessage" || len(branches(s)) > 1 && !m.nullable(s)
			}
			if items, _ := Resolve(m.merged, schema["items"]); schema != nil && (several(schema) || isList && several(items)) {
				text := map[bool]string{isList: "[]string", isMap: "map[string]string"}[true]
				node["schema"] = Union(schema, Object{"x-go-type": cmp.Or(text, "string")})
			}
			if node["in"] == nil || node["in"] == "path" || isList || isMap {
				return
			}
			node[skipPointer] = false
			required := Get[[]any](schema, "required")
			for name := range properties {
				properties[name] = Union(Get[Object](properties, name), Object{skipPointer: false, "x-omitempty": !slices.Contains(required, any(name))})
			}
		case "response", "body":
			// JSON is UTF-8 in any case. The generator takes what says so for something else than JSON.
			content := Get[Object](node, "content")
			for name, media := range content {
				if charset.MatchString(name) && content["application/json"] == nil {
					content["application/json"] = media
					delete(content, name)
				}
			}
		case "schema":
			if m.untyped(node) {
				node["x-go-type"] = "json.RawMessage"
			} else if node["additionalProperties"] == true {
				node["additionalProperties"] = Object{} // which is marked next: a map of any values would round numbers
			}
			m.fields(node)
		}
	})
}

// A marker marks a document.
type marker struct{ merged Object }

// untyped tells of a schema that Go has no type for: any value, an object or a list of any, several types, or a list of them.
// As raw JSON it keeps every digit, and whatever stands there is decoded by those who look at it.
func (m marker) untyped(schema Object) bool {
	anything := func(branch any) bool {
		node, ok := branch.(Object)
		return ok && len(m.types(node)) == 0 && m.untyped(node)
	}
	if schema["properties"] == nil && schema["x-go-type"] == nil &&
		(schema["prefixItems"] != nil || slices.ContainsFunc(branches(schema), anything)) {
		return true
	}
	if slices.ContainsFunc([]string{"$ref", "x-go-type", "anyOf", "oneOf", "allOf", "properties", "items", "enum", "const"},
		func(key string) bool { _, ok := schema[key]; return ok }) {
		return false
	}
	types := m.types(schema)
	named := slices.DeleteFunc(slices.Clone(types), func(t string) bool { return t == "null" })
	free := schema["additionalProperties"] != false && len(Get[Object](schema, "additionalProperties")) == 0
	return len(types) == 0 || len(named) > 1 || slices.Contains(named, "array") || slices.Contains(named, "object") && free
}

// branches are the alternatives of a schema.
func branches(schema Object) []any {
	return slices.Concat(Get[[]any](schema, "anyOf"), Get[[]any](schema, "oneOf"))
}

// fields marks the properties of an object.
func (m marker) fields(schema Object) {
	additional, ok := schema["additionalProperties"]
	open := ok && additional != false
	for _, value := range Get[Object](schema, "properties") {
		p, ok := value.(Object)
		if !ok || p[skipPointer] == false {
			continue
		}
		types := m.types(p)
		container := slices.Contains(types, "array") || slices.Contains(types, "object") && p["properties"] == nil
		switch {
		case m.nullable(p) && !container, open && m.encodesEmpty(p), m.recursive(p):
			p[skipPointer] = false
			// The encoder of an open struct asks what is referred to, not the field.
			for _, branch := range branches(p) {
				if branch, ok := branch.(Object); ok && open && branch["$ref"] != nil {
					branch[skipPointer] = false
				}
			}
		default:
			p["x-omitempty"] = false
			if slices.Equal(types, []string{"number"}) {
				p["x-omitzero"] = true
			}
		}
	}
}

// recursive tells whether a property is, or is put together from, a schema that contains itself. No struct can.
func (m marker) recursive(p Object) bool {
	seen, first := map[string]bool{}, ""
	var contains func(schema any) bool
	contains = func(schema any) bool {
		node, _ := schema.(Object)
		ref := Get[string](node, "$ref")
		if ref != "" && seen[ref] {
			return ref == first
		}
		seen[ref], first = true, cmp.Or(first, ref)
		node, _ = Resolve(m.merged, node)
		parts := slices.Collect(maps.Values(Get[Object](node, "properties")))
		return slices.ContainsFunc(slices.Concat(Get[[]any](node, "allOf"), parts), contains)
	}
	return p["properties"] == nil && contains(p)
}

// encodesEmpty tells of a property of an open struct whether its encoder, which knows nothing of omitzero,
// would send the empty value. As a pointer it is left out.
func (m marker) encodesEmpty(p Object) bool {
	types := m.types(p)
	plain := len(types) == 1 && types[0] != "array" && types[0] != "object"
	return plain || p["$ref"] != nil || p["properties"] != nil || m.untyped(p)
}

// nullable tells whether null is one of the documented values of a property: it is not mistaken for an empty
// text, a zero or a false then, and is sent again as null where the field is required.
func (m marker) nullable(p Object) bool {
	return slices.Contains(m.types(p), "null") || slices.ContainsFunc(branches(p), func(branch any) bool {
		return slices.Equal(m.types(branch), []string{"null"})
	})
}

// types lists the types that a schema, or what it refers to, names.
func (m marker) types(schema any) (types []string) {
	node, _ := Resolve(m.merged, schema)
	if one, ok := node["type"].(string); ok {
		return []string{one}
	}
	for _, one := range Get[[]any](node, "type") {
		types = append(types, fmt.Sprint(one))
	}
	return types
}
