package instance

import (
	"slices"
	"strconv"
)

func (g *generator) object(sh *shape, at place) map[string]any {
	object := map[string]any{}
	for _, name := range sh.names {
		p := sh.props[name]
		inner := at.property(name)
		if !p.visible(g.use) {
			continue
		}
		if !p.required && !g.takeProperty(p, inner) {
			g.mark(inner, Absent)
			continue
		}
		g.property(object, name, p, inner)
	}
	if sh.extra != nil {
		g.others(object, sh, at)
	}
	return object
}

// property makes one property. One that comes to nothing does not count as present.
func (g *generator) property(object map[string]any, name string, p *property, at place) {
	v := g.value(p.shape, at)
	object[name] = v
	if !g.inst.silence(p, v, at.pointer) {
		g.mark(at, Present)
	}
}

// silence notes a property that comes to nothing, a null or the zero of its Go type. It reports whether the
// property is optional too: then Go may not tell it from an absent one (see [Instance.Diff]).
func (i *Instance) silence(p *property, v any, pointer string) bool {
	if !i.isZero(p.shape, v, pointer) {
		return false
	}
	i.zero[pointer] = true
	i.silent[pointer] = !p.required
	return !p.required
}

// isZero: a null always; "", false, 0 or an object of zeros only where Go has a plain value for them. Where
// null is another value beside it, that is a pointer; where there are branches or several types, raw JSON.
func (i *Instance) isZero(sh *shape, v any, pointer string) bool {
	if v == nil {
		return true
	}
	if sh.null || len(sh.groups) > 0 || len(sh.types) > 1 {
		return false
	}
	switch v := v.(type) {
	case string:
		return v == ""
	case bool:
		return !v
	case number:
		return v.zero
	case map[string]any:
		for name := range v {
			if !i.zero[pointer+"/"+escape(name)] {
				return false
			}
		}
		return len(sh.props) > 0 // a map without them is not nil
	}
	return false
}

func (g *generator) takeProperty(p *property, at place) bool {
	deep := p.shape.in(g.stack)
	switch {
	case g.tooDeep():
		return false
	case g.mode == minimal:
		return false
	case g.mode == everything:
		return !deep || g.rand.IntN(2) == 0
	}
	absent := g.open.has(Mark{at.schema, Absent})
	present := g.open.has(Mark{at.schema, Present}) || g.open.below(at.schema+".") ||
		g.open.below(at.schema+"[") || g.open.below(at.schema+"{") || g.open.below(at.schema+"<") ||
		g.open.below(at.schema+"\x00=") || g.open.below(at.schema+"\x00n")
	switch {
	case present && !absent:
		return g.rand.IntN(8) > 0
	case absent && !present:
		return g.rand.IntN(8) == 0
	}
	return g.rand.IntN(2) == 0
}

// others makes properties that have no name in the schema.
func (g *generator) others(object map[string]any, sh *shape, at place) {
	n := g.rand.IntN(4)
	switch {
	case g.mode == minimal, g.tooDeep():
		n = 0
	case g.mode == everything:
		n = 1 + g.rand.IntN(3)
	}
	n = max(n, sh.minLen-len(object))
	if sh.maxLen >= 0 {
		n = min(n, sh.maxLen-len(object))
	}
	made := 0
	for i := 0; made < n && i < n+20; i++ {
		name := g.name(sh.wire)
		if _, taken := object[name]; taken || sh.props[name] != nil || slices.Contains(goNames, name) {
			continue
		}
		object[name] = g.value(sh.extra, at.other(name))
		made++
	}
	if made > 0 {
		g.mark(place{schema: at.schema + "{}"}, Present)
	} else {
		g.mark(place{schema: at.schema + "{}"}, Absent)
	}
}

// goNames are left out: the generator of the client uses them for itself.
var goNames = []string{"AdditionalProperties"}

func (g *generator) array(sh *shape, at place) any {
	lengths := sh.lengths()
	if len(lengths) == 0 {
		panic(dead("the schema allows no array that a parameter can carry"))
	}
	states := make([]string, len(lengths))
	for i, n := range lengths {
		states[i] = strconv.Itoa(n)
	}
	var n int
	switch {
	case g.mode == minimal, g.tooDeep():
		n = lengths[0]
	case g.mode == everything:
		n = lengths[len(lengths)-1]
	default:
		n, _ = strconv.Atoi(g.pick(states, func(s string) bool {
			n, _ := strconv.Atoi(s)
			return g.open.has(Mark{at.schema, itemsState(n)}) || n > 0 && g.open.below(at.schema+"[]")
		}))
	}
	list := []any{}
	for i := range n {
		if sh.items == nil {
			list = append(list, g.anything(1))
			continue
		}
		list = append(list, g.value(sh.items, at.item(i)))
	}
	g.mark(at, itemsState(n))
	return list
}
