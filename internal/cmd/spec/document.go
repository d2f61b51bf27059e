package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/portalclient/portal-client-go/internal/spec"
)

// maxDocument is the size of the largest document that is read. Portal's whole document is expected below 1 MiB;
// comparing and generating take a hundred times its size in memory.
const maxDocument = 8 << 20

// An object is one of JSON.
type object = map[string]any

// A document is an OpenAPI document as text and as a tree of JSON values.
type document struct {
	Name, SHA256     string
	OpenAPI, Version string // the version of the specification, and info.version
	Text             []byte
	Tree             object
}

func readDocument(name string) (*document, error) {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s is not a file", name), err)
	} else if info.Size() > maxDocument {
		return nil, fmt.Errorf("%s is larger than %d MiB, which no description of this API is", name, maxDocument>>20)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var guard any // the library refuses what would become very large because of its aliases
	if err := yaml.Unmarshal(content, &guard); err != nil {
		return nil, fmt.Errorf("%s is not YAML: %s", name, oneLine(err.Error()))
	}
	d := &document{Name: name, SHA256: fmt.Sprintf("%x", sha256.Sum256(content)), Text: content}
	asJSON, err := spec.JSON(content)
	if err == nil {
		d.Tree, err = decode(asJSON)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is not an OpenAPI document: %w", name, err)
	}
	d.OpenAPI, d.Version = get[string](d.Tree, "openapi"), get[string](get[object](d.Tree, "info"), "version")
	if !strings.HasPrefix(d.OpenAPI, "3.") {
		return nil, fmt.Errorf("%s is not an OpenAPI 3 document: its version of OpenAPI is %v", name, d.Tree["openapi"])
	}
	return d, nil
}

// decode reads a JSON object, and numbers by their digits.
func decode(asJSON []byte) (node object, err error) {
	decoder := json.NewDecoder(bytes.NewReader(asJSON))
	decoder.UseNumber()
	err = decoder.Decode(&node)
	return node, err
}

func (d *document) String() string {
	return fmt.Sprintf("%s: OpenAPI %s, version %s, %s, sha256 %s…", d.Name, d.OpenAPI, d.Version,
		plural(len(operationsOf(d.Tree)), "operation", "operations"), d.SHA256[:12])
}

// An operation is one operation of a document, with all that its path and the document's head add to it.
type operation struct {
	method, path string // "GET", "/clients/{clientId}"
	key          string // the same whatever the path parameters are called
	node         object
}

func (o operation) String() string { return o.method + " " + o.path }

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

var parameterName = regexp.MustCompile(`\{([^{}]*)\}`)

func operationKey(method, path string) string {
	return strings.ToUpper(method) + " " + parameterName.ReplaceAllString(path, "{}")
}

// operationsOf returns the operations of a document, ordered by path.
func operationsOf(tree object) (found []operation) {
	paths := get[object](tree, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item, _ := resolve(tree, paths[path])
		for _, method := range methods {
			if item[method] == nil {
				continue
			}
			op := operation{strings.ToUpper(method), path, operationKey(method, path), maps.Clone(get[object](item, method))}
			own := get[[]any](op.node, "parameters")
			for _, p := range get[[]any](item, "parameters") {
				same := func(q any) bool { return parameterKey(tree, path, q) == parameterKey(tree, path, p) }
				if !slices.ContainsFunc(own, same) {
					op.node["parameters"] = append(slices.Clone(get[[]any](op.node, "parameters")), p)
				}
			}
			for _, part := range []string{"servers", "security"} {
				for _, from := range []object{item, tree} {
					if op.node[part] == nil && from[part] != nil {
						op.node[part] = from[part]
					}
				}
			}
			found = append(found, op)
		}
	}
	return found
}

// parameterKey tells parameters apart: by place and name, those of the path by their order in it.
func parameterKey(tree object, path string, p any) string {
	parameter, _ := resolve(tree, p)
	in, name := get[string](parameter, "in"), get[string](parameter, "name")
	switch in {
	case "path":
		before, _, _ := strings.Cut(path, "{"+name+"}")
		name = strconv.Itoa(strings.Count(before, "{") + 1)
	case "header":
		name = strings.ToLower(name)
	}
	return in + " parameter " + name
}

// get returns a member of a type, else its zero value.
func get[T any](from object, name string) T {
	value, _ := from[name].(T)
	return value
}

// lookUp finds what a reference inside the document refers to, nil when that is nothing.
func lookUp(tree object, ref string) (found any) {
	pointer, ok := strings.CutPrefix(ref, "#/")
	switch {
	case ref == "":
		return nil
	case !ok:
		visitKeywords(tree, "", func(node object) {
			for _, keyword := range []string{"$anchor", "$dynamicAnchor"} {
				if name := get[string](node, keyword); name != "" && "#"+name == ref {
					found = node
				}
			}
		})
		return found
	}
	found = tree
	for step := range strings.SplitSeq(pointer, "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~", "%7B", "{", "%7D", "}").Replace(step)
		switch node := found.(type) {
		case object:
			found = node[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(node) {
				return nil
			}
			found = node[i]
		default:
			return nil
		}
	}
	return found
}

// resolve follows the references of an object. What stands beside a reference is laid over what it refers to. The second
// result is the first reference, "" where there was none.
func resolve(tree object, value any) (node object, first string) {
	node, _ = value.(object)
	for range 32 { // a longer chain is a circle
		ref := get[string](node, "$ref")
		next, ok := lookUp(tree, ref).(object)
		if !ok {
			break
		}
		if first == "" {
			first = ref
		}
		merged := maps.Clone(next)
		for key, beside := range node {
			if key != "$ref" {
				merged[key] = beside
			}
		}
		node = merged
	}
	return node, first
}

// Keywords whose members have names that the API gives.
var named = []string{"properties", "patternProperties", "$defs", "dependentSchemas", "dependentRequired", "responses", "content",
	"headers", "variables", "mapping", "encoding", "callbacks", "links", "paths", "webhooks", "schemas", "parameters",
	"requestBodies", "securitySchemes", "pathItems"}

// Keywords whose values are values of the API.
var data = []string{"example", "examples", "default", "const", "enum"}

// visitKeywords calls visit for every object of what a keyword holds, "" for the document, that describes something and
// is not merely data, such as an example.
func visitKeywords(value any, keyword string, visit func(object)) {
	switch value := value.(type) {
	case object:
		names := slices.Contains(named, keyword)
		if !names {
			visit(value)
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if names {
				visitKeywords(value[key], "", visit)
			} else if !slices.Contains(data, key) && !strings.HasPrefix(key, "x-") {
				visitKeywords(value[key], key, visit)
			}
		}
	case []any:
		for _, item := range value {
			visitKeywords(item, "", visit)
		}
	}
}

// oneLine keeps a message readable in a list: kin-openapi prints the schema and the value below it.
func oneLine(message string) string {
	message, _, _ = strings.Cut(message, "\nSchema:")
	return strings.Join(strings.Fields(message), " ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
