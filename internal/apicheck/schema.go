package apicheck

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Schemas of OpenAPI 3.1 are JSON Schema 2020-12, so they are compiled as they are: when they are first needed, which
// keeps the start short, and once. (kin-openapi uses the same compiler, but anew for each value that it checks: 200
// microseconds a request instead of 4.)

// Home is what compilers call the document: a name, never fetched.
const Home = "https://apicheck.invalid/openapi.json"

// NewCompiler makes one for the schemas of a document, each of which is called by [Home], # and a JSON pointer.
func NewCompiler(root any) (*jsonschema.Compiler, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.UseRegexpEngine(func(pattern string) (jsonschema.Regexp, error) {
		re, err := regexp.Compile(pattern)
		if err != nil { // it is in another dialect than Go's, such as one with lookaheads
			re = regexp.MustCompile("")
		}
		return re, nil
	})
	return c, c.AddResource(Home, root)
}

// location is what the compiler calls a node. A fragment is percent-encoded: path templates hold braces.
func (n node) location() string { return Home + "#" + (&url.URL{Path: n.ptr[1:]}).EscapedPath() }

// compile compiles a schema. There is none, and no check, where nothing lies or it cannot be read.
func (n node) compile() *jsonschema.Schema { return n.d.compile(n.location()) }

// compile compiles what lies at a location, or own, to be called by that.
func (d *Document) compile(location string, own ...any) *jsonschema.Schema {
	d.compiling.Lock()
	defer d.compiling.Unlock()
	for _, schema := range own {
		_ = d.compiler.AddResource(location, schema) // or else nothing lies there
	}
	s, _ := d.compiler.Compile(location)
	return s
}

type fault = jsonschema.ValidationError

// faults lists what is wrong with a value. Where it fits none of several alternatives, each of which is a cause,
// it lists the faults in those causes that choose takes, or else that it fits none.
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
	if f, ok := errors.AsType[*fault](s.Validate(value)); ok && !Forgiven(f) { // it has no other errors
		add(f)
	}
	return all
}

// Forgiven reports a fault that is none when each oneOf is taken for an anyOf, which its author mostly means: of an
// answer that fits several alternatives nobody else would say that it fits none. Such causes of a fault go.
func Forgiven(f *fault) bool {
	before := len(f.Causes)
	f.Causes = slices.DeleteFunc(f.Causes, Forgiven)
	_, isOneOf := f.ErrorKind.(*kind.OneOf)
	_, isAnyOf := f.ErrorKind.(*kind.AnyOf)
	return isOneOf && before == 0 || len(f.Causes) < before && (isOneOf || isAnyOf || len(f.Causes) == 0)
}

// check says for each fault of a value where it lies and which rule it breaks: never the value itself.
func (d *Document) check(s *jsonschema.Schema, value any, place func(tokens []string) string) (problems []string) {
	none := func(*fault) []*fault { return nil } // naming what each alternative asks for would say too much
	for _, f := range faults(s, value, none) {
		problems = append(problems, d.broken(f, place)...)
	}
	slices.Sort(problems)
	return slices.Compact(problems)
}

// where is what a compiled schema was made of.
func (d *Document) where(location string) node { return d.at(strings.TrimPrefix(location, Home)) }
