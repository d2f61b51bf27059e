package portal_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

func TestRetriesByClass(t *testing.T) {
	t.Parallel()
	retryAfter := http.Header{"Retry-After": {"0"}}
	tests := []struct {
		name  string
		first answer
		again map[string]bool // by call
	}{
		{"429", answer{status: 429}, map[string]bool{"Create": true, "Ensure": true, "Get": true, "generated read": true, "generated search": true, "generated write": true}},
		{"503 with Retry-After", answer{status: 503, header: retryAfter}, map[string]bool{"Create": true, "Ensure": true, "Get": true, "generated read": true, "generated search": true, "generated write": true}},
		{"bare 503", answer{status: 503}, map[string]bool{"Ensure": true, "Get": true, "generated read": true, "generated search": true}},
		{"503 with a Retry-After that says nothing", answer{status: 503, header: http.Header{"Retry-After": {"soon"}}}, map[string]bool{"Ensure": true, "Get": true, "generated read": true, "generated search": true}},
		{"500", answer{status: 500}, map[string]bool{"Ensure": true, "Get": true, "generated read": true, "generated search": true}},
		{"502", answer{status: 502, body: "<html>", contentType: "text/html"}, map[string]bool{"Ensure": true, "Get": true, "generated read": true, "generated search": true}},
		{"504", answer{status: 504}, map[string]bool{"Ensure": true, "Get": true, "generated read": true, "generated search": true}},
		{"501", answer{status: 501}, map[string]bool{}},
		{"400", answer{status: 400}, map[string]bool{}},
		{"401", answer{status: 401}, map[string]bool{}},
		{"403", answer{status: 403}, map[string]bool{}},
		{"302", answer{status: 302, header: http.Header{"Location": {"/elsewhere"}}}, map[string]bool{}},
	}
	for _, tt := range tests {
		for _, call := range calls {
			t.Run(tt.name+"/"+call.name, func(t *testing.T) {
				t.Parallel()
				good := customerBody
				srv := newScriptedServer(t, tt.first, jsonAnswer(200, good))
				err := call.do(t.Context(), srv.client(t))
				if tt.again[call.name] {
					require.NoError(t, err)
					require.Len(t, srv.received(), 2)
					return
				}
				e := requireAPIError(t, err)
				require.Equal(t, tt.first.status, e.StatusCode)
				require.Equal(t, 1, e.Attempts)
				require.Len(t, srv.received(), 1)
			})
		}
	}
}

func TestConflictIsNeverRetried(t *testing.T) {
	t.Parallel()
	for _, call := range []call{create, generatedWrite} {
		srv := newScriptedServer(t, jsonAnswer(409, conflictBody))
		err := call.do(t.Context(), srv.client(t))
		require.ErrorIs(t, err, portal.ErrConflict)
		require.NotErrorIs(t, err, portal.ErrOutcomeUnknown)
		require.Len(t, srv.received(), 1)
	}
}

func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		first   answer
		unknown bool
	}{
		{"500", answer{status: 500}, true},
		{"502", answer{status: 502}, true},
		{"504", answer{status: 504}, true},
		{"bare 503", answer{status: 503}, true},
		{"503 with Retry-After", answer{status: 503, header: http.Header{"Retry-After": {"3600"}}}, false},
		{"429", answer{status: 429, header: http.Header{"Retry-After": {"3600"}}}, false},
		{"501", answer{status: 501}, false},
		{"400", answer{status: 400}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, tt.first)
			for _, call := range []call{create, ensure, generatedWrite} {
				err := call.do(t.Context(), srv.client(t))
				require.Equal(t, tt.unknown, errors.Is(err, portal.ErrOutcomeUnknown), "%s: %v", call.name, err)
			}
			require.NotErrorIs(t, get.do(t.Context(), srv.client(t)), portal.ErrOutcomeUnknown, "a read has no outcome to be unknown")
		})
	}
}

// A write that was lost stays of unknown outcome, whatever the attempts after it say, until one says that
// the customer exists.
func TestOutcomeStaysUnknown(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, answer{status: 500}, answer{status: 401})
	_, err := srv.client(t).EnsureMeldCustomer(t.Context(), nil)
	require.ErrorIs(t, err, portal.ErrUnauthorized)
	require.ErrorIs(t, err, portal.ErrOutcomeUnknown)
	require.Equal(t, 2, requireAPIError(t, err).Attempts)

	srv = newScriptedServer(t, answer{status: 500}, jsonAnswer(409, `{}`), answer{status: 403})
	_, err = srv.client(t).EnsureMeldCustomer(t.Context(), nil)
	require.ErrorIs(t, err, portal.ErrConflict)
	require.ErrorIs(t, err, portal.ErrForbidden)
	require.NotErrorIs(t, err, portal.ErrOutcomeUnknown)
}

