package apicheck_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/apicheck"
	"github.com/portalclient/portal-client-go/openapi"
)

// odd is a valid document with what few documents have.
const odd = `{
 "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
 "servers": [{"url": "https://{host}/{version}", "variables": {"host": {"default": "example.com"}, "version": {"default": "v1"}}}],
 "paths": {
  "/plain/{id}.json": {"get": {"responses": {
    "201": {"description": "", "content": {"application/json": {"schema": {"type": "string"}, "example": 7,
      "examples": {"a": {"value": []}, "b": {"value": "fits"}}}}},
    "202": {"description": ""},
    "default": {"description": "", "content": {"application/problem+json": {"schema": {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}}}}}}},
  "/twice": {"get": {"operationId": "same", "responses": {"default": {"description": "", "content": {"*/*": {"schema": {"const": 12345678901234567890}}}}}},
             "put": {"responses": {"204": {"description": ""}}}},
  "/elsewhere": {"servers": [{"url": "/other"}], "get": {"operationId": "elsewhere", "servers": [{"url": "https://files.example.com/files/"}],
    "responses": {"2XX": {"description": "", "content": {"text/html": {}}}}}},
  "/item": {"$ref": "#/components/pathItems/Item"},
  "/failing": {"get": {"operationId": "failing", "responses": {"400": {"description": ""}}}},
  "/styles": {"get": {"operationId": "styles", "parameters": [
     {"name": "filter", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
     {"name": "raw", "in": "query", "required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
     {"name": "pipes", "in": "query", "style": "pipeDelimited", "explode": false, "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Count"}}},
     {"name": "either", "in": "query", "schema": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]+$"}]}},
     {"name": "sid", "in": "cookie", "schema": {"type": "integer"}},
     {"name": "Accept", "in": "header", "required": true, "schema": {"type": "string"}}],
    "responses": {"200": {"description": ""}}}}
 },
 "components": {
  "pathItems": {"Item": {"post": {"operationId": "item", "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Odd"}}, "text/plain": {}}},
    "responses": {"200": {"$ref": "#/components/responses/Odd"}}}}},
  "responses": {"Odd": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Odd"}}}}},
  "schemas": {
   "Count": {"type": "integer", "maximum": 9},
   "Odd": {"type": "object", "required": ["big", "ahead", "broken"], "properties": {
     "big": {"enum": [12345678901234567890, 0.1]}, "ahead": {"type": "string", "pattern": "^(?!secret).*$"}, "broken": {"type": "string", "maxLength": 99}}},
   "Bad": {"type": "string", "minLength": "many"}}
 }
}`

func TestOddDocument(t *testing.T) {
	t.Parallel()
	d := read(t, odd)
	require.Equal(t, "/v1", d.Base)
	var names []string
	for _, op := range d.Operations {
		names = append(names, op.Name)
		require.False(t, op.Secured)
	}
	require.ElementsMatch(t, []string{"GET /plain/{id}.json", "same", "PUT /twice", "elsewhere", "item", "failing", "styles"}, names)
	require.Equal(t, []string{"id"}, d.Operation("GET /plain/{id}.json").PathParameters)
	require.Equal(t, d.Operation("GET /plain/{id}.json"), d.At("GET", "/plain/{other}.json"))
	require.Nil(t, d.At("PUT", "/plain/{other}.json"))
	require.Equal(t, "failing", d.Nearest("FAILINGS")[0])

	for path, want := range map[string]string{
		"/v1/plain/a.json": "GET /plain/{id}.json", "/v1/elsewhere": "elsewhere", "/files/elsewhere": "",
		"/other/elsewhere": "", "/v1/plain/a": "", "/plain/a.json": "",
	} {
		operation, _ := request(d, "GET", path, "")
		require.Equal(t, want, operation, path)
	}
	_, _, allow := d.Route("PATCH", "/v1/twice")
	require.Equal(t, []string{"GET", "PUT"}, allow)

	for name, want := range map[string]int{"GET /plain/{id}.json": 201, "same": 200, "PUT /twice": 204, "elsewhere": 200, "failing": 204} {
		require.Equal(t, want, d.Operation(name).Success(), name)
	}
}

func TestOddRequests(t *testing.T) {
	t.Parallel()
	d := read(t, odd)
	for target, want := range map[string]string{
		"/v1/styles?raw={}&filter[a]=1&pipes=1|2&either=12": "",
		"/v1/styles?raw={}&pipes=1|12":                      "query pipes/1: must be at most 9",
		"/v1/styles?raw={}&filter=1&filter[a]=1":            `query "filter": styles has no such parameter`,
		"/v1/styles?raw={}&either=x":                        `query either: breaks the rule "anyOf" of the document`,
		"/v1/styles":                                        "query raw: is missing",
	} {
		_, problems := request(d, "GET", target, "")
		require.Equal(t, want, problems, target)
	}
	_, problems := request(d, "GET", "/v1/styles?raw=1", "", "Cookie: sid=x; other=1")
	require.Equal(t, "cookie sid: must be integer, not string", problems)
	for body, want := range map[string]string{
		`{"big":12345678901234567890,"ahead":"secret","broken":""}`: "",
		`{"big":0.10,"ahead":"","broken":""}`:                       "",
		`{"big":12345678901234567891,"ahead":1,"broken":""}`:        "/ahead: must be string, not number; /big: must be one of 12345678901234567890, 0.1",
	} {
		_, problems := request(d, "POST", "/v1/item", body)
		require.Equal(t, want, problems, body)
	}
}

