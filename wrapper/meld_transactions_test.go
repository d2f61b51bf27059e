package portal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// transactionList serves transactions t0, t1, … by offset, by key, or not by pages at all.
type transactionList struct {
	total            int
	keys             bool // each transaction has one
	obeyKey, obeyAll bool
	grow             int // how many new ones appear at the front with each page
	queries          []string
}

func (l *transactionList) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.queries = append(l.queries, r.URL.RawQuery)
	first := -l.grow * (len(l.queries) - 1)
	begin, limit := first, 10
	if n, err := strconv.Atoi(r.URL.Query().Get("limit")); err == nil {
		limit = n
	}
	if n, err := strconv.Atoi(r.URL.Query().Get("offset")); err == nil && l.obeyAll {
		begin = first + n
	}
	if n, err := strconv.Atoi(r.URL.Query().Get("after")); err == nil && l.obeyKey {
		begin = n + 1
	}
	end := min(begin+limit, l.total)
	page := []map[string]any{}
	for i := begin; i < end; i++ {
		t := map[string]any{"id": fmt.Sprintf("t%d", i), "status": "SETTLED"}
		if l.keys {
			t["key"] = strconv.Itoa(i)
		}
		page = append(page, t)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{
		"transactions": page, "count": len(page), "remaining": l.total - end, "totalCount": l.total - first,
	}})
}

func TestMeldTransactions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		list  transactionList
		pages int
		says  string
	}{
		{"none", transactionList{obeyAll: true}, 1, ""},
		{"one page", transactionList{total: 3, obeyAll: true}, 1, ""},
		{"by offset", transactionList{total: 25, obeyAll: true}, 7, ""},
		{"by key", transactionList{total: 25, keys: true, obeyKey: true}, 7, ""},
		{"by offset, though there are keys", transactionList{total: 25, keys: true, obeyAll: true}, 8, ""},
		{"by offset, while new ones push", transactionList{total: 25, grow: 1, obeyAll: true}, 8, ""},
		{"by neither", transactionList{total: 25, keys: true}, 3, "repeats"},
		{"by neither, without keys", transactionList{total: 25}, 2, "repeats"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, answer{})
			srv.Config.Handler = &tt.list
			limit := 4
			params := &api.SearchMeldRetailTransactionsParams{Limit: &limit, Status: []string{"SETTLED", "PENDING"}}
			seen := map[string]int{}
			var last error
			for transaction, err := range srv.client(t).MeldTransactions(t.Context(), params) {
				if last = err; err == nil {
					seen[transaction.ID]++
				}
			}
			require.Len(t, tt.list.queries, tt.pages, "%q", tt.list.queries)
			for id, n := range seen {
				require.Equal(t, 1, n, id)
			}
			require.Nil(t, params.Offset, "the caller's parameters are not changed")
			require.Nil(t, params.After)
			if tt.says != "" {
				require.ErrorContains(t, last, tt.says)
				return
			}
			require.NoError(t, last)
			require.Len(t, seen, tt.list.total)
			for _, query := range tt.list.queries {
				require.Contains(t, query, "limit=4")
				require.Contains(t, query, "status=SETTLED,PENDING")
			}
		})
	}
}

func TestMeldTransactionsEndsEarly(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(401, `{}`))
	var n int
	for transaction, err := range srv.client(t).MeldTransactions(t.Context(), nil) {
		require.Nil(t, transaction)
		require.ErrorIs(t, err, portal.ErrUnauthorized)
		n++
	}
	require.Equal(t, 1, n)

	list := &transactionList{total: 100, obeyAll: true}
	srv.Config.Handler = list
	for _, err := range srv.client(t).MeldTransactions(t.Context(), nil) {
		require.NoError(t, err)
		break
	}
	require.Len(t, list.queries, 1)
}

// statuses answers with one status after the other, and the last again and again; "404" and the like are
// answered as errors.
func statuses(list ...string) (http.Handler, *[]string) {
	var paths []string
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		w.Header().Set("Content-Type", "application/json")
		status := list[0]
		if len(list) > 1 {
			list = list[1:]
		}
		if code, err := strconv.Atoi(status); err == nil {
			w.Header().Set("Retry-After", "20")
			w.WriteHeader(code)
			return
		}
		_, _ = fmt.Fprintf(w, `{"data":{"transaction":{"id":"t1","status":%q}}}`, status)
	}), &paths
}

