package portaltest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

func ExampleServer_Custodian() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		custodian := srv.Custodian()
		made, err := custodian.CreateClient(t.Context(), nil)
		if err != nil {
			t.Fatalf("%v", err)
		}
		client := srv.Client("unused").WithTokenSource(custodian.Sessions(made.ID))
		ensured, err := client.EnsureMeldCustomer(t.Context(), nil)
		fmt.Println(ensured.Created, err)
	})
	// Output: true <nil>
}

func ExampleClients_ExpireSessions() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		made, err := srv.Custodian().CreateClient(t.Context(), nil)
		if err != nil {
			t.Fatalf("%v", err)
		}
		srv.Clients.ExpireSessions(made.ID)
		_, err = srv.Client(made.ClientSessionToken).GetMeldCustomer(t.Context())
		fmt.Println(errors.Is(err, portal.ErrUnauthorized))
	})
	// Output: true
}

func ExampleClients_IDs() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		made, err := srv.Custodian().CreateClient(t.Context(), nil)
		fmt.Println(srv.Clients.IDs()[0] == made.ID, err)
	})
	// Output: true <nil>
}

// Two sessions of a client and its API key see the same state; other clients see their own.
func TestSessionsOfOneClientShareItsState(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	custodian := srv.Custodian()
	jane, err := custodian.CreateClient(t.Context(), &api.CreateClientRequest{IsAccountAbstracted: true})
	require.NoError(t, err)
	john, err := custodian.CreateClient(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, []string{jane.ID, john.ID}, srv.Clients.IDs())
	require.NotEqual(t, jane.ClientSessionToken, john.ClientSessionToken)
	require.True(t, jane.IsAccountAbstracted)
	session, err := custodian.CreateClientSession(t.Context(), jane.ID, nil)
	require.NoError(t, err)
	require.Equal(t, jane.ID, session.ID)
	require.NotEqual(t, jane.ClientSessionToken, session.ClientSessionToken)

	first, err := srv.Client(jane.ClientSessionToken).EnsureMeldCustomer(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, first.Created)
	for _, token := range []string{session.ClientSessionToken, jane.ClientAPIKey} {
		again, err := srv.Client(token).EnsureMeldCustomer(t.Context(), nil)
		require.NoError(t, err)
		require.Equal(t, portal.EnsuredMeldCustomer{ID: first.ID}, portal.EnsuredMeldCustomer{ID: again.ID, Created: again.Created})
	}
	other, err := srv.Client(john.ClientSessionToken).EnsureMeldCustomer(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, other.Created)

	me := send(t, srv, http.MethodGet, "/clients/me", session.ClientSessionToken, "")
	require.Equal(t, http.StatusOK, me.Status, me.Body)
	require.Contains(t, me.Body, jane.ID)
}

func TestExpiredSessions(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	custodian := srv.Custodian()
	jane, err := custodian.CreateClient(t.Context(), nil)
	require.NoError(t, err)
	client := srv.Client("unused").WithTokenSource(custodian.Sessions(jane.ID))
	made, err := client.EnsureMeldCustomer(t.Context(), nil)
	require.NoError(t, err)

	srv.Clients.ExpireSessions(jane.ID)
	_, err = srv.Client(jane.ClientSessionToken).GetMeldCustomer(t.Context())
	require.ErrorIs(t, err, portal.ErrUnauthorized)
	again, err := client.EnsureMeldCustomer(t.Context(), nil) // asks for a new session by itself
	require.NoError(t, err)
	require.Equal(t, made.ID, again.ID)
	_, err = srv.Client(jane.ClientAPIKey).GetMeldCustomer(t.Context())
	require.NoError(t, err, "the client API key does not expire")
	require.Len(t, srv.Requests("createClientSession"), 2)

	log := (&fakeT{}).run(func(t *fakeT) { portaltest.NewServer(t).Clients.ExpireSessions("clt") })
	require.Equal(t, `fatal: portaltest: ExpireSessions: there is no client "clt" that the custodian has made`, log[0])
}

// A custodian's key opens the paths of custodians and no others, and nothing else opens those.
func TestCustodianKey(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	for _, token := range []string{"", "jane"} {
		require.Equal(t, http.StatusUnauthorized, send(t, srv, http.MethodGet, "/custodians/me/clients", token, "").Status)
	}
	require.Equal(t, http.StatusOK, send(t, srv, http.MethodGet, "/custodians/me/clients", portaltest.CustodianKey, "").Status)
	require.Equal(t, http.StatusUnauthorized, create(t, srv, portaltest.CustodianKey, "").Status)
	require.Empty(t, srv.Meld.Customers())
	_, err := srv.Custodian().GetCustodianClient(t.Context(), "clt-none")
	require.ErrorIs(t, err, portal.ErrNotFound)
	_, err = srv.Custodian().CreateClientSession(t.Context(), "clt-none", nil)
	require.ErrorIs(t, err, portal.ErrNotFound)
}

func TestClientsComeInPages(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	custodian := srv.Custodian()
	for range 250 {
		_, err := custodian.CreateClient(t.Context(), nil)
		require.NoError(t, err)
	}
	var ids []string
	for cursor := ""; ; {
		page, err := custodian.ListClients(t.Context(), &api.ListClientsParams{Cursor: &cursor})
		require.NoError(t, err)
		for _, c := range page.Results {
			ids = append(ids, c.ID)
		}
		if page.Metadata.Cursor == nil {
			break
		}
		cursor = *page.Metadata.Cursor
	}
	require.Equal(t, srv.Clients.IDs(), ids)
	require.Len(t, srv.Requests("listClients"), 3)

	var page struct {
		Results  []map[string]any `json:"results"`
		Metadata map[string]any   `json:"metadata"`
	}
	a := send(t, srv, http.MethodGet, "/custodians/me/clients?take=7&cursor="+ids[242], portaltest.CustodianKey, "")
	require.NoError(t, json.Unmarshal([]byte(a.Body), &page))
	require.Len(t, page.Results, 7)
	require.Equal(t, map[string]any{"cursor": nil, "take": 7.0, "total": 250.0}, page.Metadata)
	require.Equal(t, http.StatusBadRequest, send(t, srv, http.MethodGet, "/custodians/me/clients?cursor=none", portaltest.CustodianKey, "").Status)
	one, err := custodian.GetCustodianClient(t.Context(), ids[3])
	require.NoError(t, err)
	require.Equal(t, ids[3], one.ID)
}

// What strangers make is bounded: those that were idle the longest are forgotten, with their tokens.
func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t, portaltest.WithMemoryLimit(1<<20), portaltest.WithRequestHistory(0))
	custodian := srv.Custodian()
	old, err := custodian.CreateClient(t.Context(), nil)
	require.NoError(t, err)
	for i := range 400 {
		require.Equal(t, http.StatusOK, create(t, srv, fmt.Sprint("stranger-", i), "").Status)
		require.Equal(t, http.StatusOK, send(t, srv, http.MethodGet, customersPath, "stranger-0", "").Status)
	}
	customers := srv.Meld.Customers()
	require.Less(t, len(customers), 200)
	require.Contains(t, customers, "stranger-0", "it was never idle for long")
	require.Contains(t, customers, "stranger-399")
	require.NotContains(t, customers, "stranger-1")
	require.Empty(t, srv.Clients.IDs())
	_, err = custodian.GetCustodianClient(t.Context(), old.ID)
	require.ErrorIs(t, err, portal.ErrNotFound)
	large := strings.Repeat("x", 9<<10)
	require.Equal(t, http.StatusUnauthorized, create(t, srv, large, "").Status, "nobody's token is as long")
}
