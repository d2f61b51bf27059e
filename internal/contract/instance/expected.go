package instance

import (
	"encoding/json"
	"slices"
)

// expectedMarks lists the states that a schema asks for. A schema that contains itself is entered once:
// what lies deeper has the same properties again.
func expectedMarks(sh *shape, use Use) []Mark {
	w := &lister{use: use}
	w.add("", Present)
	w.walk(sh, "", nil)
	seen := map[Mark]bool{}
	return slices.DeleteFunc(w.marks, func(m Mark) bool {
		twice := seen[m]
		seen[m] = true
		return twice
	})
}

type lister struct {
	use   Use
	marks []Mark
}

func (w *lister) add(place, state string) { w.marks = append(w.marks, Mark{place, state}) }

func (w *lister) walk(sh *shape, at string, stack []*shape) {
	if sh.in(stack) {
		return
	}
	stack = append(stack, sh)
	if sh.null && sh.says() {
		w.add(at, "null")
	}
	if sh.enum != nil {
		for _, v := range sh.enum {
			if v != nil {
				w.add(at, enumState(v))
			}
		}
		return
	}
	for _, name := range sh.names {
		p := sh.props[name]
		if !p.visible(w.use) {
			continue
		}
		w.add(at+"."+name, Present)
		if !p.required {
			w.add(at+"."+name, Absent)
		}
		w.walk(p.shape, at+"."+name, stack)
	}
	if sh.extra != nil {
		w.add(at+"{}", Present)
		if sh.minLen == 0 {
			w.add(at+"{}", Absent)
		}
		w.walk(sh.extra, at+"{}", stack)
	}
	for _, g := range sh.groups {
		for _, b := range g.branches {
			if b.name != "" {
				w.add(at+b.name, "taken")
			}
			w.walk(b.shape, at+b.name, stack)
		}
	}
	for _, t := range sh.types {
		switch t {
		case "boolean":
			w.add(at, enumState(true))
			w.add(at, enumState(false))
		case "array":
			for _, n := range sh.lengths() {
				w.add(at, itemsState(n))
			}
			if sh.items != nil && sh.maxLen != 0 {
				w.walk(sh.items, at+"[]", stack)
			}
		}
		if len(sh.types) > 1 {
			w.add(at, "as "+t)
		}
	}
}

// says is false for a schema that allows everything: its nulls need not be covered.
func (sh *shape) says() bool {
	return sh.types != nil || sh.enum != nil || len(sh.groups) > 0 || len(sh.props) > 0
}

// visible: a readOnly property is for replies only, a writeOnly one for requests only.
func (p *property) visible(use Use) bool {
	if use.Reply {
		return !p.writeOnly
	}
	return !p.readOnly
}

// lengths are those of an array that are worth a try: none, one, a few.
func (sh *shape) lengths() []int {
	var lengths []int
	for _, n := range []int{0, 1, 3} {
		n = max(n, sh.minLen)
		if sh.maxLen >= 0 {
			n = min(n, sh.maxLen)
		}
		if n == 0 && sh.wire != inBody {
			continue // an empty list cannot be told from none in a parameter
		}
		lengths = append(lengths, n)
	}
	return slices.Compact(lengths)
}

func itemsState(n int) string {
	switch n {
	case 0:
		return "0 items"
	case 1:
		return "1 item"
	}
	return "n items"
}

func enumState(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "= ?"
	}
	return "= " + string(text)
}
