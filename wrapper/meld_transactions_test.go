package portal_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// transactionList serves transactions t0, t1, … by offset, by key, or not by pages at all.
type transactionList struct {
	total            int
	keys             bool // each transaction has one
	keyless          int  // those from this one on have none after all, unless it is 0
	obeyKey, obeyAll bool
	grow             int // how many new ones appear at the front with each page
	growOnce         bool
	queries          []string
}

func (l *transactionList) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.queries = append(l.queries, r.URL.RawQuery)
	first := -l.grow * (len(l.queries) - 1)
	if l.growOnce {
		first = max(first, -l.grow)
	}
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
		if l.keys && (l.keyless == 0 || i < l.keyless) {
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
		{"by key, while there are keys", transactionList{total: 25, keys: true, keyless: 7, obeyKey: true, obeyAll: true}, 7, ""},
		{"by offset, though there are keys", transactionList{total: 25, keys: true, obeyAll: true}, 8, ""},
		{"by offset, while new ones push", transactionList{total: 25, grow: 1, obeyAll: true}, 8, ""},
		{"by offset, though there are keys, while new ones push", transactionList{total: 25, keys: true, grow: 1, growOnce: true, obeyAll: true}, 9, ""},
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
			for i := range tt.list.total {
				require.Contains(t, seen, fmt.Sprintf("t%d", i))
			}
			for _, query := range tt.list.queries {
				require.Contains(t, query, "limit=4")
				require.Contains(t, query, "status=SETTLED,PENDING")
			}
		})
	}
}

// The caller's offset is where the iteration begins, and it goes on by offset.
func TestMeldTransactionsFromAnOffset(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, answer{})
	list := &transactionList{total: 12, obeyAll: true, keys: true}
	srv.Config.Handler = list
	var ids []string
	params := &api.SearchMeldRetailTransactionsParams{Limit: new(4), Offset: new(5)}
	for transaction, err := range srv.client(t).MeldTransactions(t.Context(), params) {
		require.NoError(t, err)
		ids = append(ids, transaction.ID)
	}
	require.Equal(t, []string{"t5", "t6", "t7", "t8", "t9", "t10", "t11"}, ids)
	require.Equal(t, 5, *params.Offset, "the caller's parameters are not changed")
	require.Len(t, list.queries, 2)
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

// A list that is null is empty, and a transaction without ID or status is one all the same.
func TestMeldTransactionsLosesNone(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		`{"data":{"transactions":null,"count":0,"remaining":0,"totalCount":0}}`: 0,
		`{"data":{"transactions":[],"count":0}}`:                                0,
		`{"data":{}}`:                                                           0,
		`{"data":null}`:                                                         0,
		`{"data":{"transactions":[{"id":"","status":"A"},{"status":"B"},{"id":"t1"}],"remaining":0}}`: 3,
		`{"data":{"transactions":[{},null],"remaining":0}}`:                                           2,
		`{"data":{"transactions":[{"status":"A"},{"status":"A"},{"id":"t1"},{"id":"t1"}]}}`:           3,
	} {
		srv := newScriptedServer(t, jsonAnswer(200, body))
		var n int
		for transaction, err := range srv.client(t).MeldTransactions(t.Context(), nil) {
			require.NoError(t, err, body)
			require.NotNil(t, transaction)
			n++
		}
		require.Equal(t, want, n, body)
		require.Len(t, srv.received(), 1)
	}
}

// Numbers may be written as any JSON number that is one of the kind.
func TestMeldTransactionsReadsNumbers(t *testing.T) {
	t.Parallel()
	for number, ok := range map[string]bool{"0": true, "-0": true, "0.5": false, "99999999999999999999": false, `"0"`: false} {
		srv := newScriptedServer(t, jsonAnswer(200, `{"data":{"transactions":[],"count":0,"remaining":`+number+`}}`))
		var err error
		for _, err = range srv.client(t).MeldTransactions(t.Context(), nil) {
		}
		require.Equal(t, !ok, errors.Is(err, portal.ErrUnusableResponse), "%s: %v", number, err)
	}
}
