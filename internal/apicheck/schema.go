package apicheck

import (
	"maps"
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

// newCompiler makes one for the schemas of a document, or of another one with all that they refer to.
func (d *Document) newCompiler(root any) (*jsonschema.Compiler, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.UseRegexpEngine(d.pattern)
	return c, c.AddResource(home, root)
}

// Checker checks values of a schema that may stand anywhere, such as a part of one of the document; nil allows
// everything.
func (d *Document) Checker(schema any) func(value any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if schema == nil {
		schema = true
	}
	root := maps.Clone(asObject(d.root)) // so that its references hold
	root["$defs"] = object{"this": schema}
	c, err := d.newCompiler(root)
	if err == nil {
		var compiled *jsonschema.Schema
		if compiled, err = c.Compile(home + "#/$defs/this"); err == nil {
			return compiled.Validate
		}
	}
	return func(any) error { return err }
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
