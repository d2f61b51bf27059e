package portal_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A call that is over before it begins has sent nothing, so its outcome is known.
func TestContextThatHasEnded(t *testing.T) {
	t.Parallel()
	s := newFaultServer(t, func(x *exchange) bool { return x.reply(x.status200()) }).start()
	client := newClient(t, portal.StaticToken(faultToken), portal.WithBaseURL(s.url()), portal.WithHTTPClient(&http.Client{Transport: portal.NewTransport()}))
	cause := errors.New("shutting down")
	cancelled, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	late, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	for _, e := range entries {
		_, err := e.do(cancelled, client)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, cause)
		require.NotErrorIs(t, err, portal.ErrOutcomeUnknown)
		require.Zero(t, requireAPIError(t, err).Attempts)

		_, err = e.do(late, client)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, portal.ErrOutcomeUnknown)
		require.True(t, requireAPIError(t, err).Timeout())
	}
	s.close(t)
	require.Zero(t, s.opened.Load())
}

// However a request editor writes the names of our headers, ours are sent, and once.
func TestHeadersAreSentOnce(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	_, err := srv.client(t).API().GetMeldCustomerWithResponse(portal.WithTraceID(t.Context(), "trace-1"), func(_ context.Context, r *http.Request) error {
		for _, name := range []string{"authorization", "AUTHORIZATION", "x-portal-trace-id", "user-agent", "X-extra"} {
			r.Header[name] = []string{"mine"}
		}
		return nil
	})
	require.NoError(t, err)
	got := srv.received()[0].header
	require.Equal(t, []string{"Bearer tok_1"}, got["Authorization"])
	require.Equal(t, []string{"trace-1"}, got["X-Portal-Trace-Id"])
	require.Len(t, got["User-Agent"], 1)
	require.NotEqual(t, "mine", got.Get("User-Agent"))
	require.Equal(t, "mine", got.Get("X-Extra"))
}

// A status that no server may send is an error like any other.
func TestImpossibleStatuses(t *testing.T) {
	t.Parallel()
	for line, status := range map[string]int{"000 Zero": 0, "042 Answer": 0, "099 Low": 0, "999 High": 999} {
		s := newFaultServer(t, func(x *exchange) bool {
			return x.write("HTTP/1.1 " + line + "\r\nContent-Length: 2\r\n\r\n{}")
		}).start()
		transport := portal.NewTransport()
		client := newClient(t, portal.StaticToken(faultToken), portal.WithBaseURL(s.url()), portal.WithHTTPClient(&http.Client{Transport: transport}),
			portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
		for _, e := range entries {
			_, err := e.do(t.Context(), client)
			require.Equal(t, status, requireAPIError(t, err).StatusCode)
			require.Equal(t, status == 999, errors.Is(err, portal.ErrServer))
			require.Equal(t, e.method == http.MethodPost, errors.Is(err, portal.ErrOutcomeUnknown), "it was sent, and nobody knows: %v", err)
			checkWords(t, err)
			require.NotContains(t, err.Error(), "protocol")
		}
		transport.CloseIdleConnections()
		s.close(t)
	}
	for _, resp := range []http.Response{{}, {Body: http.NoBody}, {StatusCode: -200, Body: http.NoBody}, {StatusCode: 1000}} {
		client := newClient(t, portal.StaticToken(faultToken), portal.WithBaseURL("http://127.0.0.1"), portal.WithHTTPClient(&http.Client{
			Transport: roundTripper(func(*http.Request) (*http.Response, error) { return &resp, nil }),
		}), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
		for _, e := range entries {
			_, err := e.do(t.Context(), client)
			checkWords(t, err)
		}
	}
}

// The context of an attempt ends with the attempt, so that nothing waits for its time limit.
func TestAttemptContextEnds(t *testing.T) {
	t.Parallel()
	s := newFaultServer(t, func(x *exchange) bool { return x.reply(x.status200()) }).start()
	var attempt context.Context
	transport := portal.NewTransport()
	client := newClient(t, portal.TokenFunc(func(ctx context.Context) (string, error) {
		attempt = ctx
		return faultToken, nil
	}), portal.WithBaseURL(s.url()), portal.WithHTTPClient(&http.Client{Transport: transport}))
	_, err := client.GetMeldCustomer(t.Context())
	require.NoError(t, err)
	require.ErrorIs(t, attempt.Err(), context.Canceled)
	transport.CloseIdleConnections()
	s.close(t)
}

// An announcement alone gets no memory.
func TestAnnouncedLengthIsNotBelieved(t *testing.T) {
	t.Parallel()
	s := newFaultServer(t, func(x *exchange) bool { x.write(head(200, jsonType, 1<<30) + "{}"); return false }).start()
	transport := portal.NewTransport()
	client := newClient(t, portal.StaticToken(faultToken), portal.WithBaseURL(s.url()), portal.WithMaxResponseBytes(1<<30),
		portal.WithHTTPClient(&http.Client{Transport: transport}))
	_, err := client.CreateMeldCustomer(t.Context(), jane)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "{}", string(requireAPIError(t, err).Body()))
	transport.CloseIdleConnections()
	s.close(t)
}
