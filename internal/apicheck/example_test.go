package apicheck_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// withSchema is a document with one reply, of a schema; it is named by #/components/schemas/S too.
func withSchema(schema string) string {
	return fmt.Sprintf(`{"openapi":"3.1.0","paths":{"/a":{"get":{"responses":{"200":{"content":{"application/json":
		{"schema":{"$ref":"#/components/schemas/S"}}}}}}}},"components":{"schemas":{"S":%s}}}`, schema)
}

// A value is made for what schemas may say, and the same one each time.
func TestMadeValues(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{ // "" for any value that fits
		`{"type":"string"}`:                                            `"text"`,
		`{"type":"string","minLength":6,"maxLength":7}`:                `"textxx"`,
		`{"type":"string","maxLength":2}`:                              `"te"`,
		`{"type":"string","format":"date"}`:                            `"2026-01-01"`,
		`{"type":"string","format":"uuid"}`:                            "",
		`{"type":"string","format":"unheard-of"}`:                      `"text"`,
		`{"type":"string","pattern":"^0x[a-f0-9]{4,}(z|y)?$"}`:         `"0x0000"`,
		`{"type":"string","pattern":"^[A-Z]+$","minLength":5}`:         `"AAAAA"`,
		`{"type":"string","pattern":"^.*é$"}`:                          `"é"`,
		`{"type":"string","pattern":"(?=x)y"}`:                         `"text"`,
		`{"type":"integer"}`:                                           `1`,
		`{"type":"integer","minimum":5,"multipleOf":4}`:                `8`,
		`{"type":"integer","minimum":-10,"maximum":-5,"multipleOf":3}`: "",
		`{"type":"integer","exclusiveMinimum":-9,"maximum":-3}`:        "",
		`{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}`:  `0.5`,
		`{"type":"number","minimum":2.5,"maximum":2.75}`:               `2.5`,
		`{"type":"integer","minimum":12345678901234567890}`:            `12345678901234567890`,
		`{"type":["null","integer"]}`:                                  `1`,
		`{"type":"null"}`:                                              `null`,
		`{"type":"boolean"}`:                                           `true`,
		`{}`:                                                           `{}`,
		`true`:                                                         `{}`,
		`{"const":{"a":1e2}}`:                                          `{"a":1e2}`,
		`{"enum":["b","a"]}`:                                           `"b"`,
		`{"type":"string","examples":["x"],"default":"y"}`:             `"x"`,
		`{"type":"object","properties":{"a":{"type":"string","example":7}},"required":["a"]}`:                                            `{"a":"a"}`,
		`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}}}`:                                                  `{"a":"a","b":1}`,
		`{"type":"object","required":["a","b"],"properties":{"a":{"required":["x"]},"b":{"required":["y"]}}}`:                            `{"a":{"x":{}},"b":{"y":{}}}`,
		`{"type":"object","required":["z"]}`:                                                                                             `{"z":{}}`,
		`{"type":"object","additionalProperties":{"type":"integer"}}`:                                                                    `{"key1":1}`,
		`{"type":"object","minProperties":2,"additionalProperties":{"type":"boolean"}}`:                                                  `{"key1":true,"key2":true}`,
		`{"type":"object","maxProperties":1,"properties":{"a":{},"b":{}},"required":["b"]}`:                                              `{"b":{}}`,
		`{"type":"array","items":{"type":"string"}}`:                                                                                     `["text1"]`,
		`{"type":"array","items":{"type":"integer"},"maxItems":0}`:                                                                       `[]`,
		`{"type":"array","items":{"enum":["a","b"]},"minItems":2,"uniqueItems":true}`:                                                    `["a","b"]`,
		`{"type":"array","minItems":2,"prefixItems":[{"type":"string"},{"type":"integer"}],"items":false}`:                               `["text1",1]`,
		`{"type":"array","contains":{"const":5},"minItems":1}`:                                                                           `[5]`,
		`{"type":"array","contains":{"const":5}}`:                                                                                        `[5]`,
		`{"allOf":[{"type":"string"},{"required":["a"]}]}`:                                                                               `"text"`,
		`{"allOf":[{"type":"string"},{"minProperties":1}]}`:                                                                              `"text"`,
		`{"allOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"properties":{"a":{"minLength":3}},"required":["a"]}]}`:       `{"a":"axx"}`,
		`{"oneOf":[{"type":"object","properties":{"k":{"const":1}},"required":["k"]},{"type":"string"}]}`:                                `{"k":1}`,
		`{"oneOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"type":"object","properties":{"b":{"type":"string"}}}]}`:      `{"a":"a"}`,
		`{"type":"object","properties":{"a":{"anyOf":[{"oneOf":[{"type":"string"},{"type":"string","minLength":1}]},{"type":"null"}]}}}`: `{"a":"a"}`,
		`{"anyOf":[false,{"type":"integer","minimum":7}]}`:                                                                               `7`,
		`{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"not":{"required":["a","b"]}}`:                    `{}`,
		`{"type":"object","properties":{"next":{"$ref":"#/components/schemas/S"},"n":{"type":"integer"}},"required":["n"]}`:              "",
		`{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/components/schemas/S"},{"type":"null"}]}},"required":["next"]}`:      "",
		`{"type":["object","null"],"properties":{"next":{"$ref":"#/components/schemas/S"}},"required":["next"]}`:                         "",
		`{"type":"object","properties":{"all":{"type":"array","items":{"$ref":"#/components/schemas/S"}}},"required":["all"]}`:           "",
	} {
		t.Run(schema, func(t *testing.T) {
			t.Parallel()
			d := read(t, withSchema(schema))
			op := d.Operations[0]
			header, text, err := op.Example(200, 7)
			require.NoError(t, err)
			require.Empty(t, op.CheckReply(200, header, text))
			if want != "" {
				require.Equal(t, want, string(text))
			}
			_, again, err := read(t, withSchema(schema)).Operations[0].Example(200, 7)
			require.NoError(t, err)
			require.Equal(t, string(text), string(again))
			require.Less(t, len(text), 5000)
		})
	}
}

