package portaltest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

const transactionsPath = meldPath + "/retail/transactions"

func read(t *testing.T, srv *portaltest.Server, token, id string) api.MeldTransaction {
	t.Helper()
	a := send(t, srv, "GET", transactionsPath+"/"+id, token, "")
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	var got struct{ Data api.MeldTransactionResult }
	require.NoError(t, json.Unmarshal([]byte(a.Body), &got))
	return got.Data.Transaction
}

func TestTransactionsMoveAsATestTells(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	openWidget(t, srv, "jane", buyBTC)
	id := srv.Meld.Transactions("jane")[0].ID
	for i, want := range []string{"SETTLING", "SETTLED"} {
		moved := srv.Meld.AdvanceTransaction(id)
		require.Equal(t, want, moved.Status)
		require.Equal(t, moved, read(t, srv, "jane", id))
		require.Equal(t, fmt.Sprintf("2026-01-01T00:00:0%dZ", i+1), moved.UpdatedAt)
		require.Equal(t, "2026-01-01T00:00:00Z", moved.CreatedAt)
		require.Equal(t, want == "SETTLED", string(moved.CryptoPurchaseDetails["blockchainTransactionId"]) != "null")
	}
	require.Equal(t, "REFUNDED", srv.Meld.SetTransactionStatus(id, "REFUNDED").Status)
	require.Equal(t, "NEW_IN_2027", srv.Meld.SetTransactionStatus(id, "NEW_IN_2027").Status)
	require.Equal(t, "NEW_IN_2027", read(t, srv, "jane", id).Status)
}

func TestAutoAdvance(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t, portaltest.WithMeld(portaltest.MeldOptions{AutoAdvance: true}))
	openWidget(t, srv, "jane", buyBTC)
	id := srv.Meld.Transactions("jane")[0].ID
	var got []string
	for range 4 {
		got = append(got, read(t, srv, "jane", id).Status)
	}
	require.Equal(t, []string{"PENDING", "SETTLING", "SETTLED", "SETTLED"}, got)
	srv.Meld.SetTransactionStatus(id, "FAILED")
	require.Equal(t, "FAILED", read(t, srv, "jane", id).Status)
	require.Equal(t, "FAILED", read(t, srv, "jane", id).Status)
}

func TestEachClientSeesItsOwn(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	own := srv.Meld.SeedTransaction("jane", api.MeldTransaction{})
	for path, want := range map[string]int{
		transactionsPath + "/" + own.ID:                 http.StatusNotFound,
		transactionsPath + "/sessions/" + own.SessionID: http.StatusNotFound,
		transactionsPath + "/unknown":                   http.StatusNotFound,
		transactionsPath + "/sessions/unknown":          http.StatusNotFound,
		transactionsPath:                                http.StatusOK,
	} {
		a := send(t, srv, "GET", path, "john", "")
		require.Equal(t, want, a.Status, path)
		require.NotContains(t, a.Body, own.ID)
		if want == http.StatusNotFound {
			require.JSONEq(t, `{"error":"Transaction not found"}`, a.Body)
		}
	}
	srv.RotateToken("jane", "jane-2")
	require.Equal(t, own, read(t, srv, "jane-2", own.ID))
	require.Equal(t, []api.MeldTransaction{own}, srv.Meld.Transactions("jane-2"))
	require.Empty(t, srv.Meld.Transactions("jane"))
}

func TestWithClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 5, 6, 7, 8, 9, 10000, time.FixedZone("elsewhere", 3600))
	srv := portaltest.NewServer(t, portaltest.WithClock(func() time.Time { return now }))
	made := srv.Meld.SeedTransaction("jane", api.MeldTransaction{})
	require.Equal(t, "2030-05-06T06:08:09.00001Z", made.CreatedAt)
	now = now.Add(time.Hour)
	require.Equal(t, "2030-05-06T07:08:09.00001Z", srv.Meld.AdvanceTransaction(made.ID).UpdatedAt)
}

type page struct {
	Transactions                 []api.MeldTransaction
	Count, Remaining, TotalCount int
}

func search(t *testing.T, srv *portaltest.Server, query string) page {
	t.Helper()
	a := send(t, srv, "GET", transactionsPath+"?"+query, "jane", "")
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	var got struct{ Data page }
	require.NoError(t, json.Unmarshal([]byte(a.Body), &got))
	require.Len(t, got.Data.Transactions, got.Data.Count)
	return got.Data
}

