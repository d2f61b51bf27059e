package portaltest

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// object is a JSON object as the decoder makes it.
type object = map[string]any

// schemaHome names the document towards the schema compiler. It is never fetched.
const schemaHome = "https://portaltest.invalid/openapi.json"

// A reader walks a document and follows its references.
type reader struct {
	root     object
	compiler *jsonschema.Compiler
}

// A node is an object of the document and where it lies, because schemas are compiled by location.
type node struct {
	r     *reader
	ptr   string // "#/paths/~1clients", after references
	value object
}

func (r *reader) at(ptr string) node {
	var v any = r.root
	for token := range strings.SplitSeq(strings.TrimPrefix(ptr, "#/"), "/") {
		switch x := v.(type) {
		case object:
			v = x[unescapePointer(token)]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(x) {
				return node{r: r, ptr: ptr}
			}
			v = x[i]
		default:
			return node{r: r, ptr: ptr}
		}
	}
	value, _ := v.(object)
	n := node{r: r, ptr: ptr, value: value}
	if ref, ok := value["$ref"].(string); ok && strings.HasPrefix(ref, "#/") && ref != ptr {
		return r.at(ref)
	}
	return n
}

func (n node) child(key string) node {
	return n.r.at(n.ptr + "/" + escapePointer(key))
}

// schema compiles the schema under key; nil when there is none.
func (n node) schema(key string) (*jsonschema.Schema, error) {
	if _, ok := n.value[key]; !ok {
		return nil, nil
	}
	return n.r.compile(n.ptr + "/" + escapePointer(key))
}

func (r *reader) compile(ptr string) (*jsonschema.Schema, error) {
	// A fragment is percent-encoded: path templates hold braces.
	s, err := r.compiler.Compile(schemaHome + "#" + (&url.URL{Path: ptr[1:]}).EscapedPath())
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", ptr, err)
	}
	return s, nil
}

func escapePointer(token string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
}

func unescapePointer(token string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
}

func (r *reader) operation(template, method string, item node) (*operation, error) {
	n := item.child(method)
	op := &operation{
		method:   strings.ToUpper(method),
		template: template,
		segments: strings.Split(strings.TrimPrefix(template, "/"), "/"),
		replies:  map[string]*replySpec{},
	}
	if op.id, _ = n.value["operationId"].(string); op.id == "" {
		return nil, errors.New("the operation has no operationId")
	}
	op.secured = r.secured(n)
	var err error
	if op.params, err = parameters(item, n); err != nil {
		return nil, err
	}
	for _, p := range op.params {
		op.freeForm = op.freeForm || p.freeForm
	}
	if n.value["requestBody"] != nil {
		b := n.child("requestBody")
		op.body = &requestBody{}
		op.body.required, _ = b.value["required"].(bool)
		if op.body.content, err = content(b); err != nil {
			return nil, err
		}
	}
	for status := range n.child("responses").value {
		spec := &replySpec{}
		if spec.content, err = content(n.child("responses").child(status)); err != nil {
			return nil, err
		}
		op.replies[strings.ToUpper(status)] = spec
	}
	return op, nil
}

// secured reports whether an operation needs credentials: by its own rule, else by the document's.
func (r *reader) secured(n node) bool {
	rules, ok := n.value["security"].([]any)
	if !ok {
		rules, _ = r.root["security"].([]any)
	}
	for _, rule := range rules {
		if alternatives, _ := rule.(object); len(alternatives) == 0 {
			return false
		}
	}
	return len(rules) > 0
}

func content(n node) (map[string]*jsonschema.Schema, error) {
	c := n.child("content")
	all := map[string]*jsonschema.Schema{}
	for mediaType := range c.value {
		s, err := c.child(mediaType).schema("schema")
		if err != nil {
			return nil, err
		}
		all[strings.ToLower(mediaType)] = s
	}
	return all, nil
}
