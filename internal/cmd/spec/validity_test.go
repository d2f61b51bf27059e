package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const pets = `openapi: 3.1.0
info: {title: t, version: '1'}
servers: [{url: https://one.example.com}]
paths:
  /pets/{petId}:
    get:
      operationId: getPet
      parameters: [{name: petId, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
  /pets:
    get:
      operationId: listPets
      responses:
        '200': {description: ok}
components:
  schemas:
    Pet: {type: object, properties: {kind: {type: string, enum: [CAT, DOG]}, name: {type: string}}}
`

func write(t *testing.T, name, content string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(content), 0o644))
	return name
}

func read(t *testing.T, content string) *document {
	t.Helper()
	d, err := readDocument(write(t, filepath.Join(t.TempDir(), "new.yaml"), content))
	require.NoError(t, err)
	return d
}

func altered(t *testing.T, from, to string) *document {
	t.Helper()
	content := strings.Replace(pets, from, to, 1)
	require.NotEqual(t, pets, content)
	return read(t, content)
}

// newTools returns a trial that can do what needs no worktree.
func newTools(t *testing.T) *trial {
	t.Helper()
	return &trial{repo: "../../..", temporary: t.TempDir(), run: runGo}
}

// examined returns all that is wrong with a document, and what only warns.
func examined(t *testing.T, d *document) (problems, warnings []string) {
	t.Helper()
	problems, err := validate(d)
	require.NoError(t, err)
	if len(problems) > 0 {
		return problems, nil
	}
	problems, warnings, err = newTools(t).findings(t.Context(), d)
	require.NoError(t, err)
	return problems, warnings
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ from, to, want string }{
		"a type that there is not":            {"name: {type: string}", "name: {type: sting}", "document › components › schemas › Pet › properties › name › type: value must be one of"},
		"a reply without a description":       {"description: ok\n", "x-a: ok\n", "document › paths › /pets/{petId} › get › responses › 200: missing property 'description'"},
		"an unknown key":                      {"operationId: listPets", "operationIdd: listPets", "operationIdd: it may not stand here"},
		"a path without a slash":              {"/pets:", "pets:", "document › paths › pets: it may not stand here"},
		"a version that is a number":          {"version: '1'", "version: 1", "document › info › version: got number, want string"},
		"a parameter without a schema":        {", schema: {type: string}}]", "}]", "missing property 'schema'"},
		"a component of a bad name":           {"    Pet:", "    'Pe t':", "'Pe t' does not match pattern"},
		"one operationId twice":               {"listPets", "getPet", `operations "GET /pets" and "GET /pets/{petId}" have the same operation id "getPet"`},
		"one path twice":                      {"  /pets:\n    get:", "  /pets/{id}:\n    parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n    get:", `conflicting paths "/pets/{petId}" and "/pets/{id}"`},
		"a path parameter that nobody says":   {"parameters: [", "x-p: [", "operation GET /pets/{petId} must define exactly all path parameters (missing: [petId])"},
		"a reference to nothing":              {"schemas/Pet'", "schemas/Pot'", `failed to resolve "Pot" in fragment in URI: "#/components/schemas/Pot"`},
		"a reference to another document":     {"'#/components/schemas/Pet'", "'other.yaml#/Pet'", `disallowed external reference: "other.yaml#/Pet"`},
		"a security scheme that there is not": {"servers:", "security: [{key: []}]\nservers:", `refers to undefined security scheme "key"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems, _ := examined(t, altered(t, test.from, test.to))
			require.NotEmpty(t, problems)
			require.Contains(t, strings.Join(problems, "\n"), test.want)
		})
	}
}

// What only one tool objects to makes no document invalid.
func TestValid(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ from, to, warning string }{
		"nothing special":                     {"title: t", "title: u", ""},
		"a reference to an anchor":            {"name: {type: string}", "name: {$ref: '#Name'}, other: {$anchor: Name, type: string}", "oasdiff and the generator cannot read it as it is"},
		"a reference into a schema":           {"'#/components/schemas/Pet'", "'#/components/schemas/Pet/properties/name'", ""},
		"a reference to $defs":                {"Pet: {type: object", "Pet: {$defs: {A: {type: string}}, allOf: [{$ref: '#/components/schemas/Pet/$defs/A'}], type: object", ""},
		"a schema in a circle":                {"name: {type: string}", "parent: {$ref: '#/components/schemas/Pet'}", ""},
		"a lookahead":                         {"name: {type: string}", "name: {type: string, pattern: '^(?!a).*$'}", "the fake API and the contract tests check nothing against it"},
		"a default that does not fit":         {"name: {type: string}", "name: {type: string, default: 5}", "invalid default: "},
		"an example that does not fit":        {"schema: {$ref: '#/components/schemas/Pet'}", "schema: {$ref: '#/components/schemas/Pet'}, example: {name: 5}", "it cannot serve the fake API as an answer"},
		"an example that looks like a $ref":   {"name: {type: string}", "name: {examples: [{$ref: https://example.com/a}], default: {$ref: other.yaml}}", ""},
		"unused path items":                   {"components:\n", "components:\n  pathItems: {Q: {get: {operationId: q, responses: {'200': {description: ok}}}}}\n", "extra sibling fields: [pathItems]"},
		"webhooks":                            {"components:\n", "webhooks: {w: {post: {responses: {'200': {description: ok}}}}}\ncomponents:\n", ""},
		"an unknown keyword of a schema":      {"name: {type: string}", "name: {type: string, foo: bar}", "extra sibling fields: [foo]"},
		"an operation without operationId":    {"operationId: listPets", "summary: s", ""},
		"an operation without responses":      {"      responses:\n        '200': {description: ok}\n", "      summary: s\n", ""},
		"a number beyond the precision of Go": {"name: {type: string}", "name: {type: integer, maximum: 18446744073709551615}", ""},
		"a date without quotes":               {"name: {type: string}", "name: {type: string, enum: [2020-01-01]}", ""},
		"another patch of the specification":  {"openapi: 3.1.0", "openapi: 3.1.1", ""},
		"another version of it":               {"openapi: 3.1.0", "openapi: 3.0.3", "the form of this document was not checked"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := altered(t, test.from, test.to)
			problems, got := examined(t, d)
			require.Empty(t, problems)
			if test.warning == "" {
				require.Empty(t, got)
				return
			}
			require.Contains(t, strings.Join(got, "\n"), test.warning)
		})
	}
}

func TestReadDocumentRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ content, want string }{
		"no YAML":            {"a: [", "is not YAML"},
		"just text":          {"hello", "it holds no OpenAPI document"},
		"empty":              {"", "it holds no OpenAPI document"},
		"something else":     {"kind: Pod", "its version of OpenAPI is <nil>"},
		"Swagger":            {"swagger: '2.0'", "is not an OpenAPI 3 document"},
		"version 4":          {"openapi: 4.0.0", "its version of OpenAPI is 4.0.0"},
		"an alias in itself": {"x-a: &a {b: *a}\nopenapi: 3.1.0", "is not YAML"},
		"a bomb of aliases": {"openapi: 3.1.0\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
			"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n", "is not YAML"},
		"too large": {"openapi: 3.1.0\n# " + strings.Repeat("x", maxDocument), "is larger than 8 MiB"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readDocument(write(t, filepath.Join(t.TempDir(), "new.yaml"), test.content))
			require.ErrorContains(t, err, test.want)
		})
	}
	for name, want := range map[string]string{"nowhere.yaml": "is not a file", ".": "is not a file", "https://example.com/a.yaml": "is not a file"} {
		_, err := readDocument(name)
		require.ErrorContains(t, err, want)
	}
}
