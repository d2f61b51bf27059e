package spec

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

var (
	methods   = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}
	parameter = regexp.MustCompile(`\{[^}]*\}`)
)

// A definition is something that only one document may define: an operation, another key of a path item, an
// operationId or a component.
type definition struct {
	key  string // equal for what would collide
	name string // for people
	file string

	operation string     // as "GET /path", for operations and their operationIds
	at, node  *yaml.Node // the key and the value of the operation or component, nil for other definitions
	path      string     // a JSONPath that leads to it
}

// definitions lists what a document defines.
func (d *document) definitions() (all []definition) {
	for template, item := range pairs(get(d.root, "paths")) {
		for key, op := range pairs(item) {
			if !slices.Contains(methods, key.Value) {
				all = append(all, definition{key: key.Value + " of " + template.Value, file: d.name,
					name: "the key " + key.Value + " of the path " + template.Value})
				continue
			}
			name := strings.ToUpper(key.Value) + " " + template.Value
			def := definition{parameter.ReplaceAllString(name, "{}"), name, d.name, name, key, op,
				"$['paths']" + member(template.Value) + member(key.Value)}
			all = append(all, def)
			if id := text(op, "operationId"); id != "" {
				def.key, def.name = "operationId "+id, "the operationId "+id
				all = append(all, def)
			}
		}
	}
	for kind, group := range pairs(get(d.root, "components")) {
		for name, node := range pairs(group) {
			label := "#/components/" + kind.Value + "/" + name.Value
			all = append(all, definition{label, label, d.name, "", name, node, "$['components']" + member(kind.Value) + member(name.Value)})
		}
	}
	return all
}

// copied are the components that are put where they are referred to. The generator would make a type of each,
// an alias that says less than what it stands for.
var copied = []string{"parameters", "responses"}

// additions makes one action of each addition. Its references become local, and its operations say where they
// are from.
func (s *Sources) additions() (actions []overlay.Action, err error) {
	var problems []error
	files := map[string]string{}
	for _, d := range s.documents {
		for _, def := range d.definitions() {
			if other, ok := files[def.key]; ok {
				problems = append(problems, fmt.Errorf("%s is defined in %s and in %s: keep one of them", def.name, other, def.file))
			}
			files[def.key] = def.file
		}
	}
	for _, d := range s.documents[1:] {
		update := yaml.Node{Kind: yaml.MappingNode}
		root, unresolved := s.localize(d, clone(d.root))
		problems = append(problems, unresolved...)
		for _, item := range pairs(get(root, "paths")) {
			for key, op := range pairs(item) {
				if slices.Contains(methods, key.Value) {
					set(op, "x-portal-addition", "!!str", d.name)
				}
			}
		}
		for i := 0; i < len(root.Content); i += 2 {
			switch key := root.Content[i].Value; key {
			case "openapi", "info":
			case "components":
				group := root.Content[i+1]
				for j := len(group.Content) - 2; j >= 0; j -= 2 {
					if slices.Contains(copied, group.Content[j].Value) {
						group.Content = slices.Delete(group.Content, j, j+2)
					}
				}
				fallthrough
			case "paths":
				update.Content = append(update.Content, root.Content[i:i+2]...)
			default:
				problems = append(problems, fmt.Errorf("%s: %s is not taken over from an addition: say it in the operations", d.name, key))
			}
		}
		actions = append(actions, overlay.Action{Target: "$", Description: d.name, Update: update})
	}
	return actions, join(problems)
}

// join makes one error of all, each told once.
func join(problems []error) error {
	slices.SortStableFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(slices.CompactFunc(problems, func(a, b error) bool { return a.Error() == b.Error() })...)
}

// localize makes the references in a part of a document local to the merged one.
func (s *Sources) localize(d *document, n *yaml.Node) (_ *yaml.Node, problems []error) {
	if ref := text(n, "$ref"); ref != "" {
		file, fragment, _ := strings.Cut(ref, "#")
		var target *yaml.Node
		i := slices.IndexFunc(s.documents, func(other *document) bool { return other.name == d.file(file) })
		if i >= 0 {
			target = lookup(s.documents[i].root, fragment)
		}
		kind, _, _ := strings.Cut(strings.TrimPrefix(fragment, "/components/"), "/")
		switch {
		case target == nil:
			return n, []error{fmt.Errorf("%s refers to %s, which is not there", d.name, ref)}
		case i > 0 && slices.Contains(copied, kind):
			return s.localize(s.documents[i], clone(target))
		}
		get(n, "$ref").Value = "#" + fragment
	}
	for i, child := range n.Content {
		var found []error
		n.Content[i], found = s.localize(d, child)
		problems = append(problems, found...)
	}
	return n, problems
}

// file is the document that a reference in d names.
func (d *document) file(reference string) string {
	if reference == "" {
		return d.name
	}
	return path.Join(path.Dir(d.name), reference)
}

// Names that the generated client declares itself, as types and for operations.
var (
	takenTypes      = regexp.MustCompile(`(?i)^(Client|ClientInterface|ClientWithResponses|ClientOption|RequestEditorFn|HttpRequestDoer)$`)
	takenOperations = regexp.MustCompile(`(?i)^(client|server)$`)
)

// check looks at the merged document for what the generator would make code of that does not compile, and for
// operations that do not say what their retry class is made of.
func check(merged *yaml.Node) error {
	var problems []error
	for kind, group := range pairs(get(merged, "components")) {
		for name, component := range pairs(group) {
			if takenTypes.MatchString(name.Value) && kind.Value != "securitySchemes" && text(component, "x-go-name") == "" {
				problems = append(problems, fmt.Errorf("%s/%s would be a Go type of a name that the generated client declares itself: give it another with x-go-name in overlay.yaml", kind.Value, name.Value))
			}
		}
	}
	for template, item := range pairs(get(merged, "paths")) {
		for method, op := range pairs(item) {
			if !slices.Contains(methods, method.Value) {
				continue
			}
			refuse := func(format string, args ...any) {
				where := strings.TrimSpace(text(op, "x-portal-addition") + " " + strings.ToUpper(method.Value) + " " + template.Value)
				problems = append(problems, fmt.Errorf("%s: "+format, append([]any{where}, args...)...))
			}
			if id := text(op, "operationId"); takenOperations.MatchString(id) {
				refuse("the operationId %s would make names that the generated client declares itself: give it another in overlay.yaml", id)
			}
			switch effect := text(op, "x-portal-effect"); {
			case effect == "read", effect == "write":
			case effect != "" || get(op, "x-portal-effect") != nil:
				refuse("x-portal-effect must be read or write")
			case text(op, "x-portal-addition") != "" && slices.Contains([]string{"post", "put", "patch", "delete"}, method.Value):
				refuse("say with x-portal-effect: read or write whether a repeat of it changes anything")
			}
		}
	}
	return errors.Join(problems...)
}
