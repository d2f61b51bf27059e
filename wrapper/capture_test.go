package portal_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// What came of a call is there beside its value or error, whatever came of it and on which way.
func TestCaptureResponse(t *testing.T) {
	t.Parallel()
	viaAPI := call{"API", func(ctx context.Context, c *portal.Client) error {
		_, err := c.API().CreateMeldCustomerWithResponse(ctx, api.MeldCreateCustomerRequest{})
		return err
	}}
	for _, a := range []answer{
		jsonAnswer(200, customerBody), jsonAnswer(201, customerBody), jsonAnswer(200, `{}`), jsonAnswer(200, `{"error":"no"}`), {status: 200, body: "<html>", contentType: "text/html"},
		jsonAnswer(400, `{"error":"bad","undocumented":[1]}`), jsonAnswer(401, `{}`), jsonAnswer(404, `{}`), {status: 302}, {status: 503, body: "busy"}, {status: 501},
	} {
		a.header = http.Header{"X-Undocumented": {"1"}}
		for _, call := range append(calls, viaAPI) {
			srv := newScriptedServer(t, a)
			into := portal.Response{StatusCode: 999, Body: []byte("of the call before")}
			err := call.do(portal.CaptureResponse(portal.WithTraceID(t.Context(), "trace-1"), &into), srv.client(t))
			require.Equal(t, a.status, into.StatusCode)
			require.Equal(t, a.body, string(into.Body))
			require.Equal(t, "1", into.Header.Get("X-Undocumented"))
			require.Equal(t, "trace-1", into.TraceID)
			requests := len(srv.received())
			if call.name == ensure.name && a.status/100 == 2 && err != nil && requests == 2 {
				require.Equal(t, 1, into.Attempts, "Ensure makes two calls, and the last one counts")
				continue
			}
			require.Equal(t, requests, into.Attempts, "%s %d", call.name, a.status)
		}
	}
}

// A refused call, or one whose token source fails, shows nothing of the call before it.
func TestCaptureIsReset(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	var into portal.Response
	ctx := portal.CaptureResponse(t.Context(), &into)
	for name, refused := range map[string]func(*portal.Client) error{
		"a field": func(c *portal.Client) error {
			_, err := c.CreateMeldCustomer(ctx, &api.MeldCreateCustomerRequest{Phone: "1"})
			return err
		},
		"a path parameter": func(c *portal.Client) error { _, err := c.TestRead(ctx, ".."); return err },
		"a body":           func(c *portal.Client) error { _, err := c.TestWrite(ctx, "x", "y", nil); return err },
		"a trace ID": func(c *portal.Client) error {
			_, err := c.GetMeldCustomer(portal.WithTraceID(ctx, "\n"))
			return err
		},
		"a token source": func(c *portal.Client) error { return get.do(ctx, c.WithTokenSource(nil)) },
		"a generated path parameter": func(c *portal.Client) error {
			_, err := c.API().GetMeldRetailTransactionWithResponse(ctx, "..")
			return err
		},
		"an ended context": func(c *portal.Client) error {
			ended, cancel := context.WithCancel(ctx)
			cancel()
			return get.do(ended, c)
		},
	} {
		require.NoError(t, get.do(ctx, srv.client(t)))
		require.Equal(t, 200, into.StatusCode)
		require.Error(t, refused(srv.client(t)), name)
		require.Zero(t, into.StatusCode, name)
		require.Nil(t, into.Header, name)
		require.Nil(t, into.Body, name)
		require.Zero(t, into.Attempts, name)
	}
}

// Of the calls of an iterator the last one counts, and it can be read while the iterator runs.
func TestCaptureOfAnIterator(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t,
		answer{status: 200, body: `{"data":{"transactions":[{"id":"t1","key":"k1"}],"remaining":1}}`, header: http.Header{"X-Page": {"1"}}},
		answer{status: 200, body: `{"data":{"transactions":[{"id":"t2","key":"k2"}],"remaining":0}}`, header: http.Header{"X-Page": {"2"}}})
	var into portal.Response
	var pages []string
	for _, err := range srv.client(t).MeldTransactions(portal.CaptureResponse(t.Context(), &into), nil) {
		require.NoError(t, err)
		pages = append(pages, into.Header.Get("X-Page"))
	}
	require.Equal(t, []string{"1", "2"}, pages)

	srv = newScriptedServer(t, jsonAnswer(200, `{"data":{"transaction":{"id":"t1","status":"SETTLED"}}}`))
	_, err := srv.client(t).WaitForMeldTransaction(portal.CaptureResponse(t.Context(), &into), "t1", portal.PollPolicy{})
	require.NoError(t, err)
	require.Contains(t, string(into.Body), "SETTLED")
}

// The calls that a token source makes with the context it is handed are not what the caller captures.
func TestCaptureIsNotForTheTokenSource(t *testing.T) {
	t.Parallel()
	custodian := newScriptedServer(t, jsonAnswer(200, `{"data":{"id":"cus_of_the_source"}}`))
	srv := newScriptedServer(t, jsonAnswer(403, `{"error":"no"}`))
	for _, cached := range []bool{false, true} {
		source := portal.TokenSource(portal.TokenFunc(func(ctx context.Context) (string, error) {
			_, err := custodian.client(t).GetMeldCustomer(ctx)
			return "tok_2", err
		}))
		if cached {
			source = portal.CachedTokenSource(source)
		}
		var into portal.Response
		err := get.do(portal.CaptureResponse(t.Context(), &into), srv.client(t).WithTokenSource(source))
		require.ErrorIs(t, err, portal.ErrForbidden)
		require.Equal(t, 403, into.StatusCode)

		failing := portal.TokenFunc(func(ctx context.Context) (string, error) {
			_, _ = custodian.client(t).GetMeldCustomer(ctx)
			return "", errMaintenance
		})
		err = get.do(portal.CaptureResponse(t.Context(), &into), srv.client(t).WithTokenSource(failing))
		require.ErrorIs(t, err, errMaintenance)
		require.Zero(t, into.StatusCode)
		require.Empty(t, into.Body)
	}
}

// A nil ends the capturing of an outer context.
func TestCaptureNothing(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	var into portal.Response
	ctx := portal.CaptureResponse(portal.CaptureResponse(t.Context(), &into), nil)
	for _, call := range calls {
		require.NoError(t, call.do(ctx, srv.client(t)))
	}
	require.Zero(t, into)
}
