package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/portalclient/portal-client-go/internal/spec"
)

// The schema of OpenAPI 3.1 documents as the OpenAPI Initiative publishes it (Apache 2.0). It leaves the schemas inside
// a document to a dialect; dialect names the one that 3.1 takes unless told otherwise.
//
//go:embed openapi-3.1.schema.json
var openapiSchema string

const dialect = `{"$id": "` + dialectID + `",
	"$schema": "https://json-schema.org/draft/2020-12/schema",
	"$ref": "https://spec.openapis.org/oas/3.1/schema/2022-10-07",
	"$defs": {"schema": {"$dynamicAnchor": "meta", "$ref": "https://json-schema.org/draft/2020-12/schema"}}}`

const dialectID = "https://spec.openapis.org/oas/3.1/schema-base"

// validate returns what is wrong with a document by the schema of the specification, each with its place.
func validate(d *document) (problems []string, err error) {
	if !strings.HasPrefix(d.OpenAPI, "3.1.") {
		return nil, nil
	}
	compiler := jsonschema.NewCompiler()
	for _, content := range []string{openapiSchema, dialect} {
		schema, err := spec.Decode([]byte(content))
		if err == nil {
			err = compiler.AddResource(spec.Get[string](schema, "$id"), schema)
		}
		if err != nil {
			return nil, err
		}
	}
	schema, err := compiler.Compile(dialectID)
	if err != nil {
		return nil, err
	}
	found := map[string]string{} // by place in the document
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](schema.Validate(d.Tree)); ok {
		collect(invalid, nil, found)
	}
	for place, words := range found {
		// What is wrong inside makes whatever is around it wrong as well, which says nothing.
		inside := func(p string) bool { return strings.HasPrefix(p, place+" › ") }
		if !slices.ContainsFunc(slices.Collect(maps.Keys(found)), inside) {
			problems = append(problems, place+": "+words)
		}
	}
	slices.Sort(problems)
	return problems, nil
}

// collect adds the words of the innermost errors, by their place. The library gives a wrong place for the name of a
// member; then that of the error around it is nearer.
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
	if !strings.Contains(found[place], words) {
		found[place] = strings.TrimPrefix(found[place]+", or "+words, ", or ")
	}
}

// forbidden are the findings of oasdiff about what the specification forbids and its schema cannot say. What else oasdiff
// finds is a matter of single tools, such as Go's regexp.
var forbidden = []string{"conflicting-paths", "duplicate-operation-id", "path-parameters-mismatch",
	"security-requirement-scheme-undefined"}

// deadReference matches what oasdiff says of a reference to nothing, and of one to another document.
var deadReference = regexp.MustCompile(`failed to resolve|disallowed external reference`)

// costs says of findings which of our own checks they cost.
var costs = map[string]string{
	"schema-pattern-regex-invalid": "; the fake API and the contract tests check nothing against it, and oasdiff looks no further there",
	"example-violates-schema":      "; it cannot serve the fake API as an answer",
}

// findings asks oasdiff what is wrong with a document that the schema of the specification cannot say, and what only warns.
func (t *trial) findings(ctx context.Context, d *document) (invalid, warnings []string, err error) {
	if !strings.HasPrefix(d.OpenAPI, "3.1.") {
		warnings = append(warnings, "only the schema of OpenAPI 3.1 is at hand, so the form of this document was not checked")
	}
	var found []struct {
		ID, Text string
		Source   struct{ Line int }
	}
	err = t.oasdiff(ctx, &found, []string{"validate"}, d.Text)
	if failed, ok := errors.AsType[*commandError](err); ok {
		words := oneLine(failed.output)
		if deadReference.MatchString(words) {
			return []string{words}, warnings, nil
		}
		return nil, append(warnings, "oasdiff and the generator cannot read it as it is: "+words), nil
	}
	for _, f := range found {
		text := fmt.Sprintf("line %d: %s%s", f.Source.Line, oneLine(f.Text), costs[f.ID])
		if slices.Contains(forbidden, f.ID) {
			invalid = append(invalid, text)
		} else {
			warnings = append(warnings, text)
		}
	}
	return invalid, warnings, err
}
