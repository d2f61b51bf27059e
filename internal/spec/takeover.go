package spec

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// A Takeover is what the vendored document defines by itself that was ours, and what goes because of it.
type Takeover struct {
	Operations map[string]string // the file that each was in, by "GET /path" in the document's spelling
	Components []string          // with the file that they were in
	Orphans    []string          // components that nothing refers to any more, in the same way
	Kept       []string          // what ours said and the document does not, now said in overlay.yaml
	Needless   []string          // targets of actions of overlay.yaml that match or change nothing any more, and are gone

	rules []overlay.Action
}

// TakeOver removes from the additions of a folder what client-api.yaml defines by itself: operations of the same method
// and path, or operationId, and components of the same name. What stays refers to the document's. Names for the
// generator and effects, which the document does not have, become rules, and rules that do nothing any more go.
func TakeOver(dir string) (*Takeover, error) {
	s, err := readSources(dir)
	if err != nil {
		return nil, err
	}
	theirs := map[string]definition{}
	for _, def := range s.documents[0].definitions() {
		theirs[def.key] = def
	}
	t := &Takeover{Operations: map[string]string{}}
	before := s.referred()
	changed := map[*document]bool{}
	for _, d := range s.documents[1:] {
		for _, def := range d.definitions() {
			if other, ok := theirs[def.key]; ok && def.remove() {
				changed[d] = true
				if other.operation != "" {
					t.Operations[other.operation] = d.name
				} else {
					t.Components = append(t.Components, def.name+", from "+d.name)
				}
				t.keep(d.name, def.node, other.node, other.path)
			}
		}
		prune(d.root)
	}
	for again := true; again; {
		again = false
		after := s.referred()
		for _, d := range s.documents[1:] {
			for _, def := range d.definitions() {
				if id := d.name + def.key; before[id] && !after[id] && def.remove() {
					again, changed[d] = true, true
					t.Orphans = append(t.Orphans, def.name+", from "+d.name)
				}
			}
		}
	}
	for _, d := range s.documents[1:] {
		d.references(d.root, func(ref *yaml.Node, file, fragment string) {
			if _, ok := theirs["#"+fragment]; ok && file != vendoredFile {
				ref.Value = "../" + vendoredFile + "#" + fragment
				changed[d] = true
			}
		})
		switch {
		case !changed[d]:
		case prune(d.root):
			err = errors.Join(err, d.write(dir))
		default:
			err = errors.Join(err, os.Remove(d.file(dir)))
		}
	}
	return t, errors.Join(err, t.writeRules(dir))
}

// remove takes an operation or a component out of its document, and tells whether there was something to take.
func (d definition) remove() bool {
	return d.group != nil && filter(d.group, func(key, _ *yaml.Node) bool { return key != d.at })
}

// keep makes rules of what an addition says to the generators, and of the operationId of an operation, where the document
// has the same thing and does not say it. It looks into objects, and into lists of parameters.
func (t *Takeover) keep(file string, ours, theirs *yaml.Node, path string) {
	if !get(theirs, "$ref").IsZero() {
		return
	}
	sameType := get(ours, "type").Value == get(theirs, "type").Value
	isOperation := !get(theirs, "responses").IsZero()
	for _, p := range ours.Content { // the parameters, if these are lists of them
		for _, other := range theirs.Content {
			in, name := get(p, "in").Value, get(p, "name").Value
			if in != "" && in == get(other, "in").Value && name == get(other, "name").Value {
				t.keep(file, p, other, path+"[?@['in'] == '"+in+"' && @['name'] == "+strings.Trim(member(name), "[]")+"]")
			}
		}
	}
	update := yaml.Node{Kind: yaml.MappingNode}
	var names []string
	for key, value := range pairs(ours) {
		name, below := key.Value, get(theirs, key.Value)
		switch {
		case !below.IsZero():
			t.keep(file, value, below, path+member(name))
		case name == "x-portal-provenance", name == "x-portal-effect" && value.Value == defaultEffect(path):
		case isOperation && (name == "operationId" || strings.HasPrefix(name, "x-portal-")),
			sameType && (name == "x-enum-varnames" || strings.HasPrefix(name, "x-go-")):
			update.Content = append(update.Content, key, value)
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		description := file + " said so, until the document came to define this by itself."
		t.rules = append(t.rules, overlay.Action{Target: path, Description: description, Update: update})
		t.Kept = append(t.Kept, path+": "+strings.Join(names, ", "))
	}
}

// defaultEffect is what holds for the operation at a path without a mark.
func defaultEffect(path string) string {
	if strings.HasSuffix(path, member("get")) {
		return "read"
	}
	return "write"
}

// referred returns the components that the additions refer to, by file and key.
func (s *sources) referred() map[string]bool {
	found := map[string]bool{}
	for _, d := range s.documents[1:] {
		d.references(d.root, func(_ *yaml.Node, file, fragment string) { found[file+"#"+fragment] = true })
	}
	return found
}

// references calls found for each reference to a component in a part of a document.
func (d *document) references(n *yaml.Node, found func(ref *yaml.Node, file, fragment string)) {
	if ref := get(n, "$ref"); ref.Value != "" {
		file, fragment, _ := strings.Cut(ref.Value, "#")
		if steps := strings.Split(fragment, "/"); len(steps) > 3 {
			found(ref, d.referredFile(file), strings.Join(steps[:4], "/"))
		}
	}
	for _, child := range n.Content {
		d.references(child, found)
	}
}

// prune removes what holds nothing any more, and tells whether anything is left of an addition.
func prune(root *yaml.Node) (left bool) {
	filter(root, func(section, content *yaml.Node) bool {
		if section.Value != "paths" && section.Value != "components" {
			return true
		}
		filter(content, func(_, group *yaml.Node) bool {
			for key := range pairs(group) {
				if section.Value == "components" || slices.Contains(methods, key.Value) {
					left = true
					return true
				}
			}
			return false
		})
		return len(content.Content) > 0
	})
	return left
}

// writeRules adds the new rules to overlay.yaml, and removes those that do nothing with the documents as they are now.
func (t *Takeover) writeRules(dir string) error {
	s, err := readSources(dir)
	if err != nil {
		return err
	}
	var added yaml.Node
	actions := get(s.overlay.root, "actions")
	if err := added.Encode(t.rules); err != nil {
		return err
	}
	actions.Content = append(actions.Content, added.Content...)
	s.rules.Actions = append(s.rules.Actions, t.rules...)
	merged, err := s.add()
	if err != nil {
		return err
	}
	needless, _ := s.applyRules(merged) // the error says the same in words
	for _, i := range slices.Backward(needless) {
		t.Needless = append(t.Needless, s.rules.Actions[i].Target)
		actions.Content = slices.Delete(actions.Content, i, i+1)
	}
	if len(t.rules)+len(needless) == 0 {
		return nil
	}
	return s.overlay.write(dir)
}

// write writes a document into its folder, with its comments. A text that is folded comes in one line.
func (d *document) write(dir string) error {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(d.node); err != nil {
		return err
	}
	return os.WriteFile(d.file(dir), text.Bytes(), 0o644)
}

func (d *document) file(dir string) string { return filepath.Join(dir, filepath.FromSlash(d.name)) }
