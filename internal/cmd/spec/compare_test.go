package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What changes in a document, and what is said of it. All of them are in one document, each in paths of its own, so that
// oasdiff is asked once.
var samples = []struct {
	name, was, is string
	level         level
	want          string
}{
	{"a type", "type: string", "type: integer", breaks, "response's property `type` changed from `string` to `integer`"},
	{"a field that never comes again", "name: {type: string}, ", "", mayBreak, "removed the optional property"},
	{"a field that is new", "name: {type: string}", "name: {type: string}, age: {type: integer}", harmless, "added the optional property"},
	{"an enum value that is new", "[CAT, DOG]", "[CAT, COW, DOG]", harmless, "`COW`"},
	{"a header that must be sent", "parameters: [", "parameters: [{name: X-Key, in: header, required: true, schema: {type: string}}, ", breaks, "required `header` request parameter `x-key`"},
	{"a body that is closed", "SIZE: {type: object", "SIZE: {additionalProperties: false, type: object", mayBreak, "additionalProperties: nothing → false"},
	{"a body closed otherwise", "SIZE: {type: object", "SIZE: {unevaluatedProperties: false, type: object", mayBreak, "unevaluatedProperties: nothing → false"},
	{"servers of an operation", "get:", "get:\n      servers: [{url: https://two.example.com}]", mayBreak, "https://two.example.com"},
	{"servers of a path", "    get:", "    servers: [{url: https://three.example.com}]\n    get:", mayBreak, "https://three.example.com"},
	{"the style of a parameter", "name: ids,", "name: ids, style: pipeDelimited,", mayBreak, "query parameter ids/style: nothing → \"pipeDelimited\""},
	{"whether lists are repeated", "name: ids,", "name: ids, explode: false,", mayBreak, "query parameter ids/explode"},
	{"a reply for all that is not documented", "responses:", "responses:\n        default: {description: other}", mayBreak, "responses/default: nothing → "},
	{"a content encoding", "kind: {", "kind: {contentEncoding: base64, ", breaks, "contentEncoding"},
	{"names of members", "SIZE: {type: object", "SIZE: {propertyNames: {maxLength: 3}, type: object", breaks, "propertyNames"},
	{"an object in a discriminator", "SIZE: {type: object", "SIZE: {discriminator: {propertyName: kind, mapping: {a: b}}, type: object", harmless, "added discriminator"},
	{"the name of a path parameter", "ID", "otherID", same, ""},
	{"words", "description: ok", "description: fine", same, ""},
	{"what holds anyway", "name: ids,", "name: ids, style: form, explode: true, required: false,", same, ""},
	{"an open object said to be open", "SIZE: {type: object", "SIZE: {additionalProperties: true, type: object", same, ""},
	{"the order of a set", "[CAT, DOG]", "[DOG, CAT]", same, ""},
	{"an example and an extension", "type: string", "type: string, example: a, x-a: b", same, ""},
}

// same stands for no change at all.
const same level = -2

const sampleOperation = `
  /N/{ID}:
    get:
      operationId: getN
      parameters: [{name: ID, in: path, required: true, schema: {type: integer}}, {name: ids, in: query, schema: {type: array, items: {type: integer}}}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/PetN'}}}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {anyOf: [{$ref: '#/components/schemas/DogN'}, {type: integer}]}}}}`

const sampleComponents = `
    PetN: {type: object, properties: {size: {$ref: '#/components/schemas/SizeN'}}}
    DogN: {type: object, properties: {name: {type: string}, kind: {enum: [CAT, DOG]}, again: {$ref: '#/components/schemas/DogN'}}}
    SizeN: SIZE: {type: object, properties: {wide: {type: integer}}}`

func TestCompare(t *testing.T) {
	t.Parallel()
	made := func(now bool) map[string]any {
		paths, components := "", ""
		for i, sample := range samples {
			text := sampleOperation + "\n---" + sampleComponents
			require.Contains(t, text, sample.was, sample.name)
			if now {
				text = strings.ReplaceAll(text, sample.was, sample.is)
			}
			text = strings.NewReplacer("SIZE: ", "", "N/", fmt.Sprint(i, "/"), "PetN", fmt.Sprint("Pet", i), "DogN", fmt.Sprint("Dog", i),
				"SizeN", fmt.Sprint("Size", i), "getN", fmt.Sprint("get", i)).Replace(text)
			path, component, _ := strings.Cut(text, "\n---")
			paths, components = paths+path, components+component
		}
		d := read(t, "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:"+paths+"\ncomponents:\n  schemas:"+components+"\n")
		problems, err := validate(d)
		require.NoError(t, err)
		require.Empty(t, problems)
		onWire(d.Tree)
		return d.Tree
	}
	before, after := made(false), made(true)
	changes := compare(before, after)
	require.NoError(t, newTools(t).judge(t.Context(), before, after, changes))
	found := map[string]*change{}
	for _, c := range changes {
		require.Len(t, c.Operations, 1)
		number, _, _ := strings.Cut(strings.TrimPrefix(c.Operations[0].Path, "/"), "/")
		require.Nil(t, found[number], "%s: %q", number, c.Texts)
		found[number] = c
	}
	for i, sample := range samples {
		t.Run(sample.name, func(t *testing.T) {
			t.Parallel()
			c := found[fmt.Sprint(i)]
			if sample.level == same {
				require.Nil(t, c)
				return
			}
			require.NotNil(t, c)
			require.Equal(t, sample.level, c.Level, "%q", c.Texts)
			require.Contains(t, strings.Join(c.Texts, "\n"), sample.want)
		})
	}
}

