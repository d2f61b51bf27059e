package apicheck

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// A Schema of the document. Those of OpenAPI 3.1 are JSON Schema 2020-12, so they are compiled as they are:
// when they are first needed, which keeps the start short, and once. (kin-openapi uses the same compiler,
// but anew for each value that it checks: 200 microseconds a request instead of 4.)
type Schema struct {
	node     node
	compiled func() *jsonschema.Schema // nil when it cannot be checked
}

const home = "https://apicheck.invalid/openapi.json" // a name, never fetched

// newCompiler makes one for the schemas of the document, with further rules for them.
func (d *Document) newCompiler(rules ...*jsonschema.Vocabulary) (*jsonschema.Compiler, error) {
	c := jsonschema.NewCompiler()
	for _, rule := range rules {
		c.RegisterVocabulary(rule)
		c.AssertVocabs()
	}
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.UseRegexpEngine(d.pattern)
	return c, c.AddResource(home, d.root)
}

// schema is the one under a key; nil when there is none.
func (n node) schema(key string) *Schema {
	n = n.raw(key)
	if n.value == nil {
		return nil
	}
	return &Schema{n, sync.OnceValue(func() *jsonschema.Schema { return n.compile(n.d.compiler) })}
}

func (n node) compile(c *jsonschema.Compiler) *jsonschema.Schema {
	n.d.compiling.Lock()
	defer n.d.compiling.Unlock()
	// A fragment is percent-encoded: path templates hold braces.
	compiled, err := c.Compile(home + "#" + (&url.URL{Path: n.ptr[1:]}).EscapedPath())
	if err != nil {
		n.d.warn("the schema %s is not checked: %v", n.ptr, err)
	}
	return compiled
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

type fault = jsonschema.ValidationError

// faults lists what is wrong with a value. Where it fits none of several alternatives, each of which is a cause,
// it lists the faults in those causes that choose takes, or that it fits none.
func faults(s *jsonschema.Schema, value any, choose func(*fault) []*fault) (all []*fault) {
	if s == nil {
		return nil
	}
	var add func(f *fault)
	add = func(f *fault) {
		causes := f.Causes
		switch f.ErrorKind.(type) {
		case *kind.AnyOf, *kind.OneOf:
			causes = choose(f)
		}
		if len(causes) == 0 {
			all = append(all, f)
		}
		for _, cause := range causes {
			add(cause)
		}
	}
	if f, ok := errors.AsType[*fault](s.Validate(value)); ok { // it has no other errors
		add(f)
	}
	return all
}

// Check says for each fault of a value where it lies and which rule it breaks: never the value itself. place is ""
// for a body, whose places are JSON pointers.
func (s *Schema) Check(place string, value any) (problems []string) {
	if s == nil {
		return nil
	}
	none := func(*fault) []*fault { return nil } // naming what each alternative asks for would say too much
	for _, f := range faults(s.compiled(), value, none) {
		at := place
		for _, token := range f.InstanceLocation {
			at += "/" + pointerEscaper.Replace(token)
		}
		problems = append(problems, s.node.d.broken(at, f)...)
	}
	slices.Sort(problems)
	return slices.Compact(problems)
}

// where is what a compiled schema was made of.
func (d *Document) where(location string) node { return d.at(strings.TrimPrefix(location, home)) }
