package portal_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A success says something usable: not nothing, {} or null, but everything else that is of the documented type.
func TestSuccessesThatSaySomething(t *testing.T) {
	t.Parallel()
	type object struct {
		Data *struct {
			Transactions []string `json:"transactions"`
			Total        int      `json:"total"`
		} `json:"data"`
		OK bool `json:"ok"`
	}
	asObject := func(ctx context.Context, c *portal.Client) (any, error) { return portal.CallForObject[object](ctx, c) }
	asBool := func(ctx context.Context, c *portal.Client) (any, error) { return portal.CallForValue[bool](ctx, c) }
	asInt := func(ctx context.Context, c *portal.Client) (any, error) { return portal.CallForValue[int](ctx, c) }
	asText := func(ctx context.Context, c *portal.Client) (any, error) { return portal.CallForValue[string](ctx, c) }
	asList := func(ctx context.Context, c *portal.Client) (any, error) { return portal.CallForValue[[]int](ctx, c) }
	asMap := func(ctx context.Context, c *portal.Client) (any, error) {
		return portal.CallForValue[map[string]int](ctx, c)
	}
	const bom = "\ufeff"
	for _, tt := range []struct {
		do   func(context.Context, *portal.Client) (any, error)
		body string
		want any // nil: unusable
	}{
		{asBool, `false`, false}, {asBool, `true`, true}, {asBool, ` false `, false}, {asBool, bom + `false`, false}, {asBool, `null`, nil}, {asBool, ``, nil}, {asBool, `0`, nil}, {asBool, `{}`, nil},
		{asInt, `0`, 0}, {asInt, `-0`, 0}, {asInt, `7`, 7}, {asInt, "\n0\n", 0}, {asInt, `null`, nil}, {asInt, `""`, nil}, {asInt, `0 0`, nil},
		{asText, `""`, ""}, {asText, `"a"`, "a"}, {asText, `null`, nil}, {asText, ` `, nil}, {asText, `"`, nil},
		{asList, `[]`, []int{}}, {asList, `[0]`, []int{0}}, {asList, `[null]`, []int{0}}, {asList, `null`, nil}, {asList, `{}`, nil}, {asList, `{"a":1}`, nil}, {asList, `[0`, nil},
		{asMap, `{"a":0}`, map[string]int{"a": 0}}, {asMap, `{}`, nil}, {asMap, ` { } `, nil}, {asMap, `[]`, nil},
		{asObject, `{"ok":false}`, &object{}}, {asObject, `{"data":null}`, &object{}}, {asObject, `{"ok":null,"data":null}`, &object{}}, {asObject, `{"unknown":1}`, &object{}},
		{asObject, `{}`, nil}, {asObject, "{\n}", nil}, {asObject, bom + `{}`, nil}, {asObject, `null`, nil}, {asObject, ``, nil}, {asObject, bom, nil}, {asObject, `[]`, nil}, {asObject, `false`, nil},
		{asObject, `{"ok":"no"}`, nil}, {asObject, `{"data":[]}`, nil}, {asObject, `{"ok":false}}`, nil},
	} {
		srv := newScriptedServer(t, jsonAnswer(200, tt.body))
		value, err := tt.do(t.Context(), srv.client(t))
		require.Len(t, srv.received(), 1)
		if tt.want == nil {
			require.ErrorIs(t, err, portal.ErrUnusableResponse, "%q: %v", tt.body, value)
			require.Zero(t, value, "%q", tt.body)
			require.Equal(t, 200, requireAPIError(t, err).StatusCode)
			checkWords(t, err)
			continue
		}
		require.NoError(t, err, "%q", tt.body)
		require.Equal(t, tt.want, value, "%q", tt.body)
	}
}

func compressed(t *testing.T, coding string) string {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&out)
	if coding == "deflate" {
		w = zlib.NewWriter(&out)
	}
	_, err := io.WriteString(w, customerBody)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}

