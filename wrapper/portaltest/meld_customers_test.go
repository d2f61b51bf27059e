package portaltest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

const jane = `{"name":{"firstName":"Jane","lastName":"Doe"},"email":"jane@example.com","phone":"+14155550100","dateOfBirth":"1990-02-03","type":"INDIVIDUAL"}`

func TestCreateAnswersTheFullCustomer(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	a := create(t, srv, "jane", jane)
	require.Equal(t, http.StatusOK, a.Status)
	var got struct{ Data map[string]any }
	require.NoError(t, json.Unmarshal([]byte(a.Body), &got))
	for _, id := range []string{"id", "accountId", "externalId"} {
		assert.NotEmpty(t, got.Data[id], id)
		delete(got.Data, id)
	}
	assert.Equal(t, map[string]any{
		"name":             map[string]any{"firstName": "Jane", "lastName": "Doe"},
		"email":            "jane@example.com",
		"phone":            "+14155550100",
		"dateOfBirth":      "1990-02-03",
		"type":             "INDIVIDUAL",
		"status":           "ACTIVE",
		"addresses":        []any{},
		"serviceProviders": map[string]any{},
	}, got.Data)
}

func TestSecondCreateConflictsAndGetFinds(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	require.Equal(t, http.StatusOK, create(t, srv, "jane", jane).Status)
	made := srv.Meld.Customers()["jane"]

	again := create(t, srv, "jane", `{"email":"other@example.com"}`)
	require.Equal(t, http.StatusConflict, again.Status)
	require.JSONEq(t, fmt.Sprintf(
		`{"error":"Meld customer already exists for this client","details":{"meldCustomerId":%q}}`, made.ID), again.Body)

	found := send(t, srv, "GET", customersPath, "jane", "")
	require.Equal(t, http.StatusOK, found.Status)
	var got struct {
		Data struct {
			Customers        []api.MeldCustomer
			Count, Remaining int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(found.Body), &got))
	require.Equal(t, []api.MeldCustomer{made}, got.Data.Customers)
	require.Equal(t, 1, got.Data.Count)
	require.Zero(t, got.Data.Remaining)

	require.Equal(t, http.StatusOK, create(t, srv, "john", "").Status, "another token is another client")
	require.Len(t, srv.Meld.Customers(), 2)
	require.NotEqual(t, made.ID, srv.Meld.Customers()["john"].ID)
	require.NotEqual(t, made.ExternalID, srv.Meld.Customers()["john"].ExternalID)
	require.Equal(t, made.AccountID, srv.Meld.Customers()["john"].AccountID)
}

func TestCallerCannotChooseWhatThePortalSets(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	a := create(t, srv, "jane", `{"id":"mine","externalId":"mine","status":"INACTIVE","EMAIL":"no"}`)
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	require.NotContains(t, a.Body, "mine")
	require.NotContains(t, a.Body, "INACTIVE")
	require.Empty(t, srv.Meld.Customers()["jane"].Email)
}

func TestConcurrentCreatesMakeExactlyOne(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	const clients, each = 4, 16
	var mu sync.Mutex
	statuses := map[string]map[int]int{}
	var failures []error
	var wg sync.WaitGroup
	for i := range clients {
		token := fmt.Sprint("token-", i)
		statuses[token] = map[int]int{}
		for range each {
			wg.Go(func() {
				a, err := try(srv, "POST", customersPath, token, jane)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					failures = append(failures, err)
				}
				statuses[token][a.Status]++
			})
		}
	}
	wg.Wait()
	require.Empty(t, failures)
	for token, got := range statuses {
		require.Equal(t, map[int]int{200: 1, 409: each - 1}, got, token)
	}
	require.Len(t, srv.Meld.Customers(), clients)
	require.Len(t, srv.Requests("createMeldCustomer"), clients*each)
}

func TestSeedCustomer(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	seeded := srv.Meld.SeedCustomer("jane", api.MeldCustomer{ID: "WexistingCustomer", Email: "jane@example.com"})
	require.Equal(t, "WexistingCustomer", seeded.ID)
	require.NotEmpty(t, seeded.AccountID)
	require.Equal(t, api.MeldCustomerStatusActive, seeded.Status)
	require.Equal(t, seeded, srv.Meld.Customers()["jane"])
	require.Contains(t, create(t, srv, "jane", "").Body, `"meldCustomerId":"WexistingCustomer"`)

	seeded.Addresses = append(seeded.Addresses, api.MeldCustomerAddress{ID: "changed outside"})
	copy(seeded.ServiceProviders, "[]")
	require.Empty(t, srv.Meld.Customers()["jane"].Addresses)
	require.JSONEq(t, "{}", string(srv.Meld.Customers()["jane"].ServiceProviders))
}

