// Package spec makes one OpenAPI document of the vendored one, of what we add to it, and of the rules for the
// generator.
//
// A folder holds client-api.yaml, the vendored document; additions/*.yaml, plain OpenAPI documents with the
// operations that we know beyond it; and overlay.yaml, an overlay of names and choices for the generator.
// From them comes the merged document.
package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// sources are the documents of one folder.
type sources struct {
	documents []*document // the vendored one is the first
	overlay   *document   // overlay.yaml
	rules     overlay.Overlay
}

// A document is one OpenAPI document of the folder.
type document struct {
	name string     // slash-separated, below the folder
	node *yaml.Node // the whole of it, with the comments before and after
	root *yaml.Node
}

const vendoredFile = "client-api.yaml"

// readSources reads the documents of a folder.
func readSources(dir string) (*sources, error) {
	additions, err := fs.Glob(os.DirFS(dir), "additions/*.yaml")
	if err != nil {
		return nil, err
	}
	s := &sources{}
	for _, name := range append([]string{vendoredFile}, additions...) {
		d, err := readDocument(dir, name)
		if err != nil {
			return nil, err
		}
		s.documents = append(s.documents, d)
	}
	if s.overlay, err = readDocument(dir, "overlay.yaml"); err != nil {
		return nil, err
	}
	if err := s.overlay.root.Decode(&s.rules); err != nil {
		return nil, fmt.Errorf("read overlay.yaml: %w", err)
	}
	if err := s.rules.Validate(); err != nil {
		return nil, fmt.Errorf("overlay.yaml is not valid: %w", err)
	}
	return s, nil
}

func readDocument(dir, name string) (*document, error) {
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	node, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return &document{name, node, node.Content[0]}, nil
}

// parse reads a YAML document. Decoding it refuses what would become very large because of its aliases.
func parse(text []byte) (*yaml.Node, error) {
	var parsed yaml.Node
	var value any
	err := yaml.Unmarshal(text, &parsed)
	if err == nil {
		err = parsed.Decode(&value)
	}
	if err != nil {
		return nil, fmt.Errorf("it is not YAML: %w", err)
	}
	if len(parsed.Content) == 0 || parsed.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("it holds no OpenAPI document")
	}
	return &parsed, nil
}

// Merge returns the merged document of a folder: client-api.yaml with the additions, the actions of overlay.yaml, and what
// the generator must be told of single schemas and parameters. It returns client-api.yaml by itself as well.
func Merge(dir string) (merged, vendored Object, err error) {
	s, err := readSources(dir)
	if err != nil {
		return nil, nil, err
	}
	root, err := s.add()
	if err != nil {
		return nil, nil, err
	}
	if _, err := s.applyRules(root); err != nil {
		return nil, nil, err
	}
	if merged, err = toTree(root); err != nil {
		return nil, nil, err
	}
	if vendored, err = toTree(s.documents[0].root); err != nil {
		return nil, nil, err
	}
	mark(merged)
	return merged, vendored, checkEffects(merged)
}

// applyRules applies each action of overlay.yaml by itself. The error names those that match or change nothing; needless
// says which they are.
func (s *sources) applyRules(root *yaml.Node) (needless []int, err error) {
	for i, action := range s.rules.Actions {
		one := s.rules
		one.Actions = []overlay.Action{action}
		warnings, failed := one.ApplyToStrict(root)
		if len(warnings) > 0 {
			failed = errors.Join(failed, fmt.Errorf("%s: delete what is needless", strings.Join(warnings, "; ")))
		}
		if failed != nil {
			needless = append(needless, i)
			err = errors.Join(err, fmt.Errorf("apply overlay.yaml: %w", failed))
		}
	}
	return needless, err
}
