package spec_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/spec"
)

// files is a folder of small documents.
type files map[string]string

var small = files{
	"client-api.yaml": `
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /pets/{petId}:
    get: {operationId: getPet, responses: {'200': {description: ok}}}
components:
  schemas:
    Pet: {type: object, properties: {name: {type: string}}}
`,
	"overlay.yaml": `
overlay: 1.0.0
x-speakeasy-jsonpath: rfc9535
info: {title: t, version: "1"}
actions:
  - {target: $.components.schemas.Pet, update: {x-go-name: Animal}}
`,
}

// with returns the files with others in place of them; an addition gets the head of a document.
func (f files) with(name, text string) files {
	f = maps.Clone(f)
	if filepath.Dir(name) == "additions" {
		text = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n" + text
	}
	f[name] = text
	return f
}

// merge returns the merged document.
func (f files) merge(t *testing.T) (string, error) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "additions"), 0o755))
	for name, text := range f {
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o644))
	}
	merged, _, err := spec.Merge(dir)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err = encoder.Encode(merged)
	return text.String(), err
}

func TestMerge(t *testing.T) {
	t.Parallel()
	merged, err := small.
		with("additions/feed.yaml", `
paths:
  /pets/{petId}:
    post:
      operationId: feedPet
      x-portal-effect: write
      parameters: [{$ref: 'common.yaml#/components/parameters/Page'}]
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Meal'}}}}
        '404': {$ref: 'common.yaml#/components/responses/Gone'}
components:
  schemas:
    Meal: {type: object, properties: {of: {$ref: '../client-api.yaml#/components/schemas/Pet'}}}
`).
		with("additions/common.yaml", `
components:
  parameters:
    Page: {name: page, in: query, schema: {$ref: '#/components/schemas/Number'}}
  responses:
    Gone: {description: gone, content: {application/json: {schema: {$ref: '../client-api.yaml#/components/schemas/Pet'}}}}
  schemas:
    Number: {type: integer}
`).merge(t)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"openapi": "3.1.0", "info": {"title": "t", "version": "1"},
		"paths": {"/pets/{petId}": {
			"get": {"operationId": "getPet", "responses": {"200": {"description": "ok"}}},
			"post": {
				"operationId": "feedPet", "x-portal-effect": "write", "x-portal-addition": "additions/feed.yaml",
				"parameters": [{"name": "page", "in": "query", "schema": {"$ref": "#/components/schemas/Number"},
					"x-go-type-skip-optional-pointer": false}],
				"responses": {
					"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Meal"}}}},
					"404": {"description": "gone", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}}}}},
		"components": {"schemas": {
			"Pet": {"type": "object", "x-go-name": "Animal", "properties": {"name": {"type": "string", "x-omitempty": false}}},
			"Meal": {"type": "object", "properties": {"of": {"$ref": "#/components/schemas/Pet", "x-omitempty": false}}},
			"Number": {"type": "integer"}}}}`, merged)
}

func TestMergeErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files files
		want  string
	}{
		"an operation of the vendored document, with another name of its parameter": {
			small.with("additions/a.yaml", "paths: {'/pets/{id}': {get: {operationId: readPet, responses: {}}}}"),
			"GET /pets/{id} is defined in client-api.yaml and in additions/a.yaml: keep one of them",
		},
		"an operation of two additions": {
			small.with("additions/a.yaml", "paths: {/dogs: {get: {responses: {}}}}").
				with("additions/b.yaml", "paths: {/dogs: {get: {responses: {}}}}"),
			"GET /dogs is defined in additions/a.yaml and in additions/b.yaml",
		},
		"parameters of a path in two additions": {
			small.with("additions/a.yaml", "paths: {/dogs: {parameters: [], get: {responses: {}}}}").
				with("additions/b.yaml", "paths: {/dogs: {parameters: [], put: {x-portal-effect: write, responses: {}}}}"),
			"the key parameters of the path /dogs is defined in additions/a.yaml and in additions/b.yaml",
		},
		"an operationId in two documents": {
			small.with("additions/a.yaml", "paths: {/dogs: {get: {operationId: getPet, responses: {}}}}"),
			"the operationId getPet is defined in client-api.yaml and in additions/a.yaml",
		},
		"a component of the vendored document": {
			small.with("additions/a.yaml", "components: {schemas: {Pet: {type: string}}}"),
			"#/components/schemas/Pet is defined in client-api.yaml and in additions/a.yaml",
		},
		"a component twice in one document": {
			small.with("additions/a.yaml", "components: {schemas: {Dog: {type: string}, Dog: {type: string}}}"),
			`mapping key "Dog" already defined`,
		},
		"a reference to nothing": {
			small.with("additions/a.yaml", "components: {schemas: {Dog: {$ref: '../client-api.yaml#/components/schemas/Cat'}}}"),
			"additions/a.yaml refers to ../client-api.yaml#/components/schemas/Cat, which is not there",
		},
		"a reference to what another document defines, as if it were here": {
			small.with("additions/a.yaml", "components: {schemas: {Dog: {$ref: '#/components/schemas/Pet'}}}"),
			"additions/a.yaml refers to #/components/schemas/Pet, which is not there",
		},
		"a reference to no document": {
			small.with("additions/a.yaml", "components: {schemas: {Dog: {$ref: 'https://example.com/a.yaml#/components/schemas/Pet'}}}"),
			"which is not there",
		},
		"something at the top that would be lost": {
			small.with("additions/a.yaml", "security: [{basic: []}]"),
			"additions/a.yaml: security is not taken over from an addition",
		},
		"a POST without its effect": {
			small.with("additions/a.yaml", "paths: {/dogs: {post: {responses: {}}}}"),
			"additions/a.yaml POST /dogs: say with x-portal-effect: read or write whether a repeat of it changes anything",
		},
		"an effect that is none": {
			small.with("overlay.yaml", small["overlay.yaml"]+"  - {target: \"$.paths['/pets/{petId}'].get\", update: {x-portal-effect: reads}}\n"),
			"GET /pets/{petId}: x-portal-effect must be read or write",
		},
		"a rule that matches nothing": {
			small.with("overlay.yaml", small["overlay.yaml"]+"  - {target: $.components.schemas.Cat, update: {x-a: b}}\n"),
			`selector "$.components.schemas.Cat" did not match any targets`,
		},
		"a rule that changes nothing": {
			small.with("overlay.yaml", small["overlay.yaml"]+"  - {target: $.components.schemas.Pet, update: {type: object}}\n"),
			"target=$.components.schemas.Pet: does nothing: delete what is needless",
		},
		"an overlay that is no YAML":   {small.with("overlay.yaml", "{"), "read overlay.yaml: "},
		"an overlay that is not valid": {small.with("overlay.yaml", "overlay: 1.0.0\n"), "overlay.yaml is not valid: "},
		"a document that is no YAML":   {small.with("client-api.yaml", "{"), "read client-api.yaml: "},
		"a document that is a list":    {small.with("client-api.yaml", "[]"), "read client-api.yaml: it holds no OpenAPI document"},
		"an empty document":            {small.with("client-api.yaml", ""), "read client-api.yaml: it holds no OpenAPI document"},
		"a number that JSON has not": {
			small.with("additions/a.yaml", "components: {schemas: {Dog: {type: number, maximum: .inf}}}"),
			"the document holds something that JSON cannot",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := test.files.merge(t)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// TestAllErrors: one run tells everything that is wrong with the additions.
func TestAllErrors(t *testing.T) {
	t.Parallel()
	_, err := small.with("additions/a.yaml", "security: []\ncomponents: {schemas: {Pet: {}, Dog: {$ref: '#/nowhere'}}}").merge(t)
	require.ErrorContains(t, err, "security")
	require.ErrorContains(t, err, "#/components/schemas/Pet")
	require.ErrorContains(t, err, "#/nowhere")
}

// TestOneErrorIsToldOnce: a new document may lack what all of ours refers to.
func TestOneErrorIsToldOnce(t *testing.T) {
	t.Parallel()
	_, err := small.with("additions/a.yaml", "components: {schemas: {Cat: {$ref: '#/nowhere'}, Dog: {$ref: '#/nowhere'}}}").merge(t)
	require.EqualError(t, err, "additions/a.yaml refers to #/nowhere, which is not there")
}

// TestMarksOfOperations: what the generator is told of parameters and media types.
func TestMarksOfOperations(t *testing.T) {
	t.Parallel()
	span := `{type: object, required: [from], properties: {from: {type: integer}, until: {type: integer}}}`
	marked := `"properties": {"from": {"type": "integer", "x-go-type-skip-optional-pointer": false, "x-omitempty": false},
		"until": {"type": "integer", "x-go-type-skip-optional-pointer": false, "x-omitempty": true}}, "required": ["from"], "type": "object"`
	merged, err := small.with("additions/a.yaml", `
