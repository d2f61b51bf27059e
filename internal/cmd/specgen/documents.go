package main

import (
	"os"

	"github.com/portalclient/portal-client-go/internal/spec"
)

const (
	mergedFile  = "openapi/merged.gen.json"
	overlayFile = "openapi/overlay.gen.yaml"
)

// documents writes the overlay that oapi-codegen is given over the vendored document, and the document that
// comes of it.
func documents() error {
	sources, err := spec.ReadSources("openapi")
	if err != nil {
		return err
	}
	overlay, err := sources.Overlay()
	if err != nil {
		return err
	}
	merged, err := sources.Merge()
	if err != nil {
		return err
	}
	if _, err := spec.Load(merged); err != nil {
		return err
	}
	if err := os.WriteFile(overlayFile, overlay, 0o644); err != nil {
		return err
	}
	return os.WriteFile(mergedFile, merged, 0o644)
}
