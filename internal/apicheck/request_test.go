package apicheck_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// things is a document with what may stand in one.
const things = `{
 "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
 "servers": [{"url": "https://api.example.com/v9/"}],
 "security": [{"bearerAuth": []}],
 "paths": {
  "/things": {
   "parameters": [{"name": "X-Mode", "in": "header", "schema": {"enum": ["a", "b"]}},
                  {"name": "limit", "in": "query", "schema": {"type": "string"}}],
   "get": {"operationId": "listThings",
    "parameters": [{"name": "limit", "in": "query", "required": true, "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
                   {"name": "deep", "in": "query", "schema": {"type": "boolean"}},
                   {"name": "ids", "in": "query", "explode": false, "schema": {"type": "array", "maxItems": 2, "items": {"type": "integer"}}},
                   {"name": "tag", "in": "query", "schema": {"$ref": "#/components/schemas/Tags"}},
                   {"name": "price", "in": "query", "schema": {"type": "number", "exclusiveMinimum": 0}}],
    "responses": {"200": {"$ref": "#/components/responses/Thing"}}},
   "put": {"operationId": "putThing", "security": [],
    "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "required": ["a", "b"],
      "properties": {"a": {"type": ["string", "null"], "pattern": "^x+$", "minLength": 2}, "b": {"anyOf": [{"type": "number"}, {"const": "none"}]}, "a/b": {"type": "array", "items": {"type": "string", "format": "uuid"}}}}}}},
    "responses": {"4XX": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}}, "default": {"description": "other"}}}
  },
  "/things/{id}": {"get": {"operationId": "getThing",
    "parameters": [{"$ref": "#/components/parameters/ID"}], "responses": {"200": {"description": "ok"}}}},
  "/things/special": {"get": {"operationId": "getSpecial",
    "parameters": [{"name": "filters", "in": "query", "schema": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 3}}},
                   {"name": "n", "in": "query", "schema": {"type": "integer"}}], "responses": {}}}
 },
 "components": {
  "parameters": {"ID": {"name": "id", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[a-z/]+$"}}},
  "responses": {"Thing": {"description": "ok", "content": {"application/json": {"schema": {"type": "object", "required": ["data"], "properties": {"data": {"type": "string"}}}}}}},
  "schemas": {"ErrorResponse": {"type": "object", "properties": {"error": {"type": "string"}}},
              "Tags": {"type": "array", "items": {"type": "string", "enum": ["red", "blue"]}}},
  "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}}
 }
}`

func read(t testing.TB, text string) *apicheck.Document {
	t.Helper()
	d, err := apicheck.Read([]byte(text))
	require.NoError(t, err)
	return d
}

// request routes and checks a request, and returns the operation that it is one of and what is wrong with it.
func request(d *apicheck.Document, method, target, body string, headers ...string) (operation, problems string) {
	path, query, _ := strings.Cut(target, "?")
	op, values, _ := d.Route(method, path)
	if op == nil {
		return "", ""
	}
	header := http.Header{"Content-Type": {"application/json"}}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		header.Add(name, value)
	}
	_, all := op.CheckRequest(values, query, header, []byte(body))
	return op.Name, strings.Join(all, "; ")
}