// TestOverlappingAlternatives: a value that fits several of a oneOf is none that the API would refuse.
func TestOverlappingAlternatives(t *testing.T) {
	t.Parallel()
	header := http.Header{"Content-Type": {"application/json"}}
	either := `{"oneOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"type":"object","properties":{"b":{"type":"string"}}}]}`
	for _, schema := range []string{either, `{"anyOf":[` + either + `,{"type":"null"}]}`, `{"allOf":[` + either + `]}`} {
		op := read(t, withSchema(schema)).Operations[0]
		for body, fits := range map[string]bool{`{}`: true, `{"a":"x"}`: true, `{"a":"x","b":"y"}`: true, `{"a":1}`: true, `{"a":1,"b":1}`: false, `"a"`: false} {
			require.Equal(t, fits, len(op.CheckReply(200, header, []byte(body))) == 0, "%s of %s", body, schema)
		}
	}
	require.NotEmpty(t, read(t, withSchema(`{"allOf":[`+either+`,{"required":["a"]}]}`)).Operations[0].CheckReply(200, header, []byte(`{}`)))
}

func TestExamples(t *testing.T) {
	t.Parallel()
	d := read(t, odd)
	for name, want := range map[string]string{
		"GET /plain/{id}.json": `application/json|"fits"`, // others do not
		"same":                 "application/json|12345678901234567890",
		"PUT /twice":           "|",
		"elsewhere":            "text/html|text",
	} {
		op := d.Operation(name)
		header, text, err := op.Example(op.Success(), 1)
		require.NoError(t, err)
		require.Equal(t, want, header.Get("Content-Type")+"|"+string(text))
	}
	_, _, err := read(t, withSchema(`{"type":"string","not":{"type":"string"}}`)).Operations[0].Example(200, 1)
	require.ErrorContains(t, err, "no value for the reply 200 of GET /a was found")
}

// FuzzExample makes values for any schema: what comes out is what the document allows, also by another reading
// of it, or nothing comes.
func FuzzExample(f *testing.F) {
	for _, schema := range []string{
		`{"type":"string","pattern":"^a{2,}$","maxLength":3}`, `{"$ref":"#/components/schemas/S"}`, `{"allOf":[{"$ref":"#/components/schemas/S"}]}`,
		`{"type":"number","multipleOf":0}`, `{"type":"array","minItems":1e9}`, `{"minimum":1e400,"maximum":-1}`, `{"type":"object","minProperties":-5}`,
		`{"oneOf":[],"enum":[],"type":[]}`, `{"properties":{"a":7},"required":[7,"a"]}`, `{"type":"string","minLength":99999999999}`, `{"enum":[]}`,
	} {
		f.Add(schema, uint64(1))
	}
	f.Fuzz(func(t *testing.T, schema string, seed uint64) {
		if !json.Valid([]byte(schema)) || len(schema) > 2000 {
			t.Skip()
		}
		d, err := apicheck.Read([]byte(withSchema(schema)))
		if err != nil {
			return
		}
		op := d.Operations[0]
		header, text, err := op.Example(200, seed)
		if err != nil {
			return
		}
		if problems := op.CheckReply(200, header, text); len(problems) > 0 {
			t.Fatalf("%s: %s: %v", schema, text, problems)
		}
	})
}