// A schema that cannot be read costs its own check, and no more.
func TestBrokenSchema(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"not valid": strings.Replace(odd, `"maxLength": 99`, `"maxLength": "many"`, 1),
		"dangling":  strings.Replace(odd, `{"type": "string", "maxLength": 99}`, `{"$ref": "#/components/schemas/None"}`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NotEqual(t, odd, text)
			d := read(t, text)
			require.Len(t, d.Unreadable(), 2)
			_, problems := request(d, "POST", "/v1/item", `{}`)
			require.Empty(t, problems)
			_, problems = request(d, "GET", "/v1/styles?raw=1&pipes=12", "")
			require.NotEmpty(t, problems)
		})
	}
}

func TestUnreadableDocument(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[[", "[]", "7"} {
		_, err := apicheck.Read([]byte(text))
		require.Error(t, err, text)
	}
	require.Empty(t, read(t, `{}`).Operations)
}

// Every reply of the document has an example that fits it, and a value can be made for it without one.
func TestTheDocument(t *testing.T) {
	t.Parallel()
	d := read(t, string(openapi.Merged))
	for _, schema := range d.Unreadable() {
		t.Log(schema) // a document may have what cannot be checked
	}
	for _, op := range d.Operations {
		header, text, err := op.Example(op.Success(), 1)
		require.NoError(t, err)
		require.Empty(t, op.CheckReply(op.Success(), header, text), op.Name)
	}
}

func TestCheckReply(t *testing.T) {
	t.Parallel()
	d, other := read(t, things), read(t, odd)
	for name, tc := range map[string]struct {
		op                *apicheck.Operation
		status            int
		contentType, body string
		want              string
	}{
		"right":             {d.Operation("listThings"), 200, "application/json; charset=utf-8", `{"data":"x"}`, ""},
		"missing":           {d.Operation("listThings"), 200, "Application/JSON", `{}`, "/data: is missing"},
		"empty":             {d.Operation("listThings"), 200, "application/json", ``, "body: is not valid JSON: it ends too early"},
		"wrong type":        {d.Operation("listThings"), 200, "application/json", `{"data":7}`, "/data: must be string, not number"},
		"media type":        {d.Operation("listThings"), 200, "text/html", `x`, "header Content-Type: must be application/json"},
		"no media type":     {d.Operation("listThings"), 200, "", `x`, "header Content-Type: must be application/json"},
		"undeclared":        {d.Operation("listThings"), 202, "", ``, "the document declares no such status"},
		"undeclared error":  {d.Operation("listThings"), 502, "text/html", `x`, ""},
		"range":             {d.Operation("putThing"), 409, "application/json", `{"error":7}`, "/error: must be string, not number"},
		"no body":           {d.Operation("getThing"), 200, "", "", ""},
		"unexpected body":   {d.Operation("getThing"), 200, "", "x", "body: the document declares none"},
		"default":           {other.Operation("GET /plain/{id}.json"), 500, "application/problem+json", `{}`, "/title: is missing"},
		"any media type":    {other.Operation("same"), 200, "application/x", `12345678901234567891`, "body: must be 12345678901234567890"},
		"text":              {other.Operation("elsewhere"), 299, "text/html", `<`, ""},
		"success with none": {other.Operation("PUT /twice"), 204, "", ``, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			if tc.contentType != "" {
				header.Set("Content-Type", tc.contentType)
			}
			require.Equal(t, tc.want, strings.Join(tc.op.CheckReply(tc.status, header, []byte(tc.body)), "; "))
		})
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	d, other := read(t, things), read(t, odd)
	for name, tc := range map[string]struct {
		op     *apicheck.Operation
		status int
		value  any
		want   string // an error has a space
	}{
		"JSON":            {d.Operation("listThings"), 200, map[string]any{"data": "<x>"}, `application/json|{"data":"<x>"}`},
		"bytes":           {d.Operation("listThings"), 200, []byte(`{"data":1}`), `application/json|{"data":1}`},
		"null":            {d.Operation("listThings"), 200, nil, `application/json|null`},
		"nothing":         {d.Operation("getThing"), 200, nil, "|"},
		"not nothing":     {d.Operation("getThing"), 200, 1, "the document declares none; give nil"},
		"own error":       {d.Operation("getThing"), 500, 1, "application/json|1"},
		"default":         {other.Operation("same"), 200, "x", `application/json|"x"`},
		"text":            {other.Operation("elsewhere"), 200, "<p>", `text/html|<p>`},
		"not text":        {other.Operation("elsewhere"), 200, 7, `the document declares text/html; give a string or bytes`},
		"does not encode": {d.Operation("listThings"), 200, func() {}, "json: unsupported type: func()"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header, text, err := tc.op.Encode(tc.status, tc.value)
			if err != nil {
				require.EqualError(t, err, tc.want)
				return
			}
			require.Equal(t, tc.want, header.Get("Content-Type")+"|"+string(text))
		})
	}
}