func TestShapesOfGet(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		opts            []portaltest.Option
		none            int
		noneBody, field string
	}{
		"search result":           {nil, 200, `{"data":{"customers":[],"count":0,"remaining":0}}`, "customers"},
		"search result and a 404": {[]portaltest.Option{portaltest.WithMeld(portaltest.MeldOptions{CustomerNotFound: true})}, 404, `{"error":"No Meld customer exists for this client"}`, "customers"},
		"single customer":         {[]portaltest.Option{portaltest.WithMeld(portaltest.MeldOptions{SingleCustomer: true})}, 404, `{"error":"No Meld customer exists for this client"}`, "accountId"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := portaltest.NewServer(t, tc.opts...)
			a := send(t, srv, "GET", customersPath, "jane", "")
			require.Equal(t, tc.none, a.Status)
			require.JSONEq(t, tc.noneBody, a.Body)

			srv.Meld.SeedCustomer("jane", api.MeldCustomer{})
			a = send(t, srv, "GET", customersPath, "jane", "")
			require.Equal(t, http.StatusOK, a.Status)
			var got struct{ Data map[string]any }
			require.NoError(t, json.Unmarshal([]byte(a.Body), &got))
			require.Contains(t, got.Data, tc.field)
		})
	}
}

func TestExpireAndRotate(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	before := srv.Meld.SeedCustomer("first", api.MeldCustomer{})

	srv.ExpireToken("first")
	a := send(t, srv, "GET", customersPath, "first", "")
	require.Equal(t, http.StatusUnauthorized, a.Status)
	require.Equal(t, "Authorization: the token is expired", a.message(t))

	srv.RotateToken("first", "second")
	require.Equal(t, http.StatusUnauthorized, send(t, srv, "GET", customersPath, "first", "").Status)
	require.Contains(t, send(t, srv, "GET", customersPath, "second", "").Body, before.ID)
	require.Equal(t, map[string]api.MeldCustomer{"second": before}, srv.Meld.Customers())
}

func TestKnownTokensOnly(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t, portaltest.WithTokens("one", "two"), portaltest.WithTokens("three"))
	srv.Meld.SeedCustomer("seeded", api.MeldCustomer{})
	srv.RotateToken("two", "four")
	for token, want := range map[string]int{"one": 200, "two": 401, "three": 200, "four": 200, "seeded": 200, "five": 401} {
		a := send(t, srv, "GET", customersPath, token, "")
		require.Equal(t, want, a.Status, token)
		if token == "five" {
			require.Equal(t, "Authorization: the token is not known", a.message(t))
		}
	}
}

func TestSameSeedSameIDs(t *testing.T) {
	t.Parallel()
	ids := func(seed uint64, tokens ...string) map[string]api.MeldCustomer {
		srv := portaltest.NewServer(t, portaltest.WithSeed(seed))
		for _, token := range tokens {
			require.Equal(t, http.StatusOK, create(t, srv, token, "").Status)
		}
		return srv.Meld.Customers()
	}
	require.Equal(t, ids(7, "a", "b"), ids(7, "b", "a"), "the order of clients does not matter")
	require.NotEqual(t, ids(7, "a")["a"].ID, ids(8, "a")["a"].ID)
}

func TestRequests(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	srv.Fail("createMeldCustomer", portaltest.Pass(), portaltest.Pass(), portaltest.DropAfter())
	create(t, srv, "jane", `{"email":"jane@example.com"}`)
	create(t, srv, "jane", "")
	_, err := try(srv, "POST", customersPath+"?x=1", "jane", "", "X-Portal-Trace-Id: abc")
	require.Error(t, err)
	send(t, srv, "GET", "/elsewhere", "", "")

	all := srv.Requests()
	require.Len(t, all, 4)
	first := all[0]
	require.Equal(t, "createMeldCustomer", first.Operation)
	require.Equal(t, "POST", first.Method)
	require.Equal(t, customersPath, first.Path)
	require.Equal(t, "jane", first.Token)
	require.JSONEq(t, `{"email":"jane@example.com"}`, string(first.Body))
	require.Equal(t, http.StatusOK, first.Status)
	require.Equal(t, "Pass", first.Fault)
	require.Equal(t, http.StatusConflict, all[1].Status)
	require.Equal(t, "1", all[2].Query.Get("x"))
	require.Equal(t, "abc", all[2].Header.Get("X-Portal-Trace-Id"))
	require.Equal(t, "DropAfter", all[2].Fault)
	require.Zero(t, all[2].Status)
	require.Empty(t, all[3].Operation)
	require.Empty(t, all[3].Token)
	require.Equal(t, http.StatusNotFound, all[3].Status)

	send(t, srv, "GET", customersPath, "jane", "")
	require.Len(t, srv.Requests("createMeldCustomer"), 3)
	require.Len(t, srv.Requests("createMeldCustomer", "getMeldCustomer"), 4)

	all[2].Header.Set("X-Portal-Trace-Id", "changed outside")
	all[2].Query.Set("x", "changed outside")
	first.Body[0] = '!'
	again := srv.Requests()
	require.Equal(t, "abc", again[2].Header.Get("X-Portal-Trace-Id"))
	require.Equal(t, "1", again[2].Query.Get("x"))
	require.Equal(t, byte('{'), again[0].Body[0])
}

func TestRequestHistory(t *testing.T) {
	t.Parallel()
	for keep, want := range map[int][]string{0: {}, 2: {"c", "d"}, 9: {"a", "b", "c", "d"}} {
		srv := portaltest.NewServer(t, portaltest.WithRequestHistory(keep))
		for _, token := range []string{"a", "b", "c", "d"} {
			create(t, srv, token, "")
		}
		got := []string{}
		for _, r := range srv.Requests() {
			got = append(got, r.Token)
		}
		require.Equal(t, want, got)
	}
}
