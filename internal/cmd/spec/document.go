package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/portalclient/portal-client-go/internal/spec"
)

// maxDocument is the size of the largest document that is read. Portal's whole document is expected below 1 MiB;
// comparing and generating take a hundred times its size in memory.
const maxDocument = 8 << 20

// A document is an OpenAPI document as text and as a tree.
type document struct {
	Name, SHA256     string
	OpenAPI, Version string // the version of the specification, and info.version
	Text             []byte
	Tree             spec.Object
}

func readDocument(name string) (*document, error) {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s is not a file", name), err)
	} else if info.Size() > maxDocument {
		return nil, fmt.Errorf("%s is larger than %d MiB, which no description of this API is", name, maxDocument>>20)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	tree, err := spec.Decode(content)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	d := &document{Name: name, SHA256: fmt.Sprintf("%x", sha256.Sum256(content)), Text: content, Tree: tree}
	d.OpenAPI, d.Version = spec.Get[string](tree, "openapi"), spec.Get[string](spec.Get[spec.Object](tree, "info"), "version")
	if !strings.HasPrefix(d.OpenAPI, "3.") {
		return nil, fmt.Errorf("%s is not an OpenAPI 3 document: its version of OpenAPI is %v", name, tree["openapi"])
	}
	return d, nil
}

func (d *document) String() string {
	return fmt.Sprintf("%s: OpenAPI %s, version %s, operations: %d, sha256 %s…", d.Name, d.OpenAPI, d.Version,
		len(spec.Operations(d.Tree)), d.SHA256[:12])
}

// oneLine keeps a message readable in a list: kin-openapi prints the schema and the value below it.
func oneLine(message string) string {
	message, _, _ = strings.Cut(message, "\nSchema:")
	return strings.Join(strings.Fields(message), " ")
}
