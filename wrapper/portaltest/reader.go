package portaltest

import (
	"errors"
	"strconv"
	"strings"
)

// object is a JSON object as the decoder makes it.
type object = map[string]any

// A reader walks a document and follows its references.
type reader struct {
	root     object
	compiler *compiler
	schemas  []*schema
}

// A node is an object of the document and where it lies, because schemas are compiled by location.
type node struct {
	r     *reader
	ptr   string // "#/paths/~1clients", after references
	value object
}

// at finds what lies at a pointer, such as "#/paths"; an empty node when nothing does.
func (r *reader) at(ptr string) node {
	n := node{r: r, ptr: "#", value: r.root}
	for token := range strings.SplitSeq(strings.TrimPrefix(ptr, "#/"), "/") {
		n = n.child(pointerUnescaper.Replace(token))
	}
	return n
}

// child is what lies under a key, through a reference if it is one.
func (n node) child(key string) node {
	value, _ := n.value[key].(object)
	return n.step(key, value)
}

// item is an entry of the list under a key.
func (n node) item(key string, i int) node {
	list, _ := n.value[key].([]any)
	value, _ := list[i].(object)
	return node{r: n.r, ptr: n.ptr + "/" + pointerEscaper.Replace(key)}.step(strconv.Itoa(i), value)
}

func (n node) step(key string, value object) node {
	if ref, ok := value["$ref"].(string); ok && strings.HasPrefix(ref, "#/") {
		return n.r.at(ref)
	}
	return node{r: n.r, ptr: n.ptr + "/" + pointerEscaper.Replace(key), value: value}
}

// schema is the one under key; nil when there is none.
func (n node) schema(key string) *schema {
	if _, ok := n.value[key]; !ok {
		return nil
	}
	return n.r.schema(n.ptr + "/" + pointerEscaper.Replace(key))
}

func (r *reader) schema(ptr string) *schema {
	s := &schema{compiler: r.compiler, ptr: ptr}
	r.schemas = append(r.schemas, s)
	return s
}

// A key in a JSON pointer.
var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

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
		op.body.content = content(b)
	}
	for status := range n.child("responses").value {
		op.replies[strings.ToUpper(status)] = &replySpec{content(n.child("responses").child(status))}
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

func content(n node) map[string]*schema {
	c := n.child("content")
	all := map[string]*schema{}
	for mediaType := range c.value {
		all[strings.ToLower(mediaType)] = c.child(mediaType).schema("schema")
	}
	return all
}
