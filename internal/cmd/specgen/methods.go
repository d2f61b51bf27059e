package main

import (
	"os"

	"github.com/portalclient/portal-client-go/internal/spec"
)

// methods writes the table of operations of the wrapper.
func methods() error {
	merged, err := os.ReadFile(mergedFile)
	if err != nil {
		return err
	}
	doc, err := spec.Load(merged)
	if err != nil {
		return err
	}
	builders, err := readBuilders("api/client.gen.go")
	if err != nil {
		return err
	}
	table, err := operationTable(doc, builders)
	if err != nil {
		return err
	}
	return os.WriteFile("wrapper/operations.gen.go", table, 0o644)
}
