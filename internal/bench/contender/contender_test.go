package contender_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/bench/canned"
	"github.com/portalclient/portal-client-go/internal/bench/contender"
)

// TestContendersDoTheSame is what makes the comparison fair: the same request, and the same ID from both
// answers.
func TestContendersDoTheSame(t *testing.T) {
	t.Parallel()
	const want = `{"name":{"firstName":"Jane Margaret","lastName":"Doe"},"email":"jane.margaret.doe@example.com",` +
		`"phone":"+14155550123","dateOfBirth":"1990-04-01","type":"INDIVIDUAL"}`
	for _, c := range contender.All() {
		for status, body := range map[int]string{200: canned.Customer, 409: canned.Conflict} {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method != http.MethodPost || r.URL.Path != "/api/v3"+canned.Path ||
						r.Header.Get("Authorization") != "Bearer "+canned.Token || r.Header.Get("Content-Type") != "application/json" {
						http.Error(w, "unexpected request", http.StatusTeapot)
						return
					}
					var sent json.RawMessage
					if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
						http.Error(w, err.Error(), http.StatusTeapot)
						return
					}
					if !equalJSON(sent, []byte(want)) {
						http.Error(w, "unexpected body", http.StatusTeapot)
						return
					}
					w.Header().Set("Content-Type", "application/json")
					w.WriteHeader(status)
					_, _ = w.Write([]byte(body))
				}))
				defer server.Close()
				for _, transport := range []http.RoundTripper{nil, server.Client().Transport} {
					call, err := c.New(server.URL+"/api/v3", canned.Token, transport)
					require.NoError(t, err)
					id, err := call(t.Context())
					require.NoError(t, err)
					require.Equal(t, canned.CustomerID, id)
				}
			})
		}
	}
}

func TestContendersReportOtherAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range contender.All() {
		call, err := c.New("https://api.example.com/api/v3", canned.Token, canned.NewMemory(http.StatusForbidden, []byte(`{"error":"no"}`)))
		require.NoError(t, err)
		_, err = call(t.Context())
		require.Error(t, err, c.Name)
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	all, err := contender.Some(contender.Default, contender.Floor)
	require.NoError(t, err)
	require.Equal(t, []string{contender.Default, contender.Floor}, []string{all[0].Name, all[1].Name})
	_, err = contender.Some("nobody")
	require.Error(t, err)
}

func equalJSON(a, b []byte) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	p, errP := json.Marshal(x)
	q, errQ := json.Marshal(y)
	return errP == nil && errQ == nil && string(p) == string(q)
}
