package portaltest

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/apicheck"
	"github.com/portalclient/portal-client-go/openapi"
)

// other is a document of which the fake knows nothing.
const other = `{
 "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
 "servers": [{"url": "https://api.example.com/v9/"}],
 "security": [{"bearerAuth": []}],
 "paths": {
  "/things": {
   "get": {"operationId": "listThings",
    "parameters": [{"name": "limit", "in": "query", "required": true, "schema": {"type": "integer", "minimum": 1}}],
    "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Things"},
      "example": {"data": ["from the example"]}}}}}},
   "put": {"operationId": "putThing", "security": [],
    "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "required": ["a"]}}}},
    "responses": {
     "400": {"description": "", "content": {"application/json": {"schema": {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}}}},
     "418": {"description": "", "content": {"application/json": {"schema": {"type": "integer", "minimum": 7}}}},
     "default": {"description": "other"}}}
  },
  "/things/{id}": {
   "get": {"responses": {"201": {"description": "", "content": {"application/json": {"schema": {"type": "object", "required": ["data"], "properties": {"data": {"type": "string", "format": "uuid"}}}}}}}},
   "delete": {"operationId": "deleteThing", "responses": {"204": {"description": ""}}}},
  "/page": {"get": {"operationId": "getPage", "responses": {"200": {"description": "", "content": {"text/html": {"example": "<p>"}}}}}},
  "/never": {"get": {"operationId": "never", "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "string", "pattern": "^a$|^b$", "not": {"const": "a"}}}}}}}}
 },
 "components": {"schemas": {"Things": {"type": "object", "required": ["data"], "properties": {"data": {"type": "array", "items": {"type": "string"}}}}}}
}`

// otherHandler serves that document, and collects its own bugs.
func otherHandler(t *testing.T, opts ...Option) (h *Handler, bugs *[]string) {
	t.Helper()
	d, err := apicheck.Read([]byte(other))
	require.NoError(t, err)
	c, err := newConfig(d, opts)
	require.NoError(t, err)
	h = newHandler(d, c)
	bugs = new([]string)
	h.bug = func(sentence string) { *bugs = append(*bugs, sentence) }
	return h, bugs
}

func serve(h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer t")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Whatever the document, its operations answer: with its example, or with what is made from its schema.
func TestAnyDocumentIsServed(t *testing.T) {
	t.Parallel()
	h, bugs := otherHandler(t)
	for request, want := range map[string]string{
		"GET /v9/things?limit=3": `200 application/json {"data":["from the example"]}`,
		"GET /v9/things?limit=0": `400 application/json {"error":"query limit: must be at least 1"}`,
		"GET /v9/page":           `200 text/html <p>`,
		"DELETE /v9/things/a":    `204  `,
		"GET /things?limit=3":    `404 application/json {"error":"no operation of the document has this path"}`,
		"PATCH /v9/things":       `405 application/json {"error":"this path does not know the method \"PATCH\""}`,
		"PUT /v9/things":         `400 application/json {"message":"body: is missing"}`,
		`PUT /v9/things {"a":1}`: `200  `,
	} {
		method, path, _ := strings.Cut(request, " ")
		path, body, _ := strings.Cut(path, " ")
		w := serve(h, method, path, body)
		require.Equal(t, want, strings.Join([]string{strconv.Itoa(w.Code), w.Header().Get("Content-Type"), w.Body.String()}, " "), request)
	}
	made := serve(h, "GET", "/v9/things/x", "")
	require.Equal(t, 201, made.Code)
	again, _ := otherHandler(t)
	require.Equal(t, made.Body.String(), serve(again, "GET", "/v9/things/y", "").Body.String(), "the same seed")
	another, _ := otherHandler(t, WithSeed(2))
	require.NotEqual(t, made.Body.String(), serve(another, "GET", "/v9/things/x", "").Body.String(), "another seed")
	require.Empty(t, *bugs)
	require.Equal(t, "GET /things/{id}", h.Requests("GET /things/{id}")[0].Operation)
	require.Equal(t, "x", h.Requests("GET /things/{id}")[0].PathValue("id"))

	w := serve(h, "GET", "/v9/never", "")
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Equal(t, []string{"no value for the reply 200 of never was found: the document has no example that fits, and its schema is too intricate; say what it answers with Answer(\"never\", value)"}, *bugs)
	h.Answer("never", "b")
	require.Equal(t, 200, serve(h, "GET", "/v9/never", "").Code)
}

// Meld and the custodian are absent where the document lacks their operations.
func TestDocumentWithoutMeld(t *testing.T) {
	t.Parallel()
	h, _ := otherHandler(t)
	require.Empty(t, h.handlers)
	require.Empty(t, h.Meld.Customers())
	require.Empty(t, h.Clients.IDs())
}

func TestOperationWithoutSecurityNeedsNoToken(t *testing.T) {
	t.Parallel()
	h, _ := otherHandler(t)
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
		"wrong type":        {"GET /v9/things?limit=1", "", dataReply(7), "/data: must be array, not number"},
		"undeclared status": {"GET /v9/things?limit=1", "", jsonReply(202, nil), "the document declares no such status"},
		"declared error":    {"PUT /v9/things", `{"a":1}`, jsonReply(418, 6), "body: must be at least 7"},
		"not encodable":     {"GET /v9/things?limit=1", "", dataReply(func() {}), "body: json: unsupported type: func()"},
		"right":             {"GET /v9/things?limit=1", "", dataReply([]string{"x"}), ""},
		"other error":       {"PUT /v9/things", `{"a":1}`, jsonReply(409, object{"error": "x"}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, bugs := otherHandler(t)
			for _, op := range h.doc.Operations {
				h.handlers[op] = func(*call) reply { return tc.rep }
			}
			method, path, _ := strings.Cut(tc.path, " ")
			w := serve(h, method, path, tc.body)
			if tc.want == "" {
				require.Equal(t, max(tc.rep.status, 200), w.Code)
				require.Empty(t, *bugs)
				return
			}
			require.Equal(t, http.StatusInternalServerError, w.Code)
			require.Len(t, *bugs, 1)
			require.Contains(t, (*bugs)[0], tc.want)
			require.Contains(t, (*bugs)[0], "bug in portaltest: the reply ")
			require.Contains(t, w.Body.String(), "bug in portaltest: the reply ")
		})
	}
}

