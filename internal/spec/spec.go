// Package spec makes one OpenAPI document of the vendored one, of what we add to it, and of the rules for
// the generator.
//
// A folder holds client-api.yaml, the vendored document; additions/*.yaml, plain OpenAPI documents with the
// operations that we know beyond it; and overlay.yaml, an overlay of names and choices for the generator.
// From them come the overlay that the generator is given over client-api.yaml, and the merged document.
package spec

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// Sources are the documents of one folder.
type Sources struct {
	documents []*document // the vendored one is the first
	rules     overlay.Overlay
}

// A document is one OpenAPI document of the folder.
type document struct {
	name string // slash-separated, below the folder
	root *yaml.Node
}

const vendored = "client-api.yaml"

// ReadSources reads the documents of a folder.
func ReadSources(dir string) (*Sources, error) {
	additions, err := filepath.Glob(filepath.Join(dir, "additions", "*.yaml"))
	if err != nil {
		return nil, err
	}
	s := &Sources{}
	for _, file := range slices.Concat([]string{filepath.Join(dir, vendored)}, additions) {
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return nil, err
		}
		d, err := readDocument(file, filepath.ToSlash(name))
		if err != nil {
			return nil, err
		}
		s.documents = append(s.documents, d)
	}
	text, err := os.ReadFile(filepath.Join(dir, "overlay.yaml"))
	if err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&s.rules); err != nil {
		return nil, fmt.Errorf("read overlay.yaml: %w", err)
	}
	if err := s.rules.Validate(); err != nil {
		return nil, fmt.Errorf("overlay.yaml is not valid: %w", err)
	}
	return s, nil
}

func readDocument(file, name string) (*document, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("read %s: it holds no OpenAPI document", name)
	}
	return &document{name, inline(doc.Content[0])}, nil
}

// inline puts a copy of what an alias stands for in its place, so that no edit changes two things.
func inline(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	plain := *n
	plain.Anchor, plain.Content = "", nil
	for _, child := range n.Content {
		plain.Content = append(plain.Content, inline(child))
	}
	return &plain
}

// Overlay returns the overlay that makes the merged document of client-api.yaml: the additions, the actions
// of overlay.yaml, and what the generator must be told of single schemas and parameters.
func (s *Sources) Overlay() ([]byte, error) {
	o, _, err := s.merge()
	if err != nil {
		return nil, err
	}
	text, err := o.ToString()
	return []byte(text), err
}

// Merge returns the merged document as indented JSON. It says what the documents say, to the last digit of a
// number.
func (s *Sources) Merge() ([]byte, error) {
	_, merged, err := s.merge()
	if err != nil {
		return nil, err
	}
	var text, indented bytes.Buffer
	if err := writeJSON(&text, merged); err != nil {
		return nil, err
	}
	err = json.Indent(&indented, text.Bytes(), "", " ")
	indented.WriteByte('\n')
	return indented.Bytes(), err
}

// merge makes the overlay, and applies it to a copy of the vendored document.
func (s *Sources) merge() (*overlay.Overlay, *yaml.Node, error) {
	added, err := s.unite()
	if err != nil {
		return nil, nil, err
	}
	o := s.rules
	if len(added.Content) > 0 {
		addition := overlay.Action{Target: "$", Description: "The operations and components of additions.", Update: *added}
		o.Actions = slices.Concat([]overlay.Action{addition}, s.rules.Actions)
	}
	merged := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{inline(s.documents[0].root)}}
	if warnings, err := o.ApplyToStrict(merged); err != nil {
		return nil, nil, fmt.Errorf("apply overlay.yaml: %w (%q)", err, warnings)
	}
	if err := s.check(merged.Content[0]); err != nil {
		return nil, nil, err
	}
	marks := o
	marks.Actions = generatorMarks(merged.Content[0])
	if err := marks.ApplyTo(merged); err != nil {
		return nil, nil, fmt.Errorf("mark the schemas: %w", err)
	}
	o.Actions = slices.Concat(o.Actions, marks.Actions)
	return &o, merged.Content[0], nil
}

// Load reads a document and validates it. Examples, defaults and patterns are not: one that is wrong makes
// no document invalid. References are followed inside the document only.
func Load(doc []byte) (*openapi3.T, error) {
	loaded, err := openapi3.NewLoader().LoadFromData(doc)
	if err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	err = loaded.Validate(context.Background(), openapi3.DisableExamplesValidation(),
		openapi3.DisableSchemaDefaultsValidation(), openapi3.DisableSchemaPatternValidation())
	if err != nil {
		return nil, fmt.Errorf("the document is not valid OpenAPI: %w", err)
	}
	return loaded, nil
}

// get returns the value of a key of a mapping, or nil.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var value *yaml.Node
		for k, v := range pairs(n) {
			if k.Value == key {
				value = v
			}
		}
		n = value
	}
	return n
}

// pairs lists the keys and values of a mapping; what is none has none.
func pairs(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// file is the document that a reference in d names, as a slash-separated name below the folder.
func (d *document) file(reference string) string {
	if reference == "" {
		return d.name
	}
	return path.Join(path.Dir(d.name), reference)
}
