package spec

import (
	"encoding/json"
	"iter"

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
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// get follows keys through mappings; it returns an empty node when one is not there.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, want := range keys {
		found := &yaml.Node{}
		for key, value := range pairs(n) {
			if key.Value == want {
				found = value
			}
		}
		n = found
	}
	return n
}

// filter removes the pairs from a mapping that are not to be kept, and tells whether there were any.
func filter(n *yaml.Node, keep func(key, value *yaml.Node) bool) bool {
	var content []*yaml.Node
	for key, value := range pairs(n) {
		if keep(key, value) {
			content = append(content, key, value)
		}
	}
	before := n.Content
	n.Content = content
	return len(content) < len(before)
}
