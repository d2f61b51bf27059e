package portal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// do sends any request through the door, as a generated operation of a later document would.
func do(ctx context.Context, t *testing.T, client *portal.Client, method, target string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, target, http.NoBody)
	require.NoError(t, err)
	return client.API().ClientInterface.(*api.Client).Client.Do(req)
}

func TestCredentialsGoToOneOrigin(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	other := newScriptedServer(t, jsonAnswer(200, customerBody))
	client := srv.client(t)
	edits := map[string]func(*http.Request){
		"another port":   func(r *http.Request) { r.URL.Host = other.Listener.Addr().String() },
		"another host":   func(r *http.Request) { r.URL.Host = "example.com" },
		"another scheme": func(r *http.Request) { r.URL.Scheme = "https" },
		"a user":         func(r *http.Request) { r.URL.User = url.UserPassword("jane", "s3cret") },
		"a Host header":  func(r *http.Request) { r.Host = "example.com" },
	}
	for name, edit := range edits {
		_, err := client.API().GetMeldCustomerWithResponse(t.Context(), func(_ context.Context, r *http.Request) error {
			edit(r)
			return nil
		})
		require.ErrorIs(t, err, portal.ErrInvalidRequest, name)
		require.NotContains(t, err.Error(), "s3cret")
	}
	require.Empty(t, srv.received())
	require.Empty(t, other.received())
}

func TestEditorsDoNotReachTheCredentials(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, `{"data":{"customers":[],"count":0,"remaining":0}}`))
	var seen http.Header
	_, err := srv.client(t).API().GetMeldCustomerWithResponse(t.Context(), func(_ context.Context, r *http.Request) error {
		seen = r.Header
		r.Header.Set("Authorization", "Bearer mine")
		r.Header.Set("X-Extra", "1")
		return nil
	})
	require.NoError(t, err)
	got := srv.received()[0].header
	require.Equal(t, []string{"Bearer tok_1"}, got["Authorization"])
	require.Equal(t, "1", got.Get("X-Extra"))
	require.Equal(t, "Bearer mine", seen.Get("Authorization"), "the caller's request is not changed")

	errEditor := errors.New("no")
	_, err = portal.Result(srv.client(t).API().GetMeldCustomerWithResponse(t.Context(), func(context.Context, *http.Request) error { return errEditor }))
	require.ErrorIs(t, err, errEditor)
}

func TestChainIDsAreEscaped(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/clients/me/chains/eip155:1/assets":                                      "/clients/me/chains/eip155%3A1/assets",
		"/clients/me/chains/eip155%3A1/assets":                                    "/clients/me/chains/eip155%3A1/assets",
		"/clients/me/chains/solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/assets/a%2Fb": "/clients/me/chains/solana%3A5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/assets/a%2Fb",
		"/clients/me/chains/ethereum/assets":                                      "/clients/me/chains/ethereum/assets",
		"/clients/me/chains/über:1/assets":                                        "/clients/me/chains/%C3%BCber%3A1/assets",
	} {
		srv := newScriptedServer(t, jsonAnswer(200, `{}`))
		resp, err := do(t.Context(), t, srv.client(t), http.MethodGet, srv.URL+"/api/v3"+path+"?at=12:00")
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, "/api/v3"+want, srv.received()[0].path)
		require.Equal(t, "at=12:00", srv.received()[0].query, "a query is not touched")
	}
}

func TestEmptyPathParameters(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, `{"data":{"transaction":{"id":"t"}}}`))
	for _, id := range []string{"", ".", ".."} {
		_, err := srv.client(t).API().GetMeldRetailTransactionWithResponse(t.Context(), id)
		require.ErrorIs(t, err, portal.ErrInvalidRequest, "%q", id)
	}
	require.Empty(t, srv.received())
	for id, path := range map[string]string{"a/b": "a%2Fb", "a b?c#d%": "a%20b%3Fc%23d%25", "...": "...", "../x": "..%2Fx"} {
		srv := newScriptedServer(t, jsonAnswer(200, `{"data":{"transaction":{"id":"t"}}}`))
		_, err := srv.client(t).API().GetMeldRetailTransactionWithResponse(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "/api/v3/clients/me/integrations/meld/retail/transactions/"+path, srv.received()[0].path)
	}
}

// A status that the document does not know, and an operation that it does not know, end as errors too.
func TestOutsideTheDocument(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		answer answer
		fails  error
	}{
		{jsonAnswer(200, `{"a":1}`), nil},
		{jsonAnswer(204, ``), nil},
		{jsonAnswer(404, `{"error":"no such thing"}`), portal.ErrNotFound},
		{jsonAnswer(500, ``), portal.ErrServer},
	} {
		srv := newScriptedServer(t, tt.answer)
		resp, err := do(t.Context(), t, srv.client(t), http.MethodPost, srv.URL+"/api/v3/clients/me/new")
		if tt.fails == nil {
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, tt.answer.body, string(body))
			require.Equal(t, []string{"Bearer tok_1"}, tokensOf(srv.received()))
			continue
		}
		require.ErrorIs(t, err, tt.fails)
		require.Len(t, srv.received(), 1, "it is as careful as a create")
		require.Equal(t, "POST of a path that is not in the document", requireAPIError(t, err).Operation)
	}
}

