package spec

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/go-openapi/jsonpointer"
	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// A definition is something that only one document may define: an operation, another key of a path item, an
// operationId or a component.
type definition struct {
	key  string // equal for what would collide
	name string // for people

	operation string     // as "GET /path", for operations and their operationIds
	group     *yaml.Node // what holds the operation or component, nil for other definitions
	at, node  *yaml.Node // its key and its value there
	path      string     // a JSONPath that leads to it
}

// definitions lists what a document defines.
func (d *document) definitions() (all []definition) {
	for template, item := range pairs(get(d.root, "paths")) {
		for key, node := range pairs(item) {
			if !slices.Contains(methods, key.Value) {
				name := "the key " + key.Value + " of the path " + template.Value
				all = append(all, definition{key: name, name: name})
				continue
			}
			op := Operation{Method: strings.ToUpper(key.Value), Path: template.Value}
			def := definition{op.Key(), op.String(), op.String(), item, key, node, "$['paths']" + member(template.Value) + member(key.Value)}
			all = append(all, def)
			if id := get(node, "operationId").Value; id != "" {
				def.key, def.name = "operationId "+id, "the operationId "+id
				all = append(all, def)
			}
		}
	}
	for kind, group := range pairs(get(d.root, "components")) {
		for name, node := range pairs(group) {
			label := "#/components/" + kind.Value + "/" + name.Value
			all = append(all, definition{label, label, "", group, name, node, "$['components']" + member(kind.Value) + member(name.Value)})
		}
	}
	return all
}

// add returns a copy of the vendored document with the additions. Their references become local, and their operations say
// where they are from.
func (s *sources) add() (*yaml.Node, error) {
	var problems []string
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	known := map[string]*document{}
	for _, d := range s.documents {
		for _, def := range d.definitions() {
			if other := known[def.key]; other != nil {
				problem("%s is defined in %s and in %s: keep one of them", def.name, other.name, d.name)
			}
			known[def.key] = d
		}
	}
	additions := s.rules
	additions.Actions = nil
	for _, d := range s.documents[1:] {
		update, origin := yaml.Node{Kind: yaml.MappingNode}, yaml.Node{}
		if err := origin.Encode(map[string]string{"x-portal-addition": d.name}); err != nil {
			return nil, err
		}
		for key, section := range pairs(s.localize(d, clone(d.root), problem)) {
			switch key.Value {
			case "openapi", "info":
				continue
			case "paths":
				for _, item := range pairs(section) {
					for method, op := range pairs(item) {
						if slices.Contains(methods, method.Value) {
							op.Content = append(op.Content, origin.Content...)
						}
					}
				}
			case "components":
				filter(section, func(kind, _ *yaml.Node) bool { return !slices.Contains(copied, kind.Value) })
			default:
				problem("%s: %s is not taken over from an addition: say it in the operations", d.name, key.Value)
			}
			update.Content = append(update.Content, key, section)
		}
		additions.Actions = append(additions.Actions, overlay.Action{Target: "$", Description: d.name, Update: update})
	}
	if len(problems) > 0 {
		return nil, errors.New(strings.Join(slices.Compact(problems), "\n")) // many refer to what is gone
	}
	root := clone(s.documents[0].root)
	return root, additions.ApplyTo(root)
}

// member is the step of a JSONPath to a member of an object.
func member(name string) string {
	return "['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name) + "']"
}

// copied are the components that are put where they are referred to. The generator would make a type of each,
// an alias that says less than what it stands for.
var copied = []string{"parameters", "responses"}

// localize makes the references in a part of a document local to the merged one.
func (s *sources) localize(d *document, n *yaml.Node, problem func(format string, args ...any)) *yaml.Node {
	if ref := get(n, "$ref").Value; ref != "" {
		file, fragment, _ := strings.Cut(ref, "#")
		target := &yaml.Node{}
		i := slices.IndexFunc(s.documents, func(other *document) bool { return other.name == d.referredFile(file) })
		if pointer, err := jsonpointer.New(fragment); err == nil && i >= 0 {
			target = get(s.documents[i].root, pointer.DecodedTokens()...)
		}
		kind, _, _ := strings.Cut(strings.TrimPrefix(fragment, "/components/"), "/")
		switch {
		case target.IsZero():
			problem("%s refers to %s, which is not there", d.name, ref)
			return n
		case i > 0 && slices.Contains(copied, kind):
			return s.localize(s.documents[i], clone(target), problem)
		}
		get(n, "$ref").Value = "#" + fragment
	}
	for i, child := range n.Content {
		n.Content[i] = s.localize(d, child, problem)
	}
	return n
}

// referredFile is the document that a reference in d names.
func (d *document) referredFile(reference string) string {
	if reference == "" {
		return d.name
	}
	return path.Join(path.Dir(d.name), reference)
}

// checkEffects looks for operations that do not say what their retry class is made of.
func checkEffects(merged Object) error {
	var problems []error
	for _, op := range Operations(merged) {
		addition := Get[string](op.Node, "x-portal-addition")
		where := strings.TrimSpace(addition + " " + op.String())
		switch effect := op.Node["x-portal-effect"]; {
		case effect == "read", effect == "write":
		case effect != nil:
			problems = append(problems, fmt.Errorf("%s: x-portal-effect must be read or write", where))
		case addition != "" && slices.Contains([]string{"POST", "PUT", "PATCH", "DELETE"}, op.Method):
			problems = append(problems, fmt.Errorf("%s: say with x-portal-effect: read or write whether a repeat of it changes anything", where))
		}
	}
	return errors.Join(problems...)
}
