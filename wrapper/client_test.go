package portal_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// The client of a process that acts for many end users calls for none of them itself.
func TestClientOfAProcess(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	process := newClient(t, nil, portal.WithBaseURL(srv.URL))
	changed, err := process.With(portal.WithUserAgent("shop/1"))
	require.NoError(t, err)
	for _, call := range calls {
		for _, client := range []*portal.Client{process, changed} {
			err := call.do(t.Context(), client)
			require.ErrorIs(t, err, portal.ErrTokenSource)
			require.NotErrorIs(t, err, portal.ErrInvalidRequest)
			require.ErrorContains(t, err, "TokenSource is nil")
		}
	}
	require.Empty(t, srv.received())
	require.NoError(t, get.do(t.Context(), changed.WithTokenSource(portal.StaticToken("tok_2"))))
	require.Equal(t, []string{"Bearer tok_2"}, tokensOf(srv.received()))
	require.Contains(t, srv.received()[0].header.Get("User-Agent"), "shop/1")
}

// With changes some options of the same end user's client, and leaves the client as it is.
func TestWith(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, answer{status: 503})
	client := srv.client(t, portal.WithUserAgent("shop/1"))
	once, err := client.With(portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	require.Equal(t, 1, requireAPIError(t, get.do(t.Context(), once)).Attempts)
	require.Equal(t, 3, requireAPIError(t, get.do(t.Context(), client)).Attempts)
	for _, r := range srv.received() {
		require.Equal(t, "Bearer tok_1", r.header.Get("Authorization"))
		require.Contains(t, r.header.Get("User-Agent"), "shop/1", "the rest stays")
	}

	other := newScriptedServer(t, jsonAnswer(200, customerBody))
	elsewhere, err := once.With(portal.WithBaseURL(other.URL), portal.WithMaxResponseBytes(10))
	require.NoError(t, err)
	require.ErrorIs(t, get.do(t.Context(), elsewhere), portal.ErrResponseTooLarge)
	require.Len(t, other.received(), 1)

	same, err := client.With()
	require.NoError(t, err)
	require.ErrorIs(t, get.do(t.Context(), same), portal.ErrServer)

	for _, bad := range []portal.Option{nil, portal.WithBaseURL("http://example.com"), portal.WithHTTPClient(nil), portal.WithAttemptTimeout(-1)} {
		none, err := client.With(bad)
		require.Error(t, err)
		require.Nil(t, none)
	}
}

// All clients of one New share its connections and its retry quota.
func TestClientsOfOneNewShare(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	var fail atomic.Bool
	srv := newCountingServer(t, false, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.Header().Set("Content-Type", "application/json")
		if fail.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte(customerBody))
	})
	client := srv.client(t)
	with, err := client.With(portal.WithUserAgent("shop/1"))
	require.NoError(t, err)
	user := with.WithTokenSource(portal.StaticToken("tok_2"))
	for range 10 {
		for _, c := range []*portal.Client{client, with, user} {
			require.NoError(t, get.do(t.Context(), c))
		}
	}
	require.EqualValues(t, 1, srv.connections.Load())

	fail.Store(true)
	for range 400 {
		_ = get.do(t.Context(), with)
	}
	requests.Store(0)
	_ = get.do(t.Context(), client)
	_ = get.do(t.Context(), user)
	require.EqualValues(t, 2, requests.Load(), "nothing is left to repeat with")
}