// The methods and the generated client give the same verdict on every reply, in the same words.
func TestVerdictsAgree(t *testing.T) {
	t.Parallel()
	encoded := func(coding, body string) answer {
		return answer{status: 200, body: body, header: http.Header{"Content-Encoding": {coding}}}
	}
	for name, tt := range map[string]struct {
		answer answer
		says   string // "" for a success
	}{
		"application/json":            {answer{200, nil, customerBody, "application/json"}, ""},
		"in another case":             {answer{200, nil, customerBody, "Application/JSON"}, ""},
		"in capitals, with a charset": {answer{200, nil, customerBody, "APPLICATION/JSON; CHARSET=UTF-8"}, ""},
		"text/json":                   {answer{200, nil, customerBody, "text/json"}, ""},
		"Text/Json":                   {answer{200, nil, customerBody, "Text/Json; charset=utf-8"}, ""},
		"a type with +json":           {answer{200, nil, customerBody, "application/vnd.portal+json"}, ""},
		"a type with +JSON":           {answer{200, nil, customerBody, "application/vnd.Portal+JSON"}, ""},
		"blanks around it":            {answer{200, nil, customerBody, "  application/json ; charset=utf-8"}, ""},
		"a byte order mark":           {answer{200, nil, "\ufeff" + customerBody, "application/json"}, ""},
		"201":                         {answer{201, nil, customerBody, "application/json"}, ""},
		"identity":                    {encoded("identity", customerBody), ""},
		"text/plain":                  {answer{200, nil, customerBody, "text/plain"}, "Content-Type is not JSON"},
		"json as a parameter":         {answer{200, nil, customerBody, "text/plain; profile=json"}, "Content-Type is not JSON"},
		"no type":                     {answer{200, http.Header{"Content-Type": nil}, customerBody, ""}, "Content-Type is not JSON"},
		"HTML":                        {answer{200, nil, "<html>", "text/html"}, "Content-Type is not JSON"},
		"gzip":                        {encoded("gzip", compressed(t, "gzip")), "Content-Encoding is gzip"},
		"GZIP":                        {encoded("GZIP", compressed(t, "gzip")), "Content-Encoding is gzip"},
		"deflate":                     {encoded("deflate", compressed(t, "deflate")), "Content-Encoding is deflate"},
		"x-gzip":                      {encoded("x-gzip", customerBody), "Content-Encoding is x-gzip"},
		"br":                          {encoded("br", customerBody), "Content-Encoding is br"},
		"zstd":                        {encoded("zstd", customerBody), "Content-Encoding is zstd"},
		"compress":                    {encoded("compress", customerBody), "Content-Encoding is compress"},
		"a coding that nobody knows":  {encoded("s3cret", customerBody), "Content-Encoding is none that is known"},
		"empty":                       {jsonAnswer(200, ""), "it is empty"},
		"a byte order mark alone":     {jsonAnswer(200, "\ufeff"), "it is empty"},
		"{}":                          {jsonAnswer(200, "{}"), "it is empty"},
		"null":                        {jsonAnswer(200, " null\n"), "it is empty"},
		"204":                         {answer{status: 204}, "unusable response: status 204"},
		"garbage":                     {jsonAnswer(200, "\x00\xff"), "it is not JSON"},
		"cut":                         {jsonAnswer(200, customerBody[:20]), "it is not JSON"},
		"more than one value":         {jsonAnswer(200, customerBody+"{}"), "it is not JSON"},
		"a wrong type":                {jsonAnswer(200, `{"data":{"id":42}}`), "wrong JSON type"},
		"a list":                      {jsonAnswer(200, `[1]`), "wrong JSON type"},
		"a failure in words":          {jsonAnswer(200, `{"error":"no funds"}`), "operation failed: status 200: no funds"},
		"a failure beside null":       {jsonAnswer(200, `{"data":null,"error":{"message":"no funds"}}`), "operation failed: status 200: no funds"},
		"400 that is no JSON":         {answer{400, nil, "oh", "text/html"}, "400 Bad Request"},
		"429":                         {jsonAnswer(429, `{"error":"slow down"}`), "429 Too Many Requests: slow down"},
		"500":                         {jsonAnswer(500, `{"error":"oh"}`), "500 Internal Server Error: oh"},
		"302":                         {jsonAnswer(302, ``), "302 Found"},
		"418":                         {jsonAnswer(418, `{"message":"short and stout"}`), "418 I'm a teapot: short and stout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, tt.answer)
			client := srv.client(t, portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
			ctx := portal.WithTraceID(t.Context(), "trace-1")
			customer, err := client.CreateMeldCustomer(ctx, nil)
			resp, apiErr := client.API().CreateMeldCustomerWithResponse(ctx, api.MeldCreateCustomerRequest{})
			if tt.says == "" {
				require.NoError(t, err)
				require.NoError(t, apiErr)
				require.Equal(t, "cus_1", customer.ID)
				require.Equal(t, tt.answer.status, resp.StatusCode())
				if tt.answer.status == 200 {
					require.Equal(t, *customer, resp.JSON200.Data)
				}
				return
			}
			require.Nil(t, customer)
			require.Nil(t, resp)
			require.ErrorContains(t, err, tt.says)
			require.Equal(t, err.Error(), apiErr.Error())
			require.NotContains(t, err.Error(), "s3cret")
			require.Equal(t, tt.answer.body, string(requireAPIError(t, apiErr).Body()))
			for _, sentinel := range sentinels {
				require.Equal(t, errors.Is(err, sentinel), errors.Is(apiErr, sentinel), "%v", sentinel)
			}
			checkWords(t, err)
		})
	}
}

