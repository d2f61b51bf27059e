package portaltest

import (
	"fmt"
	"net/url"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A schema of the document. Those of OpenAPI 3.1 are JSON Schema 2020-12, so they are compiled as they are:
// when they are first needed, which keeps the start short, and once. (kin-openapi uses the same compiler,
// but anew for each value that it checks: 200 microseconds a request instead of 4.)
type schema struct {
	compiler *compiler
	ptr      string
	once     sync.Once
	compiled *jsonschema.Schema
	err      error
}

// A compiler makes the schemas of one document.
type compiler struct {
	mu   sync.Mutex
	tree any // the document
	c    *jsonschema.Compiler
}

func (s *schema) compile() (*jsonschema.Schema, error) {
	s.once.Do(func() { s.compiled, s.err = s.compiler.compile(s.ptr) })
	return s.compiled, s.err
}

func (c *compiler) compile(ptr string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	const home = "https://portaltest.invalid/openapi.json" // a name, never fetched
	if c.c == nil {
		c.c = jsonschema.NewCompiler()
		c.c.DefaultDraft(jsonschema.Draft2020)
		c.c.AssertFormat()
		if err := c.c.AddResource(home, c.tree); err != nil {
			return nil, err
		}
	}
	// A fragment is percent-encoded: path templates hold braces.
	s, err := c.c.Compile(home + "#" + (&url.URL{Path: ptr[1:]}).EscapedPath())
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", ptr, err)
	}
	return s, nil
}
