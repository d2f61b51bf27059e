package portaltest_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

func TestRequestMadeByHandHasNoBody(t *testing.T) {
	t.Parallel()
	r, err := http.NewRequest(http.MethodPost, "/api/v3"+customersPath, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer jane")
	w := httptest.NewRecorder()
	portaltest.NewHandler().ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code)
}

// A request that breaks off never arrived.
func TestClientThatLeavesInTheMiddle(t *testing.T) {
	t.Parallel()
	h := portaltest.NewHandler()
	r := httptest.NewRequest(http.MethodPost, "/api/v3"+customersPath, io.MultiReader(strings.NewReader(`{"ema`), brokenReader{}))
	r.Header.Set("Authorization", "Bearer jane")
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { h.ServeHTTP(httptest.NewRecorder(), r) })
	require.Empty(t, h.Requests())
	require.Empty(t, h.Meld.Customers())
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestManyProblemsAreCutShort(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	var query strings.Builder
	for _, letter := range strings.Split("abcdefghijklm", "") {
		query.WriteString("&" + letter + "=1")
	}
	a := send(t, srv, "GET", customersPath+"?"+query.String()[1:], "jane", "")
	require.Equal(t, http.StatusBadRequest, a.Status)
	require.True(t, strings.HasSuffix(a.message(t), `; query "j": getMeldCustomer has no such parameter; and 3 more`), a.Body)
}

func TestBadEscapesInAPath(t *testing.T) {
	t.Parallel()
	h := portaltest.NewHandler()
	r := httptest.NewRequest(http.MethodGet, "/api/v3"+transactionsPath+"/x", http.NoBody)
	r.URL.RawPath, r.URL.Path = "", "/api/v3"+transactionsPath+"/\xff"
	r.Header.Set("Authorization", "Bearer jane")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, http.StatusNotFound, w.Code)
}

func TestMemoryNetworkRefusesOnceClosed(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t, portaltest.WithMemoryNetwork())
	require.Equal(t, http.StatusOK, create(t, srv, "jane", "").Status)
	srv.Close()
	_, err := try(srv, "POST", customersPath, "john", "")
	require.ErrorContains(t, err, "dial memory 127.0.0.1:1: use of closed network connection")
}
