package portaltest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// Values of a person in these tests are all "secret" in some way, to see that none comes back.
func TestInvalidRequestsNameThePlaceAndTheRule(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	for name, tc := range map[string]struct{ body, want string }{
		"day that does not exist": {`{"dateOfBirth":"1990-02-30"}`, "/dateOfBirth: must be a calendar date, written YYYY-MM-DD"},
		"day in another order":    {`{"dateOfBirth":"03.02.1990"}`, "/dateOfBirth: must be a calendar date, written YYYY-MM-DD"},
		"day with a time":         {`{"dateOfBirth":"1990-02-03T00:00:00Z"}`, "/dateOfBirth: must be a calendar date, written YYYY-MM-DD"},
		"email with a name":       {`{"email":"Secret <secret@example.com>"}`, "/email: must be one bare e-mail address"},
		"two emails":              {`{"email":"secret@example.com,b@example.com"}`, "/email: must be one bare e-mail address"},
		"empty email":             {`{"email":""}`, "/email: must be one bare e-mail address"},
		"phone without plus":      {`{"phone":"4155550100"}`, "/phone: must be a phone number as in E.164, such as +14155550100"},
		"phone with spaces":       {`{"phone":"+1 415 555 0100"}`, "/phone: must be a phone number as in E.164, such as +14155550100"},
		"phone too long":          {`{"phone":"+1234567890123456"}`, "/phone: must be a phone number as in E.164, such as +14155550100"},
		"type outside its enum":   {`{"type":"SECRET"}`, "/type: must be one of INDIVIDUAL, BUSINESS"},
		"type in lower case":      {`{"type":"individual"}`, "/type: must be one of INDIVIDUAL, BUSINESS"},
		"name as text":            {`{"name":"secret"}`, "/name: must be object, not string"},
		"number for a name":       {`{"name":{"firstName":5}}`, "/name/firstName: must be string, not number"},
		"null":                    {`{"email":null}`, "/email: must be string, not null"},
		"list as body":            {`["secret"]`, "body: must be object, not array"},
		"text as body":            {`"secret"`, "body: must be object, not string"},
		"two faults":              {`{"type":"X","name":3}`, "/name: must be object, not number; /type: must be one of INDIVIDUAL, BUSINESS"},
		"cut JSON":                {`{"email":"secret@`, "body: is not valid JSON: it ends too early"},
		"no JSON":                 {`email=secret`, "body: is not valid JSON at byte 1"},
		"two values":              {`{} {"email":"secret"}`, "body: goes on after the JSON value that ends at byte 2"},
		"not UTF-8":               {"{\"email\":\"secret\xff\"}", "body: is not UTF-8"},
		"number without end":      {`{"secret":1e999999999}`, "body: holds a number that is out of range"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := create(t, srv, "token-"+strings.ReplaceAll(name, " ", "-"), tc.body)
			assert.Equal(t, http.StatusBadRequest, a.Status)
			assert.Equal(t, "application/json", a.Header.Get("Content-Type"))
			assert.Equal(t, tc.want, a.message(t))
			assert.NotContains(t, strings.ToLower(a.Body), "secret")
		})
	}
	t.Cleanup(func() { require.Empty(t, srv.Meld.Customers(), "an invalid request must not make a customer") })
}

func TestValidRequests(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	for name, tc := range map[string]struct {
		body    string
		headers []string
	}{
		"no body":               {},
		"no body, JSON type":    {headers: []string{"Content-Type: application/json"}},
		"empty object":          {body: `{}`},
		"charset":               {body: `{}`, headers: []string{"Content-Type: application/json; charset=utf-8"}},
		"type in capitals":      {body: `{}`, headers: []string{"Content-Type: Application/JSON"}},
		"unknown field":         {body: `{"nickname":"J"}`},
		"leap day":              {body: `{"dateOfBirth":"2000-02-29"}`},
		"plus address":          {body: `{"email":"jane.doe+shop@example.co.uk"}`},
		"short phone":           {body: `{"phone":"+299123456"}`},
		"empty name":            {body: `{"name":{}}`},
		"scheme in lower case":  {headers: []string{"Authorization: bearer abc"}},
		"token like a JWT":      {headers: []string{"Authorization: Bearer eyJh.eyJz-_.sig="}},
		"trace ID of an SDK":    {headers: []string{"X-Portal-Trace-Id: 6ba7b810-9dad-41d1-80b4-00c04fd430c8"}},
		"many headers, no harm": {body: `{}`, headers: []string{"Accept: text/plain", "X-Other: 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := send(t, srv, "POST", customersPath, "token-"+strings.Map(letter, name), tc.body, tc.headers...)
			assert.Equal(t, http.StatusOK, a.Status, a.Body)
		})
	}
}

