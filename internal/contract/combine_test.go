package contract

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// combine adds the paths, components and tags of a document to those of another, and takes over its info if
// that has a description. So the result is what a real one will be: ours, with more in it, to which the whole overlay applies.
func combine(base, extra []byte) ([]byte, error) {
	var into, from yaml.Node
	if err := yaml.Unmarshal(base, &into); err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(extra, &from); err != nil {
		return nil, err
	}
	source, err := withoutAliases(from.Content[0], 0)
	if err != nil {
		return nil, err
	}
	target := into.Content[0]
	for i := 0; i < len(source.Content); i += 2 {
		key, value := source.Content[i], source.Content[i+1]
		switch key.Value {
		case "info":
			if indexOf(value, "description") >= 0 {
				*child(target, key) = *value
			}
		case "paths":
			err = add(child(target, key), value)
		case "tags":
			child(target, key).Content = append(child(target, key).Content, value.Content...)
		case "components":
			for j := 0; err == nil && j < len(value.Content); j += 2 {
				err = add(child(child(target, key), value.Content[j]), value.Content[j+1])
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return yaml.Marshal(&into)
}

// child is the value of a key, made if there is none.
func child(mapping, key *yaml.Node) *yaml.Node {
	if i := indexOf(mapping, key.Value); i >= 0 {
		return mapping.Content[i+1]
	}
	value := &yaml.Node{Kind: yaml.MappingNode}
	mapping.Content = append(mapping.Content, key, value)
	return value
}

func indexOf(mapping *yaml.Node, key string) int {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// add adds all keys of a mapping. A key that is there already must mean the same.
func add(into, from *yaml.Node) error {
	for i := 0; i < len(from.Content); i += 2 {
		key, value := from.Content[i], from.Content[i+1]
		there := indexOf(into, key.Value)
		if there < 0 {
			into.Content = append(into.Content, key, value)
			continue
		}
		var a, b any
		if err := into.Content[there+1].Decode(&a); err != nil {
			return err
		}
		if err := value.Decode(&b); err != nil {
			return err
		}
		if fmt.Sprint(a) != fmt.Sprint(b) {
			return fmt.Errorf("both documents define %s, differently", key.Value)
		}
	}
	return nil
}

// withoutAliases writes every alias out: a document that comes from an API has none.
func withoutAliases(n *yaml.Node, depth int) (*yaml.Node, error) {
	if depth > 100 {
		return nil, fmt.Errorf("line %d: an alias inside itself", n.Line)
	}
	if n.Kind == yaml.AliasNode {
		return withoutAliases(n.Alias, depth+1)
	}
	plain := *n
	plain.Anchor = ""
	plain.Content = slices.Clone(n.Content)
	for i := range plain.Content {
		var err error
		if plain.Content[i], err = withoutAliases(plain.Content[i], depth+1); err != nil {
			return nil, err
		}
	}
	return &plain, nil
}
