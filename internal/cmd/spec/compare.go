package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// A level says what a change does to those who use the API through this module.
type level int

// The levels of a change.
const (
	harmless level = iota
	mayBreak
	breaks
)

// A change is one difference between two documents that a program can notice.
type change struct {
	Level      level
	Texts      []string
	Operations []operation // those it concerns; none for the document as a whole
	added      bool        // the operation is new

	// The way to it through the operation as it was, nil when all of the operation is concerned, and what is there
	// before and after. A negative number in the way stands for a new element of a list.
	was      operation
	way      []any
	from, to any
}

// absent stands for a value that is not there.
type absent struct{}

// A comparer compares documents that are reduced to what matters on the wire.
type comparer struct {
	before, after object
	changes       []*change
	known         map[string]*change // by place: operations share what is in components
	visited       map[string]bool    // pairs of components that were compared for this operation
	was, is       operation
}

func (c *comparer) add(l level, op []operation, format string, args ...any) *change {
	added := &change{Level: l, Operations: op, Texts: []string{fmt.Sprintf(format, args...)}}
	c.changes = append(c.changes, added)
	return added
}

// compare returns what differs between two documents that were reduced by onWire.
func compare(before, after object) []*change {
	c := &comparer{before: before, after: after, known: map[string]*change{}}
	old, ids := map[string]operation{}, map[string]string{}
	for _, op := range operationsOf(before) {
		old[op.key] = op
		ids[get[string](op.node, "operationId")] = op.key
	}
	current := operationsOf(after)
	stays := map[string]bool{}
	for _, op := range current {
		stays[op.key] = true
	}
	for _, op := range current {
		was, ok := old[op.key]
		delete(old, op.key)
		if key := ids[get[string](op.node, "operationId")]; !ok && key != "" && !stays[key] && get[string](op.node, "operationId") != "" {
			if was, ok = old[key]; ok {
				c.add(breaks, []operation{op}, "moved here from %s", was)
				delete(old, key)
			}
		}
		if ok {
			c.operation(was, op)
		} else {
			c.add(harmless, []operation{op}, "added").added = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(old)) {
		c.add(breaks, []operation{old[key]}, "removed")
	}
	c.head()
	return c.changes
}

// head compares what the head of a document says for all operations.
func (c *comparer) head() {
	for _, part := range []string{"servers", "security", "webhooks", "jsonSchemaDialect", "components/securitySchemes"} {
		was, is := lookUp(c.before, "#/"+part), lookUp(c.after, "#/"+part)
		if !reflect.DeepEqual(was, is) {
			c.add(mayBreak, nil, "%s: %s", part, fromTo(was, is))
		}
	}
}

func (c *comparer) operation(was, is operation) {
	c.was, c.is, c.visited = was, is, map[string]bool{}
	for _, part := range union(was.node, is.node) {
		old, now := valueOf(was.node, part), valueOf(is.node, part)
		switch {
		case part == "operationId":
		case part == "parameters":
			c.parameters(get[[]any](was.node, part), get[[]any](is.node, part))
		case reflect.DeepEqual(old, valueOf(c.before, part)) && reflect.DeepEqual(now, valueOf(c.after, part)):
			// Servers or security of the document as a whole.
		default:
			c.value([]any{part}, old, now, part)
		}
	}
}

// parameters compares two lists whose order means nothing.
func (c *comparer) parameters(old, now []any) {
	rest := object{}
	for _, p := range now {
		rest[parameterKey(c.after, c.is.path, p)] = p
	}
	for i, p := range old {
		key := parameterKey(c.before, c.was.path, p)
		c.value([]any{"parameters", i}, p, valueOf(rest, key), key)
		delete(rest, key)
	}
	for _, key := range slices.Sorted(maps.Keys(rest)) {
		c.found([]any{"parameters", -1}, absent{}, rest[key], key)
	}
}

// value compares what two documents have in the same place. The place is in words, from the last component on.
func (c *comparer) value(way []any, old, now any, place string) {
	oldObject, oldRef := resolve(c.before, old)
	nowObject, nowRef := resolve(c.after, now)
	oldList, isList := old.([]any)
	nowList, areLists := now.([]any)
	switch {
	case oldObject != nil && nowObject != nil:
		if oldRef != "" && nowRef != "" {
			pair := fmt.Sprint(way[0], oldRef, nowRef)
			if c.visited[pair] {
				return
			}
			c.visited[pair] = true
			place = fmt.Sprint(way[0], " ", strings.TrimPrefix(oldRef, "#/components/"))
		}
		for _, key := range union(oldObject, nowObject) {
			if key != "name" || oldObject["in"] != "path" {
				c.value(slices.Concat(way, []any{key}), valueOf(oldObject, key), valueOf(nowObject, key), place+"/"+key)
			}
		}
	case isList && areLists && len(oldList) == len(nowList):
		for i := range oldList {
			c.value(slices.Concat(way, []any{i}), oldList[i], nowList[i], fmt.Sprintf("%s/%d", place, i))
		}
	case !reflect.DeepEqual(old, now):
		c.found(way, old, now, place)
	}
}

// found notes a difference, once for all operations that have the same, as those that share a component.
func (c *comparer) found(way []any, old, now any, place string) {
	key := place + ": " + asJSON(old) + " → " + asJSON(now)
	if known := c.known[key]; known != nil {
		if known.Operations[len(known.Operations)-1].key != c.is.key {
			known.Operations = append(known.Operations, c.is)
		}
		return
	}
	found := c.add(mayBreak, []operation{c.is}, "%s: %s", place, fromTo(old, now))
	found.was, found.way, found.from, found.to = c.was, way, old, now
	c.known[key] = found
}

// Keywords that say nothing about what goes over the wire.
var words = []string{"description", "summary", "title", "example", "examples", "externalDocs", "tags", "$comment"}

// onWire reduces a document, or what a keyword of it holds, to what matters on the wire: without words, examples and
// extensions, without what holds anyway, and with lists that are sets in one order.
func onWire(value any, keyword string) any {
	switch value := value.(type) {
	case object:
		result := object{}
		for key, inner := range value {
			switch {
			case slices.Contains(named, keyword):
				result[key] = onWire(inner, "")
			case !slices.Contains(words, key) && !strings.HasPrefix(key, "x-") && !isDefault(value, key):
				result[key] = onWire(inner, key)
			}
		}
		return result
	case []any:
		result := make([]any, len(value))
		for i := range value {
			result[i] = onWire(value[i], "")
		}
		if slices.Contains([]string{"enum", "required", "type", "security"}, keyword) {
			slices.SortFunc(result, func(a, b any) int { return strings.Compare(asJSON(a), asJSON(b)) })
		}
		if keyword == "type" && len(result) == 1 {
			return result[0]
		}
		return result
	}
	return value
}

// isDefault tells whether a keyword says what holds without it.
func isDefault(node object, keyword string) bool {
	value := node[keyword]
	form := node["in"] == "query" || node["in"] == "cookie"
	switch keyword {
	case "required", "deprecated", "nullable", "readOnly", "writeOnly", "uniqueItems", "allowReserved", "allowEmptyValue":
		return value == false
	case "additionalProperties", "unevaluatedProperties":
		open, ok := value.(object)
		return value == true || ok && len(open) == 0
	case "style":
		return value == "form" && form || value == "simple" && (node["in"] == "path" || node["in"] == "header")
	case "explode":
		return node["in"] != nil && value == (form && (node["style"] == nil || node["style"] == "form"))
	}
	return false
}

func union(a, b object) []string { return slices.Sorted(maps.Keys(with(a, b))) }

func valueOf(node object, key string) any {
	if value, there := node[key]; there {
		return value
	}
	return absent{}
}

// fromTo writes a difference in one line.
func fromTo(old, now any) string {
	short := func(v any) string {
		line := asJSON(v)
		if len(line) > 120 {
			return strings.ToValidUTF8(line[:117], "") + "…"
		}
		return line
	}
	switch {
	case old == nil, old == absent{}:
		return "new, " + short(now)
	case now == nil, now == absent{}:
		return "no longer " + short(old)
	}
	return short(old) + " → " + short(now)
}

func asJSON(v any) string {
	line, _ := json.Marshal(v) // what was JSON can be JSON again
	return string(line)
}