func letter(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		return r
	}
	return '-'
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	large := `{"email":"` + strings.Repeat("x", 8<<20) + `"}`
	for name, tc := range map[string]struct {
		method, path, token, body string
		headers                   []string
		status                    int
		want                      string
	}{
		"no credentials":       {method: "POST", path: customersPath, status: 401, want: "Authorization: is missing; send a bearer token"},
		"other scheme":         {method: "POST", path: customersPath, headers: []string{"Authorization: Basic YTpi"}, status: 401, want: "Authorization: must be of the scheme Bearer"},
		"empty token":          {method: "POST", path: customersPath, headers: []string{"Authorization: Bearer"}, status: 401, want: "Authorization: must hold a token after Bearer"},
		"token with a space":   {method: "GET", path: customersPath, headers: []string{"Authorization: Bearer a b"}, status: 401, want: "Authorization: must hold a token after Bearer"},
		"token in quotes":      {method: "GET", path: customersPath, headers: []string{`Authorization: Bearer "abc"`}, status: 401, want: "Authorization: must hold a token after Bearer"},
		"credentials first":    {method: "POST", path: customersPath, body: `{"type":1}`, status: 401, want: "Authorization: is missing; send a bearer token"},
		"unknown path":         {method: "GET", path: "/clients/me/secret", token: "t", status: 404, want: "no operation of the document has this path"},
		"slash at the end":     {method: "GET", path: customersPath + "/", token: "t", status: 404, want: "no operation of the document has this path"},
		"double slash":         {method: "GET", path: "/" + customersPath, token: "t", status: 404, want: "no operation of the document has this path"},
		"base path":            {method: "GET", path: "", token: "t", status: 404, want: "no operation of the document has this path"},
		"wrong method":         {method: "DELETE", path: customersPath, token: "t", status: 405, want: `this path does not know the method "DELETE"`},
		"too large":            {method: "POST", path: customersPath, token: "t", body: large, status: 413, want: "body: is larger than 1048576 bytes"},
		"form":                 {method: "POST", path: customersPath, token: "t", body: `{}`, headers: []string{"Content-Type: application/x-www-form-urlencoded"}, status: 400, want: "header Content-Type: must be application/json"},
		"no type":              {method: "POST", path: customersPath, token: "t", body: `{}`, headers: []string{"Content-Type"}, status: 400, want: "header Content-Type: must be application/json"},
		"body of a GET":        {method: "GET", path: customersPath, token: "t", body: `{}`, status: 400, want: "body: getMeldCustomer takes none"},
		"unknown query":        {method: "GET", path: customersPath + "?limt=3", token: "t", status: 400, want: `query "limt": getMeldCustomer has no such parameter`},
		"query not encoded":    {method: "GET", path: customersPath + "?a=%zz", token: "t", status: 400, want: "query: is not percent-encoded as it must be"},
		"unknown query, named": {method: "GET", path: customersPath + "?" + strings.Repeat("n", 60) + "=1", token: "t", status: 400, want: `query "` + strings.Repeat("n", 40) + `...": getMeldCustomer has no such parameter`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := send(t, srv, tc.method, tc.path, tc.token, tc.body, tc.headers...)
			assert.Equal(t, tc.status, a.Status)
			assert.Equal(t, tc.want, a.message(t))
			if tc.status == http.StatusUnauthorized {
				assert.Equal(t, "Bearer", a.Header.Get("WWW-Authenticate"))
			}
			if tc.status == http.StatusMethodNotAllowed {
				assert.Equal(t, "GET, POST", a.Header.Get("Allow"))
			}
		})
	}
}

func TestTwoAuthorizationHeadersAreRefused(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	r, err := http.NewRequest(http.MethodGet, srv.URL()+customersPath, nil)
	require.NoError(t, err)
	r.Header["Authorization"] = []string{"Bearer a", "Bearer b"}
	res, err := srv.HTTPClient().Do(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusUnauthorized, res.StatusCode)
}

// The TypeScript SDK sends a Content-Type with a GET, and a trace ID.
func TestGetWithContentTypeAndTraceID(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	a := send(t, srv, "GET", customersPath, "t", "", "Content-Type: application/json", "Accept: application/json",
		"X-Portal-Trace-Id: 6ba7b810-9dad-41d1-80b4-00c04fd430c8")
	require.Equal(t, http.StatusOK, a.Status)
	require.JSONEq(t, `{"data":{"customers":[],"count":0,"remaining":0}}`, a.Body)
}
