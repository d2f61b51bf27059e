package spec_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	"github.com/portalclient/portal-client-go/openapi"
)

// TestAdditionsArePlainDocuments: each addition is a valid OpenAPI 3.1 document by itself, for any tool that
// follows references to files.
func TestAdditionsArePlainDocuments(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../openapi/additions/*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			loader := openapi3.NewLoader()
			loader.IsExternalRefsAllowed = true
			doc, err := loader.LoadFromFile(file)
			require.NoError(t, err)
			if doc.Paths == nil {
				doc.Paths = openapi3.NewPaths() // 3.1 asks for no paths where there are components
			}
			require.NoError(t, doc.Validate(t.Context()))
			require.True(t, doc.IsOpenAPI31OrLater())
		})
	}
}

// A body of an operation, with its examples.
type body struct {
	name     string // of the operation and what of it
	id       string // operationId
	status   string // "" for a request
	schema   string // where it stands in the merged document
	examples []any
}

// bodies lists the JSON bodies of the operations that we add. An example of the vendored document may be wrong.
func bodies(t *testing.T, doc *openapi3.T) (all []body) {
	t.Helper()
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	for template, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.Extensions["x-portal-addition"] == nil {
				continue
			}
			name := method + " " + template
			add := func(status, at string, content openapi3.Content) {
				media := content.Get("application/json")
				if media == nil || media.Schema == nil {
					return
				}
				b := body{name: strings.TrimSpace(name + " " + status), id: op.OperationID, status: status,
					schema: "/paths/" + escape.Replace(template) + "/" + strings.ToLower(method) + at + "/content/application~1json/schema"}
				if media.Example != nil {
					b.examples = append(b.examples, media.Example)
				}
				for _, example := range media.Examples {
					b.examples = append(b.examples, example.Value.Value)
				}
				all = append(all, b)
			}
			if op.RequestBody != nil {
				add("", "/requestBody", op.RequestBody.Value.Content)
			}
			for status, response := range op.Responses.Map() {
				add(status, "/responses/"+status, response.Value.Content)
			}
		}
	}
	return all
}

// TestAdditionsSayWhatIsNeeded: an operation that we add says where it comes from, and shows an example of its
// request or of its success.
func TestAdditionsSayWhatIsNeeded(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Merged)
	require.NoError(t, err)
	examples := map[string][]int{} // by operationId, how many each body has
	for _, b := range bodies(t, doc) {
		if b.status == "" || strings.HasPrefix(b.status, "2") {
			examples[b.id] = append(examples[b.id], len(b.examples))
		}
	}
	for template, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			file, added := op.Extensions["x-portal-addition"]
			if !added {
				continue
			}
			where := fmt.Sprintf("%s: %s %s", file, method, template)
			require.NotEmpty(t, op.OperationID, "%s: give it an operationId, which names its method", where)
			require.NotEmpty(t, op.Extensions["x-portal-provenance"], "%s: say in x-portal-provenance where each part of it comes from", where)
			if counts := examples[op.OperationID]; len(counts) > 0 {
				require.Positive(t, slices.Max(counts), "%s: give its request or its answer an example", where)
			}
		}
	}
}

// TestExamplesOfPagesAreTheLast: the fake answers with an example again and again, so none of a list that comes in pages
// may say that there is another page. An iterator would be told the same page twice.
func TestExamplesOfPagesAreTheLast(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Merged)
	require.NoError(t, err)
	pages := map[string]map[string]any{} // by operationId
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if mark, ok := op.Extensions["x-portal-pages"].(map[string]any); ok {
				pages[op.OperationID] = mark
			}
		}
	}
	for _, b := range bodies(t, doc) {
		mark := pages[b.id]
		if mark == nil || !strings.HasPrefix(b.status, "2") {
			continue
		}
		for _, example := range b.examples {
			at := func(key string) any { // what stands where the mark says
				value := example
				path, _ := mark[key].(string)
				for name := range strings.SplitSeq(path, ".") {
					object, _ := value.(map[string]any)
					value = object[name]
				}
				return value
			}
			require.Contains(t, []any{nil, ""}, at("next"), "%s: an example leads to a next page", b.name)
			items, _ := at("items").([]any)
			if total, ok := at("total").(float64); ok {
				require.GreaterOrEqual(t, float64(len(items)), total, "%s: an example is not the whole list, so a client asks for the rest", b.name)
			} else if limit, ok := at("limit").(float64); ok {
				require.Less(t, float64(len(items)), limit, "%s: an example is a full page, after which a client asks for the next", b.name)
			}
		}
	}
}

// TestNoComponentIsLeftOver: something refers to each component.
func TestNoComponentIsLeftOver(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Merged)
	require.NoError(t, err)
	vendored, err := openapi3.NewLoader().LoadFromData(openapi.Vendored)
	require.NoError(t, err)
	for name := range doc.Components.Schemas {
		if vendored.Components == nil || vendored.Components.Schemas[name] == nil {
			require.Contains(t, string(openapi.Merged), `"$ref": "#/components/schemas/`+name+`"`, "nothing refers to %s: delete it", name)
		}
	}
}

// TestExamples: every example is what its schema says.
func TestExamples(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Merged)
	require.NoError(t, err)
	merged, err := jsonschema.UnmarshalJSON(bytes.NewReader(openapi.Merged))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	require.NoError(t, compiler.AddResource("merged.json", merged))
	for _, b := range bodies(t, doc) {
		for _, example := range b.examples {
			schema, err := compiler.Compile("merged.json#" + b.schema)
			require.NoError(t, err)
			require.NoError(t, schema.Validate(example), "the example of %s", b.name)
		}
	}
}

// unknown is a member that no schema knows, of an object that is open.
const unknown = `{"digits":12345678901234567890.123456789,"null":null,"list":[0.10]}`

// TestRoundTrip: every example survives the generated types, there and back: what has a value is there again,
// with its digits, and so is whatever else stands in an object that is open.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Merged)
	require.NoError(t, err)
	var raw any
	decode(t, openapi.Merged, &raw)
	types := goTypes()
	for _, b := range bodies(t, doc) {
		goType := types[strings.ToLower(b.id)+" "+b.status]
		require.NotNil(t, goType, "%s: no type in package api", b.name)
		for _, example := range b.examples {
			text, err := json.Marshal(example)
			require.NoError(t, err)
			var sent any
			decode(t, text, &sent)
			sent = withUnknown(raw, at(raw, b.schema), sent)
			text, err = json.Marshal(sent)
			require.NoError(t, err)
			value := reflect.New(goType)
			require.NoError(t, json.Unmarshal(text, value.Interface()), "%s: %s", b.name, text)
			back, err := json.Marshal(value.Interface())
			require.NoError(t, err, "%s", b.name)
			var got any
			decode(t, back, &got)
			require.Equal(t, lasting(sent), lasting(got), "%s", b.name)
		}
	}
}

// goTypes are the types that package api has for bodies: by operationId in lower case, and status.
func goTypes() map[string]reflect.Type {
	types := map[string]reflect.Type{}
	calls := reflect.TypeFor[api.ClientWithResponsesInterface]()
	for i := range calls.NumMethod() {
		method := calls.Method(i)
		name, isTyped := strings.CutSuffix(method.Name, "WithResponse")
		if _, anyBody := strings.CutSuffix(name, "WithBody"); !isTyped || anyBody {
			continue
		}
		name = strings.ToLower(name)
		response := method.Type.Out(0).Elem()
		for j := range response.NumField() {
			if status, ok := strings.CutPrefix(response.Field(j).Name, "JSON"); ok {
				types[name+" "+status] = response.Field(j).Type.Elem()
			}
		}
		if n := method.Type.NumIn(); n > 2 {
			types[name+" "] = method.Type.In(n - 2) // the last are the request editors
		}
	}
	return types
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(into))
}

// at follows a JSON pointer.
func at(doc any, pointer string) map[string]any {
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		doc = doc.(map[string]any)[strings.NewReplacer("~1", "/", "~0", "~").Replace(token)]
	}
	return doc.(map[string]any)
}

// withUnknown puts a member into every object of a value whose schema names members and is open for others.
func withUnknown(doc any, schema map[string]any, value any) any {
	if ref, ok := schema["$ref"].(string); ok {
		return withUnknown(doc, at(doc, strings.TrimPrefix(ref, "#")), value)
	}
	if branches, ok := schema["anyOf"].([]any); ok && len(branches) == 2 { // the other one is null
		return withUnknown(doc, branches[0].(map[string]any), value)
	}
	switch value := value.(type) {
	case []any:
		items, ok := schema["items"].(map[string]any)
		for i := range value {
			if ok {
				value[i] = withUnknown(doc, items, value[i])
			}
		}
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		for name, property := range properties {
			if member, ok := value[name]; ok {
				value[name] = withUnknown(doc, property.(map[string]any), member)
			}
		}
		if additional, ok := schema["additionalProperties"].(map[string]any); ok && len(properties) > 0 && additional["$ref"] != nil {
			value["x-unknown"] = json.RawMessage(unknown)
		}
	}
	return value
}

// lasting is what of a value must survive: not a null, and of an object that is closed, not what is empty
// either, for Go's optional fields are absent when they are zero.
func lasting(value any) any {
	switch value := value.(type) {
	case json.RawMessage:
		var decoded any
		decoder := json.NewDecoder(bytes.NewReader(value))
		decoder.UseNumber()
		if decoder.Decode(&decoded) == nil {
			return lasting(decoded)
		}
	case []any:
		for i := range value {
			value[i] = lasting(value[i])
		}
	case map[string]any:
		_, open := value["x-unknown"]
		for name, member := range value {
			member = lasting(member)
			value[name] = member
			object, isObject := member.(map[string]any)
			empty := member == "" || member == false || member == json.Number("0") || isObject && len(object) == 0
			if member == nil || empty && !open {
				delete(value, name)
			}
		}
	}
	return value
}
