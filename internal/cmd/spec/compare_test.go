package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const small = `
openapi: 3.1.0
info: {title: t, version: "1"}
servers: [{url: https://one.example.com}]
paths:
  /pets:
    get:
      operationId: getPet
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  kind: {type: string, enum: [CAT, DOG]}
                  name: {type: string}
`

func read(t *testing.T, text string) *document {
	t.Helper()
	d, err := readDocument("x.yaml", []byte(text))
	require.NoError(t, err)
	require.Empty(t, validate(t.Context(), d.doc))
	return d
}

// Where a client judges a change otherwise than oasdiff, and what oasdiff does not look at.
func TestCompareLevels(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from, to string
		want     level
		text     string
		general  bool
	}{
		"an enum value that was not there":   {"[CAT, DOG]", "[CAT, DOG, COW]", harmless, "COW", false},
		"an optional field that never comes": {"name: {type: string}", "x-a: {}", mayBreak, "removed the optional property `name`", false},
		"another type":                       {"name: {type: string}", "name: {type: integer}", breaks, "`name`", false},
		"another server":                     {"one.example.com", "two.example.com", mayBreak, "removed the server https://one.example.com", true},
		"a header that must be sent":         {"operationId: getPet", "operationId: getPet\n      parameters: [{name: X-Key, in: header, required: true, schema: {type: string}}]", breaks, "X-Key", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			altered := strings.Replace(small, test.from, test.to, 1)
			require.NotEqual(t, small, altered)
			set, err := compare(read(t, small).doc, read(t, altered).doc, read(t, small).doc, read(t, altered).doc)
			require.NoError(t, err)
			changes := set.General
			if !test.general {
				require.Len(t, set.Operations, 1)
				require.Equal(t, "getPet", set.Operations[0].ID)
				changes = set.Operations[0].Changes
			}
			require.NotEmpty(t, changes)
			require.Equal(t, test.want, changes[0].Level)
			require.Contains(t, changes[0].Text, test.text)
			require.Equal(t, fromDocument, changes[0].Origin)
			require.Equal(t, 1, set.count(test.want))
		})
	}
}

func TestCompareOrigin(t *testing.T) {
	t.Parallel()
	altered := strings.Replace(small, "name: {type: string}", "name: {type: integer}", 1)
	// The overlay says the old type in both: the change is hidden.
	set, err := compare(read(t, small).doc, read(t, altered).doc, read(t, small).doc, read(t, small).doc)
	require.NoError(t, err)
	require.Empty(t, set.Operations)
	require.Len(t, set.Hidden, 1)
	require.Zero(t, set.count(breaks))
	// The overlay alone makes the difference.
	set, err = compare(read(t, small).doc, read(t, small).doc, read(t, small).doc, read(t, altered).doc)
	require.NoError(t, err)
	require.Equal(t, fromOverlay, set.Operations[0].Changes[0].Origin)
	// Only the head of the document differs.
	renamed := strings.Replace(small, "title: t", "title: u", 1)
	set, err = compare(read(t, small).doc, read(t, renamed).doc, read(t, small).doc, read(t, renamed).doc)
	require.NoError(t, err)
	require.True(t, set.Wording)
	require.False(t, set.empty())
}

// An example may show what a reference looks like.
func TestReadDocumentReferencesInExamples(t *testing.T) {
	t.Parallel()
	_, err := readDocument("x.yaml", []byte(strings.Replace(small, "name: {type: string}",
		"name: {type: object, examples: [{$ref: https://example.com/a}], default: {$ref: other.yaml}}", 1)))
	require.NoError(t, err)
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"# x/api\napi/client.gen.go:138:6: invalid recursive type: Node refers to itself": "x-go-type-skip-optional-pointer",
		"api/client.gen.go:844:2: ID redeclared\n\tapi/client.gen.go:8:2: other":          "x-go-name",
		"api/client.gen.go:9:18: method Client.GetN already declared at":                  "operationId",
		"error resolving primitive type: unhandled Schema type: &[string integer]":        "x-go-type",
		"property name in schema \"C\" may not contain a backtick: \"back`tick\"":         "remove it",
	}
	for output, want := range tests {
		lines := advice(output)
		require.Len(t, lines, 1, output)
		require.Contains(t, lines[0], want)
	}
	require.Empty(t, advice("wrapper/client.go:1:1: New redeclared in this block"), "that is handwritten")
}

func TestCell(t *testing.T) {
	t.Parallel()
	require.Equal(t, `a \| b c`, cell("a | b\n  c"))
}

func TestAdvise(t *testing.T) {
	t.Parallel()
	tests := []struct {
		current                    string
		breaks, additions, changed bool
		step                       step
		next                       string
	}{
		{"v0.3.1", true, true, true, stepMajor, "v0.4.0"},
		{"v0.3.1", false, true, true, stepMinor, "v0.4.0"},
		{"v0.3.1", false, false, true, stepPatch, "v0.3.2"},
		{"v0.3.1", false, false, false, stepNone, "v0.3.1"},
		{"v1.3.1", true, false, true, stepMajor, "v2.0.0"},
		{"v1.3.1", false, true, true, stepMinor, "v1.4.0"},
		{"v1.3", false, false, true, stepPatch, "v1.3.1"},
		{"", true, true, true, stepMajor, ""},
	}
	for _, test := range tests {
		got := advise(test.current, test.breaks, test.additions, test.changed)
		require.Equal(t, versionAdvice{test.step, test.current, test.next}, got)
		require.NotEmpty(t, got.String())
	}
}