func TestAPIHandsDeclaredStatusesOn(t *testing.T) {
	t.Parallel()
	for status, body := range map[int]string{400: `{"error":"bad"}`, 401: `{"error":"who"}`, 409: conflictBody} {
		srv := newScriptedServer(t, jsonAnswer(status, body))
		resp, err := srv.client(t).API().CreateMeldCustomerWithResponse(t.Context(), api.MeldCreateCustomerRequest{})
		require.NoError(t, err)
		require.Equal(t, status, resp.StatusCode())
		require.Equal(t, body, string(resp.Body))
		switch status {
		case 400:
			require.Equal(t, "bad", resp.JSON400.Error)
		case 401:
			require.Equal(t, "who", resp.JSON401.Error)
		case 409:
			require.Equal(t, "cus_0", resp.JSON409.Details.MeldCustomerID)
		}
		_, err = portal.Result(resp, err)
		require.Equal(t, status, requireAPIError(t, err).StatusCode)
		require.Equal(t, err.Error(), portal.NoContent(resp, nil).Error())
	}
}

// What the generated parser would return as a bare decoding error, or as nothing at all, keeps its status.
func TestAPIKeepsTheStatus(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]answer{
		"409 cut":              jsonAnswer(409, `{"error":"exi`),
		"409 empty":            jsonAnswer(409, ``),
		"409 with an object":   jsonAnswer(409, `{"error":{"message":"exists"}}`),
		"409 with a number":    jsonAnswer(409, `{"details":{"meldCustomerId":7}}`),
		"409 not as JSON":      {status: 409, body: conflictBody, contentType: "text/plain"},
		"502 HTML":             {status: 502, body: "<html>", contentType: "text/html"},
		"429 JSON, undeclared": jsonAnswer(429, `{"error":"slow down"}`),
		"200 empty":            jsonAnswer(200, ``),
		"200 of a wrong type":  jsonAnswer(200, `{"data":{"id":7}}`),
		"200 HTML":             {status: 200, body: "<html>", contentType: "text/html"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, a)
			resp, err := srv.client(t).API().CreateMeldCustomerWithResponse(t.Context(), api.MeldCreateCustomerRequest{})
			require.Nil(t, resp)
			e := requireAPIError(t, err)
			require.Equal(t, a.status, e.StatusCode)
			require.Equal(t, a.body, string(e.Body))
			require.Equal(t, a.status == 200, errors.Is(err, portal.ErrUnusableResponse))
		})
	}
}

func TestResponseCap(t *testing.T) {
	t.Parallel()
	for status, sentinel := range map[int]error{200: portal.ErrUnusableResponse, 409: portal.ErrConflict, 500: portal.ErrServer} {
		srv := newScriptedServer(t, jsonAnswer(status, `{"data":{"id":"cus_1"},"error":"`+string(bytes.Repeat([]byte("x"), 100))+`"}`))
		client := srv.client(t, portal.WithMaxResponseBytes(50))
		_, err := client.CreateMeldCustomer(t.Context(), nil)
		require.ErrorIs(t, err, portal.ErrResponseTooLarge)
		require.ErrorIs(t, err, sentinel)
		e := requireAPIError(t, err)
		require.Len(t, e.Body, 50)
		require.Equal(t, 1, e.Attempts)
		_, err = client.API().CreateMeldCustomer(t.Context(), api.MeldCreateCustomerRequest{})
		require.ErrorIs(t, err, portal.ErrResponseTooLarge)
	}
	exact := newScriptedServer(t, jsonAnswer(200, customerBody))
	_, err := exact.client(t, portal.WithMaxResponseBytes(int64(len(customerBody)))).CreateMeldCustomer(t.Context(), nil)
	require.NoError(t, err, "a body of exactly the cap is fine")
}

func TestErrorKeepsWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, answer{status: 429, body: `{"error":"slow down"}`, header: http.Header{"Retry-After": {"40"}, "X-Request-Id": {"r1"}}})
	_, err := srv.client(t).CreateMeldCustomer(portal.WithTraceID(t.Context(), "trace-1"), nil)
	e := requireAPIError(t, err)
	require.Equal(t, "r1", e.Header.Get("X-Request-Id"))
	require.Equal(t, "slow down", e.Message)
	require.Equal(t, "trace-1", e.TraceID)
	require.Equal(t, 40*time.Second, e.RetryAfter)
	require.Equal(t, `portal: createMeldCustomer: 429 Too Many Requests: slow down (trace trace-1, attempts 1)`, e.Error())
	require.JSONEq(t, `{"operation":"createMeldCustomer","status":429,"message":"slow down","trace":"trace-1","attempts":1,"retryAfter":40000000000}`, marshal(t, e))
}

func TestLog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	handler := slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "duration" || a.Key == "delay" {
			return slog.Attr{}
		}
		return a
	}})
	srv := newScriptedServer(t, answer{status: 503}, jsonAnswer(200, customerBody))
	_, err := srv.client(t, portal.WithLogger(slog.New(handler))).EnsureMeldCustomer(portal.WithTraceID(t.Context(), "trace-1"), nil)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 2)
	require.JSONEq(t, `{"level":"WARN","msg":"portal: attempt failed, will repeat","operation":"createMeldCustomer","method":"POST","status":503,"attempt":1,"trace":"trace-1"}`, lines[0])
	require.JSONEq(t, `{"level":"DEBUG","msg":"portal: attempt","operation":"createMeldCustomer","method":"POST","status":200,"attempt":2,"trace":"trace-1"}`, lines[1])
}
