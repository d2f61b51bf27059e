package spec

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A Takeover is what the vendored document defines by itself that was ours, and what goes because of it.
type Takeover struct {
	Operations map[string]bool // taken over, as "GET /path" in the document's spelling
	Taken      []string        // operations and components, with the file that they were in
	Orphans    []string        // components that nothing refers to any more
	Kept       []string        // what ours said and the document does not, now said in overlay.yaml

	rules []rule
	files map[string]*edit // by the name of the document
}

// A rule is an action of overlay.yaml.
type rule struct {
	Target      string         `yaml:"target"`
	Description string         `yaml:"description"`
	Update      map[string]any `yaml:"update"`
}

// TakeOver removes from the additions of a folder what client-api.yaml defines by itself: operations of the same method
// and path, or operationId, and components of the same name. What stays refers to the document's. Names for the
// generator and effects, which the document does not have, become rules.
func TakeOver(dir string) (*Takeover, error) {
	s, err := ReadSources(dir)
	if err != nil {
		return nil, err
	}
	theirs := map[string]definition{}
	for _, def := range s.documents[0].definitions() {
		theirs[def.key] = def
	}
	t := &Takeover{Operations: map[string]bool{}, files: map[string]*edit{}}
	for _, d := range s.documents[1:] {
		if t.files[d.name], err = readEdit(filepath.Join(dir, filepath.FromSlash(d.name))); err != nil {
			return nil, err
		}
	}
	referred := t.referred(s)
	for _, d := range s.documents[1:] {
		for _, def := range d.definitions() {
			other, ok := theirs[def.key]
			if gone := t.files[d.name].gone; ok && def.node != nil && !gone[def.at] {
				gone[def.at] = true
				t.Taken = append(t.Taken, other.name+", from "+d.name)
				if other.operation != "" {
					t.Operations[other.operation] = true
				}
				t.keep(d.name, def.node, other.node, other.path)
			}
		}
	}
	for again := true; again; {
		again = false
		for _, d := range s.documents[1:] {
			t.files[d.name].prune(d.root)
		}
		still := t.referred(s)
		for _, d := range s.documents[1:] {
			for _, def := range d.definitions() {
				id := d.name + def.key
				if gone := t.files[d.name].gone; !gone[def.at] && referred[id] && !still[id] {
					gone[def.at], again = true, true
					t.Orphans = append(t.Orphans, def.name+", from "+d.name)
				}
			}
		}
	}
	for _, d := range s.documents[1:] {
		t.references(d, d.root, func(ref *yaml.Node, file, fragment string) {
			if _, ok := theirs["#"+fragment]; ok && file != vendored {
				t.files[d.name].replace(ref, "../"+vendored+"#"+fragment)
			}
		})
		write := t.files[d.name].writeText
		if !t.files[d.name].prune(d.root) {
			write = func() error { return os.Remove(t.files[d.name].file) }
		}
		if err := write(); err != nil {
			return nil, err
		}
	}
	return t, appendRules(filepath.Join(dir, "overlay.yaml"), t.rules)
}

// keep makes rules of what an addition says to the generators, and of the operationId of an operation, where the document
// has the same thing and does not say it.
func (t *Takeover) keep(file string, ours, theirs *yaml.Node, path string) {
	if get(theirs, "$ref") != nil {
		return
	}
	update := map[string]any{}
	for key, value := range pairs(ours) {
		generator := strings.HasPrefix(key.Value, "x-go-") || key.Value == "x-enum-varnames"
		operation := get(theirs, "responses") != nil &&
			(key.Value == "operationId" || strings.HasPrefix(key.Value, "x-portal-") && key.Value != "x-portal-provenance")
		one, other := get(ours, "type"), get(theirs, "type")
		if generator && (one == nil) == (other == nil) && (one == nil || one.Value == other.Value) || operation {
			var content any
			given := key.Value == "x-portal-effect" && value.Value == defaultEffect(path)
			if get(theirs, key.Value) == nil && !given && value.Decode(&content) == nil {
				update[key.Value] = content
			}
		} else if below := get(theirs, key.Value); below != nil {
			t.keep(file, value, below, path+member(key.Value))
		}
	}
	if len(update) > 0 {
		t.rules = append(t.rules, rule{path, file + " said so, until the document came to define this by itself.", update})
		t.Kept = append(t.Kept, path+": "+strings.Join(slices.Sorted(maps.Keys(update)), ", "))
	}
}

// defaultEffect is what holds for the operation at a path without a mark.
func defaultEffect(path string) string {
	if strings.HasSuffix(path, member("get")) {
		return "read"
	}
	return "write"
}

