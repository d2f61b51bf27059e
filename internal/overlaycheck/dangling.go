package overlaycheck

import (
	"slices"
	"strconv"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// dangling reports what actions refer to and the document no longer has. One finding tells of all actions
// that refer to the same. The numbers say where the fitting actions stand in the overlay.
func (c *checker) dangling(numbers []int) {
	by := map[string][]int{}
	var refs []string
	for j, i := range numbers {
		for _, ref := range references(&c.fitting.Actions[j].Update) {
			if at, inside := refLocation(ref); !inside || lookup(c.merged, at) != nil {
				continue
			}
			if by[ref] == nil {
				refs = append(refs, ref)
			}
			if !slices.Contains(by[ref], i) {
				by[ref] = append(by[ref], i)
			}
		}
	}
	for _, ref := range refs {
		f := Finding{Kind: RefersToNothing, What: ref, Misfit: true,
			Advice: "refer to what the document has in its place; define it in the overlay if it has nothing"}
		if others := by[ref][1:]; len(others) > 0 {
			names := make([]string, len(others))
			for j, i := range others {
				names[j] = strconv.Itoa(i + 1)
			}
			f.Detail = "actions " + strings.Join(names, ", ") + " refer to it as well"
			if len(others) == 1 {
				f.Detail = "action " + names[0] + " refers to it as well"
			}
		}
		c.report(by[ref][0], f)
	}
}

// restoring returns an action that brings back what is referred to, and only the previous document defines.
// So what else changed can still be told.
func (c *checker) restoring(previous *yaml.Node) (action overlay.Action, needed bool) {
	update := &yaml.Node{Kind: yaml.MappingNode}
	for wanted := references(c.merged); len(wanted) > 0; {
		ref := wanted[0]
		wanted = wanted[1:]
		at, inside := refLocation(ref)
		if !inside || len(at) != 3 || at[0] != "components" || lookup(c.merged, at) != nil || lookup(update, at) != nil {
			continue
		}
		if definition := lookup(previous, at); definition != nil {
			put(update, at, definition)
			wanted = append(wanted, references(definition)...) // it may refer to more that is gone
		}
	}
	return overlay.Action{Target: "$", Description: "As it was before.", Update: *update}, len(update.Content) > 0
}

// put sets a value at a location below a mapping, and makes the mappings on the way.
func put(n *yaml.Node, at location, value *yaml.Node) {
	for _, key := range at[:len(at)-1] {
		next := child(n, key)
		if next == nil {
			next = &yaml.Node{Kind: yaml.MappingNode}
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, next)
		}
		n = next
	}
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: at[len(at)-1]}, clone(value))
}

// references lists every $ref of a tree, each once.
func references(n *yaml.Node) []string {
	var refs []string
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		if ref := child(n, "$ref"); ref != nil && ref.Kind == yaml.ScalarNode && !slices.Contains(refs, ref.Value) {
			refs = append(refs, ref.Value)
		}
		for _, item := range n.Content {
			visit(item)
		}
	}
	visit(n)
	return refs
}

// refLocation is what a $ref points at; inside is false for another document.
func refLocation(ref string) (at location, inside bool) {
	pointer, inside := strings.CutPrefix(ref, "#/")
	if !inside {
		return nil, false
	}
	for key := range strings.SplitSeq(pointer, "/") {
		at = append(at, strings.NewReplacer("~1", "/", "~0", "~").Replace(key))
	}
	return at, true
}
