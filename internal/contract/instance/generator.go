package instance

import (
	"slices"
	"strconv"
	"strings"
)

type mode int

const (
	everything mode = iota
	minimal
	directed
)

// A generator makes one value.
type generator struct {
	*Plan
	inst  *Instance
	mode  mode
	stack []*shape
}

// A place is where a value lies: in the schema, for the account, and in the value itself.
type place struct{ schema, pointer string }

func (p place) property(name string) place {
	return place{p.schema + "." + name, p.pointer + "/" + escape(name)}
}

func (p place) other(name string) place {
	return place{p.schema + "{}", p.pointer + "/" + escape(name)}
}

func (p place) item(i int) place {
	return place{p.schema + "[]", p.pointer + "/" + strconv.Itoa(i)}
}

func escape(token string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
}

// dead ends an attempt that cannot become a valid value.
type dead string

func (g *generator) mark(at place, state string) {
	g.inst.marks = append(g.inst.marks, Mark{at.schema, state})
}

func (g *generator) value(sh *shape, at place) any {
	if at.pointer == "" {
		g.mark(at, Present)
	}
	if len(g.stack) > 40 {
		panic(dead("the schema demands a value without end"))
	}
	g.stack = append(g.stack, sh)
	defer func() { g.stack = g.stack[:len(g.stack)-1] }()

	switch {
	case sh.null && g.takeNull(sh, at):
		if sh.says() {
			g.mark(at, "null")
		}
		return nil
	case sh.enum != nil:
		return g.enumValue(sh, at)
	case len(sh.groups) > 0:
		return g.grouped(sh, at)
	case len(sh.props) > 0 || sh.extra != nil && sh.types == nil:
		return g.object(sh, at)
	case sh.types == nil && sh.items != nil:
		return g.array(sh, at)
	case sh.types == nil && (sh.format != "" || len(sh.patterns) > 0):
		return g.text(sh)
	case sh.types == nil:
		return g.anything(2)
	case len(sh.types) == 0:
		panic(dead("the schema allows no type"))
	}
	return g.typed(sh, at)
}

func (g *generator) typed(sh *shape, at place) any {
	t := sh.types[0]
	if len(sh.types) > 1 {
		t = g.pick(sh.types, func(t string) bool { return g.open.has(Mark{at.schema, "as " + t}) })
		g.mark(at, "as "+t)
	}
	switch t {
	case "object":
		return g.object(sh, at)
	case "array":
		return g.array(sh, at)
	case "string":
		return g.text(sh)
	case "integer":
		return g.integer(sh)
	case "number":
		return g.number(sh)
	case "boolean":
		v := g.pick([]string{"true", "false"}, func(v string) bool { return g.open.has(Mark{at.schema, "= " + v}) })
		g.mark(at, "= "+v)
		return v == "true"
	}
	panic(dead("the schema has a type " + t + " that is not one of JSON"))
}

// pick takes a random element, and more often than not one that is wanted.
func (g *generator) pick(from []string, wanted func(string) bool) string {
	if g.mode == directed && g.rand.IntN(4) > 0 {
		if hot := slices.DeleteFunc(slices.Clone(from), func(s string) bool { return !wanted(s) }); len(hot) > 0 {
			from = hot
		}
	}
	return from[g.rand.IntN(len(from))]
}

func (g *generator) takeNull(sh *shape, at place) bool {
	if g.mode == everything && !g.tooDeep() {
		return false
	}
	if !sh.says() {
		return g.rand.IntN(8) == 0
	}
	if g.open.has(Mark{at.schema, "null"}) || g.tooDeep() {
		return g.rand.IntN(2) == 0
	}
	return g.rand.IntN(5) == 0
}

// tooDeep is true inside a schema that contains itself: time to come to an end.
func (g *generator) tooDeep() bool {
	last := g.stack[len(g.stack)-1]
	return last.count(g.stack) > 2 || len(g.stack) > 30
}

func (g *generator) enumValue(sh *shape, at place) any {
	var texts []string
	values := map[string]any{}
	for _, v := range sh.enum {
		if v != nil {
			texts = append(texts, enumState(v))
			values[enumState(v)] = v
		}
	}
	if len(texts) == 0 {
		if !sh.null {
			panic(dead("the enum is empty"))
		}
		g.mark(at, "null")
		return nil
	}
	state := g.pick(texts, func(s string) bool { return g.open.has(Mark{at.schema, s}) })
	g.mark(at, state)
	return normal(values[state])
}

// grouped makes a value from one branch of each group; those of objects are put together.
func (g *generator) grouped(sh *shape, at place) any {
	var whole map[string]any
	if len(sh.props) > 0 || sh.extra != nil || slices.Contains(sh.types, "object") {
		whole = g.object(sh, at)
	}
	var single any
	for _, group := range sh.groups {
		b := g.branch(group, at)
		inner := place{at.schema + b.name, at.pointer}
		if b.name != "" {
			g.mark(inner, "taken")
		}
		v := g.value(b.shape, inner)
		object, ok := v.(map[string]any)
		if !ok {
			single = v
			continue
		}
		if b.value != "" && group.selector != "" {
			object[group.selector] = b.value
		}
		if whole == nil {
			whole = map[string]any{}
		}
		for name, v := range object {
			whole[name] = v
		}
	}
	if whole == nil {
		return single
	}
	return whole
}

func (g *generator) branch(from *group, at place) *branch {
	var names []string
	byName := map[string]*branch{}
	for _, b := range from.branches {
		names = append(names, b.name)
		byName[b.name] = b
	}
	return byName[g.pick(names, func(name string) bool { return g.open.below(at.schema + name) })]
}