// What is wrong with a request is named by place and rule. Values here are all "secret" in some way, to see that
// none comes back. A want without a space is the name of the operation of a valid request.
func TestCheckRequest(t *testing.T) {
	t.Parallel()
	d := read(t, things)
	for name, tc := range map[string]struct {
		method, path, body, header, want string
	}{
		"valid":                  {"GET", "/v9/things?limit=3", "", "", "listThings"},
		"all parameters":         {"GET", "/v9/things?limit=3&deep=true&ids=1,2&tag=red&tag=blue&price=0.5", "", "X-Mode: a", "listThings"},
		"required":               {"GET", "/v9/things", "", "", "query limit: is missing"},
		"own wins over shared":   {"GET", "/v9/things?limit=all", "", "", "query limit: must be integer, not string"},
		"minimum":                {"GET", "/v9/things?limit=0", "", "", "query limit: must be at least 1"},
		"maximum":                {"GET", "/v9/things?limit=101", "", "", "query limit: must be at most 100"},
		"exclusive minimum":      {"GET", "/v9/things?limit=1&price=0", "", "", "query price: must be more than 0"},
		"fraction":               {"GET", "/v9/things?limit=1.5", "", "", "query limit: must be integer, not number"},
		"huge exponent":          {"GET", "/v9/things?limit=1e999999999", "", "", "query limit: must be integer, not string"},
		"boolean":                {"GET", "/v9/things?limit=1&deep=yes", "", "", "query deep: must be boolean, not string"},
		"twice":                  {"GET", "/v9/things?limit=1&limit=2", "", "", "query limit: must be integer, not array"},
		"comma list, long":       {"GET", "/v9/things?limit=1&ids=1,2,3", "", "", "query ids: must have at most 2 items"},
		"comma list, item":       {"GET", "/v9/things?limit=1&ids=1,x", "", "", "query ids/1: must be integer, not string"},
		"repeated list, item":    {"GET", "/v9/things?limit=1&tag=red&tag=secret", "", "", "query tag/1: must be one of red, blue"},
		"comma list, twice":      {"GET", "/v9/things?limit=1&ids=1&ids=2", "", "", "query ids: is given more than once"},
		"header":                 {"GET", "/v9/things?limit=1", "", "X-Mode: secret", "header X-Mode: must be one of a, b"},
		"path":                   {"GET", "/v9/things/a%2Fb", "", "", "getThing"},
		"path pattern":           {"GET", "/v9/things/SECRET", "", "", "path id: must match the pattern ^[a-z/]+$"},
		"empty path value":       {"GET", "/v9/things/", "", "", ""},
		"literal before braces":  {"GET", "/v9/things/special", "", "", "getSpecial"},
		"free-form query":        {"GET", "/v9/things/special?any=abc&other=1&n=3", "", "", "getSpecial"},
		"free-form query, rule":  {"GET", "/v9/things/special?any=secret", "", "", "query filters/any: must have at most 3 characters"},
		"free-form query, typed": {"GET", "/v9/things/special?n=x", "", "", "query n: must be integer, not string"},
		"free-form query, twice": {"GET", "/v9/things/special?any=a&any=b", "", "", "query filters/any: must be string, not array"},
		"body":                   {"PUT", "/v9/things", `{"a":"xx","b":1}`, "", "putThing"},
		"null and const":         {"PUT", "/v9/things", `{"a":null,"b":"none"}`, "", "putThing"},
		"required body":          {"PUT", "/v9/things", "", "", "body: is missing"},
		"fields":                 {"PUT", "/v9/things", `{"c":1}`, "", "/a: is missing; /b: is missing; /c: is not a known field"},
		"alternatives":           {"PUT", "/v9/things", `{"a":"xx","b":"secret"}`, "", `/b: breaks the rule "anyOf" of the document`},
		"text rules":             {"PUT", "/v9/things", `{"a":"y","b":1}`, "", "/a: must have at least 2 characters; /a: must match the pattern ^x+$"},
		"escaped pointer":        {"PUT", "/v9/things", `{"a":null,"b":1,"a/b":["secret"]}`, "", "/a~1b/0: must be a UUID"},
		"outside the base":       {"GET", "/things?limit=3", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var headers []string
			if tc.header != "" {
				headers = append(headers, tc.header)
			}
			operation, problems := request(d, tc.method, tc.path, tc.body, headers...)
			require.NotContains(t, strings.ToLower(problems), "secret")
			if strings.Contains(tc.want, " ") {
				require.Equal(t, tc.want, problems)
				return
			}
			require.Equal(t, tc.want, operation)
			require.Empty(t, problems)
		})
	}
}
