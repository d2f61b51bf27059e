package spec

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-openapi/jsonpointer"
	"github.com/speakeasy-api/openapi/json"
	"gopkg.in/yaml.v3"
)

// An Object is one of JSON. A document as a tree of them has its numbers by their digits.
type Object = map[string]any

// Decode reads a document of YAML or JSON.
func Decode(text []byte) (Object, error) {
	node, err := parse(text)
	if err != nil {
		return nil, err
	}
	return toTree(node.Content[0])
}

// toTree reads a date as a string.
func toTree(root *yaml.Node) (tree Object, err error) {
	var text bytes.Buffer
	if err := json.YAMLToJSON(clone(root), 0, &text); err != nil {
		return nil, err
	}
	decoder := stdjson.NewDecoder(&text)
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("the document holds something that JSON cannot, such as a number that is infinite: %w", err)
	}
	return tree, nil
}

// Get returns a member of a type, else its zero value.
func Get[T any](from Object, name string) T {
	value, _ := from[name].(T)
	return value
}

// Union returns the members of both objects, and those of the second where both have them.
func Union(a, b Object) Object {
	all := Object{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

// Lookup finds what a reference inside the document refers to by its place, nil when that is nothing.
func Lookup(tree Object, ref string) any {
	fragment, local := strings.CutPrefix(ref, "#")
	unescaped, err := url.PathUnescape(fragment)
	pointer, malformed := jsonpointer.New(unescaped)
	if !local || err != nil || malformed != nil {
		return nil
	}
	found, _, _ := pointer.Get(tree) // an error means that nothing is there
	return found
}

// Resolve follows the references of an object. What stands beside a reference is laid over what it refers to. The second
// result is the first reference, "" where there was none.
func Resolve(tree Object, value any) (node Object, first string) {
	node, _ = value.(Object)
	for range 32 { // a longer chain is a circle
		ref := Get[string](node, "$ref")
		next, ok := Lookup(tree, ref).(Object)
		if !ok {
			break
		}
		if first == "" {
			first = ref
		}
		beside := maps.Clone(node)
		delete(beside, "$ref")
		node = Union(next, beside)
	}
	return node, first
}

// An Operation is one operation of a document, with all that its path and the head of the document add to it.
type Operation struct {
	Method, Path string // "GET", "/clients/{clientId}"
	Node         Object
}

func (o Operation) String() string { return o.Method + " " + o.Path }

// Key is the same whatever the parameters of the path are called.
func (o Operation) Key() string { return PathParameter.ReplaceAllString(o.String(), "{}") }

// PathParameter matches a parameter in a path template.
var PathParameter = regexp.MustCompile(`\{[^{}]*\}`)

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// Operations returns the operations of a document, ordered by path. The parameters of each are a map.
func Operations(tree Object) (found []Operation) {
	paths := Get[Object](tree, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item, _ := Resolve(tree, paths[path])
		for _, method := range methods {
			node := maps.Clone(Get[Object](item, method))
			if node == nil {
				continue
			}
			parameters := Object{}
			for _, p := range slices.Concat(Get[[]any](item, "parameters"), Get[[]any](node, "parameters")) {
				parameters[parameterKey(tree, path, p)] = p
			}
			node["parameters"] = parameters
			for _, part := range []string{"servers", "security"} {
				for _, from := range []Object{item, tree} {
					if node[part] == nil && from[part] != nil {
						node[part] = from[part]
					}
				}
			}
			found = append(found, Operation{strings.ToUpper(method), path, node})
		}
	}
	return found
}

// parameterKey tells parameters apart: by place and name, those of the path by their order in it.
func parameterKey(tree Object, path string, p any) string {
	parameter, _ := Resolve(tree, p)
	in, name := Get[string](parameter, "in"), Get[string](parameter, "name")
	switch in {
	case "path":
		before, _, _ := strings.Cut(path, "{"+name+"}")
		name = strconv.Itoa(strings.Count(before, "{") + 1)
	case "header":
		name = strings.ToLower(name)
	}
	return in + " parameter " + name
}

// below says which kind of object stands below a key of an object that describes something: one of them, with a * a map of
// them whose keys are names, or a list of them. What stands below other keys is data, such as an example.
var below = map[string]string{
	"additionalProperties": "schema", "contains": "schema", "contentSchema": "schema", "else": "schema", "if": "schema",
	"items": "schema", "not": "schema", "propertyNames": "schema", "schema": "schema", "then": "schema", "unevaluatedItems": "schema",
	"unevaluatedProperties": "schema", "allOf": "schema", "anyOf": "schema", "oneOf": "schema", "prefixItems": "schema",
	"schemas": "*schema", "properties": "*schema", "patternProperties": "*schema", "$defs": "*schema", "dependentSchemas": "*schema",
	"paths": "*path item", "webhooks": "*path item", "pathItems": "*path item", "callbacks": "**path item",
	"get": "operation", "put": "operation", "post": "operation", "delete": "operation", "options": "operation", "head": "operation",
	"patch": "operation", "trace": "operation", "parameters": "*parameter", "requestBody": "body", "requestBodies": "*body",
	"responses": "*response", "headers": "*header", "content": "*media type", "encoding": "*encoding", "links": "*link",
	"servers": "server", "variables": "*server variable", "components": "components", "securitySchemes": "*security scheme",
}

// Walk visits the objects of a document, each before what is below it. So what only looks like a schema, as an example or a
// property that is called properties does, is never taken for one.
func Walk(tree Object, visit func(node Object, kind string)) { walk(tree, "document", visit) }

func walk(value any, kind string, visit func(node Object, kind string)) {
	switch value := value.(type) {
	case Object:
		inner, isMap := strings.CutPrefix(kind, "*")
		if !isMap {
			visit(value, kind)
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if isMap {
				walk(value[key], inner, visit)
			} else if of := below[key]; of != "" {
				walk(value[key], of, visit)
			}
		}
	case []any:
		for _, item := range value {
			walk(item, strings.TrimPrefix(kind, "*"), visit)
		}
	}
}
