package portaltest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

const meldPath = "/clients/me/integrations/meld"

// list asks a discovery operation and returns its items.
func list(t *testing.T, srv *portaltest.Server, what, query string) []map[string]any {
	t.Helper()
	a := send(t, srv, "GET", meldPath+"/discovery/"+what+"?"+query, "jane", "")
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	var got struct{ Data []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(a.Body), &got))
	require.NotNil(t, got.Data)
	return got.Data
}

// codes lists one field of each item.
func codes(items []map[string]any, field string) []string {
	all := []string{}
	for _, item := range items {
		all = append(all, item[field].(string))
	}
	return all
}

func TestDiscoveryFilters(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	for name, tc := range map[string]struct {
		what, query, field string
		want               []string
	}{
		"countries":                  {"countries", "", "countryCode", []string{"BR", "CA", "DE", "FR", "GB", "US"}},
		"one country":                {"countries", "countryCode=DE", "countryCode", []string{"DE"}},
		"two countries":              {"countries", "countries=US,DE", "countryCode", []string{"DE", "US"}},
		"both names":                 {"countries", "countries=US,DE&countryCode=DE", "countryCode", []string{"DE"}},
		"both names disagree":        {"countries", "countries=US&countryCode=DE", "countryCode", []string{}},
		"unknown country":            {"countries", "countryCode=XX", "countryCode", []string{}},
		"encoded comma":              {"countries", "countries=US%2CDE", "countryCode", []string{"DE", "US"}},
		"countries of a provider":    {"countries", "serviceProviders=EUROBRIDGE", "countryCode", []string{"DE", "FR", "GB"}},
		"countries with euros":       {"countries", "fiatCurrencies=EUR", "countryCode", []string{"DE", "FR"}},
		"anything else":              {"countries", "somethingNew=1", "countryCode", []string{"BR", "CA", "DE", "FR", "GB", "US"}},
		"fiat":                       {"fiat-currencies", "", "currencyCode", []string{"BRL", "CAD", "EUR", "GBP", "USD"}},
		"fiat of a country":          {"fiat-currencies", "countryCode=BR", "currencyCode", []string{"BRL"}},
		"fiat for transfers":         {"fiat-currencies", "categories=CRYPTO_TRANSFER", "currencyCode", []string{}},
		"crypto":                     {"crypto-currencies", "", "currencyCode", []string{"BTC", "ETH", "ETH_BASE", "SOL", "USDC", "USDC_BASE", "XRP"}},
		"crypto of a chain":          {"crypto-currencies", "cryptoChains=BASE", "currencyCode", []string{"ETH_BASE", "USDC_BASE"}},
		"crypto for transfers":       {"crypto-currencies", "categories=CRYPTO_TRANSFER", "currencyCode", []string{"BTC", "ETH", "USDC"}},
		"crypto of a provider":       {"crypto-currencies", "serviceProviders=PIXPONTE", "currencyCode", []string{"BTC", "USDC", "USDC_BASE"}},
		"methods":                    {"payment-methods", "", "paymentMethod", []string{"ACH", "APPLE_PAY", "CREDIT_DEBIT_CARD", "FASTER_PAYMENTS", "INTERAC", "PIX", "SEPA"}},
		"methods of a country":       {"payment-methods", "countries=GB", "paymentMethod", []string{"APPLE_PAY", "CREDIT_DEBIT_CARD", "FASTER_PAYMENTS"}},
		"methods to be paid by":      {"payment-methods", "countries=GB&categories=CRYPTO_OFFRAMP", "paymentMethod", []string{"CREDIT_DEBIT_CARD", "FASTER_PAYMENTS"}},
		"methods of a kind":          {"payment-methods", "paymentMethodTypes=BANK_TRANSFER&countries=DE,BR", "paymentMethod", []string{"PIX", "SEPA"}},
		"providers":                  {"service-providers", "", "serviceProvider", []string{"ALPHARAMP", "COINHARBOR", "EUROBRIDGE", "PIXPONTE", "VAULTLINK"}},
		"providers in building":      {"service-providers", "statuses=BUILDING", "serviceProvider", []string{"NORTHWAY"}},
		"providers of the account":   {"service-providers", "accountFilter=true", "serviceProvider", []string{"ALPHARAMP", "COINHARBOR", "EUROBRIDGE", "VAULTLINK"}},
		"providers that buy back":    {"service-providers", "categories=CRYPTO_OFFRAMP&countryCode=BR", "serviceProvider", []string{"ALPHARAMP", "PIXPONTE"}},
		"providers of a coin in one": {"service-providers", "cryptoCurrencies=XRP&countryCode=US", "serviceProvider", []string{"ALPHARAMP"}},
		"defaults":                   {"defaults", "countryCode=CA", "defaultCurrencyCode", []string{"CAD"}},
		"buy limits":                 {"buy-limits", "countries=CA,US", "currencyCode", []string{"CAD", "USD"}},
		"sell limits":                {"sell-limits", "serviceProviders=PIXPONTE", "currencyCode", []string{"BTC", "USDC", "USDC_BASE"}},
		"no sale there":              {"sell-limits", "serviceProviders=COINHARBOR", "currencyCode", []string{}},
		"KYC limits":                 {"kyc-limits", "fiatCurrencies=EUR,USD", "currencyCode", []string{"EUR", "USD"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, codes(list(t, srv, tc.what, tc.query), tc.field))
		})
	}
}

