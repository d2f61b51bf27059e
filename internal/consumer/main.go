// Command consumer is what a user of the module would write: a back end that registers its end users with
// Meld. It is a module of its own, so that it sees the client as strangers do.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
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
	options := []portal.Option{portal.WithLogger(slog.Default()), portal.WithUserAgent("consumer/1.0")}
	if baseURL := os.Getenv("PORTAL_BASE_URL"); baseURL != "" {
		options = append(options, portal.WithBaseURL(baseURL))
	}
	client, err := portal.New(nil, options...) // one for the process; each end user brings a token of their own
	if err == nil {
		server := &http.Server{Addr: "127.0.0.1:8090", Handler: newBackEnd(client), ReadHeaderTimeout: 10 * time.Second}
		err = server.ListenAndServe()
	}
	slog.Error("stopped", "error", err)
	os.Exit(1)
}

// newBackEnd serves end users, each with the token of their request.
func newBackEnd(client *portal.Client) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, answer func(*portal.Client, *http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			// A real back end would look up the token of the session; this one is told.
			token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
			value, err := answer(client.WithTokenSource(portal.StaticToken(token)), r)
			if err != nil {
				fail(w, err)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(value)
		})
	}
	handle("POST /customers", postCustomers)
	handle("GET /countries", getCountries)
	return mux
}

// postCustomers registers the end user with Meld, or finds out that it is registered.
func postCustomers(client *portal.Client, r *http.Request) (any, error) {
	var form struct{ FirstName, LastName, Email string }
	if err := json.NewDecoder(r.Body).Decode(&form); err != nil {
		return nil, fmt.Errorf("%w: the body must be JSON", portal.ErrInvalidRequest)
	}
	ensured, err := client.EnsureMeldCustomer(r.Context(), &api.MeldCreateCustomerRequest{
		Name:  api.MeldCustomerName{FirstName: form.FirstName, LastName: form.LastName},
		Email: form.Email,
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"id": ensured.ID, "created": ensured.Created}, nil
}

// getCountries lists where the end user can buy.
func getCountries(client *portal.Client, r *http.Request) (any, error) {
	countries, err := client.GetMeldCountries(r.Context(), nil)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, country := range countries.Data {
		names[country.CountryCode] = country.Name
	}
	return names, nil
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
