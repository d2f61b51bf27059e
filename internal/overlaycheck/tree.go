package overlaycheck

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A location is the way from the top of a document to a node: keys, and indexes of lists.
type location []string

// String is the location as a JSON Pointer.
func (l location) String() string {
	var b strings.Builder
	for _, key := range l {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
	}
	return b.String()
}

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// jsonPath is the location as the target of an action.
func (l location) jsonPath() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, key := range l {
		if plainKey.MatchString(key) {
			b.WriteString("." + key)
		} else {
			b.WriteString("['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(key) + "']")
		}
	}
	return b.String()
}

func (l location) child(key string) location {
	return append(l[:len(l):len(l)], key)
}

// top is the mapping inside a document node.
func top(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	return n
}

// child returns the value of a key of a mapping, nil when there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// lookup follows a location through mappings, nil when it leads nowhere.
func lookup(root *yaml.Node, at location) *yaml.Node {
	n := top(root)
	for _, key := range at {
		if n = child(n, key); n == nil {
			return nil
		}
	}
	return n
}

// locate finds where a node is in the tree.
func locate(root, wanted *yaml.Node) (location, bool) {
	var search func(n *yaml.Node, at location) (location, bool)
	search = func(n *yaml.Node, at location) (location, bool) {
		if n == wanted {
			return at, true
		}
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if found, ok := search(n.Content[i+1], at.child(n.Content[i].Value)); ok {
					return found, true
				}
			}
		case yaml.SequenceNode:
			for i, item := range n.Content {
				if found, ok := search(item, at.child(strconv.Itoa(i))); ok {
					return found, true
				}
			}
		default: // a scalar holds no node
		}
		return nil, false
	}
	if wanted == root {
		return location{}, true
	}
	return search(top(root), location{})
}

func removeKey(n *yaml.Node, key string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = append(n.Content[:i:i], n.Content[i+2:]...)
			return
		}
	}
}

func clone(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		c.Content[i] = clone(item)
	}
	return &c
}

// contains tells whether the tree has everything that the update brings, with the same values. list is
// the place of a list that applying the update would nevertheless lengthen.
func contains(n, update *yaml.Node) (there bool, list string) {
	n = top(n)
	if n.Kind != update.Kind {
		return false, ""
	}
	switch update.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(update.Content); i += 2 {
			key := update.Content[i].Value
			value := child(n, key)
			if value == nil {
				return false, ""
			}
			ok, inner := contains(value, update.Content[i+1])
			if !ok {
				return false, ""
			}
			if inner != "" {
				list = "/" + key + strings.TrimSuffix(inner, "/")
			}
		}
		return true, list
	case yaml.SequenceNode:
		if !equal(n, update) {
			return false, ""
		}
		if len(update.Content) == 0 {
			return true, ""
		}
		return true, "/"
	default:
		return equal(n, update), ""
	}
}

// equal compares two trees without regard to the order of keys, comments and style.
func equal(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return false
	}
	switch a.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(a.Content); i += 2 {
			other := child(b, a.Content[i].Value)
			if other == nil || !equal(a.Content[i+1], other) {
				return false
			}
		}
		return true
	case yaml.SequenceNode:
		for i := range a.Content {
			if !equal(a.Content[i], b.Content[i]) {
				return false
			}
		}
		return true
	default:
		return a.Value == b.Value && a.ShortTag() == b.ShortTag()
	}
}

// words are the keys of a definition that no program acts on.
var words = []string{"summary", "description", "title", "example", "examples", "tags", "externalDocs"}

func isWording(key string) bool {
	return slices.Contains(words, key) || strings.HasPrefix(key, "x-")
}

// differences lists where two definitions differ, ours first, in what more than a reader acts on.
func differences(ours, theirs *yaml.Node, at location) []string {
	if ours.Kind == yaml.MappingNode && theirs.Kind == yaml.MappingNode {
		var found []string
		for i := 0; i+1 < len(ours.Content); i += 2 {
			key := ours.Content[i].Value
			if isWording(key) && !inNames(at) {
				continue
			}
			other := child(theirs, key)
			if other == nil {
				found = append(found, fmt.Sprintf("%s: only in the overlay", at.child(key)))
				continue
			}
			found = append(found, differences(ours.Content[i+1], other, at.child(key))...)
		}
		for i := 0; i+1 < len(theirs.Content); i += 2 {
			if key := theirs.Content[i].Value; child(ours, key) == nil && (inNames(at) || !isWording(key)) {
				found = append(found, fmt.Sprintf("%s: only in the document", at.child(key)))
			}
		}
		return found
	}
	if equal(ours, theirs) {
		return nil
	}
	return []string{fmt.Sprintf("%s: the overlay says %s, the document %s", at, brief(ours), brief(theirs))}
}

// inNames tells whether the keys at a location are names that the author chose.
func inNames(at location) bool {
	return len(at) > 0 && slices.Contains([]string{"properties", "patternProperties", "headers", "schemas"}, at[len(at)-1])
}

// brief shows a value in one short line.
func brief(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		items := make([]string, len(n.Content))
		for i, item := range n.Content {
			items[i] = brief(item)
		}
		return shorten("[" + strings.Join(items, ", ") + "]")
	default:
		return shorten(strings.Join(strings.Fields(n.Value), " "))
	}
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