paths:
  /dogs:
    get:
      parameters: [{name: span, in: query, schema: `+span+`}, {name: map, in: query, schema: {type: object, additionalProperties: {type: string}}}]
      responses: {'200': {description: ok, content: {'application/json; charset=utf-8': {schema: {type: string}}, text/csv; header=absent: {}}}}
`).merge(t)
	require.NoError(t, err)
	var doc struct {
		Paths map[string]map[string]struct{ Parameters, Responses json.RawMessage }
	}
	require.NoError(t, json.Unmarshal([]byte(merged), &doc))
	require.JSONEq(t, `[{"name": "span", "in": "query", "x-go-type-skip-optional-pointer": false, "schema": {`+marked+`}},
		{"name": "map", "in": "query", "schema": {"type": "object", "additionalProperties": {"type": "string"}}}]`, string(doc.Paths["/dogs"]["get"].Parameters))
	require.JSONEq(t, `{"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "string"}}, "text/csv; header=absent": {}}}}`,
		string(doc.Paths["/dogs"]["get"].Responses))
}

// TestTextsAsParameters: what may be of several types is a text in a path, a query or a header, or a list or map of texts.
func TestTextsAsParameters(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		`{}`: "string", `{type: [string, integer]}`: "string", `{oneOf: [{type: integer}, {type: boolean}]}`: "string",
		`{$ref: '#/components/schemas/Two'}`: "string", `{type: array}`: "[]string", `{type: array, items: {}}`: "[]string",
		`{type: array, items: {anyOf: [{type: integer}, {type: boolean}]}}`: "[]string",
		`{type: object}`: "map[string]string", `{type: object, additionalProperties: {type: integer}}`: "",
		`{type: string}`: "", `{type: array, items: {type: integer}}`: "", `{anyOf: [{type: string}, {type: 'null'}]}`: "",
	} {
		merged, err := small.with("additions/a.yaml", `
paths: {/dogs: {get: {parameters: [{name: p, in: query, schema: `+schema+`}], responses: {'200': {description: ok}}}}}
components: {schemas: {Two: {type: [boolean, integer]}}}
`).merge(t)
		require.NoError(t, err)
		var doc struct {
			Paths map[string]map[string]struct {
				Parameters []struct{ Schema map[string]any }
			}
		}
		require.NoError(t, json.Unmarshal([]byte(merged), &doc))
		got, _ := doc.Paths["/dogs"]["get"].Parameters[0].Schema["x-go-type"].(string)
		require.Equal(t, want, got, schema)
	}
}