func (p page) ids() []string {
	all := []string{}
	for _, tx := range p.Transactions {
		all = append(all, tx.ID)
	}
	return all
}

// seedTwelve makes t0 to t11, one a day from 1 January, of which every third is FAILED.
func seedTwelve(t *testing.T) *portaltest.Server {
	t.Helper()
	srv := portaltest.NewServer(t)
	for _, i := range []int{5, 0, 11, 3, 7, 1, 9, 2, 10, 4, 8, 6} { // in whatever order they come
		seed := api.MeldTransaction{
			ID: fmt.Sprint("t", i), Key: ptr(fmt.Sprint("k", i)), CreatedAt: fmt.Sprintf("2026-01-%02dT12:00:00Z", i+1),
			SourceAmount: ptr(json.Number(fmt.Sprintf("%d.5", i*10))), ExternalSessionID: ptr(fmt.Sprint("order-", i)),
			ServiceProvider: []string{"ALPHARAMP", "COINHARBOR"}[i%2], Status: "SETTLED",
		}
		if i%3 == 0 {
			seed.Status = "FAILED"
		}
		srv.Meld.SeedTransaction("jane", seed)
	}
	srv.Meld.SeedTransaction("john", api.MeldTransaction{})
	return srv
}

func ptr[T any](v T) *T { return &v }

