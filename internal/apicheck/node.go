package apicheck

import (
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// object is a JSON object as the decoder makes it.
type object = map[string]any

// A node is a value of the document and where it lies, because schemas are compiled by location.
type node struct {
	d     *Document
	ptr   string // "#/paths/~1clients", after references
	value any
}

// at finds what lies at a pointer such as "#/paths"; an empty node when nothing does.
func (d *Document) at(ptr string) node {
	n := node{d, "#", d.root}
	if unescaped, err := url.PathUnescape(ptr); err == nil {
		ptr = unescaped
	}
	for _, token := range strings.Split(ptr, "/")[1:] {
		n = n.raw(pointerUnescaper.Replace(token))
	}
	return n
}

// raw is what lies under a key or index, be it a reference or not.
func (n node) raw(key string) node {
	child := node{d: n.d, ptr: n.ptr + pointer(key)}
	switch v := n.value.(type) {
	case object:
		child.value = v[key]
	case []any:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(v) {
			child.value = v[i]
		}
	}
	return child
}

// get is what lies under a key, or what a reference there leads to.
func (n node) get(key string) node {
	n = n.raw(key)
	for range 16 { // a reference may lead to a reference
		ref := n.text("$ref")
		if !strings.HasPrefix(ref, "#/") {
			break
		}
		n = n.d.at(ref)
	}
	return n
}

// children goes through the members of an object, sorted, or the items of a list.
func (n node) children() iter.Seq2[string, node] {
	keys := slices.Sorted(maps.Keys(n.object()))
	for i := range listOf(n.value) {
		keys = append(keys, strconv.Itoa(i))
	}
	return func(yield func(string, node) bool) {
		for _, key := range keys {
			if !yield(key, n.get(key)) {
				return
			}
		}
	}
}

func (n node) object() object { return asObject(n.value) }

func (n node) text(key string) string {
	text, _ := n.object()[key].(string)
	return text
}

func asObject(v any) object {
	o, _ := v.(object)
	return o
}

func listOf(v any) []any {
	list, _ := v.([]any)
	return list
}

// pointer is a JSON pointer of keys.
func pointer(keys ...string) (ptr string) {
	for _, key := range keys {
		ptr += "/" + pointerEscaper.Replace(key)
	}
	return ptr
}

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)
