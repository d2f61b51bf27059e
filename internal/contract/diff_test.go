package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// adopt makes an instance of a value that a test has written.
func adopt(t *testing.T, p *plan, value string) *instance {
	t.Helper()
	v, err := apicheck.DecodeJSON([]byte(value))
	require.NoError(t, err)
	i := &instance{Value: v, MayMiss: map[string]bool{}}
	var walk func(sh *shape, v any, pointer string)
	walk = func(sh *shape, v any, pointer string) {
		o, _ := v.(object)
		for name := range o {
			if schema := atPointer(sh.object["properties"], "/"+name); schema != nil {
				property := readShape(p.doc, schema)
				walk(property, o[name], pointer+"/"+name)
				i.silence(property, o[name], pointer+"/"+name, slices.Contains(textsOf(sh.object["required"]), name))
			}
		}
	}
	walk(readShape(p.doc, p.schema), v, "")
	return i
}

// TestDiff: what Diff notices, and the two things that it lets pass.
func TestDiff(t *testing.T) {
	t.Parallel()
	const schema = `    X:
      type: object
      required: [must]
      properties:
        must: {type: [string, 'null']}
        text: {type: string}
        count: {type: integer}
        flag: {type: boolean}
        maybe: {type: [string, 'null']}
        list: {type: array, items: {type: string}}
        map: {type: object, additionalProperties: {type: string}}
        inner: {type: object, properties: {a: {type: string}}}
        strict: {type: object, required: [a], properties: {a: {type: string}, b: {type: [string, 'null']}}}
        either: {type: [string, integer]}
        amount: {type: number}`
	for _, tt := range []struct {
		name, sent, got string
		want            string // "" when they are equal
	}{
		{"equal", `{"must":"a","count":1,"list":["x"]}`, `{"list":["x"],"count":1,"must":"a"}`, ""},
		{"lost", `{"must":"a","text":"b"}`, `{"must":"a"}`, "/text"},
		{"renamed", `{"must":"a","text":"b"}`, `{"must":"a","Text":"b"}`, "/Text"},
		{"changed", `{"must":"a","text":"b"}`, `{"must":"a","text":"c"}`, "/text"},
		{"invented", `{"must":"a"}`, `{"must":"a","text":""}`, "/text"},
		{"digits", `{"must":"a","amount":0.1234567890123456789}`, `{"must":"a","amount":0.12345678901234568}`, "/amount"},
		{"trailing zero", `{"must":"a","amount":1.10}`, `{"must":"a","amount":1.1}`, "/amount"},
		{"number as text", `{"must":"a","count":1}`, `{"must":"a","count":"1"}`, "/count"},
		{"list shorter", `{"must":"a","list":["x","y"]}`, `{"must":"a","list":["x"]}`, "/list"},
		{"not JSON", `{"must":"a"}`, `{"must":"a"`, "is not JSON"},
		{"optional null", `{"must":"a","maybe":null}`, `{"must":"a"}`, ""},
		{"required null", `{"must":null}`, `{}`, "/must"},
		{"optional zeros", `{"must":"a","text":"","count":0,"flag":false}`, `{"must":"a"}`, ""},
		{"required zero", `{"must":""}`, `{}`, "/must"},
		{"zero beside null", `{"must":"a","maybe":""}`, `{"must":"a"}`, "/maybe"},
		{"zero amount", `{"must":"a","amount":0}`, `{"must":"a"}`, "/amount"},
		{"empty object", `{"must":"a","inner":{}}`, `{"must":"a"}`, ""},
		{"object of zeros", `{"must":"a","inner":{"a":""}}`, `{"must":"a"}`, ""},
		{"object", `{"must":"a","inner":{"a":"b"}}`, `{"must":"a"}`, "/inner"},
		{"object of required zeros", `{"must":"a","strict":{"a":""}}`, `{"must":"a"}`, ""},
		{"required zero inside", `{"must":"a","strict":{"a":""}}`, `{"must":"a","strict":{}}`, "/strict/a"},
		{"object with a zero beside null", `{"must":"a","strict":{"a":"","b":""}}`, `{"must":"a"}`, "/strict"},
		{"zero of several types", `{"must":"a","either":""}`, `{"must":"a"}`, "/either"},
		{"empty list", `{"must":"a","list":[]}`, `{"must":"a"}`, "/list"},
		{"empty map", `{"must":"a","map":{}}`, `{"must":"a"}`, "/map"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			differences := adopt(t, planOf(t, schema, inRequest, 1), tt.sent).Diff("", []byte(tt.got))
			if tt.want == "" {
				require.Empty(t, differences)
				return
			}
			require.NotEmpty(t, differences)
			require.Contains(t, strings.Join(differences, "\n"), tt.want)
		})
	}
}
