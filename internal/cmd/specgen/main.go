// Command specgen derives what the documents of openapi/ say, for the generator and from what it generated.
// `go generate ./...` runs it in the root of the repository, before and after oapi-codegen:
//
//	specgen documents    openapi/overlay.gen.yaml for oapi-codegen, and the merged document
//	specgen methods      in wrapper/: the table of operations
package main

import (
	"fmt"
	"os"
)

func main() {
	run, ok := map[string]func() error{"documents": documents, "methods": methods}[argument()]
	if !ok {
		fmt.Fprintln(os.Stderr, "usage: specgen documents | methods")
		os.Exit(2)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "specgen:", err)
		os.Exit(1)
	}
}

func argument() string {
	if len(os.Args) != 2 {
		return ""
	}
	return os.Args[1]
}