// A byte order mark hides no ID of a conflict, on either way.
func TestConflictWithAByteOrderMark(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(409, "\ufeff"+conflictBody))
	ensured, err := srv.client(t).EnsureMeldCustomer(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, "cus_0", ensured.ID)
	resp, err := srv.client(t).API().CreateMeldCustomerWithResponse(t.Context(), api.MeldCreateCustomerRequest{})
	require.NoError(t, err)
	require.Equal(t, "cus_0", resp.JSON409.Details.MeldCustomerID)
	require.Len(t, srv.received(), 2)
}

// A 2xx that says, in a top-level error beside no data, that the operation failed is a failure.
func TestOperationFailed(t *testing.T) {
	t.Parallel()
	inEnvelope := func(ctx context.Context, c *portal.Client) (any, error) { return c.TestRead(ctx, "t_1") }
	type bare struct{ Price string }
	without := func(ctx context.Context, c *portal.Client) (any, error) { return portal.CallForObject[bare](ctx, c) }
	asMap := func(ctx context.Context, c *portal.Client) (any, error) {
		return portal.CallForValue[map[string]any](ctx, c)
	}
	for _, tt := range []struct {
		do      func(context.Context, *portal.Client) (any, error)
		body    string
		fails   bool
		message string
	}{
		{inEnvelope, `{"error":"no funds"}`, true, "no funds"},
		{inEnvelope, `{"error":{"message":"no funds"},"data":null}`, true, "no funds"},
		{inEnvelope, `{"error":{"code":7},"data":{}}`, true, ""},
		{inEnvelope, `{"error":true}`, true, ""},
		{inEnvelope, `{"metadata":{"a":1},"error":"no funds"}`, true, "no funds"},
		{inEnvelope, "\ufeff{\"error\":\"no funds\"}", true, "no funds"},
		{inEnvelope, `{"error":"a warning","data":{"id":"x"}}`, false, ""},
		{inEnvelope, `{"error":null,"data":{"id":"x"}}`, false, ""},
		{inEnvelope, `{"error":"","data":{}}`, false, ""},
		{inEnvelope, `{"error":{},"data":null}`, false, ""},
		{inEnvelope, `{"error":[],"data":null}`, false, ""},
		{inEnvelope, `{"error":false}`, false, ""},
		{inEnvelope, `{"data":{"error":"a field of the value"}}`, false, ""},
		{inEnvelope, `{"data":{"id":"the \"error\" of my ways"}}`, false, ""},
		{without, `{"error":"no route"}`, true, "no route"},
		{without, `{"error":"no route","price":null}`, true, "no route"},
		{without, `{"error":"no route","metadata":{"a":1}}`, true, "no route"},
		{without, `{"error":"a warning","price":"1"}`, false, ""},
		{without, `{"price":"1"}`, false, ""},
		{asMap, `{"error":"no"}`, true, "no"},
	} {
		srv := newScriptedServer(t, jsonAnswer(200, tt.body))
		value, err := tt.do(t.Context(), srv.client(t))
		require.Len(t, srv.received(), 1)
		if !tt.fails {
			require.NoError(t, err, tt.body)
			require.NotNil(t, value, tt.body)
			continue
		}
		require.Zero(t, value, "a value and an error never come together")
		require.ErrorIs(t, err, portal.ErrOperationFailed, tt.body)
		require.NotErrorIs(t, err, portal.ErrUnusableResponse)
		require.NotErrorIs(t, err, portal.ErrOutcomeUnknown, "it is known")
		e := requireAPIError(t, err)
		require.Equal(t, tt.message, e.Message)
		require.Equal(t, 200, e.StatusCode)
		require.True(t, strings.HasPrefix(err.Error(), "portal: "+e.Operation+": operation failed: status 200"), err.Error())
		checkWords(t, err)
	}
}
