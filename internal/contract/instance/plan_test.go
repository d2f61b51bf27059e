package instance

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// load reads a document with the schemas in it, and returns the one called X.
func load(t *testing.T, schemas string) *openapi3.SchemaRef {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(
		"openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n" + schemas))
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	return doc.Components.Schemas["X"]
}

func plan(ref *openapi3.SchemaRef, use Use, seed uint64) *Plan {
	return NewPlan(ref, use, rand.New(rand.NewPCG(seed, 1)), func(v any) error {
		return ref.Value.VisitJSON(Plain(v), openapi3.EnableJSONSchema2020())
	})
}

// cover walks a plan to its end and returns its values.
func cover(t *testing.T, p *Plan) []*Instance {
	t.Helper()
	var all []*Instance
	for !p.Done() {
		inst, err := p.Next()
		require.NoError(t, err)
		p.Cover(inst)
		all = append(all, inst)
	}
	require.Empty(t, p.Missing())
	return all
}

// states lists what a plan expects, by hand and not by the generator, so that it cannot forget a state and
// then not miss it.
var states = []struct {
	name, schemas string
	use           Use
	want          []string
}{
	{
		name:    "required and optional",
		schemas: `    X: {type: object, required: [a], properties: {a: {type: string}, b: {type: integer}}}`,
		want:    []string{"a present", "b present", "b absent"},
	},
	{
		name:    "enum, boolean, null",
		schemas: `    X: {type: object, required: [a, b], properties: {a: {type: [string, 'null'], enum: [p, q, null]}, b: {type: boolean}}}`,
		want:    []string{"a present", "a null", `a = "p"`, `a = "q"`, "b present", "b = true", "b = false"},
	},
	{
		name:    "lists of objects",
		schemas: `    X: {type: array, items: {type: object, properties: {a: {type: string}}}}`,
		want: []string{
			"(the value itself) 0 items", "(the value itself) 1 item", "(the value itself) n items",
			"[].a present", "[].a absent",
		},
	},
	{
		name:    "bounded list",
		schemas: `    X: {type: array, minItems: 1, maxItems: 1, items: {type: string}}`,
		want:    []string{"(the value itself) 1 item"},
	},
	{
		name: "allOf with siblings, required in another member",
		schemas: `    B: {type: object, properties: {a: {type: string}, b: {type: string}}}
    X: {allOf: [{$ref: '#/components/schemas/B'}, {required: [b], properties: {c: {type: string}}}], properties: {d: {type: string}}}`,
		want: []string{"a present", "a absent", "b present", "c present", "c absent", "d present", "d absent"},
	},
	{
		name:    "branches",
		schemas: `    X: {oneOf: [{type: string}, {type: object, required: [a], properties: {a: {type: string}}}]}`,
		want:    []string{"<1> taken", "<2> taken", "<2>.a present"},
	},
	{
		name: "a reference or null",
		schemas: `    B: {type: object, properties: {a: {type: string}}}
    X: {type: object, properties: {b: {anyOf: [{$ref: '#/components/schemas/B'}, {type: 'null'}]}}}`,
		want: []string{"b present", "b absent", "b null", "b.a present", "b.a absent"},
	},
	{
		name:    "maps",
		schemas: `    X: {type: object, additionalProperties: {type: object, properties: {a: {type: string}}}}`,
		want:    []string{"{} present", "{} absent", "{}.a present", "{}.a absent"},
	},
	{
		name:    "inside itself",
		schemas: `    X: {type: object, properties: {a: {type: string}, next: {$ref: '#/components/schemas/X'}}}`,
		want:    []string{"a present", "a absent", "next present", "next absent"},
	},
	{
		name:    "read and write, request",
		schemas: `    X: {type: object, properties: {r: {type: string, readOnly: true}, w: {type: string, writeOnly: true}}}`,
		want:    []string{"w present", "w absent"},
	},
	{
		name:    "read and write, reply",
		schemas: `    X: {type: object, properties: {r: {type: string, readOnly: true}, w: {type: string, writeOnly: true}}}`,
		use:     Use{Reply: true},
		want:    []string{"r present", "r absent"},
	},
	{
		name:    "several types",
		schemas: `    X: {type: object, required: [a], properties: {a: {type: [string, integer]}}}`,
		want:    []string{"a present", "a as string", "a as integer"},
	},
}

func TestExpectedStates(t *testing.T) {
	t.Parallel()
	for _, tt := range states {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := plan(load(t, tt.schemas), tt.use, 1)
			got := []string{}
			for _, m := range p.Expected() {
				if (m != Mark{Place: "", State: Present}) {
					got = append(got, m.String())
				}
			}
			require.ElementsMatch(t, tt.want, got)
			cover(t, p)
		})
	}
}

// TestValidForManySeeds: the validator never finds fault with what leaves a plan, and the same seed makes
// the same values.
func TestValidForManySeeds(t *testing.T) {
	t.Parallel()
	ref := load(t, `    X:
      type: object
      required: [n, s]
      properties:
        n: {type: number, exclusiveMinimum: 0, maximum: 1}
        i: {type: integer, minimum: -3, exclusiveMaximum: 3, multipleOf: 2}
        f: {type: number, format: double, minimum: 100}
        s: {type: string, minLength: 3, maxLength: 4}
        p: {type: string, pattern: '^(0x[0-9a-f]{2,4}|[A-Z]+\d?)$'}
        d: {type: string, format: date}
        t: {type: string, format: date-time}
        u: {type: array, uniqueItems: true, items: {type: boolean}, maxItems: 2}
        m: {type: object, additionalProperties: {type: integer}, minProperties: 1, maxProperties: 2}
        c: {const: fixed}`)
	for seed := range uint64(30) {
		a, b := cover(t, plan(ref, Use{}, seed)), cover(t, plan(ref, Use{}, seed))
		require.Len(t, b, len(a))
		for i := range a {
			require.NoError(t, ref.Value.VisitJSON(Plain(a[i].Value), openapi3.EnableJSONSchema2020()))
			require.Equal(t, string(a[i].JSON()), string(b[i].JSON()))
		}
	}
}

func TestImpossibleSchemas(t *testing.T) {
	t.Parallel()
	for i, schemas := range []string{
		`    X: {type: integer, minimum: 3, maximum: 2}`,
		`    X: {type: object, required: [next], properties: {next: {$ref: '#/components/schemas/X'}}}`,
		`    X: {type: string, not: {type: string}}`,
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			_, err := plan(load(t, schemas), Use{}, 1).Next()
			require.ErrorContains(t, err, "found no valid value")
		})
	}
}
