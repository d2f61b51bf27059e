package portaltest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/openapi"
)

// other is a document that the fake has no semantics for, with what the vendored one lacks today.
const other = `{
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

func otherHandler(t *testing.T) *Handler {
	t.Helper()
	d, err := readDocument([]byte(other))
	require.NoError(t, err)
	c, err := newConfig(nil)
	require.NoError(t, err)
	return newHandler(d, c)
}

func serve(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer t")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const valid = "portaltest has no semantics for "

func TestAnyDocumentIsValidated(t *testing.T) {
	t.Parallel()
	h := otherHandler(t)
	for name, tc := range map[string]struct {
		method, path, body, header, want string
	}{
		"valid":                  {"GET", "/v9/things?limit=3", "", "", valid + "listThings yet"},
		"all parameters":         {"GET", "/v9/things?limit=3&deep=true&ids=1,2&tag=red&tag=blue&price=0.5", "", "X-Mode: a", valid + "listThings yet"},
		"required":               {"GET", "/v9/things", "", "", "query limit: is missing"},
		"own wins over shared":   {"GET", "/v9/things?limit=all", "", "", "query limit: must be integer, not string"},
		"minimum":                {"GET", "/v9/things?limit=0", "", "", "query limit: must be at least 1"},
		"maximum":                {"GET", "/v9/things?limit=101", "", "", "query limit: must be at most 100"},
		"exclusive minimum":      {"GET", "/v9/things?limit=1&price=0", "", "", "query price: must be more than 0"},
		"fraction":               {"GET", "/v9/things?limit=1.5", "", "", "query limit: must be integer, not number"},
		"huge exponent":          {"GET", "/v9/things?limit=1e999999999", "", "", "query limit: must be integer, not string"},
		"boolean":                {"GET", "/v9/things?limit=1&deep=yes", "", "", "query deep: must be boolean, not string"},
		"twice":                  {"GET", "/v9/things?limit=1&limit=2", "", "", "query limit: is given more than once"},
		"comma list, long":       {"GET", "/v9/things?limit=1&ids=1,2,3", "", "", "query ids: must have at most 2 items"},
		"comma list, item":       {"GET", "/v9/things?limit=1&ids=1,x", "", "", "query ids/1: must be integer, not string"},
		"repeated list, item":    {"GET", "/v9/things?limit=1&tag=red&tag=secret", "", "", "query tag/1: must be one of red, blue"},
		"header":                 {"GET", "/v9/things?limit=1", "", "X-Mode: secret", "header X-Mode: must be one of a, b"},
		"path":                   {"GET", "/v9/things/a%2Fb", "", "", valid + "getThing yet"},
		"path pattern":           {"GET", "/v9/things/SECRET", "", "", "path id: must match the pattern ^[a-z/]+$"},
		"empty path value":       {"GET", "/v9/things/", "", "", "no operation of the document has this path"},
		"literal before braces":  {"GET", "/v9/things/special", "", "", valid + "getSpecial yet"},
		"free-form query":        {"GET", "/v9/things/special?any=abc&other=1&n=3", "", "", valid + "getSpecial yet"},
		"free-form query, rule":  {"GET", "/v9/things/special?any=secret", "", "", "query/any: must have at most 3 characters"},
		"free-form query, typed": {"GET", "/v9/things/special?n=x", "", "", "query n: must be integer, not string"},
		"free-form query, twice": {"GET", "/v9/things/special?any=a&any=b", "", "", `query "any": is given more than once`},
		"body":                   {"PUT", "/v9/things", `{"a":"xx","b":1}`, "", valid + "putThing yet"},
		"null and const":         {"PUT", "/v9/things", `{"a":null,"b":"none"}`, "", valid + "putThing yet"},
		"required body":          {"PUT", "/v9/things", "", "", "body: is missing"},
		"fields":                 {"PUT", "/v9/things", `{"c":1}`, "", "/a: is missing; /b: is missing; /c: is not a known field"},
		"alternatives":           {"PUT", "/v9/things", `{"a":"xx","b":"secret"}`, "", `/b: breaks the rule "anyOf" of the document`},
		"text rules":             {"PUT", "/v9/things", `{"a":"y","b":1}`, "", "/a: must have at least 2 characters; /a: must match the pattern ^x+$"},
		"escaped pointer":        {"PUT", "/v9/things", `{"a":null,"b":1,"a/b":["secret"]}`, "", "/a~1b/0: must be a UUID"},
		"outside the base":       {"GET", "/things?limit=3", "", "", "no operation of the document has this path"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var headers []string
			if tc.header != "" {
				headers = append(headers, tc.header)
			}
			w := serve(h, tc.method, tc.path, tc.body, headers...)
			got, err := decodeJSON(w.Body.Bytes())
			require.NoError(t, err)
			message, _ := got.(object)["error"].(string)
			switch {
			case strings.HasPrefix(tc.want, valid):
				assert.Equal(t, http.StatusNotImplemented, w.Code)
				assert.True(t, strings.HasPrefix(message, tc.want), message)
			case strings.HasPrefix(tc.want, "no operation"):
				assert.Equal(t, http.StatusNotFound, w.Code)
				assert.Equal(t, tc.want, message)
			default:
				assert.Equal(t, http.StatusBadRequest, w.Code)
				assert.Equal(t, tc.want, message)
			}
			assert.NotContains(t, strings.ToLower(message), "secret")
		})
	}
}

func TestOperationWithoutSecurityNeedsNoToken(t *testing.T) {
	t.Parallel()
	h := otherHandler(t)
	for method, want := range map[string]int{"PUT": http.StatusBadRequest, "GET": http.StatusUnauthorized} {
		r := httptest.NewRequest(method, "/v9/things", nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, want, w.Code, method)
	}
}

// What the fake itself answers is held against the document too.
func TestReplyThatBreaksTheDocumentIsABug(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path, body string
		rep        reply
		want       string
	}{
		"missing field":     {"GET /v9/things?limit=1", "", jsonReply(200, object{}), "/data: is missing"},
		"wrong type":        {"GET /v9/things?limit=1", "", dataReply(7), "/data: must be string, not number"},
		"undeclared status": {"GET /v9/things?limit=1", "", jsonReply(202, object{}), "the document declares no such status"},
		"error as object":   {"PUT /v9/things", `{"a":"xx","b":1}`, jsonReply(409, object{"error": object{}}), "/error: must be string, not object"},
		"not encodable":     {"GET /v9/things?limit=1", "", dataReply(func() {}), "it does not encode: json: unsupported type: func()"},
		"right":             {"GET /v9/things?limit=1", "", dataReply("x"), ""},
		"declared by range": {"PUT /v9/things", `{"a":"xx","b":1}`, jsonReply(409, object{"error": "x"}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := otherHandler(t)
			h.semantics = map[string]work{}
			for id := range h.doc.byID {
				h.semantics[id] = func(*Handler, *call) reply { return tc.rep }
			}
			var bugs []string
			h.bug = func(sentence string) { bugs = append(bugs, sentence) }
			method, path, _ := strings.Cut(tc.path, " ")
			w := serve(h, method, path, tc.body)
			if tc.want == "" {
				require.Equal(t, tc.rep.status, w.Code)
				require.Empty(t, bugs)
				return
			}
			require.Equal(t, http.StatusInternalServerError, w.Code)
			require.Len(t, bugs, 1)
			require.Contains(t, bugs[0], tc.want)
			require.Contains(t, bugs[0], "bug in portaltest: the reply ")
			require.Contains(t, w.Body.String(), "bug in portaltest: the reply ")
		})
	}
}

func TestUnreadableDocuments(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ old, replacement, want string }{
		"no JSON":         {`{`, `[[`, "invalid character"},
		"no operationId":  {`"operationId": "listThings",`, ``, "get /things: the operation has no operationId"},
		"same name twice": {`"operationId": "putThing"`, `"operationId": "listThings"`, "two operations are called listThings"},
		"unknown style":   {`"explode": false,`, `"style": "pipeDelimited",`, `does not read in "query", style "pipeDelimited"`},
		"cookie":          {`"in": "header"`, `"in": "cookie"`, `does not read in "cookie"`},
		"bad schema":      {`"minimum": 1`, `"minimum": "one"`, "schema #/paths/~1things/get/parameters/0/schema"},
		"dangling":        {`#/components/schemas/Tags`, `#/components/schemas/None`, "schema #/paths/~1things/get/parameters/3/schema"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, other, tc.old)
			d, err := readDocument([]byte(strings.Replace(other, tc.old, tc.replacement, 1)))
			if err == nil {
				err = compileAll(d)
			}
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func compileAll(d *document) error {
	for _, s := range d.schemas {
		if _, err := s.compile(); err != nil {
			return err
		}
	}
	return nil
}

// kin-openapi reads the same document in its own way. Where both decide, they must agree.
func TestVerdictsAgreeWithKinOpenAPI(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Merged)
	require.NoError(t, err)
	router, err := legacy.NewRouter(doc)
	require.NoError(t, err)
	options := &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{
			openapi3.WithStringFormatValidator("email", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForEmail)),
		},
	}
	h := NewHandler()
	for _, body := range []string{
		`{}`, createBody, `{"name":{}}`, `{"name":{"firstName":""}}`, `{"unknown":1}`, `{"dateOfBirth":"2000-02-29"}`,
		`{"name":[]}`, `{"name":{"lastName":true}}`, `{"email":"x"}`, `{"email":"a@b@c.co"}`, `{"email":7}`, `{"email":null}`,
		`{"dateOfBirth":"1990-02-30"}`, `{"dateOfBirth":"1990-2-3"}`, `{"dateOfBirth":""}`, `{"type":"BUSINESS"}`,
		`{"type":"business"}`, `{"type":null}`, `{"phone":5}`, `[]`, `null`, `7`, `"x"`, `{"name":`,
	} {
		r := httptest.NewRequest(http.MethodPost, "https://api.portalhq.io/api/v3/clients/me/integrations/meld/customers", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		route, path, err := router.FindRoute(r)
		require.NoError(t, err)
		theirs := openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{
			Request: r, Route: route, PathParams: path, Options: options,
		})
		ours := serve(h, "POST", "/api/v3/clients/me/integrations/meld/customers", body)
		require.Equal(t, theirs == nil, ours.Code != http.StatusBadRequest, "%s\nkin-openapi: %v\nwe: %s", body, theirs, ours.Body)
	}
}

// Every operation of the document can be served: a reply shape in JSON, and a name.
func TestTheDocument(t *testing.T) {
	t.Parallel()
	d := theDocument()
	require.NoError(t, compileAll(d))
	require.Equal(t, "/api/v3", d.base)
	require.Contains(t, d.operationIDs(), "createMeldCustomer")
	for _, op := range d.operations {
		require.True(t, op.secured, op.id)
		require.NotNil(t, op.reply(200), op.id)
		require.Contains(t, op.reply(200).content, "application/json", op.id)
	}
}
