package spec

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var (
	methods   = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}
	parameter = regexp.MustCompile(`\{[^}]*\}`)
)

// A definition is something that only one document may define.
type definition struct {
	key  string // equal for what would collide
	name string // for people
	file string
}

// definitions lists what a document defines: operations, other keys of path items, operationIds, components.
func (d *document) definitions() []definition {
	var all []definition
	add := func(key, name string) { all = append(all, definition{key, name, d.name}) }
	for template, item := range pairs(get(d.root, "paths")) {
		for key, value := range pairs(item) {
			switch {
			case slices.Contains(methods, key.Value):
				name := strings.ToUpper(key.Value) + " " + template.Value
				add(parameter.ReplaceAllString(name, "{}"), name)
				if id := get(value, "operationId"); id != nil {
					add("operationId "+id.Value, "the operationId "+id.Value)
				}
			default:
				add(key.Value+" of "+template.Value, "the key "+key.Value+" of the path "+template.Value)
			}
		}
	}
	for kind, group := range pairs(get(d.root, "components")) {
		for name := range pairs(group) {
			label := "#/components/" + kind.Value + "/" + name.Value
			add(label, label)
		}
	}
	return all
}

// unite makes one document, of paths and components, of all additions. Their references become local, and
// each operation says which file it is from.
func (s *Sources) unite() (*yaml.Node, error) {
	var problems []error
	first := map[string]definition{}
	for _, d := range s.documents {
		for _, def := range d.definitions() {
			if other, ok := first[def.key]; ok {
				problems = append(problems, fmt.Errorf("%s is defined in %s and in %s: keep one of them", def.name, other.file, def.file))
				continue
			}
			first[def.key] = def
		}
	}
	united := &yaml.Node{Kind: yaml.MappingNode}
	for _, d := range s.documents[1:] {
		root := inline(d.root)
		problems = append(problems, s.localize(d, root)...)
		for key, value := range pairs(root) {
			switch key.Value {
			case "openapi", "info":
			case "paths", "components":
				graft(united, key, value)
			default:
				problems = append(problems, fmt.Errorf("%s: %s is not taken over from an addition; move what it says into its operations", d.name, key.Value))
			}
		}
		for _, item := range pairs(get(root, "paths")) {
			for key, op := range pairs(item) {
				if slices.Contains(methods, key.Value) {
					set(op, "x-portal-addition", d.name)
				}
			}
		}
	}
	expand(united, united)
	if components := get(united, "components"); components != nil {
		for _, kind := range expanded {
			remove(components, kind)
		}
	}
	return united, errors.Join(problems...)
}

// expanded are the components that references to them are replaced by. The generator would make a type of
// each, an alias that says less than what it stands for.
var expanded = []string{"parameters", "responses"}

// expand puts copies of parameters and responses where they are referred to.
func expand(united, n *yaml.Node) {
	for i, child := range n.Content {
		ref := get(child, "$ref")
		for _, kind := range expanded {
			if ref == nil || !strings.HasPrefix(ref.Value, "#/components/"+kind+"/") {
				continue
			}
			if target := resolve(united, child); target != nil { // else it is one of the vendored document
				child = inline(target)
				n.Content[i] = child
			}
		}
		expand(united, child)
	}
}

// localize makes the references of a document to itself and to the others local to the merged one.
func (s *Sources) localize(d *document, n *yaml.Node) (problems []error) {
	for key, value := range pairs(n) {
		if key.Value != "$ref" || value.Kind != yaml.ScalarNode {
			continue
		}
		file, fragment, _ := strings.Cut(value.Value, "#")
		i := slices.IndexFunc(s.documents, func(other *document) bool { return other.name == d.file(file) })
		if i < 0 || s.documents[i].lookup(fragment) == nil {
			problems = append(problems, fmt.Errorf("%s refers to %s, which is not there", d.name, value.Value))
		}
		value.Value = "#" + fragment
	}
	for _, child := range n.Content {
		problems = append(problems, s.localize(d, child)...)
	}
	return problems
}

// lookup follows the fragment of a reference, a JSON pointer; it returns nil when nothing is there.
func (d *document) lookup(fragment string) *yaml.Node {
	pointer, err := url.PathUnescape(fragment)
	if err != nil {
		return nil
	}
	n := d.root
	for _, token := range strings.Split(pointer, "/")[1:] {
		n = get(n, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	}
	return n
}

// graft puts a key into a mapping, or its members into what the mapping has under that key.
func graft(to, key, value *yaml.Node) {
	there := get(to, key.Value)
	if there == nil {
		to.Content = append(to.Content, key, &yaml.Node{Kind: value.Kind, Tag: value.Tag, Style: value.Style, Value: value.Value, Content: slices.Clone(value.Content)})
		return
	}
	for k, v := range pairs(value) {
		graft(there, k, v)
	}
}

// remove takes a key out of a mapping.
func remove(n *yaml.Node, key string) {
	for i, k := range n.Content {
		if i%2 == 0 && k.Value == key {
			n.Content = slices.Delete(n.Content, i, i+2)
			return
		}
	}
}

// set gives a mapping a key with a plain value.
func set(n *yaml.Node, key, value string) {
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, &yaml.Node{Kind: yaml.ScalarNode, Value: value})
}
