package portaltest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

const buyBTC = `{"sessionType":"BUY","externalSessionId":"order-1","sessionData":{"countryCode":"US","serviceProvider":"ALPHARAMP",` +
	`"sourceCurrencyCode":"USD","sourceAmount":"200.00","destinationCurrencyCode":"BTC","walletAddress":"bc1qexample"}}`

type widget struct {
	ID, Token, CustomerID, ExternalCustomerID, WidgetURL string
	ExternalSessionID                                    *string
}

func openWidget(t *testing.T, srv *portaltest.Server, token, body string) widget {
	t.Helper()
	a := send(t, srv, "POST", meldPath+"/retail/widget", token, body)
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	var got struct{ Data widget }
	require.NoError(t, json.Unmarshal([]byte(a.Body), &got))
	return got.Data
}

func TestWidgetSessionBeginsATransactionOfItsClient(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	w := openWidget(t, srv, "jane", buyBTC)
	require.Equal(t, "order-1", *w.ExternalSessionID)
	require.Contains(t, w.WidgetURL, w.Token)
	require.Len(t, srv.Meld.Transactions("jane"), 1)
	require.Empty(t, srv.Meld.Transactions("john"))

	a := send(t, srv, "GET", meldPath+"/retail/transactions/sessions/"+w.ID, "jane", "")
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	var got struct {
		Data struct{ Transaction map[string]any }
	}
	require.NoError(t, json.Unmarshal([]byte(a.Body), &got))
	tx := got.Data.Transaction
	details, _ := tx["cryptoPurchaseDetails"].(map[string]any)
	require.Equal(t, map[string]any{
		"chainCode": "BTC", "blockchainTransactionId": nil,
		"totalFee": 10.3, "transactionFee": 5.8, "networkFee": 3.5, "partnerFee": 1.0, "exchangeRate": 60300.0,
	}, details)
	delete(tx, "cryptoPurchaseDetails")
	require.Equal(t, map[string]any{
		"id": srv.Meld.Transactions("jane")[0].ID, "key": *srv.Meld.Transactions("jane")[0].Key, "sessionId": w.ID, "externalSessionId": "order-1",
		"externalCustomerId": w.ExternalCustomerID, "status": "PENDING", "transactionType": "CRYPTO_PURCHASE", "serviceProvider": "ALPHARAMP",
		"paymentMethodType": "CREDIT_DEBIT_CARD", "sourceAmount": 200.0, "sourceCurrencyCode": "USD",
		"destinationAmount": 0.00314593, "destinationCurrencyCode": "BTC", "destinationWalletAddress": "bc1qexample",
		"serviceProviderDetails": map[string]any{}, "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
	}, tx)
	require.Equal(t, a.Body, send(t, srv, "GET", meldPath+"/retail/transactions/"+tx["id"].(string), "jane", "").Body)
}

func TestSellAndTransferSessions(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	openWidget(t, srv, "jane", `{"sessionType":"SELL","sessionData":{"countryCode":"DE","serviceProvider":"EUROBRIDGE","sourceCurrencyCode":"BTC","sourceAmount":"0.01","destinationCurrencyCode":"EUR","walletAddress":"bc1qexample"}}`)
	w := openWidget(t, srv, "jane", `{"sessionType":"TRANSFER","sessionData":{"countryCode":"US","serviceProvider":"VAULTLINK","sourceCurrencyCode":"USDC","sourceAmount":"50"}}`)
	require.Nil(t, w.ExternalSessionID)
	all := srv.Meld.Transactions("jane")
	require.Equal(t, "CRYPTO_SELL", all[0].TransactionType)
	require.Equal(t, json.Number("465.25"), *all[0].DestinationAmount)
	require.Equal(t, "SEPA", *all[0].PaymentMethodType)
	require.Nil(t, all[0].DestinationWalletAddress)
	require.Equal(t, "CRYPTO_TRANSFER", all[1].TransactionType)
	require.Equal(t, json.Number("50"), *all[1].DestinationAmount)
	require.Nil(t, all[1].PaymentMethodType)
	require.Nil(t, all[1].ExternalSessionID)
}