// referred returns the components that what stays of the additions refers to, by file and key.
func (t *Takeover) referred(s *Sources) map[string]bool {
	found := map[string]bool{}
	for _, d := range s.documents[1:] {
		t.references(d, d.root, func(_ *yaml.Node, file, fragment string) { found[file+"#"+fragment] = true })
	}
	return found
}

// references calls found for each reference to a component in what stays of a document.
func (t *Takeover) references(d *document, n *yaml.Node, found func(ref *yaml.Node, file, fragment string)) {
	if ref := get(n, "$ref"); ref != nil && ref.Kind == yaml.ScalarNode {
		file, fragment, _ := strings.Cut(ref.Value, "#")
		if steps := strings.Split(fragment, "/"); len(steps) > 3 {
			found(ref, d.file(file), strings.Join(steps[:4], "/"))
		}
	}
	for i, child := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 && !t.files[d.name].gone[n.Content[i-1]] {
			t.references(d, child, found)
		}
	}
}

// appendRules adds actions to the end of an overlay, whose last key is actions.
func appendRules(file string, rules []rule) error {
	if len(rules) == 0 {
		return nil
	}
	overlay, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	added, err := yaml.Marshal(rules)
	if err != nil {
		return err
	}
	content := strings.TrimRight(string(overlay), "\n") + "\n"
	for line := range strings.Lines(string(added)) {
		content += "  " + line
	}
	return os.WriteFile(file, []byte(content), 0o644)
}

// RemoveRules removes the actions with one of the targets from overlay.yaml.
func RemoveRules(dir string, targets []string) error {
	file := filepath.Join(dir, "overlay.yaml")
	e, err := readEdit(file)
	if err != nil {
		return err
	}
	d, err := readDocument(file, "overlay.yaml")
	if err != nil {
		return err
	}
	for _, action := range sequence(get(d.root, "actions")) {
		if target := get(action, "target"); target != nil && slices.Contains(targets, target.Value) {
			e.gone[action] = true
		}
	}
	return e.writeText()
}

// An edit changes a YAML file as text, so that what stays keeps its form and its comments.
type edit struct {
	file  string
	lines []string
	gone  map[*yaml.Node]bool // keys of mappings, and elements of lists
}

func readEdit(file string) (*edit, error) {
	text, err := os.ReadFile(file)
	return &edit{file, strings.SplitAfter(string(text), "\n"), map[*yaml.Node]bool{}}, err
}

// replace puts another text where a scalar of one line stands.
func (e *edit) replace(n *yaml.Node, value string) {
	line := e.lines[n.Line-1]
	e.lines[n.Line-1] = line[:n.Column-1] + strings.Replace(line[n.Column-1:], n.Value, value, 1)
}

// prune marks as gone what holds nothing any more, and tells whether anything is left of an addition.
func (e *edit) prune(root *yaml.Node) (left bool) {
	if len(e.gone) == 0 {
		return true
	}
	for section, content := range pairs(root) {
		if section.Value != "paths" && section.Value != "components" {
			continue
		}
		e.gone[section] = true
		for name, group := range pairs(content) {
			e.gone[name] = true
			for key := range pairs(group) {
				if !e.gone[key] && (section.Value == "components" || slices.Contains(methods, key.Value)) {
					delete(e.gone, name)
					delete(e.gone, section)
					left = true
				}
			}
		}
	}
	return left
}

// writeText writes the file without what is gone, and what belongs to it: values, and the comments right above.
func (e *edit) writeText() error {
	var cuts [][]string
	for entry := range e.gone {
		if before := e.lines[entry.Line-1][:entry.Column-1]; strings.Trim(before, " -") != "" {
			return fmt.Errorf("%s, line %d: remove %s by hand; it shares its line with others", e.file, entry.Line, entry.Value)
		}
		from, to := e.extent(entry)
		cuts = append(cuts, e.lines[from:to])
	}
	for _, cut := range cuts {
		clear(cut)
	}
	return os.WriteFile(e.file, []byte(strings.Join(e.lines, "")), 0o644)
}

// extent returns the lines from the comment right above an entry to the end of its value.
func (e *edit) extent(entry *yaml.Node) (from, to int) {
	indent := func(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
	start := entry.Line - 1
	own := indent(e.lines[start])
	element := strings.HasPrefix(e.lines[start][own:], "- ")
	for from = start; from > 0 && indent(e.lines[from-1]) == own && strings.HasPrefix(e.lines[from-1][own:], "#"); {
		from--
	}
	to = start + 1
	for at := to; at < len(e.lines); at++ {
		line := e.lines[at]
		if strings.TrimSpace(line) == "" {
			continue // an empty line behind the entry stays
		}
		if indent(line) < own || indent(line) == own && (element || !strings.HasPrefix(line[own:], "- ")) {
			break
		}
		to = at + 1
	}
	return from, to
}
