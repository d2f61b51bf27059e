package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A backEnd serves end users, each with the token of their request.
type backEnd struct {
	*http.ServeMux
	client *portal.Client
}

func newBackEnd(client *portal.Client) *backEnd {
	b := &backEnd{http.NewServeMux(), client}
	b.HandleFunc("POST /customers", b.postCustomers)
	b.HandleFunc("GET /countries", b.getCountries)
	return b
}

// forUser is the client of the end user who sent r. A real back end would look up the token of the session;
// this one is told.
func (b *backEnd) forUser(r *http.Request) *portal.Client {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	return b.client.WithTokenSource(portal.StaticToken(token))
}

// postCustomers registers the end user with Meld, or finds out that it is registered.
func (b *backEnd) postCustomers(w http.ResponseWriter, r *http.Request) {
	var form struct{ FirstName, LastName, Email string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&form); err != nil {
		http.Error(w, "the body must be JSON", http.StatusBadRequest)
		return
	}
	ensured, err := b.forUser(r).EnsureMeldCustomer(r.Context(), &api.MeldCreateCustomerRequest{
		Name:  api.MeldCustomerName{FirstName: form.FirstName, LastName: form.LastName},
		Email: form.Email,
	})
	if err != nil {
		fail(w, err)
		return
	}
	reply(w, map[string]any{"id": ensured.ID, "created": ensured.Created})
}

// getCountries lists where the end user can buy.
func (b *backEnd) getCountries(w http.ResponseWriter, r *http.Request) {
	countries, err := b.forUser(r).GetMeldCountries(r.Context(), nil)
	if err != nil {
		fail(w, err)
		return
	}
	names := map[string]string{}
	for _, country := range countries.Data {
		names[country.CountryCode] = country.Name
	}
	reply(w, names)
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

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
