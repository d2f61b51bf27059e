// Package spec makes one OpenAPI document of the vendored one, of what we add to it, and of the rules for the
// generator.
//
// A folder holds client-api.yaml, the vendored document; additions/*.yaml, plain OpenAPI documents with the
// operations that we know beyond it; and overlay.yaml, an overlay of names and choices for the generator.
// From them come the overlay that the generator is given over client-api.yaml, and the merged document.
package spec

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/speakeasy-api/openapi/json"
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
	files, err := filepath.Glob(filepath.Join(dir, "additions", "*.yaml"))
	if err != nil {
		return nil, err
	}
	s := &Sources{}
	for _, file := range append([]string{filepath.Join(dir, vendored)}, files...) {
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
	if err := yaml.Unmarshal(text, &s.rules); err != nil {
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
	var parsed yaml.Node
	if err := yaml.Unmarshal(text, &parsed); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(parsed.Content) == 0 || parsed.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("read %s: it holds no OpenAPI document", name)
	}
	return &document{name, clone(parsed.Content[0])}, nil
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
	text, err := toJSON(merged)
	if err != nil {
		return nil, err
	}
	var indented bytes.Buffer
	err = stdjson.Indent(&indented, text, "", " ")
	return indented.Bytes(), err
}

// JSON returns a YAML document as JSON. Numbers keep their digits, and a date is a string.
func JSON(text []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil || len(doc.Content) == 0 {
		return []byte("null"), err
	}
	return toJSON(clone(doc.Content[0]))
}

func toJSON(n *yaml.Node) ([]byte, error) {
	var text bytes.Buffer
	if err := json.YAMLToJSON(n, 0, &text); err != nil {
		return nil, err
	}
	if !stdjson.Valid(text.Bytes()) {
		return nil, errors.New("the document holds something that JSON cannot, such as a number that is infinite")
	}
	return text.Bytes(), nil
}

// merge makes the overlay, and applies it to a copy of the vendored document. It is applied strictly: an
// action that matches nothing, or changes nothing, is an error that names it.
func (s *Sources) merge() (*overlay.Overlay, *yaml.Node, error) {
	o := s.rules
	var err error
	if o.Actions, err = s.additions(); err != nil {
		return nil, nil, err
	}
	o.Actions = append(o.Actions, s.rules.Actions...)
	merged := clone(s.documents[0].root)
	warnings, err := o.ApplyToStrict(merged)
	if err != nil {
		return nil, nil, fmt.Errorf("apply overlay.yaml: %w", err)
	}
	if len(warnings) > 0 {
		return nil, nil, fmt.Errorf("apply overlay.yaml: %s: delete what is needless", strings.Join(warnings, "; "))
	}
	if err := check(merged); err != nil {
		return nil, nil, err
	}
	marks := o
	marks.Actions = generatorMarks(merged)
	if err := marks.ApplyTo(merged); err != nil {
		return nil, nil, fmt.Errorf("mark the schemas: %w", err)
	}
	o.Actions = append(o.Actions, marks.Actions...)
	return &o, merged, nil
}

// Load reads a document as kin-openapi sees it. It does not validate it: kin-openapi objects to things that the
// specification allows, and spec diff tells of both. References are followed inside the document only.
func Load(doc []byte) (*openapi3.T, error) {
	loaded, err := openapi3.NewLoader().LoadFromData(doc)
	if err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	return loaded, nil
}
