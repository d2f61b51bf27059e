package spec_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/spec"
)

// stripped leaves out of a document what no document of others has: extensions, and what stands only for them.
func stripped(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, member := range value {
			if strings.HasPrefix(key, "x-") {
				delete(value, key)
			} else {
				value[key] = stripped(member)
			}
		}
	case []any:
		for i := range value {
			value[i] = stripped(value[i])
		}
	}
	return value
}

// TestTakeOverAll: a document comes to define all that is ours, with what only single tools object to. Nothing is left
// of the additions, and nothing of what we know of the operations is lost.
func TestTakeOverAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("../../openapi")))
	rules := strings.Replace(small["overlay.yaml"], "$.components.schemas.Pet", "$.info", 1) // none of those that we have today
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.yaml"), []byte(rules), 0o644))
	merge := func() map[string]any {
		merged, _, err := spec.Merge(dir)
		require.NoError(t, err)
		return merged
	}
	additions, err := filepath.Glob(filepath.Join(dir, "additions", "*")) // none, once a document like this one was taken
	require.NoError(t, err)
	was := merge()
	all := stripped(merge()).(map[string]any)
	all["servers"] = []any{map[string]any{"url": "https://api.portalhq.io/api/v3", "description": "All of it"}}
	components := all["components"].(map[string]any)
	components["pathItems"] = map[string]any{"Unused": map[string]any{"get": map[string]any{"responses": map[string]any{}}}}
	components["schemas"].(map[string]any)["Odd"] = map[string]any{"type": "string", "pattern": "^(?!a)", "example": 5, "$anchor": "odd"}
	operations := 0
	for _, item := range all["paths"].(map[string]any) {
		for _, method := range []string{"get", "put", "post", "delete", "patch"} {
			op, ok := item.(map[string]any)[method].(map[string]any)
			if !ok {
				continue
			}
			if operations++; operations%7 == 0 {
				delete(op, "operationId")
			}
			responses, _ := op["responses"].(map[string]any)
			if ok := responses["200"]; operations%5 == 0 && ok != nil {
				responses["201"] = ok
				delete(responses, "200")
			}
		}
	}
	text, err := json.Marshal(all)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "client-api.yaml"), text, 0o644))

	taken, err := spec.TakeOver(dir)
	require.NoError(t, err)
	left, err := filepath.Glob(filepath.Join(dir, "additions", "*"))
	require.NoError(t, err)
	require.Empty(t, left)
	require.Equal(t, len(additions) == 0, len(taken.Operations) == 0)
	is := merge()
	for template, item := range was["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			op, ok := op.(map[string]any)
			if !ok {
				continue // the parameters of the path
			}
			now := is["paths"].(map[string]any)[template].(map[string]any)[method].(map[string]any)
			for _, key := range []string{"operationId", "x-portal-pages"} {
				if taken.Operations[strings.ToUpper(method)+" "+template] != "" {
					require.Equal(t, op[key], now[key], "%s %s", method, template)
				}
			}
			require.Nil(t, now["x-portal-addition"])
			require.Equal(t, goNames(op), goNames(now), "%s %s", method, template)
			require.Equal(t, effect(method, op), effect(method, now), "%s %s", method, template)
		}
	}
	again, err := spec.TakeOver(dir)
	require.NoError(t, err)
	require.Empty(t, again.Operations)
	require.Empty(t, again.Components)
}

// goNames are what an operation says to the generator of each of its parameters.
func goNames(op map[string]any) (all []any) {
	parameters, _ := op["parameters"].([]any)
	for _, p := range parameters {
		p := p.(map[string]any)
		schema, _ := p["schema"].(map[string]any)
		all = append(all, p["name"], p["x-go-name"], schema["x-enum-varnames"])
	}
	return all
}

// effect is what an operation is marked with, or what holds without a mark.
func effect(method string, op map[string]any) any {
	if mark, ok := op["x-portal-effect"]; ok {
		return mark
	}
	return map[bool]string{true: "read", false: "write"}[method == "get"]
}