func TestCompareOperations(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from, to string
		level    level
		want     string
	}{
		"one is new":               {"components:", "  /cats: {get: {responses: {'200': {description: ok}}}}\ncomponents:", added, "GET /cats: added"},
		"one has its own server":   {"components:", "  /cats: {get: {servers: [{url: https://two.example.com}], responses: {'200': {description: ok}}}}\ncomponents:", mayBreak, "GET /cats: added, with servers of its own: the client asks that of the document"},
		"one is gone":              {"  /pets:\n    get:", "  /pets:\n    x-get:", breaks, "GET /pets: removed"},
		"another server for all":   {"one.example.com", "two.example.com", mayBreak, "servers/0/url: "},
		"a server with a variable": {"{url: https://one.example.com}", "{url: 'https://{region}.example.com', variables: {region: {default: one}}}", mayBreak, "servers/0/variables: nothing → "},
		"credentials for all":      {"servers:", "security: [{key: []}]\nservers:", breaks, "GET /pets: the endpoint no longer allows anonymous access"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := read(t, pets).Tree, altered(t, test.from, test.to).Tree
			onWire(before)
			onWire(after)
			changes := compare(before, after)
			require.NoError(t, newTools(t).judge(t.Context(), before, after, changes))
			require.NotEmpty(t, changes)
			all := ""
			for _, c := range changes {
				all += c.Operations[0].String() + ": " + strings.Join(c.Texts, "; ") + "\n"
				require.Equal(t, test.level, c.Level, all)
			}
			require.Contains(t, all, test.want)
		})
	}
}

// One that has moved is compared with what it was.
func TestCompareMoved(t *testing.T) {
	t.Parallel()
	before := read(t, pets).Tree
	after := read(t, strings.Replace(strings.Replace(pets, "  /pets:", "  /animals:", 1), "{description: ok}", "{description: ok, headers: {X-New: {schema: {type: string}}}}", 1)).Tree
	onWire(before)
	onWire(after)
	var all []string
	for _, c := range compare(before, after) {
		all = append(all, c.Operations[0].String()+": "+c.Texts[0])
	}
	require.Equal(t, []string{
		"GET /animals: added, with the operationId that GET /pets had",
		`GET /animals: responses/200/headers: nothing → {"X-New":{"schema":{"type":"string"}}}`,
		"GET /pets: removed",
	}, all)
}

// Schemas in circles are compared to the end, be the circles of other lengths.
func TestCompareCircles(t *testing.T) {
	t.Parallel()
	const members = "kind: {type: string, enum: [CAT, DOG]}, name: {type: string}"
	const circle = members + ", parent: {$ref: '#/components/schemas/Pet'}"
	before := altered(t, members, circle).Tree
	after := altered(t, members, members+", parent: {type: object, properties: {age: {type: integer}, "+circle+"}}").Tree
	onWire(before)
	onWire(after)
	changes := compare(before, after)
	require.NotEmpty(t, changes)
	for _, c := range changes {
		require.Contains(t, c.Texts[0], "age")
	}
	require.Empty(t, compare(before, before))
}

func TestStep(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]assessment{
		"patch,": {},
		"minor,": {Surface: surface{Compatible: []string{"./wrapper.(*Client).New: added"}}},
		"major,": {Surface: surface{Incompatible: []string{"./wrapper.(*Client).Old: removed"}}},
	} {
		require.Contains(t, a.step(), want)
	}
	require.Contains(t, (&assessment{Changes: []*change{{Level: added}}}).step(), "minor,")
	require.Contains(t, (&assessment{Changes: []*change{{Level: harmless}}}).step(), "patch,")
	require.Contains(t, (&assessment{Changes: []*change{{Level: mayBreak}}}).step(), "major,")
	require.Contains(t, (&assessment{Failed: "it does not compile"}).step(), "major,")
}
