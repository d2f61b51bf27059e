// Package spec applies the overlay to a document, the way the generator does, and reads the result.
package spec

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// Merge applies the overlay to the document, strictly: an action that matches nothing is an error that
// names it. The result is indented JSON.
func Merge(document, overlayText []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(document, &doc); err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	var o overlay.Overlay
	decoder := yaml.NewDecoder(bytes.NewReader(overlayText))
	decoder.KnownFields(true)
	if err := decoder.Decode(&o); err != nil {
		return nil, fmt.Errorf("read the overlay: %w", err)
	}
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("the overlay is not valid: %w", err)
	}
	if warnings, err := o.ApplyToStrict(&doc); err != nil {
		return nil, fmt.Errorf("apply the overlay: %w (%q)", err, warnings)
	}
	text, err := yaml.Marshal(&doc)
	if err != nil {
		return nil, fmt.Errorf("write the merged document: %w", err)
	}
	// Through the loader to JSON, because it knows that a date in an example is a string, not a time.
	loaded, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("read the merged document: %w", err)
	}
	merged, err := json.MarshalIndent(loaded, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write the merged document: %w", err)
	}
	return append(merged, '\n'), nil
}

// MergeFiles is Merge for two files.
func MergeFiles(documentPath, overlayPath string) ([]byte, error) {
	document, err := os.ReadFile(documentPath)
	if err != nil {
		return nil, err
	}
	overlayText, err := os.ReadFile(overlayPath)
	if err != nil {
		return nil, err
	}
	return Merge(document, overlayText)
}

// Load reads a document and validates it. References are followed inside the document only.
func Load(document []byte) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("the document is not valid OpenAPI: %w", err)
	}
	return doc, nil
}
