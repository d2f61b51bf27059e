package portal_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

func TestCredentialsGoToOneOrigin(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	other := newScriptedServer(t, jsonAnswer(200, customerBody))
	client := srv.client(t)
	edits := map[string]func(*http.Request){
		"another port":   func(r *http.Request) { r.URL.Host = other.Listener.Addr().String() },
		"another host":   func(r *http.Request) { r.URL.Host = "example.com" },
		"another scheme": func(r *http.Request) { r.URL.Scheme = "https" },
		"a user":         func(r *http.Request) { r.URL.User = url.UserPassword("jane", "s3cret") },
		"a Host header":  func(r *http.Request) { r.Host = "example.com" },
		"an opaque URL":  func(r *http.Request) { r.URL.Opaque = "//elsewhere.invalid/api/v3" },
	}
	for name, edit := range edits {
		_, err := client.API().GetMeldCustomerWithResponse(t.Context(), func(_ context.Context, r *http.Request) error {
			edit(r)
			return nil
		})
		require.ErrorIs(t, err, portal.ErrInvalidRequest, name)
		require.NotContains(t, err.Error(), "s3cret")
	}
	require.Empty(t, srv.received())
	require.Empty(t, other.received())
}