func TestWidgetRefusals(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	openWidget(t, srv, "jane", buyBTC)
	openWidget(t, srv, "john", buyBTC) // another client may use the same reference
	srv.Meld.SeedCustomer("john", api.MeldCustomer{ID: "johns"})
	with := func(old, replacement string) string {
		require.Contains(t, buyBTC, old)
		return strings.Replace(strings.Replace(buyBTC, `"externalSessionId":"order-1",`, "", 1), old, replacement, 1)
	}
	for name, tc := range map[string]struct{ body, want string }{
		"no body":            {"", "body: is missing"},
		"no data":            {`{"sessionType":"BUY"}`, "/sessionData: is missing"},
		"no provider":        {with(`"serviceProvider":"ALPHARAMP",`, ""), "/sessionData/serviceProvider: is missing"},
		"type":               {with(`"BUY"`, `"RENT"`), "/sessionType: must be one of BUY, SELL, TRANSFER"},
		"amount as a number": {with(`"200.00"`, `200`), "/sessionData/sourceAmount: must be string, not number"},
		"amount in words":    {with(`"200.00"`, `"many"`), `/sessionData/sourceAmount: must be a decimal in a string, such as "50.00"`},
		"negative amount":    {with(`"200.00"`, `"-1"`), `/sessionData/sourceAmount: must be a decimal in a string, such as "50.00"`},
		"amount too small":   {with(`"200.00"`, `"19.99"`), "/sessionData/sourceAmount: must be from 20 to 10000"},
		"amount too large":   {with(`"200.00"`, `"10000.01"`), "/sessionData/sourceAmount: must be from 20 to 10000"},
		"country":            {with(`"US"`, `"USA"`), "/sessionData/countryCode: must be an ISO 3166-1 alpha-2 code, such as US"},
		"destination":        {with(`"destinationCurrencyCode":"BTC",`, ""), "/sessionData/destinationCurrencyCode: is missing"},
		"unknown provider":   {with(`"ALPHARAMP"`, `"ACME"`), "/sessionData/serviceProvider: is not known; see getMeldServiceProviders"},
		"other provider":     {with(`"ALPHARAMP"`, `"EUROBRIDGE"`), "/sessionData: this provider does not offer that; take a quote of its own, as getMeldRetailQuote answers it"},
		"other method":       {with(`"countryCode"`, `"paymentMethodType":"PIX","countryCode"`), "/sessionData: this provider does not offer that; take a quote of its own, as getMeldRetailQuote answers it"},
		"reference again":    {buyBTC, "/externalSessionId: was used before; give a new one on every call"},
		"KYC of nobody":      {with(`{"sessionType"`, `{"bypassKyc":true,"sessionType"`), "/bypassKyc: needs a Meld customer"},
		"customer of others": {with(`{"sessionType"`, `{"customerId":"johns","sessionType"`), "/customerId: is not the Meld customer of this client"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := send(t, srv, "POST", meldPath+"/retail/widget", "jane", tc.body)
			require.Equal(t, http.StatusBadRequest, a.Status)
			require.Equal(t, tc.want, a.message(t))
		})
	}
	t.Cleanup(func() { require.Len(t, srv.Meld.Transactions("jane"), 1, "a refused session has no transaction") })
}

// The widget asks who the end user is by itself, so its customer may come to be later: with the same ID.
func TestWidgetCustomer(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	before := openWidget(t, srv, "jane", buyBTC)
	require.Empty(t, srv.Meld.Customers())
	require.Equal(t, http.StatusOK, create(t, srv, "jane", "").Status)
	require.Equal(t, before.CustomerID, srv.Meld.Customers()["jane"].ID)
	require.Equal(t, before.ExternalCustomerID, srv.Meld.Customers()["jane"].ExternalID)
	after := openWidget(t, srv, "jane", strings.Replace(buyBTC, `"externalSessionId":"order-1"`, `"bypassKyc":true,"customerId":"`+before.CustomerID+`"`, 1))
	require.Equal(t, before.CustomerID, after.CustomerID)
	require.NotEqual(t, before.ID, after.ID)

	_, data := quotes(t, srv, `{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":200,"serviceProviders":["ALPHARAMP"],"customerId":"`+before.CustomerID+`"}`)
	first := data["quotes"].([]any)[0].(map[string]any)
	require.Equal(t, true, first["rampIntelligence"].(map[string]any)["previouslyUsed"])
}

func TestSessionsThatStartLater(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t, portaltest.WithMeld(portaltest.MeldOptions{StartedLater: true}))
	w := openWidget(t, srv, "jane", buyBTC)
	bySession := meldPath + "/retail/transactions/sessions/" + w.ID
	require.Equal(t, http.StatusNotFound, send(t, srv, "GET", bySession, "jane", "").Status)
	started := srv.Meld.StartTransaction(w.ID)
	require.Equal(t, "PENDING", started.Status)
	require.Equal(t, w.ID, started.SessionID)
	require.Contains(t, send(t, srv, "GET", bySession, "jane", "").Body, started.ID)
}
