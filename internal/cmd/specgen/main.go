// Command specgen writes what the fake API and the wrapper derive from the documents. It is run by
// `go generate ./...`, after oapi-codegen:
//
//	specgen -merged merged.gen.json          in openapi/: the vendored document with the overlay applied
//	specgen -operations operations.gen.go    in wrapper/: every operation, with the parser of its replies
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/portalclient/portal-client-go/internal/spec"
)

func main() {
	merged := flag.String("merged", "", "write the merged document to this `file`")
	operations := flag.String("operations", "", "write the table of operations to this `file`")
	flag.Parse()
	if err := run(*merged, *operations); err != nil {
		fmt.Fprintln(os.Stderr, "specgen:", err)
		os.Exit(1)
	}
}

// run works from the folder of the package that asked, one below the root.
func run(mergedFile, operationsFile string) error {
	merged, err := spec.MergeFiles("../openapi/client-api.yaml", "../openapi/overlay.yaml")
	if err != nil {
		return err
	}
	if mergedFile != "" {
		if err := os.WriteFile(mergedFile, merged, 0o644); err != nil {
			return err
		}
	}
	if operationsFile == "" {
		return nil
	}
	doc, err := spec.Load(merged)
	if err != nil {
		return err
	}
	builders, err := readBuilders("../api/client.gen.go")
	if err != nil {
		return err
	}
	table, err := operationTable(doc, builders)
	if err != nil {
		return err
	}
	return os.WriteFile(operationsFile, table, 0o644)
}
