package portal_test

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// While everything fails, repeats stop after the quota; a success pays one back.
func TestQuotaStopsRetries(t *testing.T) {
	t.Parallel()
	var fail atomic.Bool
	var requests atomic.Int64
	fail.Store(true)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.Header().Set("Content-Type", "application/json")
		if fail.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, customerBody)
	})
	synctest.Test(t, func(t *testing.T) {
		client := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok"))
		for range 1000 {
			_, err := client.GetMeldCustomer(t.Context())
			require.ErrorIs(t, err, portal.ErrServer)
		}
		require.EqualValues(t, 1000+500, requests.Load(), "an outage is not multiplied")

		other := client.WithTokenSource(portal.StaticToken("other"))
		before := requests.Load()
		_, _ = other.GetMeldCustomer(t.Context())
		require.EqualValues(t, 1, requests.Load()-before, "the quota is shared by all clients of one New")

		fail.Store(false)
		_, err := client.GetMeldCustomer(t.Context())
		require.NoError(t, err)
		fail.Store(true)
		before = requests.Load()
		_, _ = other.GetMeldCustomer(t.Context())
		require.EqualValues(t, 2, requests.Load()-before, "one success has paid for one repeat")
	})
}

// A network that loses a third of all attempts never empties the quota.
func TestQuotaSurvivesALossyNetwork(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1)%3 == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, customerBody)
	})
	client := srv.client(t)
	for range 1500 {
		_, err := client.GetMeldCustomer(t.Context())
		require.NoError(t, err)
	}
}

// The refused token of one end user is that user's own matter: it takes nothing from the quota that all share.
func TestRefusedTokensTakeNothingFromTheQuota(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, answer{})
	failing := atomic.Bool{}
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Header.Get("Authorization") != "Bearer good-new":
			w.WriteHeader(http.StatusUnauthorized)
		case failing.CompareAndSwap(true, false):
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			_, _ = io.WriteString(w, customerBody)
		}
	})
	process := srv.client(t)
	for _, revoked := range []portal.TokenSource{
		portal.CachedTokenSource(portal.StaticToken("revoked")), // the source gives the same again
		portal.CachedTokenSource(&numberedTokens{}),             // or another one, which is no better
	} {
		client := process.WithTokenSource(revoked)
		for i := range 600 {
			require.ErrorIs(t, calls[i%len(calls)].do(t.Context(), client), portal.ErrUnauthorized)
		}
	}
	for _, call := range calls {
		source := &oncePerToken{next: func() (string, error) { return "good-new", nil }}
		require.NoError(t, call.do(t.Context(), process.WithTokenSource(source)), "a token that has expired is renewed")
		failing.Store(true)
		require.NoError(t, call.do(t.Context(), process.WithTokenSource(portal.StaticToken("good-new"))), "and repeats are paid for")
		require.False(t, failing.Load())
	}
}
