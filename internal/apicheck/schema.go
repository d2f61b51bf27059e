package apicheck

import (
	"net/url"
	"regexp"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A schema of the document. Those of OpenAPI 3.1 are JSON Schema 2020-12, so they are compiled as they are:
// when they are first needed, which keeps the start short, and once. (kin-openapi uses the same compiler,
// but anew for each value that it checks: 200 microseconds a request instead of 4.)
type schema struct {
	node     node
	once     sync.Once
	compiled *jsonschema.Schema // nil when it cannot be checked
}

const home = "https://apicheck.invalid/openapi.json" // a name, never fetched

func newCompiler() *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	return c
}

func (s *schema) compile() *jsonschema.Schema {
	s.once.Do(func() {
		d := s.node.d
		d.mu.Lock()
		defer d.mu.Unlock()
		// A fragment is percent-encoded: path templates hold braces.
		var err error
		if s.compiled, err = d.compiler.Compile(home + "#" + (&url.URL{Path: s.node.ptr[1:]}).EscapedPath()); err != nil {
			d.warn("the schema %s is not checked: %v", s.node.ptr, err)
		}
	})
	return s.compiled
}

// pattern compiles a regular expression. One that Go does not know, such as a lookahead, matches everything.
func (d *Document) pattern(text string) (jsonschema.Regexp, error) {
	re, err := regexp.Compile(text)
	if err != nil {
		d.warn("the pattern %s is not checked: %v", text, err)
		return anything(text), nil
	}
	return re, nil
}

type anything string

func (anything) MatchString(string) bool { return true }
func (a anything) String() string        { return string(a) }
