// Command consumer is what a user of the module would write: a back end that registers its end users with
// Meld. It is a module of its own, so that it sees the client as strangers do.
package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

func main() {
	// One for the process; each end user brings a token of their own.
	client, err := portal.New(nil, portal.WithLogger(slog.Default()), portal.WithUserAgent("consumer/1.0"))
	if err == nil {
		server := &http.Server{Addr: "127.0.0.1:8090", Handler: newBackEnd(client), ReadHeaderTimeout: 10 * time.Second}
		err = server.ListenAndServe()
	}
	slog.Error("stopped", "error", err)
	os.Exit(1)
}

// newBackEnd registers end users with Meld, or finds out that they are registered; each brings the token of their own.
func newBackEnd(client *portal.Client) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /customers", func(w http.ResponseWriter, r *http.Request) {
		// A real back end would look up the token of the session; this one is told.
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		var form struct{ FirstName, LastName, Email string }
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&form); err != nil {
			http.Error(w, "the body must be JSON", http.StatusBadRequest)
			return
		}
		ensured, err := client.WithTokenSource(portal.StaticToken(token)).EnsureMeldCustomer(r.Context(), &api.MeldCreateCustomerRequest{
			Name:  api.MeldCustomerName{FirstName: form.FirstName, LastName: form.LastName},
			Email: form.Email,
		})
		if err != nil {
			fail(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"id": ensured.ID, "created": ensured.Created})
	})
	return mux
}

// fail answers with what the end user's app can act on.
func fail(w http.ResponseWriter, err error) {
	var apiErr *portal.APIError
	switch {
	case errors.Is(err, portal.ErrInvalidRequest):
		http.Error(w, err.Error(), http.StatusUnprocessableEntity) // names the field, never the value
	case errors.Is(err, portal.ErrUnauthorized):
		http.Error(w, "sign in again", http.StatusUnauthorized)
	case errors.Is(err, portal.ErrRateLimited) && errors.As(err, &apiErr):
		w.Header().Set("Retry-After", strconv.Itoa(int(apiErr.RetryAfter/time.Second)))
		http.Error(w, "busy", http.StatusServiceUnavailable)
	default:
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}
