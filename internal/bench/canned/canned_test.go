package canned_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	"github.com/portalclient/portal-client-go/internal/bench/canned"
)

func decode(t *testing.T, body []byte) api.MeldCustomer {
	t.Helper()
	var reply api.MeldCustomerResponse
	require.NoError(t, json.Unmarshal(body, &reply))
	require.Equal(t, canned.CustomerID, reply.Data.ID)
	return reply.Data
}

func TestCustomerIsRealistic(t *testing.T) {
	t.Parallel()
	customer := decode(t, []byte(canned.Customer))
	require.InDelta(t, 1100, len(canned.Customer), 50)
	require.Len(t, customer.Addresses, 2)
	require.Len(t, customer.ServiceProviders, 3)
}

func TestCustomerOfSize(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1_000, 10_000, 100_000, 1_000_000} {
		body := canned.CustomerOfSize(size)
		decode(t, body)
		require.GreaterOrEqual(t, len(body), size)
		require.Less(t, len(body), size+500)
	}
}

func TestCustomerOf(t *testing.T) {
	t.Parallel()
	body, err := canned.CustomerOf(`a "token"`)
	require.NoError(t, err)
	require.Equal(t, `a "token"`, decode(t, body).ExternalID)
}

func TestMemoryAnswersWithAFreshReply(t *testing.T) {
	t.Parallel()
	memory := canned.NewMemory(http.StatusConflict, []byte(canned.Conflict))
	for range 2 {
		sent := strings.NewReader("payload")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.example.com", sent)
		require.NoError(t, err)
		resp, err := memory.RoundTrip(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.JSONEq(t, canned.Conflict, string(body))
		require.Equal(t, http.StatusConflict, resp.StatusCode)
		require.Equal(t, canned.Header(len(canned.Conflict)), resp.Header)
		require.Zero(t, sent.Len(), "the request is read to its end")
		resp.Header.Set("Date", "changed by a caller")
	}
}