// realHandler serves the document of this module, whatever it has.
func realHandler(t *testing.T) *Handler {
	t.Helper()
	d, err := apicheck.Read(openapi.Merged)
	require.NoError(t, err)
	c, err := newConfig(d, nil)
	require.NoError(t, err)
	h := newHandler(d, c)
	h.bug = func(sentence string) { t.Error(sentence) }
	return h
}

// Every operation of the document answers something that the document allows, and can refuse.
func TestEveryOperationAnswers(t *testing.T) {
	t.Parallel()
	h := realHandler(t)
	require.NotEmpty(t, h.doc.Operations)
	for _, op := range h.doc.Operations {
		rep := h.example(op, op.Success())
		require.Equal(t, op.Success(), rep.status, op.Name)
		require.Empty(t, op.CheckReply(rep.status, rep.header, rep.body), op.Name)
		for _, status := range []int{400, 401, 404, 409, 429, 500} {
			rep := h.errorReply(op, status, "a sentence")
			require.Equal(t, status, rep.status)
			require.Empty(t, op.CheckReply(status, rep.header, rep.body), op.Name)
		}
	}
}

// Meld's and the custodian's operations mean something in the document of this module too, as far as it has
// them.
func TestTheDocumentHasMeldAndTheCustodian(t *testing.T) {
	t.Parallel()
	h := realHandler(t)
	for _, request := range []string{
		"POST " + meldPath + "/customers {}",
		"GET " + meldPath + "/customers",
		"GET " + meldPath + "/discovery/service-providers",
		"GET " + meldPath + "/discovery/countries",
		"GET " + meldPath + "/discovery/fiat-currencies",
		"GET " + meldPath + "/discovery/crypto-currencies",
		"GET " + meldPath + "/discovery/payment-methods",
		"GET " + meldPath + "/discovery/defaults",
		"GET " + meldPath + "/discovery/buy-limits",
		"GET " + meldPath + "/discovery/sell-limits",
		"GET " + meldPath + "/discovery/kyc-limits",
		"POST " + meldPath + `/retail/quote {"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":200}`,
		"POST " + meldPath + `/retail/widget {"sessionType":"BUY","sessionData":{"countryCode":"US","serviceProvider":"ALPHARAMP","sourceCurrencyCode":"USD","sourceAmount":"200.00","destinationCurrencyCode":"BTC"}}`,
		"GET " + meldPath + "/retail/transactions",
		"POST " + custodianPath + " {}",
		"GET " + custodianPath,
	} {
		method, path, _ := strings.Cut(request, " ")
		path, body, _ := strings.Cut(path, " ")
		op := h.doc.At(method, path)
		if op == nil {
			t.Logf("the document lacks %s %s", method, path)
			continue
		}
		r := httptest.NewRequest(method, h.doc.Base+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer jane")
		if custodial(op) {
			r.Header.Set("Authorization", "Bearer "+CustodianKey)
		}
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, op.Success(), w.Code, "%s: %s", request, w.Body)
		require.NotNil(t, h.handlers[op])
	}
}