func TestDiscoveryItems(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	us := list(t, srv, "countries", "countryCode=US")[0]
	require.Equal(t, "United States", us["name"])
	require.Contains(t, us["regions"], map[string]any{"regionCode": "CA", "name": "California"})
	require.NotContains(t, us, "serviceProviderDetails")
	require.Nil(t, list(t, srv, "countries", "countryCode=DE")[0]["regions"])

	detailed := list(t, srv, "crypto-currencies", "cryptoCurrencies=USDC_BASE&countryCode=BR&includeServiceProviderDetails=true")[0]
	require.Equal(t, map[string]any{"ALPHARAMP": "usdc_base", "PIXPONTE": "usdc_base"}, detailed["serviceProviderDetails"])
	require.Equal(t, "8453", detailed["chainId"])
	require.Nil(t, list(t, srv, "crypto-currencies", "cryptoCurrencies=BTC")[0]["chainId"])

	limit := list(t, srv, "buy-limits", "countryCode=US&includeDetails=true")[0]
	require.Equal(t, map[string]any{
		"currencyCode": "USD", "defaultAmount": 200.0, "minimumAmount": 20.0, "maximumAmount": 10000.0, "accountDetails": nil,
		"meldDetails": map[string]any{"minimumAmount": 20.0, "maximumAmount": 10000.0},
		"serviceProviderDetails": map[string]any{
			"ALPHARAMP":  map[string]any{"minimumAmount": 20.0, "maximumAmount": 10000.0},
			"COINHARBOR": map[string]any{"minimumAmount": 40.0, "maximumAmount": 5000.0},
		},
	}, limit)
	only := list(t, srv, "buy-limits", "countryCode=US&serviceProviders=COINHARBOR")[0]
	require.Equal(t, []any{40.0, 5000.0}, []any{only["minimumAmount"], only["maximumAmount"]})
	require.Equal(t, map[string]any{
		"currencyCode": "BTC", "chainCode": "BTC", "defaultAmount": nil, "minimumAmount": 0.0005, "maximumAmount": 2.0,
	}, list(t, srv, "sell-limits", "cryptoCurrencies=BTC")[0])
	require.Equal(t, map[string]any{
		"countryCode": "BR", "defaultCurrencyCode": "BRL", "defaultPaymentMethods": []any{"PIX", "CREDIT_DEBIT_CARD"},
	}, list(t, srv, "defaults", "countryCode=BR")[0])
}

// The two spellings of a tier's limits, of which nobody knows which Portal sends.
func TestSpellingsOfKYCLimits(t *testing.T) {
	t.Parallel()
	portals := list(t, portaltest.NewServer(t), "kyc-limits", "countryCode=US&includeDetails=true")[0]
	require.Equal(t, map[string]any{
		"transactionLimit": 200.0, "dailyLimit": 400.0, "weeklyLimit": 1200.0, "monthlyLimit": 4000.0, "yearlyLimit": nil,
	}, portals["level1"])
	melds := list(t, portaltest.NewServer(t, portaltest.WithMeld(portaltest.MeldOptions{MeldSpelling: true})), "kyc-limits", "countryCode=US")[0]
	require.Equal(t, map[string]any{
		"transaction": 5000.0, "daily": 10000.0, "weekly": 30000.0, "monthly": 100000.0, "yearly": nil,
	}, melds["level3"])
}

func TestDiscoveryChecksItsFilters(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	a := send(t, srv, "GET", meldPath+"/discovery/countries?accountFilter="+url.QueryEscape("yes please"), "jane", "")
	require.Equal(t, http.StatusBadRequest, a.Status)
	require.Equal(t, "query accountFilter: must be boolean, not string", a.message(t))
}
