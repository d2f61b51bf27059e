package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/portalclient/portal-client-go/internal/spec"
)

// A level says what a change does to those who use the API through this module.
type level int

// The levels of a change.
const (
	added level = iota - 1 // the operation is new
	harmless
	mayBreak
	breaks
)

// A change is one difference between two documents that a program can notice.
type change struct {
	Level      level
	Texts      []string
	Operations []spec.Operation // those it concerns; none for the document as a whole

	// The operation as it was, and with nothing but this change. Without a node when all of the operation is concerned.
	was, is spec.Operation
}

// absent stands for a value that is not there.
type absent struct{}

// A comparer compares documents that are reduced to what matters on the wire.
type comparer struct {
	before, after spec.Object
	changes       []*change
	known         map[string]*change // by place: operations share what is in components

	// What is compared now: an operation, and the part of it below one key.
	was, is spec.Operation
	part    string
	visited map[string]bool // pairs of objects
}

func (c *comparer) add(l level, op []spec.Operation, format string, args ...any) *change {
	made := &change{Level: l, Operations: op, Texts: []string{fmt.Sprintf(format, args...)}}
	c.changes = append(c.changes, made)
	return made
}

// compare returns what differs between two documents that were reduced by onWire.
func compare(before, after spec.Object) []*change {
	c := &comparer{before: before, after: after, known: map[string]*change{}}
	old, ids := map[string]spec.Operation{}, map[any]spec.Operation{}
	for _, op := range spec.Operations(before) {
		old[op.Key()], ids[op.Node["operationId"]] = op, op
	}
	for _, op := range spec.Operations(after) {
		id := op.Node["operationId"]
		if was, ok := old[op.Key()]; ok {
			delete(old, op.Key())
			c.operation(was, op)
		} else if was, moved := ids[id]; moved && id != nil {
			c.add(added, []spec.Operation{op}, "added, with the operationId that %s had", was)
			c.operation(was, op)
		} else if reflect.DeepEqual(op.Node["servers"], after["servers"]) {
			c.add(added, []spec.Operation{op}, "added")
		} else {
			c.add(mayBreak, []spec.Operation{op}, "added, with servers of its own: the client asks that of the document")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(old)) {
		c.add(breaks, []spec.Operation{old[key]}, "removed")
	}
	// Servers and security of the document are compared as those of its operations.
	for _, part := range []string{"webhooks", "jsonSchemaDialect", "components/securitySchemes"} {
		was, is := spec.Lookup(before, "#/"+part), spec.Lookup(after, "#/"+part)
		if !reflect.DeepEqual(was, is) {
			c.add(mayBreak, nil, "%s: %s", part, fromTo(was, is))
		}
	}
	return c.changes
}

func (c *comparer) operation(was, is spec.Operation) {
	c.was, c.is = was, is
	for _, part := range union(was.Node, is.Node) {
		if part != "operationId" {
			c.part, c.visited = part, map[string]bool{}
			c.value(valueOf(was.Node, part), valueOf(is.Node, part), part, func(v any) any { return with(was.Node, part, v) })
		}
	}
}

// value compares what two documents have in the same place. The place is in words, from the last component on. Around
// returns the operation as it was with another value in that place.
func (c *comparer) value(old, now any, place string, around func(any) any) {
	oldObject, oldRef := spec.Resolve(c.before, old)
	nowObject, nowRef := spec.Resolve(c.after, now)
	oldList, isList := old.([]any)
	nowList, areLists := now.([]any)
	switch {
	case oldObject != nil && nowObject != nil:
		pair := fmt.Sprintf("%p %p", old, now)
		if c.visited[pair] {
			return
		}
		c.visited[pair] = true
		if oldRef != "" && nowRef != "" {
			place = c.part + " " + strings.TrimPrefix(oldRef, "#/components/")
			oldObject["title"], nowObject["title"] = path.Base(oldRef), path.Base(oldRef) // by which oasdiff calls the schema
		}
		for _, key := range union(oldObject, nowObject) {
			if key == "name" && spec.Get[string](oldObject, "in") == "path" {
				continue // only the path template and the parameter itself must call it the same
			}
			c.value(valueOf(oldObject, key), valueOf(nowObject, key), place+"/"+key, func(v any) any { return around(with(oldObject, key, v)) })
		}
	case isList && areLists && len(oldList) == len(nowList):
		for i := range oldList {
			c.value(oldList[i], nowList[i], fmt.Sprintf("%s/%d", place, i), func(v any) any {
				items := slices.Clone(oldList)
				items[i] = v
				return around(items)
			})
		}
	case !reflect.DeepEqual(old, now):
		c.found(old, now, place, around)
	}
}

// found notes a difference, once for all operations that have the same, as those that share a component.
func (c *comparer) found(old, now any, place string, around func(any) any) {
	key := place + ": " + asJSON(old) + " → " + asJSON(now)
	if known := c.known[key]; known != nil {
		if known.Operations[len(known.Operations)-1].Key() != c.is.Key() {
			known.Operations = append(known.Operations, c.is)
		}
		return
	}
	found := c.add(mayBreak, []spec.Operation{c.is}, "%s: %s", place, fromTo(old, now))
	found.was, found.is = c.was, c.was
	found.was.Node, _ = around(old).(spec.Object)
	found.is.Node, _ = around(now).(spec.Object)
	c.known[key] = found
}

// Keywords that say nothing about what goes over the wire.
var words = []string{"description", "summary", "title", "example", "examples", "externalDocs", "tags", "$comment"}

// onWire reduces a document to what matters on the wire: without words, examples and extensions, without what holds
// anyway, and with lists that are sets in one order.
func onWire(tree spec.Object) {
	spec.Walk(tree, func(node spec.Object, _ string) {
		for key, value := range node {
			if slices.Contains(words, key) || strings.HasPrefix(key, "x-") || isDefault(node, key) {
				delete(node, key)
			}
			set, ok := value.([]any)
			if ok && slices.Contains([]string{"enum", "required", "type", "security"}, key) {
				slices.SortFunc(set, func(a, b any) int { return strings.Compare(asJSON(a), asJSON(b)) })
			}
			if key == "type" && len(set) == 1 {
				node[key] = set[0]
			}
		}
	})
}

// isDefault tells whether a keyword says what holds without it.
func isDefault(node spec.Object, keyword string) bool {
	value := node[keyword]
	form := node["in"] == "query" || node["in"] == "cookie"
	switch keyword {
	case "required", "deprecated", "nullable", "readOnly", "writeOnly", "uniqueItems", "allowReserved", "allowEmptyValue":
		return value == false
	case "additionalProperties", "unevaluatedProperties":
		open, ok := value.(spec.Object)
		return value == true || ok && len(open) == 0
	case "style":
		return value == "form" && form || value == "simple" && (node["in"] == "path" || node["in"] == "header")
	case "explode":
		return node["in"] != nil && value == (form && (node["style"] == nil || node["style"] == "form"))
	}
	return false
}

func union(a, b spec.Object) []string { return slices.Sorted(maps.Keys(spec.Union(a, b))) }

func valueOf(node spec.Object, key string) any {
	if value, there := node[key]; there {
		return value
	}
	return absent{}
}

// with returns an object with another value below a key.
func with(node spec.Object, key string, value any) spec.Object {
	result := spec.Union(node, spec.Object{key: value})
	if value == (absent{}) {
		delete(result, key)
	}
	return result
}

// fromTo writes a difference in one line.
func fromTo(old, now any) string {
	short := func(v any) string {
		switch line := asJSON(v); {
		case v == nil, v == absent{}:
			return "nothing"
		case len(line) > 120:
			return strings.ToValidUTF8(line[:117], "") + "…"
		default:
			return line
		}
	}
	return short(old) + " → " + short(now)
}

func asJSON(v any) string {
	line, _ := json.Marshal(v) // what was JSON can be JSON again
	return string(line)
}
