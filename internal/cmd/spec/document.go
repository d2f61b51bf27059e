package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// A document is one version of the API's description, read and resolved.
type document struct {
	Path       string `json:"path"`
	SHA256     string `json:"sha256"`
	OpenAPI    string `json:"openapi"`
	Version    string `json:"version"` // info.version
	Operations int    `json:"operations"`

	text []byte
	doc  *openapi3.T
}

// readDocument reads a document whose references all stay inside. Whether it is valid is another question.
func readDocument(path string, text []byte) (*document, error) {
	if err := looksLikeOpenAPI(text); err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	if line, ref, found := outsideReference(text); found {
		return nil, fmt.Errorf("%s refers to another document in line %d (%s); bundle it into one file first", path, line, ref)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read as OpenAPI: %w", path, oneLine(err))
	}
	sum := sha256.Sum256(text)
	d := &document{Path: path, SHA256: hex.EncodeToString(sum[:]), OpenAPI: doc.OpenAPI, text: text, doc: doc}
	if doc.Info != nil {
		d.Version = doc.Info.Version
	}
	for _, item := range doc.Paths.Map() {
		d.Operations += len(item.Operations())
	}
	return d, nil
}

// looksLikeOpenAPI finds the mistakes for which a schema error would be a riddle.
func looksLikeOpenAPI(text []byte) error {
	var head any
	if err := yaml.Unmarshal(text, &head); err != nil {
		return fmt.Errorf("is not YAML: %w", oneLine(err))
	}
	keys, ok := head.(map[string]any)
	if !ok {
		return errors.New("is not an OpenAPI document: it is not a mapping")
	}
	if _, overlay := keys["overlay"]; overlay {
		return errors.New("is an OpenAPI Overlay, not an OpenAPI document")
	}
	if v, swagger := keys["swagger"]; swagger {
		return fmt.Errorf("is Swagger %v; OpenAPI 3 is needed", v)
	}
	version, ok := keys["openapi"].(string)
	if !ok {
		return errors.New("is not an OpenAPI document: it has no openapi version")
	}
	if !strings.HasPrefix(version, "3.") {
		return fmt.Errorf("is OpenAPI %s; OpenAPI 3 is needed", version)
	}
	return nil
}

// outsideReference finds a $ref that leaves the document. What merely looks like one, in an example, does
// not count.
func outsideReference(text []byte) (line int, ref string, found bool) {
	var root yaml.Node
	if yaml.Unmarshal(text, &root) != nil {
		return 0, "", false
	}
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		for i, item := range n.Content {
			key := ""
			if n.Kind == yaml.MappingNode {
				if i%2 == 0 {
					continue
				}
				key = n.Content[i-1].Value
			}
			switch {
			case found || key == "example" || key == "examples" || key == "default" || key == "const" || key == "enum":
			case key == "$ref" && item.Kind == yaml.ScalarNode && !strings.HasPrefix(item.Value, "#"):
				line, ref, found = item.Line, item.Value, true
			default:
				visit(item)
			}
		}
	}
	visit(&root)
	return line, ref, found
}

// validate returns everything that is wrong with a document by the rules of its OpenAPI version.
func validate(ctx context.Context, doc *openapi3.T) []string {
	err := doc.Validate(ctx, openapi3.EnableMultiError())
	if err == nil {
		return nil
	}
	var several openapi3.MultiError
	if !errors.As(err, &several) {
		return []string{oneLine(err).Error()}
	}
	problems := make([]string, len(several))
	for i, e := range several {
		problems[i] = oneLine(e).Error()
	}
	return problems
}

// oneLine keeps a message readable in a list: kin-openapi prints the schema and the value below it.
func oneLine(err error) error {
	text, _, _ := strings.Cut(err.Error(), "\nSchema:")
	return errors.New(strings.Join(strings.Fields(text), " "))
}