func TestWatchMeldTransaction(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer []string
		want   []string
		is     error
	}{
		{"to the end", []string{"PENDING", "PENDING", "SETTLING", "SETTLED"}, []string{"PENDING", "SETTLING", "SETTLED"}, nil},
		{"already over", []string{"REFUNDED"}, []string{"REFUNDED"}, nil},
		{"ERROR and the unknown are not the end", []string{"ERROR", "PARTIALLY_SETTLED", "VOIDED", "FAILED"}, []string{"ERROR", "PARTIALLY_SETTLED", "VOIDED", "FAILED"}, nil},
		{"failures that pass", []string{"PENDING", "503", "429", "DECLINED"}, []string{"PENDING", "DECLINED"}, nil},
		{"failures that do not pass", []string{"PENDING", "503"}, []string{"PENDING"}, portal.ErrServer},
		{"not found", []string{"404"}, nil, portal.ErrNotFound},
		{"refused", []string{"PENDING", "403"}, []string{"PENDING"}, portal.ErrForbidden},
		{"never", []string{"PENDING"}, []string{"PENDING"}, context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				handler, _ := statuses(tt.answer...)
				client := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok"), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				var got []string
				var last error
				for transaction, err := range client.WatchMeldTransaction(ctx, "t1", portal.PollPolicy{}) {
					if last = err; err == nil {
						got = append(got, transaction.Status)
					}
				}
				require.Equal(t, tt.want, got)
				require.ErrorIs(t, last, tt.is)

				handler, _ = statuses(tt.answer...)
				client = newPipeNetwork(t, handler).client(t, portal.StaticToken("tok"), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
				transaction, err := client.WaitForMeldTransaction(ctx, "t1", portal.PollPolicy{})
				if tt.is != nil {
					require.Error(t, err)
					return
				}
				require.NoError(t, err)
				require.Equal(t, tt.want[len(tt.want)-1], transaction.Status)
			})
		})
	}
}

// The waits grow from BaseDelay to MaxDelay, and begin anew after a change.
func TestWatchWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		inner, _ := statuses(append(append(make([]string, 0, 30), repeat("PENDING", 15)...), "SETTLING", "SETTLING", "SETTLED")...)
		network := newPipeNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			at = append(at, time.Now())
			inner.ServeHTTP(w, r)
		}))
		_, err := network.client(t, portal.StaticToken("tok")).WaitForMeldTransaction(t.Context(), "t1", portal.PollPolicy{BaseDelay: time.Second, MaxDelay: 10 * time.Second})
		require.NoError(t, err)
		delay := time.Second
		for i := 1; i < len(at); i++ {
			wait := at[i].Sub(at[i-1])
			require.LessOrEqual(t, wait, delay, "wait %d", i)
			require.GreaterOrEqual(t, wait, delay*3/4-time.Nanosecond, "wait %d", i)
			if delay = min(delay*3/2, 10*time.Second); i == 15 {
				delay = time.Second
			}
		}
		require.Len(t, at, 18)
	})
}

func repeat(s string, n int) (list []string) {
	for range n {
		list = append(list, s)
	}
	return list
}

// A session has no transaction until the end user begins; from then on it is followed by its ID.
func TestWatchMeldSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		handler, paths := statuses("404", "404", "PENDING", "SETTLED")
		client := newPipeNetwork(t, handler).client(t, portal.StaticToken("tok"))
		var got []string
		for transaction, err := range client.WatchMeldSession(t.Context(), "s1", portal.PollPolicy{BaseDelay: -1, MaxDelay: -1}) {
			require.NoError(t, err)
			got = append(got, transaction.Status)
		}
		require.Equal(t, []string{"PENDING", "SETTLED"}, got)
		const transactions = "/api/v3/clients/me/integrations/meld/retail/transactions/"
		require.Equal(t, []string{transactions + "sessions/s1", transactions + "sessions/s1", transactions + "sessions/s1", transactions + "t1"}, *paths)
	})
}
