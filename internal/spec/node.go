package spec

import (
	"encoding/json"
	"iter"
	"net/url"
	"strings"

	"gopkg.in/yaml.v3"
)

// clone copies a node. What an alias stands for is copied into its place, so that no edit changes two things,
// and a number that YAML writes otherwise than JSON, such as 0x1F or 1_000, is written as in JSON.
func clone(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	c := *n
	if tag := n.ShortTag(); n.Kind == yaml.ScalarNode && (tag == "!!int" || tag == "!!float") && !json.Valid([]byte(n.Value)) {
		var number any
		if n.Decode(&number) == nil {
			if text, err := json.Marshal(number); err == nil {
				c.Value = string(text)
			}
		}
	}
	c.Anchor, c.Content = "", nil
	for _, child := range n.Content {
		c.Content = append(c.Content, clone(child))
	}
	return &c
}

// pairs lists the keys and values of a mapping. What is none has none.
func pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// get follows keys through mappings; it returns nil when one is not there.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, want := range keys {
		var found *yaml.Node
		for key, value := range pairs(n) {
			if key.Value == want {
				found = value
			}
		}
		n = found
	}
	return n
}

// text is the scalar under a key, or "".
func text(n *yaml.Node, key string) string {
	if value := get(n, key); value != nil && value.Kind == yaml.ScalarNode {
		return value.Value
	}
	return ""
}

// sequence lists the elements of a sequence. What is none has none.
func sequence(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// set gives a mapping a key.
func set(n *yaml.Node, key, tag, value string) {
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key},
		&yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value})
}

// lookup follows the fragment of a reference, a JSON pointer; it returns nil when nothing is there.
func lookup(root *yaml.Node, fragment string) *yaml.Node {
	pointer, err := url.PathUnescape(fragment)
	if err != nil {
		return nil
	}
	tokens := strings.Split(pointer, "/")[1:]
	for i, token := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	}
	return get(root, tokens...)
}

// resolve follows local references.
func resolve(root, n *yaml.Node) *yaml.Node {
	for range 100 { // one may lead back to itself
		ref := text(n, "$ref")
		if ref == "" {
			return n
		}
		n = lookup(root, strings.TrimPrefix(ref, "#"))
	}
	return nil
}
