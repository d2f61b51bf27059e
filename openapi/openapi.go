// Package openapi holds the documents that everything else is made from: the Portal Client API as it
// was vendored, and the same with our overlay applied.
//
// It is for tools, tests and the fake API. Neither package api nor package portal imports it.
package openapi

import _ "embed"

// Vendored is client-api.yaml, byte for byte as it came. Its sum is recorded in client-api.yaml.sha256.
//
//go:embed client-api.yaml
var Vendored []byte

// Overlay is overlay.yaml: every intent that we add to the vendored document.
//
//go:embed overlay.yaml
var Overlay []byte

//go:generate go run ../internal/cmd/specgen -merged merged.gen.json

// Merged is the vendored document with the overlay applied, as JSON. It is generated, so that the fake
// API starts quickly and needs no overlay library.
//
//go:embed merged.gen.json
var Merged []byte