// TestTakeOverEdits: what stays of a file stays as it was written.
func TestTakeOverEdits(t *testing.T) {
	t.Parallel()
	const ours = `# What we know.
#
# And what not.

# By the way.
openapi: 3.1.0
info: {title: ours, version: '1'}
paths:
  # Of the document now.
  /a:
    get:
      operationId: getA
      responses: {'200': {description: A, content: {application/json: {schema: {$ref: '#/components/schemas/OnlyA'}}}}}

  # About b.
  /b:
    post: # a comment beside
      operationId: postB
      x-portal-effect: write
      responses:
        '200': {description: B, content: {application/json: {schema: {$ref: "#/components/schemas/Both"}}}}
    # About the other method.
    get:
      operationId: getB
      responses:
        '200':
          description: |
            Text of several lines,

            # none of them a comment.
components:
  schemas:
    OnlyA:
      type: array
      items:
      - $ref: '#/components/schemas/Deep'
    Deep: {type: string}
    # Both have it.
    Both: {type: object}
    # Nobody refers to it, before or after.
    Lonely: {type: string}
`
	const want = `# What we know.
#
# And what not.

# By the way.
openapi: 3.1.0
info: {title: ours, version: '1'}
paths:
  # About b.
  /b:
    post: # a comment beside
      operationId: postB
      x-portal-effect: write
      responses:
        '200': {description: B, content: {application/json: {schema: {$ref: "../client-api.yaml#/components/schemas/Both"}}}}
components:
  schemas:
    # Nobody refers to it, before or after.
    Lonely: {type: string}
`
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	write("overlay.yaml", small["overlay.yaml"])
	write("additions/ours.yaml", ours)
	write("client-api.yaml", `openapi: 3.1.0
info: {title: theirs, version: '1'}
paths:
  /a: {get: {responses: {'200': {description: A}}}}
  /elsewhere: {get: {operationId: getB, responses: {'200': {description: moved}}}}
components: {schemas: {Both: {type: object}}}
`)
	taken, err := spec.TakeOver(dir)
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(dir, "additions/ours.yaml"))
	require.NoError(t, err)
	require.Equal(t, want, string(got))
	require.Equal(t, map[string]string{"GET /a": "additions/ours.yaml", "GET /elsewhere": "additions/ours.yaml"}, taken.Operations)
	require.Equal(t, []string{"#/components/schemas/Both, from additions/ours.yaml"}, taken.Components)
	require.Equal(t, []string{"#/components/schemas/OnlyA, from additions/ours.yaml", "#/components/schemas/Deep, from additions/ours.yaml"}, taken.Orphans)
	require.Equal(t, []string{"$['paths']['/a']['get']: operationId"}, taken.Kept)
}

// TestTakeOverNamesOfParameters: a rule finds the parameter that an addition has a Go name for, whatever it is called.
func TestTakeOverNamesOfParameters(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "additions"), 0o755))
	const head = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
	const operation = "paths: {/a: {get: {parameters: [{name: 'it''s[]', in: header}, {name: 'it''s[]', in: query%s}], responses: {'200': {description: A}}}}}\n"
	for name, text := range map[string]string{
		"overlay.yaml":        strings.Replace(small["overlay.yaml"], "$.components.schemas.Pet", "$.info", 1),
		"additions/ours.yaml": head + fmt.Sprintf(operation, ", x-go-name: Its"),
		"client-api.yaml":     head + fmt.Sprintf(operation, ""),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	_, err := spec.TakeOver(dir)
	require.NoError(t, err)
	merged, _, err := spec.Merge(dir)
	require.NoError(t, err)
	op := merged["paths"].(map[string]any)["/a"].(map[string]any)["get"].(map[string]any)
	require.Equal(t, []any{"it's[]", nil, nil, "it's[]", "Its", nil}, goNames(op))
}
