package contract

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A shape is what a schema allows, in the form that the builder needs.
type shape struct {
	object            // the keywords, those of references and of an allOf among them
	refs     []string // the references that were followed: a schema inside itself has the same ones again
	types    []string // without null; empty when anything goes
	null     bool
	branches [][]any // the members of each oneOf and anyOf, without null; several types are branches too
}

func readShape(doc *document, schema any) *shape {
	flat, alternatives, refs := doc.flatten(schema)
	sh := &shape{object: flat, refs: refs, types: textsOf(flat["type"])}
	sh.null = slices.Contains(sh.types, "null") || len(sh.types) == 0 && (alternatives != nil || flat["enum"] != nil)
	sh.types = slices.DeleteFunc(sh.types, func(t string) bool { return t == "null" })
	for _, members := range alternatives {
		null := false
		members = slices.DeleteFunc(slices.Clone(members), func(member any) bool {
			inner := readShape(doc, member)
			null = null || inner.null
			return inner.onlyNull()
		})
		sh.null = sh.null && null
		sh.branches = append(sh.branches, members)
	}
	if enum, ok := flat["enum"].([]any); ok {
		sh.null = sh.null && slices.Contains(enum, nil)
	}
	if len(sh.types) > 1 && sh.branches == nil && flat["enum"] == nil {
		var types []any
		for _, t := range sh.types {
			types = append(types, object{"allOf": []any{schema, object{"type": t}}})
		}
		sh.branches = [][]any{types}
	}
	return sh
}

func (sh *shape) onlyNull() bool {
	return sh.null && len(sh.types) == 0 && sh.branches == nil && sh.object["enum"] == nil
}

func (sh *shape) is(t string) bool { return len(sh.types) == 1 && sh.types[0] == t }

// textsOf is a list of texts, or one text as a list.
func textsOf(v any) (all []string) {
	list, _ := v.([]any)
	for _, item := range slices.Concat(list, []any{v}) {
		if text, ok := item.(string); ok {
			all = append(all, text)
		}
	}
	return all
}

// A place is where a value lies: in the schema, for the account, and in the value itself.
type place struct{ schema, pointer string }

// A builder makes one value.
type builder struct {
	*plan
	inst     *instance
	minimal  bool
	repeated bool       // the first value was not valid
	open     *openMarks // states to be shown
	stack    []*shape
	again    int // how often the same schema is inside itself on the stack
}

// choose takes one of the states that a place can have, which are ordered from the fullest to the emptiest,
// and notes that each of them is to be seen. Inside a schema that contains itself nothing is noted, for what
// lies deeper has the same properties again; and it is soon time to come to an end.
func (b *builder) choose(at string, states ...string) string {
	chosen := 0
	equal := states[0][0] == '=' || states[0][0] == '<' // none is fuller than another
	switch {
	case equal:
		chosen = b.rand.IntN(len(states))
	case b.minimal && b.firmly() || b.again > 1:
		chosen = len(states) - 1
	}
	for _, state := range states {
		if m := (mark{at, state}); b.Seen[m] == 0 && b.again == 0 && !slices.Contains(b.Expected, m) {
			b.Expected = append(b.Expected, m)
		}
	}
	open := slices.IndexFunc(states, func(state string) bool {
		return state[0] == '<' && b.open.leads[at+state] || (equal || state == states[0] || !b.open.inside[at]) && b.open.marks[mark{at, state}]
	})
	if open >= 0 && b.firmly() {
		chosen = open
	}
	delete(b.open.marks, mark{at, states[chosen]})
	b.inst.marks[mark{at, states[chosen]}] = true
	return states[chosen]
}

// firmly is mostly true: what does not go together, such as a minimal object and minProperties, is not tried forever.
func (b *builder) firmly() bool { return !b.repeated || b.rand.IntN(8) > 0 }

func (b *builder) value(sh *shape, at place) any {
	if len(b.stack) > 60 {
		return nil // the schema demands a value without end: the check will find fault with this one
	}
	before, same := b.again, 0
	for _, other := range b.stack {
		if sh.refs != nil && slices.Equal(sh.refs, other.refs) {
			same++
		}
	}
	b.again = max(b.again, same)
	b.stack = append(b.stack, sh)
	defer func() { b.again, b.stack = before, b.stack[:len(b.stack)-1] }()
	enum, isEnum := sh.object["enum"].([]any)
	if fixed, ok := sh.object["const"]; ok {
		enum, isEnum = []any{fixed}, true
	}
	isBody := b.goes == inRequest || b.goes == inReply // a parameter cannot tell null from a text
	switch {
	case sh.onlyNull(), sh.null && isBody && b.choose(at.schema, "not null", "null") == "null":
		return nil
	case isEnum:
		return b.oneOf(slices.DeleteFunc(slices.Clone(enum), func(v any) bool { return v == nil }), at)
	case sh.is("boolean"):
		return b.oneOf([]any{true, false}, at)
	case sh.branches != nil:
		return b.branch(sh, at)
	case sh.is("object"), len(sh.types) == 0 && (sh.object["properties"] != nil || sh.object["additionalProperties"] != nil):
		return b.members(sh, at)
	case sh.is("array"), len(sh.types) == 0 && (sh.object["items"] != nil || sh.object["prefixItems"] != nil):
		return b.items(sh, at)
	}
	return b.leaf(sh)
}