func TestMaxAttempts(t *testing.T) {
	t.Parallel()
	for attempts, want := range map[int]int{0: 3, 1: 1, 2: 2, 5: 5} {
		srv := newScriptedServer(t, answer{status: 500})
		_, err := srv.client(t, portal.WithRetry(portal.RetryPolicy{MaxAttempts: attempts, BaseDelay: 1, MaxDelay: 1})).GetMeldCustomer(t.Context())
		require.Equal(t, want, requireAPIError(t, err).Attempts)
		require.Len(t, srv.received(), want)
	}
}

// A stream cannot be read twice, so a request with one is sent once.
func TestStreamIsNotRetried(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, answer{status: 429})
	body := io.MultiReader(http.NoBody)
	_, err := srv.client(t).API().CreateMeldCustomerWithBodyWithResponse(t.Context(), "application/json", body)
	require.ErrorIs(t, err, portal.ErrRateLimited)
	require.Len(t, srv.received(), 1)
}

// A stream is closed once, by the round tripper that it was given to or else here: who closes it twice may give a buffer
// back twice, and who closes it early takes it from a transport that still reads.
func TestStreamIsClosedOnce(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	nowhere := portal.NewTransport()
	nowhere.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, errRefused }
	for name, client := range map[string]*portal.Client{
		"sent":          srv.client(t),
		"no connection": srv.client(t, portal.WithHTTPClient(&http.Client{Transport: nowhere})),
		"no token":      srv.client(t).WithTokenSource(portal.StaticToken("")),
	} {
		for _, traceID := range []string{"trace_1", ""} { // the second is refused
			var closed atomic.Int64
			body := &closedBody{io.NopCloser(strings.NewReader("{}")), &closed}
			_, err := client.API().CreateMeldCustomerWithBodyWithResponse(portal.WithTraceID(t.Context(), traceID), "application/json", body)
			require.Equal(t, name == "sent" && traceID != "", err == nil)
			require.Eventually(t, func() bool { return closed.Load() > 0 }, 10*time.Second, time.Millisecond)
			require.EqualValues(t, 1, closed.Load(), name)
		}
	}
}

// The generated client takes the same way: what it sends is retried like what the methods send.
func TestAPIRetriesLikeTheMethods(t *testing.T) {
	t.Parallel()
	for _, first := range []answer{
		{status: 429}, {status: 503}, {status: 503, header: http.Header{"Retry-After": {"0"}}}, {status: 500}, {status: 502}, {status: 501}, {status: 400}, {status: 401}, {status: 403}, {status: 409}, {status: 302},
	} {
		byMethods := newScriptedServer(t, first, jsonAnswer(200, customerBody))
		_, writeErr := byMethods.client(t).CreateMeldCustomer(t.Context(), nil)
		writes := len(byMethods.received())
		byAPI := newScriptedServer(t, first, jsonAnswer(200, customerBody))
		_, apiErr := byAPI.client(t).API().CreateMeldCustomerWithResponse(t.Context(), api.MeldCreateCustomerRequest{})
		require.Len(t, byAPI.received(), writes, "%d", first.status)
		require.Equal(t, errors.Is(writeErr, portal.ErrOutcomeUnknown), errors.Is(apiErr, portal.ErrOutcomeUnknown))

		byMethods = newScriptedServer(t, first, jsonAnswer(200, customerBody))
		_, _ = byMethods.client(t).GetMeldCustomer(t.Context())
		byAPI = newScriptedServer(t, first, jsonAnswer(200, customerBody))
		_, _ = byAPI.client(t).API().GetMeldCustomerWithResponse(t.Context())
		require.Len(t, byAPI.received(), len(byMethods.received()), "%d", first.status)
	}
}

// WithRetry changes the numbers, not the rules.
func TestWithRetryChangesNoRule(t *testing.T) {
	t.Parallel()
	policy := portal.WithRetry(portal.RetryPolicy{MaxAttempts: 10, BaseDelay: 1, MaxDelay: 1, MaxRetryAfter: time.Hour})
	for _, tt := range []struct {
		call     call
		status   int
		requests int
	}{
		{create, 500, 1}, {create, 502, 1}, {create, 503, 1}, {create, 409, 1}, {create, 400, 1}, {create, 302, 1}, {create, 429, 10}, {create, 401, 2},
		{generatedWrite, 500, 1}, {generatedWrite, 429, 10}, {generatedWrite, 401, 2},
		{get, 500, 10}, {get, 501, 1}, {get, 404, 1}, {get, 401, 2}, {generatedSearch, 502, 10}, {ensure, 500, 10}, {ensure, 401, 2},
	} {
		srv := newScriptedServer(t, answer{status: tt.status})
		require.Error(t, tt.call.do(t.Context(), srv.client(t, policy).WithTokenSource(portal.CachedTokenSource(&numberedTokens{}))))
		require.Len(t, srv.received(), tt.requests, "%s %d", tt.call.name, tt.status)
	}
}
