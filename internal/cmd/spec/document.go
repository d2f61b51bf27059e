package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
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

// A document is an OpenAPI document as text and as a tree of JSON values.
type document struct {
	Name, SHA256     string
	OpenAPI, Version string // the version of the specification, and info.version
	Text             []byte
	Tree             map[string]any
}

// readDocument reads a file; a relative name starts at folder.
func readDocument(folder, name string) (*document, error) {
	if strings.Contains(name, "://") {
		return nil, fmt.Errorf("%s is an address; download the document and name the file", name)
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s is not a file", name), err)
	}
	if info.Size() > maxDocument {
		return nil, fmt.Errorf("%s is larger than %d MiB, which no description of this API is", name, maxDocument>>20)
	}
	content, err := os.ReadFile(path)
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
	d.OpenAPI, d.Version = text(d.Tree, "openapi"), text(member(d.Tree, "info"), "version")
	if !strings.HasPrefix(d.OpenAPI, "3.") {
		return nil, fmt.Errorf("%s is not an OpenAPI 3 document: its version of OpenAPI is %v", name, d.Tree["openapi"])
	}
	return d, nil
}

// decode reads a JSON object, and numbers by their digits.
func decode(asJSON []byte) (object map[string]any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(asJSON))
	decoder.UseNumber()
	return object, decoder.Decode(&object)
}

func (d *document) String() string {
	return fmt.Sprintf("%s: OpenAPI %s, version %s, %s, sha256 %s…", d.Name, d.OpenAPI, d.Version,
		plural(len(operationsOf(d.Tree)), "operation", "operations"), d.SHA256[:12])
}

// An operation is one operation of a document, with all that its path and the document's head add to it.
type operation struct {
	method, path string // "GET", "/clients/{clientId}"
	key          string // the same whatever the path parameters are called
	node         map[string]any
}

func (o operation) String() string { return o.method + " " + o.path }

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

var parameterName = regexp.MustCompile(`\{([^{}]*)\}`)

func operationKey(method, path string) string {
	return strings.ToUpper(method) + " " + parameterName.ReplaceAllString(path, "{}")
}

// operationsOf returns the operations of a document, ordered by path.
func operationsOf(tree map[string]any) (found []operation) {
	paths := member(tree, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item, _ := resolve(tree, paths[path])
		for _, method := range methods {
			if item[method] == nil {
				continue
			}
			op := operation{strings.ToUpper(method), path, operationKey(method, path), maps.Clone(member(item, method))}
			own := list(op.node, "parameters")
			for _, p := range list(item, "parameters") {
				same := func(q any) bool { return parameterKey(tree, path, q) == parameterKey(tree, path, p) }
				if !slices.ContainsFunc(own, same) {
					op.node["parameters"] = append(slices.Clone(list(op.node, "parameters")), p)
				}
			}
			for _, part := range []string{"servers", "security"} {
				for _, from := range []map[string]any{item, tree} {
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
func parameterKey(tree map[string]any, path string, p any) string {
	parameter, _ := resolve(tree, p)
	in, name := text(parameter, "in"), text(parameter, "name")
	switch in {
	case "path":
		before, _, _ := strings.Cut(path, "{"+name+"}")
		name = strconv.Itoa(strings.Count(before, "{") + 1)
	case "header":
		name = strings.ToLower(name)
	}
	return in + " parameter " + name
}

// member returns a member that is an object, else nil.
func member(object map[string]any, name string) map[string]any {
	value, _ := object[name].(map[string]any)
	return value
}

// list returns a member that is a list, else nil.
func list(object map[string]any, name string) []any {
	value, _ := object[name].([]any)
	return value
}

// text returns a member that is a string, else "".
func text(object map[string]any, name string) string {
	value, _ := object[name].(string)
	return value
}

// lookUp finds what a reference inside the document refers to, nil when that is nothing.
func lookUp(tree map[string]any, ref string) (found any) {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		visitKeywords(tree, "", func(object map[string]any) {
			for _, keyword := range []string{"$anchor", "$dynamicAnchor"} {
				if name := text(object, keyword); name != "" && "#"+name == ref {
					found = object
				}
			}
		})
		return found
	}
	found = tree
	for step := range strings.SplitSeq(pointer, "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~", "%7B", "{", "%7D", "}").Replace(step)
		switch node := found.(type) {
		case map[string]any:
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
func resolve(tree map[string]any, value any) (object map[string]any, first string) {
	object, _ = value.(map[string]any)
	for range 32 { // a longer chain is a circle
		ref := text(object, "$ref")
		if ref == "" {
			break
		}
		next, ok := lookUp(tree, ref).(map[string]any)
		if !ok {
			break
		}
		if first == "" {
			first = ref
		}
		merged := maps.Clone(next)
		for key, beside := range object {
			if key != "$ref" {
				merged[key] = beside
			}
		}
		object = merged
	}
	return object, first
}

// Keywords whose members have names that the API gives.
var named = []string{"properties", "patternProperties", "$defs", "dependentSchemas", "dependentRequired", "responses", "content",
	"headers", "variables", "mapping", "encoding", "callbacks", "links", "paths", "webhooks", "schemas", "parameters",
	"requestBodies", "securitySchemes", "pathItems"}

// Keywords whose values are values of the API.
var data = []string{"example", "examples", "default", "const", "enum"}

// visitKeywords calls visit for every object of what a keyword holds, "" for the document, that describes something and
// is not merely data, such as an example.
func visitKeywords(value any, keyword string, visit func(map[string]any)) {
	switch value := value.(type) {
	case map[string]any:
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