func (b *builder) oneOf(values []any, at place) any {
	var states []string
	for _, v := range values {
		states = append(states, "= "+string(text(v)))
	}
	if states == nil {
		return nil
	}
	return values[slices.Index(states, b.choose(at.schema, states...))]
}

// branch makes a value from one branch of each group; those of objects are put together.
func (b *builder) branch(sh *shape, at place) (made any) {
	whole := object{}
	if sh.object["properties"] != nil && len(sh.types) < 2 {
		whole = b.members(sh, at)
	}
	for _, group := range sh.branches {
		taken, inner := 0, at
		if len(group) > 1 {
			var names []string
			for i := range group {
				names = append(names, fmt.Sprintf("<%d>", i+1))
			}
			name := b.choose(at.schema, names...)
			taken, inner.schema = slices.Index(names, name), at.schema+name
		}
		made = b.value(readShape(b.doc, group[taken]), inner)
		if o, ok := made.(object); ok {
			maps.Copy(whole, o)
			made = whole
		}
	}
	return made
}

func (b *builder) members(sh *shape, at place) object {
	made := object{}
	properties, _ := sh.object["properties"].(object)
	hidden := map[bool]string{true: "writeOnly", false: "readOnly"}[b.goes == inReply]
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		p := readShape(b.doc, properties[name])
		if p.object[hidden] == true {
			continue
		}
		inner, states := place{at.schema + "." + name, at.pointer + "/" + escaper.Replace(name)}, []string{present, absent}
		required := slices.Contains(textsOf(sh.object["required"]), name)
		if required {
			states = states[:1]
		}
		if b.choose(inner.schema, states...) == absent {
			continue
		}
		made[name] = b.value(p, inner)
		if b.inst.silence(p, made[name], inner.pointer, required) && !p.bounded() {
			delete(b.inst.marks, mark{inner.schema, present}) // it comes to nothing, and could come to something
		}
	}
	extra, open := sh.object["additionalProperties"]
	if !open && properties == nil && sh.object["patternProperties"] == nil {
		open = true // it may hold anything
	}
	if !open || extra == false || b.choose(at.schema+"{}", present, absent) == absent {
		return made
	}
	for i := range 2 {
		name := b.name()
		if rule := sh.object["propertyNames"]; rule != nil {
			name = fmt.Sprint(b.leaf(readShape(b.doc, object{"allOf": []any{rule, object{"type": "string"}}})))
		}
		for properties[name] != nil || made[name] != nil {
			name += "x"
		}
		b.once(i, func() {
			made[name] = b.value(readShape(b.doc, extra), place{at.schema + "{}", at.pointer + "/" + escaper.Replace(name)})
		})
	}
	return made
}

func (b *builder) items(sh *shape, at place) any {
	least, _ := strconv.Atoi(fmt.Sprint(sh.object["minItems"]))
	most, err := strconv.Atoi(fmt.Sprint(sh.object["maxItems"]))
	first, _ := sh.object["prefixItems"].([]any)
	if sh.object["items"] == false {
		most, err = len(first), nil
	}
	if b.goes != inRequest && b.goes != inReply {
		least = max(1, least) // a parameter cannot tell an empty list from none
	}
	counts := map[string]int{"n items": max(2, least), "1 item": 1, "0 items": 0}
	states := slices.DeleteFunc([]string{"n items", "1 item", "0 items"}, func(state string) bool {
		return counts[state] < least || err == nil && counts[state] > most
	})
	if len(states) == 0 {
		return nil
	}
	items, item := []any{}, readShape(b.doc, sh.object["items"])
	for i := range counts[b.choose(at.schema, states...)] {
		b.once(i, func() {
			if i < len(first) {
				item = readShape(b.doc, first[i])
			} else if i == len(first) {
				item = readShape(b.doc, sh.object["items"])
			}
			items = append(items, b.value(item, place{at.schema + "[]", at.pointer + "/" + strconv.Itoa(i)}))
		})
	}
	return items
}

// once builds what comes first as it is, and all else as small as it can be: a list of lists of full values would
// be very long.
func (b *builder) once(i int, build func()) {
	before := b.minimal
	b.minimal = before || i > 0
	build()
	b.minimal = before
}

// A key in a JSON pointer.
var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)
