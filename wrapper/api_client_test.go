package portal_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

func TestAPIHandsDocumentedStatusesOn(t *testing.T) {
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
	}
}

// What the generated parser would return as a bare decoding error, or as nothing at all, keeps its status.
func TestAPIKeepsTheStatus(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]answer{
		"409 cut":                jsonAnswer(409, `{"error":"exi`),
		"409 empty":              jsonAnswer(409, ``),
		"409 with an object":     jsonAnswer(409, `{"error":{"message":"exists"}}`),
		"409 with a number":      jsonAnswer(409, `{"details":{"meldCustomerId":7}}`),
		"409 not as JSON":        {status: 409, body: conflictBody, contentType: "text/plain"},
		"502 HTML":               {status: 502, body: "<html>", contentType: "text/html"},
		"429 JSON, undocumented": jsonAnswer(429, `{"error":"slow down"}`),
		"200 empty":              jsonAnswer(200, ``),
		"200 of a wrong type":    jsonAnswer(200, `{"data":{"id":7}}`),
		"200 HTML":               {status: 200, body: "<html>", contentType: "text/html"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, a)
			resp, err := srv.client(t).API().CreateMeldCustomerWithResponse(t.Context(), api.MeldCreateCustomerRequest{})
			require.Nil(t, resp)
			e := requireAPIError(t, err)
			require.Equal(t, a.status, e.StatusCode)
			require.Equal(t, a.body, string(e.Body()))
			require.Equal(t, a.status == 200, errors.Is(err, portal.ErrUnusableResponse))
		})
	}
}

// What the caller gets is the reply as it came, but for the case of its media type, which the generated parser minds.
func TestAPIHandsTheReplyOn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		mediaType, want string
	}{
		"in small letters": {"application/json; charset=utf-8", "application/json; charset=utf-8"},
		"in large letters": {"Application/JSON", "application/json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, answer{status: 409, body: conflictBody, contentType: tt.mediaType})
			var captured portal.Response
			var sent *http.Request
			resp, err := srv.client(t).API().CreateMeldCustomerWithResponse(portal.CaptureResponse(t.Context(), &captured), api.MeldCreateCustomerRequest{},
				func(_ context.Context, r *http.Request) error {
					sent = r
					return nil
				})
			require.NoError(t, err)
			require.NotNil(t, resp.JSON409)
			require.Equal(t, tt.want, resp.HTTPResponse.Header.Get("Content-Type"))
			require.Equal(t, tt.mediaType, captured.Header.Get("Content-Type"))
			require.Same(t, sent, resp.HTTPResponse.Request)
		})
	}
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
	_, err = srv.client(t).API().GetMeldCustomerWithResponse(t.Context(), func(context.Context, *http.Request) error { return errEditor })
	require.ErrorIs(t, err, errEditor)
}
