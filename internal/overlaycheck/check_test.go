package overlaycheck_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/overlaycheck"
)

const document = `
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /pets:
    post:
      operationId: createPet
      tags: [Pets]
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
  /pets/{petId}:
    get:
      operationId: getPet
      responses: {'200': {description: ok}}
components:
  schemas:
    Pet:
      type: object
      required: [id]
      properties:
        id: {type: string}
        kind: {type: string, enum: [CAT, DOG]}
`

// actions makes an overlay of a list of actions.
func actions(list string) []byte {
	return []byte("overlay: 1.0.0\nx-speakeasy-jsonpath: rfc9535\ninfo: {title: t, version: '1'}\nactions:\n" + list)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	type want struct {
		kind   overlaycheck.Kind
		what   string
		misfit bool
	}
	tests := map[string]struct {
		actions string
		want    []want
		detail  string // in the first finding
	}{
		"an operation that the document lacks": {actions: `
- target: $.paths['/pets']
  update: {get: {operationId: listPets, responses: {'200': {description: ok}}}}
`},
		"a name for a schema of the document": {actions: `
- target: $.components.schemas.Pet
  update: {x-go-name: Animal, properties: {kind: {x-go-name: Species, description: what it is}}}
`},
		"a property of a schema that the document means otherwise, targeted directly": {actions: `
- target: $.components.schemas.Pet.properties.kind
  update: {type: [string, 'null']}
`},
		"a rule that finds what it brings": {actions: `
- target: $..properties[?(@.enum)]
  update: {type: string}
- target: $.components.schemas.*
  update: {properties: {id: {type: string}}}
`},
		"a target that is gone": {
			actions: "- {target: \"$.paths['/dogs']\", description: ' for\\n dogs ', update: {x-a: 1}}\n",
			want:    []want{{overlaycheck.MatchesNothing, "", true}},
		},
		"a rule that matches nothing": {
			actions: "- {target: '$..properties[?(@.const)]', update: {x-a: 1}}\n",
			want:    []want{{overlaycheck.MatchesNothing, "", true}},
		},
		"something to remove that is gone": {
			actions: "- {target: $.components.schemas.Dog, remove: true}\n",
			want:    []want{{overlaycheck.MatchesNothing, "", true}},
		},
		"a copy of what is gone": {
			actions: "- {target: $.components.schemas.Pet, copy: $.components.schemas.Dog}\n",
			want:    []want{{overlaycheck.MatchesNothing, "the source of the copy, $.components.schemas.Dog", true}},
		},
		"an operation that the document defines": {
			actions: `
- target: $.paths['/pets']
  update: {post: {operationId: createPet, tags: [Animals], responses: {'201': {description: ok}}}}
`,
			want:   []want{{overlaycheck.MergesInto, "POST /pets", true}},
			detail: "/responses/201: only in the overlay\n/responses/200: only in the document",
		},
		"an operation that the document defines, from further up": {
			actions: `
- target: $
  update: {paths: {/pets: {post: {operationId: createPet, responses: {}}}}}
`,
			want: []want{{overlaycheck.MergesInto, "POST /pets", true}},
		},
		"an operation that the document defines exactly so": {
			actions: "- target: $.paths['/pets/{petId}']\n  update: {get: {operationId: getPet, responses: {'200': {description: ok}}}}\n",
			want:    []want{{overlaycheck.MergesInto, "GET /pets/{petId}", true}},
			detail:  "none but wording, the document defines it so, too",
		},
		"an operation that the document defines under another path": {
			actions: "- target: $.paths\n  update: {/animals: {get: {operationId: getPet, responses: {}}}}\n",
			want:    []want{{overlaycheck.SameElsewhere, "GET /animals", true}},
			detail:  "the document has it as GET /pets/{petId}",
		},
		"an operation whose path parameter the document names otherwise": {
			actions: "- target: $.paths\n  update: {'/pets/{id}': {get: {operationId: readPet, responses: {}}}}\n",
			want:    []want{{overlaycheck.SameElsewhere, "GET /pets/{id}", true}},
			detail:  "the document has it as GET /pets/{petId}",
		},
		"one of two schemas": {
			actions: `
- target: $.components.schemas
  update: {Pet: {type: string}, Dog: {type: string}}
- target: $.paths['/pets'].post.responses
  update: {default: {description: no, content: {application/json: {schema: {$ref: '#/components/schemas/Dog'}}}}}
`,
			want:   []want{{overlaycheck.MergesInto, "schema Pet", true}},
			detail: "/type: the overlay says string, the document object",
		},
		"a response": {
			actions: "- target: $.paths['/pets'].post.responses\n  update: {'200': {description: fine}}\n",
			want:    []want{{overlaycheck.MergesInto, "response 200 of POST /pets", true}},
		},
		"a property": {
			actions: "- target: $.components.schemas.Pet\n  update: {properties: {id: {type: integer}}}\n",
			want:    []want{{overlaycheck.MergesInto, "property id of /components/schemas/Pet", true}},
		},
		"an annotation that is there": {
			actions: "- target: $.components.schemas.Pet.properties.id\n  update: {type: string}\n",
			want:    []want{{overlaycheck.Superfluous, "", false}},
		},
		"a list that is there": {
			actions: "- target: $.components.schemas.Pet\n  update: {required: [id]}\n",
			want:    []want{{overlaycheck.Superfluous, "", true}},
			detail:  "none, and applying the action would double the list at /required",
		},
		"a schema that nothing refers to": {
			actions: "- target: $.components.schemas\n  update: {Dog: {type: string}}\n",
			want:    []want{{overlaycheck.Unused, "schema Dog", false}},
		},
		"an action for what an earlier one adds": {actions: `
- target: $.paths['/pets']
  update: {get: {operationId: listPets, responses: {'200': {description: ok}}}}
- target: $.paths['/pets'].get
  update: {deprecated: true}
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := overlaycheck.Check([]byte(document), actions(test.actions), nil)
			require.NoError(t, err)
			var got []want
			for _, f := range result.Findings {
				got = append(got, want{f.Kind, f.What, f.Misfit})
				require.NotEmpty(t, f.Advice)
				require.NotEmpty(t, f.Target)
			}
			require.Equal(t, test.want, got)
			if test.detail != "" {
				require.Contains(t, result.Findings[0].Detail, test.detail)
			}
			// What is left fits. (When nothing is left, that is no valid overlay.)
			if !strings.Contains(string(result.Overlay), "actions: []") {
				rest, err := overlaycheck.Check([]byte(document), result.Overlay, nil)
				require.NoError(t, err)
				require.Empty(t, rest.Misfits())
			}
			if len(result.Misfits()) == 0 {
				require.NoError(t, result.Err())
			} else {
				require.ErrorContains(t, result.Err(), result.Misfits()[0].Advice)
			}
		})
	}
}

func TestMergedHasOnlyWhatFits(t *testing.T) {
	t.Parallel()
	result, err := overlaycheck.Check([]byte(document), actions(`
- target: $.paths['/pets']
  update:
    post: {operationId: createPet, tags: [Animals], responses: {}}
    get: {operationId: listPets, responses: {'200': {description: ok}}}
`), nil)
	require.NoError(t, err)
	require.Contains(t, string(result.Merged), "listPets")
	require.NotContains(t, string(result.Merged), "Animals")
}

// A schema that the overlay uses got another name in the document.
func TestDanglingReference(t *testing.T) {
	t.Parallel()
	overlay := actions(`
- target: $.paths['/pets']
  update: {get: {operationId: listPets, responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}}}
- target: $.paths['/pets'].*.responses
  update: {default: {description: no, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
`)
	before := strings.Replace(document, "id: {type: string}", "id: {$ref: '#/components/schemas/ID'}", 1) + "    ID: {type: string}\n"
	after := strings.ReplaceAll(document, "Pet:", "Animal:")
	after = strings.ReplaceAll(after, "schemas/Pet", "schemas/Animal")

	result, err := overlaycheck.Check([]byte(after), overlay, []byte(before))
	require.NoError(t, err)
	require.Len(t, result.Findings, 1)
	f := result.Findings[0]
	require.True(t, f.Misfit)
	require.Equal(t, overlaycheck.RefersToNothing, f.Kind)
	require.Equal(t, 1, f.Number)
	require.Equal(t, "#/components/schemas/Pet", f.What)
	require.Equal(t, "action 2 refers to it as well", f.Detail)
	require.Contains(t, string(result.Merged), "ID:", "what was brought back refers to more")
	rest, err := overlaycheck.Check([]byte(after), result.Overlay, nil)
	require.NoError(t, err)
	require.Empty(t, rest.Findings)

	result, err = overlaycheck.Check([]byte(after), overlay, nil)
	require.NoError(t, err)
	require.Len(t, result.Misfits(), 1)
	require.NotContains(t, string(result.Merged), "Pet:")
}

func TestErrNamesActionAndDescription(t *testing.T) {
	t.Parallel()
	result, err := overlaycheck.Check([]byte(document), actions(
		"- {target: \"$.paths['/dogs']\", description: \"dogs,\\n as seen\", update: {x-a: 1}}\n"), nil)
	require.NoError(t, err)
	require.EqualError(t, result.Err(), `the overlay no longer fits the document
action 1 matches nothing
  target:      $.paths['/dogs']
  description: dogs, as seen
  what to do:  find where the document has it now and correct the target; delete the action if it is gone`)
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	good := actions("- {target: $.info, update: {x-a: 1}}\n")
	tests := map[string]struct {
		document string
		overlay  []byte
		want     string
	}{
		"no YAML":         {"a: [", good, "the document is not YAML"},
		"no mapping":      {"just text", good, "the document is not a YAML mapping"},
		"cycle":           {"a: &x {b: *x}", good, "the anchor in line 1 contains itself"},
		"empty":           {"", good, "the document is not a YAML mapping"},
		"no overlay":      {document, []byte("a: b"), "the overlay is not valid"},
		"broken overlay":  {document, []byte("a: ["), "read the overlay"},
		"broken target":   {document, actions("- {target: '$.paths[', update: {x-a: 1}}\n"), "overlay action 1, target $.paths["},
		"nothing to do":   {document, actions("- {target: $.info}\n"), "overlay action 1, target $.info: it has neither"},
		"actions missing": {document, actions("  []"), "at least one action"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := overlaycheck.Check([]byte(test.document), test.overlay, nil)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// The overlay of this repository must fit its document. When this fails after a new document was copied
// over the old one, the message says which action to change, and how.
func TestOverlayFitsVendoredDocument(t *testing.T) {
	t.Parallel()
	vendored, err := os.ReadFile("../../openapi/client-api.yaml")
	require.NoError(t, err)
	overlay, err := os.ReadFile("../../openapi/overlay.yaml")
	require.NoError(t, err)
	result, err := overlaycheck.Check(vendored, overlay, nil)
	require.NoError(t, err)
	for _, finding := range result.Findings {
		t.Log(finding)
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
}

// The document is what comes from outside; the overlay is ours.
func FuzzCheck(f *testing.F) {
	ours, err := os.ReadFile("../../openapi/overlay.yaml")
	require.NoError(f, err)
	vendored, err := os.ReadFile("../../openapi/client-api.yaml")
	require.NoError(f, err)
	others := actions(`
- target: $.paths
  update: {/pets: {get: {operationId: getPet, responses: {'200': {description: ok}}}}}
- target: $..properties
  update: {a: {type: string}}
- target: $.components.schemas
  update: {Pet: {properties: {a: {type: string}}}}
- target: $.components.schemas.Pet.required
  remove: true
`)
	f.Add(vendored)
	f.Add([]byte(document))
	f.Add([]byte("a: &x {b: *x}"))
	f.Add([]byte("paths: &x {/pets: {get: {}}}\ncomponents: {schemas: *x}"))
	f.Add([]byte("<<: {a: b}"))
	f.Add([]byte("paths: [1, {2: 3}]\ncomponents: {schemas: {Pet: ~}}"))
	f.Fuzz(func(t *testing.T, document []byte) {
		for _, overlay := range [][]byte{ours, others} {
			result, err := overlaycheck.Check(document, overlay, nil)
			if err == nil && len(result.Merged) == 0 {
				t.Error("neither an error nor a result")
			}
		}
	})
}
