package contract

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// planOf makes the plan of the schema called X.
func planOf(t *testing.T, schemas string, goes string, seed uint64) *plan {
	t.Helper()
	var tree any
	require.NoError(t, yaml.Unmarshal([]byte("components:\n  schemas:\n"+schemas), &tree))
	text, err := json.Marshal(tree)
	require.NoError(t, err)
	doc, err := apicheck.Read(text)
	require.NoError(t, err)
	root, err := apicheck.DecodeJSON(text)
	require.NoError(t, err)
	return newPlan(&document{root, doc}, atPointer(root, "/components/schemas/X"), goes, rand.New(rand.NewPCG(seed, 1)))
}

// cover walks a plan to its end and returns its values.
func cover(t *testing.T, p *plan) []*instance {
	t.Helper()
	var all []*instance
	for !p.Done() {
		inst, err := p.Next()
		require.NoError(t, err)
		p.Cover(inst)
		all = append(all, inst)
	}
	return all
}

// TestExpectedStates lists what a plan has to show, by hand and not by the builder, so that it cannot forget
// a state and then not miss it.
func TestExpectedStates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, schemas string
		goes          string
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
			want:    []string{"a present", "a not null", "a null", `a = "p"`, `a = "q"`, "b present", "b = true", "b = false"},
		},
		{
			name:    "lists of objects",
			schemas: `    X: {type: array, items: {type: object, properties: {a: {type: string}}}}`,
			want: []string{
				" 0 items", " 1 item", " n items",
				"[].a present", "[].a absent",
			},
		},
		{
			name:    "bounded list",
			schemas: `    X: {type: array, minItems: 1, maxItems: 1, items: {type: string}}`,
			want:    []string{" 1 item"},
		},
		{
			name: "allOf with siblings, required in another member",
			schemas: `    B: {type: object, properties: {a: {type: string}, b: {type: string}}}
    X: {allOf: [{$ref: '#/components/schemas/B'}, {required: [b], properties: {c: {type: string}}}], properties: {d: {type: string}}}`,
			want: []string{"a present", "a absent", "b present", "c present", "c absent", "d present", "d absent"},
		},
		{
			name:    "branches",
			schemas: `    X: {oneOf: [{type: string}, {type: object, required: [a], properties: {a: {type: boolean}}}]}`,
			want:    []string{" <1>", " <2>", "<2>.a present", "<2>.a = true", "<2>.a = false"},
		},
		{
			name: "a reference or null",
			schemas: `    B: {type: object, properties: {a: {type: string}}}
    X: {type: object, properties: {b: {anyOf: [{$ref: '#/components/schemas/B'}, {type: 'null'}]}}}`,
			want: []string{"b present", "b absent", "b not null", "b null", "b.a present", "b.a absent"},
		},
		{
			name:    "maps",
			schemas: `    X: {type: object, additionalProperties: {type: object, properties: {a: {type: string}}}}`,
			want:    []string{"{} present", "{} absent", "{}.a present", "{}.a absent"},
		},
		{
			name:    "inside itself",
			schemas: `    X: {type: object, properties: {a: {type: string}, next: {$ref: '#/components/schemas/X'}}}`,
			want:    []string{"a present", "a absent", "next present", "next absent", "next.a present", "next.a absent", "next.next present", "next.next absent"},
		},
		{
			name: "inside each other",
			schemas: `    X: {type: object, required: [o], properties: {o: {$ref: '#/components/schemas/O'}}}
    O: {type: object, properties: {a: {type: string}, x: {$ref: '#/components/schemas/X'}}}`,
			want: []string{"o present", "o.a present", "o.a absent", "o.x present", "o.x absent", "o.x.o present"},
		},
		{
			name:    "read and write, request",
			schemas: `    X: {type: object, properties: {r: {type: string, readOnly: true}, w: {type: string, writeOnly: true}}}`,
			want:    []string{"w present", "w absent"},
		},
		{
			name:    "read and write, reply",
			schemas: `    X: {type: object, properties: {r: {type: string, readOnly: true}, w: {type: string, writeOnly: true}}}`,
			goes:    inReply,
			want:    []string{"r present", "r absent"},
		},
		{
			name:    "several types",
			schemas: `    X: {type: object, required: [a], properties: {a: {type: [string, integer]}}}`,
			want:    []string{"a present", "a <1>", "a <2>"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := planOf(t, tt.schemas, tt.goes, 1)
			cover(t, p)
			got := []string{}
			for _, m := range p.Expected {
				got = append(got, m.String())
			}
			require.ElementsMatch(t, tt.want, got)
		})
	}
}

// TestValidForManySeeds: the check never finds fault with what leaves a plan, and the same seed makes the
// same values.
func TestValidForManySeeds(t *testing.T) {
	t.Parallel()
	const schemas = `    X:
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
        m: {type: object, additionalProperties: {type: integer}}
        c: {const: fixed}`
	for seed := range uint64(30) {
		a, b := cover(t, planOf(t, schemas, inRequest, seed)), cover(t, planOf(t, schemas, inRequest, seed))
		require.Len(t, b, len(a))
		for i := range a {
			require.NoError(t, planOf(t, schemas, inRequest, 0).check(a[i].Value))
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
			_, err := planOf(t, schemas, inRequest, 1).Next()
			require.ErrorContains(t, err, "found no valid value")
		})
	}
}
