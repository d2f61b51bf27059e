package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The schema of OpenAPI 3.1 documents as the OpenAPI Initiative publishes it (Apache 2.0). It leaves the schemas inside
// a document to a dialect; dialect names the one that 3.1 takes unless told otherwise.
//
//go:embed openapi-3.1.schema.json
var openapiSchema string

const dialect = `{"$id": "https://spec.openapis.org/oas/3.1/schema-base",
	"$schema": "https://json-schema.org/draft/2020-12/schema",
	"$ref": "https://spec.openapis.org/oas/3.1/schema/2022-10-07",
	"$defs": {"schema": {"$dynamicAnchor": "meta", "$ref": "https://json-schema.org/draft/2020-12/schema"}}}`

// validate returns what is wrong with a document by the OpenAPI specification, each with its place, and nothing that
// only one tool objects to.
func validate(d *document) (problems []string, err error) {
	found := map[string]string{} // by place in the document
	if strings.HasPrefix(d.OpenAPI, "3.1.") {
		compiler := jsonschema.NewCompiler()
		id := ""
		for _, content := range []string{openapiSchema, dialect} {
			schema, err := decode([]byte(content))
			if err != nil {
				return nil, err
			}
			id = get[string](schema, "$id")
			if err := compiler.AddResource(id, schema); err != nil {
				return nil, err
			}
		}
		schema, err := compiler.Compile(id)
		if err != nil {
			return nil, err
		}
		if invalid, ok := errors.AsType[*jsonschema.ValidationError](schema.Validate(d.Tree)); ok {
			collect(invalid, nil, found)
		}
	}
	places := slices.Sorted(maps.Keys(found))
	for _, place := range places {
		// What is wrong inside makes whatever is around it wrong as well, which says nothing.
		if !slices.ContainsFunc(places, func(p string) bool { return strings.HasPrefix(p, place+" › ") }) {
			problems = append(problems, place+": "+found[place])
		}
	}
	return append(problems, checkRules(d.Tree)...), nil
}

// collect adds the words of the innermost errors, by their place. The library gives a wrong place for the name of a
// member; then the place of the error around it is right.
func collect(e *jsonschema.ValidationError, around []string, found map[string]string) {
	at := e.InstanceLocation
	if len(at) < len(around) || !slices.Equal(at[:len(around)], around) {
		at = around
	}
	for _, cause := range e.Causes {
		collect(cause, at, found)
	}
	if len(e.Causes) > 0 {
		return
	}
	_, words, _ := strings.Cut(e.Error(), "': ") // behind the names of the schema and the place
	words = strings.ReplaceAll(oneLine(words), "false schema", "it may not stand here")
	place := strings.Join(append([]string{"document"}, at...), " › ")
	if found[place] == "" {
		found[place] = words
	} else if !strings.Contains(found[place], words) {
		found[place] += ", or " + words
	}
}

// checkRules looks for what the specification forbids and no schema can say.
func checkRules(tree object) (problems []string) {
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	ids := map[string]bool{}
	visitKeywords(tree, "", func(node object) { ids[get[string](node, "$id")] = true })
	visitKeywords(tree, "", func(node object) {
		ref := get[string](node, "$ref")
		switch base, _, _ := strings.Cut(ref, "#"); {
		case ref == "" || ref == "#" || ids[base] && base != "" || base == "" && lookUp(tree, ref) != nil:
		case base == "":
			add("%s refers to nothing", ref)
		default:
			add("%s is in another document; bundle the documents into one file first", ref)
		}
	})
	taken := map[string]operation{}
	for _, op := range operationsOf(tree) {
		for _, name := range []string{op.key, "operationId " + get[string](op.node, "operationId")} {
			if other, ok := taken[name]; ok && name != "operationId " {
				add("%s and %s are the same: %s", other, op, name)
			}
			taken[name] = op
		}
		named, described := map[string]bool{}, map[string]bool{}
		for _, name := range parameterName.FindAllStringSubmatch(op.path, -1) {
			named[name[1]] = true
		}
		for _, p := range get[[]any](op.node, "parameters") {
			if parameter, _ := resolve(tree, p); get[string](parameter, "in") == "path" {
				described[get[string](parameter, "name")] = true
			}
		}
		if !maps.Equal(named, described) {
			add("%s: the parameters of its path are %q, and those described for it %q", op, slices.Sorted(maps.Keys(named)), slices.Sorted(maps.Keys(described)))
		}
		for _, requirement := range get[[]any](op.node, "security") {
			schemes, _ := requirement.(object)
			for scheme := range schemes {
				if get[object](get[object](tree, "components"), "securitySchemes")[scheme] == nil {
					add("%s: there is no security scheme %s", op, scheme)
				}
			}
		}
	}
	slices.Sort(problems)
	return slices.Compact(problems)
}

// usedIn matches where kin-openapi found something, before what it found.
var usedIn = regexp.MustCompile(`^invalid (components|paths): ((invalid path|invalid operation|schema|response|parameter|request body) [^ ]+: )*`)

// warnings returns what costs a valid document one of our checks, and names the check.
func warnings(ctx context.Context, d *document) (lines []string) {
	seen := map[string]bool{}
	add := func(reason, format string, args ...any) {
		if !seen[reason] {
			lines = append(lines, fmt.Sprintf(format, args...))
		}
		seen[reason] = true
	}
	if !strings.HasPrefix(d.OpenAPI, "3.1.") {
		add("", "only the schema of OpenAPI 3.1 is at hand, so the form of this document was not checked")
	}
	visitKeywords(d.Tree, "", func(node object) {
		pattern := get[string](node, "pattern")
		if _, err := regexp.Compile(pattern); err != nil {
			add(pattern, "Go's regexp cannot compile the pattern %q: the fake API and the contract tests check nothing against it", pattern)
		}
	})
	defer func() {
		if p := recover(); p != nil { // it reads documents that nobody has seen before
			add("panic", "kin-openapi, by which the code is generated, panics: %v", p)
		}
	}()
	loaded, err := openapi3.NewLoader().LoadFromData(bytes.Clone(d.Text))
	if err != nil {
		add("load", "kin-openapi, by which the code is generated, cannot read it as it is: %s", oneLine(err.Error()))
		return lines
	}
	err = loaded.Validate(ctx, openapi3.EnableMultiError(), openapi3.DisableSchemaPatternValidation())
	several, ok := errors.AsType[openapi3.MultiError](err)
	if !ok && err != nil {
		several = openapi3.MultiError{err}
	}
	for _, one := range several {
		words := oneLine(one.Error())
		what := "kin-openapi objects to what the specification allows, and its validation is not relied on"
		if strings.Contains(words, "invalid example") || strings.Contains(words, "invalid default") {
			what = "an example or default does not fit its schema, and cannot serve the fake API as an answer"
		}
		add(usedIn.ReplaceAllString(words, ""), "%s: %s", what, words) // it says the same of a component and of what uses it
	}
	return lines
}
