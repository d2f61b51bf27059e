package portaltest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// FuzzRequests sends anything to a handler that holds a little: it must answer, in the document's shapes,
// and never with a bug of its own.
func FuzzRequests(f *testing.F) {
	const meld = "/clients/me/integrations/meld"
	for _, seed := range []struct{ method, path, query, body string }{
		{"POST", meld + "/customers", "", createBody},
		{"POST", meld + "/customers", "", `{"email":"a@b","x":1e999999999}`},
		{"GET", meld + "/customers", "x=1", ""},
		{"POST", meld + "/retail/quote", "", `{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":1e2}`},
		{"POST", meld + "/retail/quote", "", `{"countryCode":"DE","sourceCurrencyCode":"XRP","destinationCurrencyCode":"EUR","sourceAmount":51.123456789012345678901234567890}`},
		{"POST", meld + "/retail/widget", "", `{"sessionType":"BUY","sessionData":{"countryCode":"US","serviceProvider":"ALPHARAMP","sourceCurrencyCode":"USD","sourceAmount":"200.00","destinationCurrencyCode":"BTC"}}`},
		{"POST", meld + "/retail/widget", "", `{"sessionType":"TRANSFER","sessionData":{"countryCode":"US","serviceProvider":"VAULTLINK","sourceCurrencyCode":"USDC","sourceAmount":"50"}}`},
		{"GET", meld + "/retail/transactions", "limit=1&offset=1e1&status=A,B&amountFrom=1e-400&from=2026-01-01&after=x", ""},
		{"GET", meld + "/retail/transactions/%2F%00", "", ""},
		{"GET", meld + "/retail/transactions/sessions/x", "", ""},
		{"GET", meld + "/discovery/countries", "countryCode=US&countries=US,,DE&accountFilter=true&other=%zz", ""},
		{"GET", meld + "/discovery/buy-limits", "includeDetails=true&serviceProviders=COINHARBOR", ""},
		{"GET", meld + "/discovery/kyc-limits", "categories=CRYPTO_TRANSFER&statuses=BUILDING", ""},
		{"DELETE", "//", "?;&", "\x00"},
	} {
		f.Add(seed.method, seed.path, seed.query, seed.body)
	}
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Method, r.URL.Path, r.URL.RawPath, r.URL.RawQuery = method, "/api/v3"+path, "", query
		r.Header.Set("Authorization", "Bearer fuzz")
		r.Header.Set("Content-Type", "application/json")
		h := NewHandler()
		h.bug = func(sentence string) { t.Error(sentence) }
		for range 2 {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r.Clone(t.Context()))
			require.Less(t, w.Code, http.StatusInternalServerError, w.Body)
			if w.Body.Len() == 0 || w.Header().Get("Content-Type") != "application/json" {
				continue // what the document has no JSON for
			}
			_, err := apicheck.DecodeJSON(w.Body.Bytes())
			require.NoError(t, err)
			r.Body = http.NoBody
		}
	})
}