// TestNothingIsLost: the merged document says what the documents say, in YAML's other ways to say it, too.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	merged, err := small.with("additions/a.yaml", `
components:
  schemas:
    Keywords:
      properties:
        none: {const: null}
        noneOf: {enum: [a, null]}
        big: {type: integer, maximum: 9007199254740993, enum: [18446744073709551615]}
        exact: {type: number, const: 0.1234567890123456789}
        day: {type: string, const: 2020-01-01}
        norway: {type: string, enum: [NO, yes, off]}
        spellings: {type: integer, enum: [0x1F, 1_000, '1_000', 12:30]}
        truth: {type: boolean, const: True}
        closed: {type: object, additionalProperties: false}
        tuple: {type: array, prefixItems: [{type: string}], items: false}
        html: {type: string, const: <a&b>}
        shared: &shared {type: string, description: "two\nlines\n"}
        alias: *shared
`).merge(t)
	require.NoError(t, err)
	for _, want := range []string{
		`"const": null`, `"maximum": 9007199254740993`, `18446744073709551615`, `"const": 0.1234567890123456789`,
		`"const": "2020-01-01"`, `"NO"`, `"yes"`, `"off"`, `"const": true`, `"additionalProperties": false`, `"items": false`,
	} {
		require.Contains(t, merged, want)
	}
	var doc struct {
		Components struct {
			Schemas struct {
				Keywords struct {
					Properties map[string]struct {
						Const       any
						Enum        []any
						Description string
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(merged), &doc))
	properties := doc.Components.Schemas.Keywords.Properties
	require.Equal(t, []any{31., 1000., "1_000", "12:30"}, properties["spellings"].Enum)
	require.Equal(t, "<a&b>", properties["html"].Const)
	require.Equal(t, "two\nlines\n", properties["alias"].Description)
}

// TestMarks: what the generator is told of each field and parameter.
func TestMarks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ schema, want string }{
		"an optional field is left out by omitzero alone": {
			`{properties: {a: {type: string}}}`, `{"a": {"type": "string", "x-omitempty": false}}`,
		},
		"a nullable field is a pointer": {
			`{properties: {a: {type: [string, 'null']}}}`,
			`{"a": {"type": ["string", "null"], "x-go-type-skip-optional-pointer": false}}`,
		},
		"a nullable reference, too": {
			`{properties: {a: {anyOf: [{$ref: '#/components/schemas/S'}, {type: 'null'}]}}}`,
			`{"a": {"anyOf": [{"$ref": "#/components/schemas/S"}, {"type": "null"}], "x-go-type-skip-optional-pointer": false}}`,
		},
		"nil says of a list that it is null": {
			`{properties: {a: {type: [array, 'null'], items: {type: string}}}}`,
			`{"a": {"type": ["array", "null"], "items": {"type": "string"}, "x-omitempty": false}}`,
		},
		"the zero json.Number is no number": {
			`{properties: {a: {type: number}}}`, `{"a": {"type": "number", "x-omitempty": false, "x-omitzero": true}}`,
		},
		"what has no type is raw JSON": {
			`{properties: {a: {}, b: {type: object, additionalProperties: true}, c: {type: [string, object]}}}`,
			`{"a": {"x-go-type": "json.RawMessage", "x-omitempty": false},
			"b": {"type": "object", "additionalProperties": true, "x-go-type": "json.RawMessage", "x-omitempty": false},
			"c": {"type": ["string", "object"], "x-go-type": "json.RawMessage", "x-omitempty": false}}`,
		},
		"a list of several types, too": {
			`{properties: {a: {type: array, prefixItems: [{type: integer}], items: false}}}`,
			`{"a": {"type": "array", "prefixItems": [{"type": "integer"}], "items": false, "x-go-type": "json.RawMessage", "x-omitempty": false}}`,
		},
		"a list of anything, too": {
			`{properties: {a: {type: array}, b: {type: [array, 'null']}}}`,
			`{"a": {"type": "array", "x-go-type": "json.RawMessage", "x-omitempty": false},
			"b": {"type": ["array", "null"], "x-go-type": "json.RawMessage", "x-omitempty": false}}`,
		},
		"inside of lists and maps, too": {
			`{properties: {a: {type: array, items: {}}, b: {type: object, additionalProperties: {type: object}}}}`,
			`{"a": {"type": "array", "items": {"x-go-type": "json.RawMessage"}, "x-omitempty": false},
			"b": {"type": "object", "additionalProperties": {"type": "object", "x-go-type": "json.RawMessage"}, "x-omitempty": false}}`,
		},
		"so is what an object is open for": {
			`{additionalProperties: true, properties: {c: {type: array, items: {type: string}}}}`,
			`{"c": {"type": "array", "items": {"type": "string"}, "x-omitempty": false}}`,
		},
		"what may be anything else is raw JSON": {
			`{properties: {a: {oneOf: [{}, {type: string}]}}}`,
			`{"a": {"oneOf": [{"x-go-type": "json.RawMessage"}, {"type": "string"}], "x-go-type": "json.RawMessage", "x-omitempty": false}}`,
		},
		"the encoder of an open object needs pointers": {
			`{additionalProperties: {type: string}, properties: {a: {type: string}, b: {}, c: {type: array, items: {type: string}},
			d: {anyOf: [{$ref: '#/components/schemas/S'}, {type: 'null'}]}}}`,
			`{"a": {"type": "string", "x-go-type-skip-optional-pointer": false},
			"b": {"x-go-type": "json.RawMessage", "x-go-type-skip-optional-pointer": false},
			"c": {"type": "array", "items": {"type": "string"}, "x-omitempty": false},
			"d": {"anyOf": [{"$ref": "#/components/schemas/S", "x-go-type-skip-optional-pointer": false}, {"type": "null"}],
			"x-go-type-skip-optional-pointer": false}}`,
		},
		"what contains itself does so by a pointer": {
			`{properties: {a: {$ref: '#/components/schemas/T'}, b: {allOf: [{$ref: '#/components/schemas/T'}]},
			c: {$ref: '#/components/schemas/V'}, d: {type: array, items: {$ref: '#/components/schemas/T'}}}}`,
			`{"a": {"$ref": "#/components/schemas/T", "x-go-type-skip-optional-pointer": false},
			"b": {"allOf": [{"$ref": "#/components/schemas/T"}], "x-go-type-skip-optional-pointer": false},
			"c": {"$ref": "#/components/schemas/V", "x-omitempty": false},
			"d": {"type": "array", "items": {"$ref": "#/components/schemas/T"}, "x-omitempty": false}}`,
		},
		"only schemas are schemas": {
			`{properties: {properties: {type: string, example: {properties: {a: {type: number}}}}}}`,
			`{"properties": {"type": "string", "x-omitempty": false, "example": {"properties": {"a": {"type": "number"}}}}}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			merged, err := small.with("additions/a.yaml", "components: {schemas: {S: "+test.schema+`,
				T: {properties: {u: {$ref: '#/components/schemas/U'}}}, U: {properties: {t: {$ref: '#/components/schemas/T'}}},
				V: {properties: {t: {$ref: '#/components/schemas/T'}}}}}`).merge(t)
			require.NoError(t, err)
			var doc struct {
				Components struct {
					Schemas map[string]struct{ Properties json.RawMessage }
				}
			}
			require.NoError(t, json.Unmarshal([]byte(merged), &doc))
			require.JSONEq(t, test.want, string(doc.Components.Schemas["S"].Properties))
		})
	}
}