func TestSearch(t *testing.T) {
	t.Parallel()
	srv := seedTwelve(t)
	for name, tc := range map[string]struct {
		query            string
		want             []string
		remaining, total int
	}{
		"all":                 {"limit=100", []string{"t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "t10", "t11"}, 0, 12},
		"ten unless asked":    {"", []string{"t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9"}, 2, 12},
		"limit":               {"limit=2", []string{"t0", "t1"}, 10, 12},
		"limit, odd spelling": {"limit=2e0", []string{"t0", "t1"}, 10, 12},
		"offset":              {"limit=3&offset=10", []string{"t10", "t11"}, 0, 12},
		"offset at the end":   {"limit=3&offset=12", []string{}, 0, 12},
		"offset far beyond":   {"limit=3&offset=99999999999999999999999", []string{}, 0, 12},
		"after":               {"limit=3&after=k4", []string{"t5", "t6", "t7"}, 4, 12},
		"after the last":      {"limit=3&after=k11", []string{}, 0, 12},
		"before":              {"limit=3&before=k4", []string{"t1", "t2", "t3"}, 1, 12},
		"before the first":    {"limit=3&before=k0", []string{}, 0, 12},
		"before, near start":  {"limit=3&before=k2", []string{"t0", "t1"}, 0, 12},
		"after, with offset":  {"limit=2&after=k4&offset=1", []string{"t6", "t7"}, 4, 12},
		"before, with offset": {"limit=2&before=k4&offset=1", []string{"t1", "t2"}, 1, 12},
		"status":              {"status=FAILED", []string{"t0", "t3", "t6", "t9"}, 0, 4},
		"statuses":            {"status=FAILED,SETTLED&limit=1", []string{"t0"}, 11, 12},
		"status that is not":  {"status=PENDING", []string{}, 0, 0},
		"status and cursor":   {"status=FAILED&after=k3&limit=1", []string{"t6"}, 1, 4},
		"provider":            {"serviceProviders=COINHARBOR&limit=2", []string{"t1", "t3"}, 4, 6},
		"references":          {"externalSessionIds=order-3,order-8,none", []string{"t3", "t8"}, 0, 2},
		"amounts":             {"amountFrom=30.5&amountTo=50.50", []string{"t3", "t4", "t5"}, 0, 3},
		"days":                {"from=2026-01-10&to=2026-01-12", []string{"t9", "t10"}, 0, 2},
		"moments":             {"from=2026-01-10T12:00:00Z&to=2026-01-12T12:00:00Z", []string{"t10"}, 0, 1},
		"anything else":       {"somethingNew=1&limit=1", []string{"t0"}, 11, 12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := search(t, srv, tc.query)
			require.Equal(t, tc.want, got.ids())
			require.Equal(t, tc.remaining, got.Remaining)
			require.Equal(t, tc.total, got.TotalCount)
		})
	}
}

// Every way to page finds each transaction once.
func TestPaging(t *testing.T) {
	t.Parallel()
	srv := seedTwelve(t)
	var forward, back, offset []string
	for p, query := (page{Remaining: 1}), ""; p.Remaining > 0; query = "&after=" + *p.Transactions[p.Count-1].Key {
		p = search(t, srv, "limit=5"+query)
		forward = append(forward, p.ids()...)
	}
	for p, query := (page{Remaining: 1}), "&before=k11"; p.Remaining > 0; query = "&before=" + *p.Transactions[0].Key {
		p = search(t, srv, "limit=5"+query)
		back = append(p.ids(), back...)
	}
	for p, n := (page{Remaining: 1}), 0; p.Remaining > 0; n += p.Count {
		p = search(t, srv, fmt.Sprintf("limit=5&offset=%d", n))
		offset = append(offset, p.ids()...)
	}
	all := search(t, srv, "limit=100").ids()
	require.Equal(t, all, forward)
	require.Equal(t, all, offset)
	require.Equal(t, all[:11], back)
}

func TestSearchRefusals(t *testing.T) {
	t.Parallel()
	srv := seedTwelve(t)
	for query, want := range map[string]string{
		"limit=0":               "query limit: must be at least 1",
		"limit=101":             "query limit: must be at most 100",
		"limit=ten":             "query limit: must be integer, not string",
		"offset=-1":             "query offset: must be at least 0",
		"before=k1&after=k2":    "query before: cannot be combined with after",
		"after=nothing":         "query after: is not the key of a transaction in this list",
		"before=k1&status=NONE": "query before: is not the key of a transaction in this list",
		"from=yesterday":        "query from: must be a date or a date and time as in ISO 8601",
		"amountFrom=much":       "query amountFrom: must be number, not string",
	} {
		a := send(t, srv, "GET", transactionsPath+"?"+query, "jane", "")
		require.Equal(t, http.StatusBadRequest, a.Status, query)
		require.Equal(t, want, a.message(t), query)
	}
}

// An ID is whatever it is: it comes back out of the path as it went in.
func TestIDsInPaths(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	for _, id := range []string{"a/b", "a b", "a%2Fb", "a:b", "ä?#", "sessions"} {
		srv.Meld.SeedTransaction("jane", api.MeldTransaction{ID: id})
		require.Equal(t, id, read(t, srv, "jane", url.PathEscape(id)).ID)
	}
}

func TestWrongArgumentsOfTheJourney(t *testing.T) {
	t.Parallel()
	with := func(f func(*portaltest.Server)) func(t *fakeT) {
		return func(t *fakeT) { f(portaltest.NewServer(t)) }
	}
	for want, test := range map[string]func(*fakeT){
		`there is no transaction "x"; see Transactions`: with(func(s *portaltest.Server) { s.Meld.AdvanceTransaction("x") }),
		`there is no transaction "y"; see Transactions`: with(func(s *portaltest.Server) { s.Meld.SetTransactionStatus("y", "FAILED") }),
		"SetTransactionStatus: the status is empty":     with(func(s *portaltest.Server) { s.Meld.SetTransactionStatus("x", "") }),
		"AdvanceTransaction: FAILED is not on the usual way": with(func(s *portaltest.Server) {
			s.Meld.AdvanceTransaction(s.Meld.SeedTransaction("a", api.MeldTransaction{Status: "FAILED"}).ID)
		}),
		`StartTransaction: there is no widget session "x"`: with(func(s *portaltest.Server) { s.Meld.StartTransaction("x") }),
		"SeedTransaction: the token is empty":              with(func(s *portaltest.Server) { s.Meld.SeedTransaction("", api.MeldTransaction{}) }),
		"SeedTransaction: createdAt must be a time":        with(func(s *portaltest.Server) { s.Meld.SeedTransaction("a", api.MeldTransaction{CreatedAt: "today"}) }),
		"SeedTransaction: there is a transaction with this ID already": with(func(s *portaltest.Server) {
			s.Meld.SeedTransaction("a", api.MeldTransaction{ID: "x"})
			s.Meld.SeedTransaction("b", api.MeldTransaction{ID: "x"})
		}),
	} {
		log := (&fakeT{}).run(test)
		require.NotEmpty(t, log, want)
		require.Contains(t, log[0], "fatal: portaltest: "+want)
	}
	twice := (&fakeT{}).run(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		a, _ := try(srv, "POST", meldPath+"/retail/widget", "jane", buyBTC)
		var got struct{ Data widget }
		_ = json.Unmarshal([]byte(a.Body), &got)
		srv.Meld.StartTransaction(got.Data.ID)
	})
	require.Contains(t, twice[0], "fatal: portaltest: StartTransaction: the session has its transaction already; MeldOptions.StartedLater lets it wait")
}
