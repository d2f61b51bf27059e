package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// ask sends jane's request to a back end that talks to the fake.
func ask(t *testing.T, fake *portaltest.Server, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/customers", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer jane")
	w := httptest.NewRecorder()
	newBackEnd(fake.Client("nobody")).ServeHTTP(w, r)
	return w
}

func TestPostCustomers(t *testing.T) {
	t.Parallel()
	const create = "createMeldCustomer"
	tests := []struct {
		name     string
		arrange  func(*portaltest.Server)
		status   int
		says     string
		requests int
	}{
		{"new", func(*portaltest.Server) {}, 200, `"created":true,"id":"`, 1},
		{"existing", func(fake *portaltest.Server) {
			fake.Meld.SeedCustomer("jane", api.MeldCustomer{ID: "cus-of-jane"})
		}, 200, `{"created":false,"id":"cus-of-jane"}`, 1},
		{"existing, but the 409 does not say which", func(fake *portaltest.Server) {
			fake.Meld.SeedCustomer("jane", api.MeldCustomer{ID: "cus-of-jane"})
			fake.Fail(create, portaltest.ConflictWithoutID())
		}, 200, `"id":"cus-of-jane"`, 2},
		{"lost reply", func(fake *portaltest.Server) {
			fake.Fail(create, portaltest.DropAfter())
		}, 200, `"id":"`, 2},
		{"expired token", func(fake *portaltest.Server) { fake.ExpireToken("jane") }, 401, "sign in again", 1},
		{"rate limit", func(fake *portaltest.Server) {
			fake.Fail(create, portaltest.Status(429).RetryAfter(time.Minute))
		}, 503, "busy", 1},
		{"outage", func(fake *portaltest.Server) {
			fake.Fail(create, portaltest.Status(500).Times(3))
		}, 502, "500 Internal Server Error", 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fake := portaltest.NewServer(t)
			tt.arrange(fake)
			w := ask(t, fake, `{"firstName":"Jane","email":"jane@example.com"}`)
			require.Equal(t, tt.status, w.Code, w.Body)
			require.Contains(t, w.Body.String(), tt.says)
			require.Len(t, fake.Requests(), tt.requests)
			if w.Code == http.StatusOK {
				require.Contains(t, w.Body.String(), fake.Meld.Customers()["jane"].ID)
			}
		})
	}
}

func TestPostCustomersNamesTheField(t *testing.T) {
	t.Parallel()
	fake := portaltest.NewServer(t)
	w := ask(t, fake, `{"email":"Jane Doe <jane@example.com>"}`)
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "email must be one bare address")
	require.NotContains(t, w.Body.String(), "jane@example.com")
	require.Empty(t, fake.Requests(), "it never reached the network")
}

func TestPostCustomersWithoutJSON(t *testing.T) {
	t.Parallel()
	fake := portaltest.NewServer(t)
	require.Equal(t, http.StatusBadRequest, ask(t, fake, `{"email":`).Code)
	require.Empty(t, fake.Requests())
}
