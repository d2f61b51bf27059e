// Package openapi holds the documents that everything else is made from: the Portal Client API as it
// was vendored, and the same with our additions and rules.
//
// It is for tools, tests and the fake API. Neither package api nor package portal imports it.
package openapi

import _ "embed"

// Vendored is client-api.yaml, byte for byte as it came. Its sum is recorded in client-api.yaml.sha256.
//
//go:embed client-api.yaml
var Vendored []byte

// Merged is the vendored document with the additions and the actions of overlay.yaml, as JSON. It is
// generated, so that the fake API starts quickly and needs no overlay library.
//
//go:embed merged.gen.json
var Merged []byte
