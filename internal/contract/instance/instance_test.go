package instance

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSpelled: other spellings mean the same, to our decoder and to Go's.
func TestSpelled(t *testing.T) {
	t.Parallel()
	ref := load(t, `    X: {type: object, additionalProperties: {type: [object, array, string, number, boolean, 'null']}}`)
	r := rand.New(rand.NewPCG(1, 2))
	spellings := 0
	for _, inst := range cover(t, plan(ref, Use{}, 3)) {
		for range 20 {
			text := inst.Spelled(r)
			require.True(t, json.Valid(text), "%s", text)
			require.Empty(t, inst.Diff(text), "%s", text)
			if string(text) != string(inst.JSON()) {
				spellings++
			}
		}
	}
	require.NotZero(t, spellings)
}

// adopt makes an instance of a value that a test has written.
func adopt(t *testing.T, sh *shape, text string) *Instance {
	t.Helper()
	v, err := Decode([]byte(text))
	require.NoError(t, err)
	i := newInstance(nil)
	var walk func(sh *shape, v any, pointer string) any
	walk = func(sh *shape, v any, pointer string) any {
		if n, ok := v.(json.Number); ok {
			return number{string(n), n == "0" && len(sh.types) > 0 && sh.types[0] == "integer"}
		}
		object, ok := v.(map[string]any)
		if !ok {
			return v
		}
		for name := range object {
			if p := sh.props[name]; p != nil {
				object[name] = walk(p.shape, object[name], pointer+"/"+escape(name))
				i.silence(p, object[name], pointer+"/"+escape(name))
			}
		}
		return object
	}
	i.Value = walk(sh, v, "")
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
			differences := adopt(t, plan(load(t, schema), Use{}, 1).shape, tt.sent).Diff([]byte(tt.got))
			if tt.want == "" {
				require.Empty(t, differences)
				return
			}
			require.NotEmpty(t, differences)
			require.Contains(t, strings.Join(differences, "\n"), tt.want)
		})
	}
}
