package portaltest_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

type quote map[string]any

func (q quote) amount(t *testing.T, field string) *big.Rat {
	t.Helper()
	n, ok := q[field].(json.Number)
	require.True(t, ok, "%s is %T", field, q[field])
	require.NotContains(t, n.String(), "e", "no exponent")
	r, ok := new(big.Rat).SetString(n.String())
	require.True(t, ok)
	return r
}

// quotes asks for quotes, and keeps the digits of the answer.
func quotes(t *testing.T, srv *portaltest.Server, body string) (list []quote, data map[string]any) {
	t.Helper()
	a := send(t, srv, "POST", meldPath+"/retail/quote", "jane", body)
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	var envelope struct{ Data map[string]any }
	d := json.NewDecoder(strings.NewReader(a.Body))
	d.UseNumber()
	require.NoError(t, d.Decode(&envelope))
	items, _ := envelope.Data["quotes"].([]any)
	for _, item := range items {
		list = append(list, quote(item.(map[string]any)))
	}
	return list, envelope.Data
}

func TestQuoteOfAPurchase(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	list, data := quotes(t, srv, `{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"USDC_BASE","sourceAmount":100}`)
	require.Nil(t, data["error"])
	require.Len(t, list, 2)
	require.Equal(t, quote{
		"transactionType": "CRYPTO_PURCHASE", "serviceProvider": "COINHARBOR", "countryCode": "US", "paymentMethodType": "CREDIT_DEBIT_CARD",
		"sourceCurrencyCode": "USD", "sourceAmount": json.Number("100"), "sourceAmountWithoutFees": json.Number("97.55"),
		"destinationCurrencyCode": "USDC_BASE", "destinationAmount": json.Number("96.584158"), "destinationAmountWithoutFees": json.Number("99.0099"),
		"fiatAmountWithoutFees": json.Number("97.55"), "exchangeRate": json.Number("1.01"),
		"transactionFee": json.Number("1.9"), "networkFee": json.Number("0.05"), "partnerFee": json.Number("0.5"), "totalFee": json.Number("2.45"),
		"customerScore": json.Number("95"), "institutionName": nil, "isNativeAvailable": false,
		"rampIntelligence": map[string]any{"rampScore": json.Number("95"), "lowKyc": true, "previouslyUsed": false},
	}, list[0])
	require.Equal(t, "ALPHARAMP", list[1]["serviceProvider"])
}

func TestQuoteOfASale(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	list, _ := quotes(t, srv, `{"countryCode":"DE","sourceCurrencyCode":"BTC","destinationCurrencyCode":"EUR","sourceAmount":0.01,"paymentMethodType":"SEPA"}`)
	require.Len(t, list, 2)
	best := list[0]
	require.Equal(t, "CRYPTO_SELL", best["transactionType"])
	require.Equal(t, "EUROBRIDGE", best["serviceProvider"])
	require.Equal(t, json.Number("47616"), best["exchangeRate"])
	require.Equal(t, json.Number("476.16"), best["destinationAmountWithoutFees"])
	require.Equal(t, json.Number("465.25"), best["destinationAmount"])
	require.Nil(t, best["customerScore"])
}

// Whatever the amount, what is given is what is converted and the fees, to the last digit.
func TestAmountsOfQuotesAddUpExactly(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	random := rand.New(rand.NewPCG(1, 2))
	seen := 0
	for _, market := range []struct{ country, fiat string }{{"US", "USD"}, {"CA", "CAD"}, {"BR", "BRL"}, {"FR", "EUR"}, {"GB", "GBP"}} {
		for _, coin := range []string{"BTC", "ETH", "ETH_BASE", "SOL", "USDC", "USDC_BASE", "XRP"} {
			spent := fmt.Sprintf("%d.%019d", 150+random.IntN(9000), random.Int64())
			list, _ := quotes(t, srv, fmt.Sprintf(`{"countryCode":%q,"sourceCurrencyCode":%q,"destinationCurrencyCode":%q,"sourceAmount":%s}`,
				market.country, market.fiat, coin, spent))
			seen += addUp(t, list, spent, true)
			sold := fmt.Sprintf("0.%019d", random.Int64())
			list, _ = quotes(t, srv, fmt.Sprintf(`{"countryCode":%q,"sourceCurrencyCode":%q,"destinationCurrencyCode":%q,"sourceAmount":%s}`,
				market.country, coin, market.fiat, sold))
			seen += addUp(t, list, sold, false)
		}
	}
	require.Greater(t, seen, 50)
}

func addUp(t *testing.T, list []quote, source string, purchase bool) int {
	t.Helper()
	sum := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }
	providers := map[any]bool{}
	for i, q := range list {
		require.Equal(t, 0, q.amount(t, "sourceAmount").Cmp(json2rat(t, source)), "the amount that was asked for, with all its digits")
		fees := sum(q.amount(t, "transactionFee"), sum(q.amount(t, "networkFee"), q.amount(t, "partnerFee")))
		require.Equal(t, fees, q.amount(t, "totalFee"))
		rate := q.amount(t, "exchangeRate")
		gross, received := q.amount(t, "sourceAmount"), q.amount(t, "destinationAmount")
		if purchase {
			require.Equal(t, gross, sum(q.amount(t, "sourceAmountWithoutFees"), fees))
			// A payout is rounded down to the coin's last digit, and not further.
			rest := new(big.Rat).Sub(q.amount(t, "sourceAmountWithoutFees"), new(big.Rat).Mul(received, rate))
			require.GreaterOrEqual(t, rest.Sign(), 0)
			require.Negative(t, rest.Cmp(new(big.Rat).Mul(rate, big.NewRat(1, 1e6))))
		} else {
			require.Equal(t, q.amount(t, "destinationAmountWithoutFees"), sum(received, fees))
			rest := new(big.Rat).Sub(new(big.Rat).Mul(gross, rate), q.amount(t, "destinationAmountWithoutFees"))
			require.GreaterOrEqual(t, rest.Sign(), 0)
			require.Negative(t, rest.Cmp(big.NewRat(1, 100)), "rounded down to the cent")
		}
		require.Positive(t, received.Sign())
		if i > 0 {
			require.GreaterOrEqual(t, list[i-1].amount(t, "destinationAmount").Cmp(received), 0, "best first")
		}
		require.False(t, providers[q["serviceProvider"]], "one quote for each provider")
		providers[q["serviceProvider"]] = true
	}
	return len(list)
}

func json2rat(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	require.True(t, ok)
	return r
}

func TestWhoIsAsked(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	for name, tc := range map[string]struct {
		body      string
		providers []any
		method    any
	}{
		"one provider":       {`{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":200,"serviceProviders":["ALPHARAMP"]}`, []any{"ALPHARAMP"}, "CREDIT_DEBIT_CARD"},
		"empty list is all":  {`{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":200,"serviceProviders":[]}`, []any{"COINHARBOR", "ALPHARAMP"}, "CREDIT_DEBIT_CARD"},
		"not in a region":    {`{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":200,"subdivision":"NY"}`, []any{"ALPHARAMP"}, "CREDIT_DEBIT_CARD"},
		"region, long":       {`{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":200,"subdivision":"US-NY"}`, []any{"ALPHARAMP"}, "CREDIT_DEBIT_CARD"},
		"a method":           {`{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":200,"paymentMethodType":"ACH"}`, []any{"COINHARBOR", "ALPHARAMP"}, "ACH"},
		"a kind of method":   {`{"countryCode":"GB","sourceCurrencyCode":"GBP","destinationCurrencyCode":"BTC","sourceAmount":200,"paymentMethodType":"BANK_TRANSFER"}`, []any{"EUROBRIDGE", "COINHARBOR", "ALPHARAMP"}, "FASTER_PAYMENTS"},
		"limits of one only": {`{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":9000}`, []any{"ALPHARAMP"}, "CREDIT_DEBIT_CARD"},
		"exponent":           {`{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":9e3}`, []any{"ALPHARAMP"}, "CREDIT_DEBIT_CARD"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, _ := quotes(t, srv, tc.body)
			var got []any
			for _, q := range list {
				got = append(got, q["serviceProvider"])
				require.Equal(t, tc.method, q["paymentMethodType"])
			}
			require.Equal(t, tc.providers, got)
		})
	}
}

// None comes in both ways that were seen: null with an error, and an empty list with a message.
func TestNoQuote(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	for name, body := range map[string]string{
		"country":        `{"countryCode":"XX","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":200}`,
		"currency":       `{"countryCode":"US","sourceCurrencyCode":"EUR","destinationCurrencyCode":"BTC","sourceAmount":200}`,
		"two fiats":      `{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"EUR","sourceAmount":200}`,
		"two coins":      `{"countryCode":"US","sourceCurrencyCode":"BTC","destinationCurrencyCode":"ETH","sourceAmount":1}`,
		"transfer":       `{"countryCode":"US","sourceCurrencyCode":"BTC","destinationCurrencyCode":"BTC","sourceAmount":1}`,
		"method":         `{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":200,"paymentMethodType":"PIX"}`,
		"method to sell": `{"countryCode":"US","sourceCurrencyCode":"BTC","destinationCurrencyCode":"USD","sourceAmount":1,"paymentMethodType":"APPLE_PAY"}`,
		"provider":       `{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":200,"serviceProviders":["NORTHWAY"]}`,
	} {
		_, data := quotes(t, srv, body)
		require.Contains(t, data, "quotes", name)
		require.Nil(t, data["quotes"], name)
		require.Equal(t, "No service provider offers this here", data["error"], name)
	}
	for _, amount := range []string{"0", "0.01", "1e300", "1e-300", "10000.0000000000000000001"} {
		_, data := quotes(t, srv, `{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":`+amount+`}`)
		require.Equal(t, []any{}, data["quotes"], amount)
		require.Equal(t, "The amount is outside of the limits of every service provider", data["message"], amount)
	}
}

func TestIncompleteQuoteRequests(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t)
	srv.Meld.SeedCustomer("john", api.MeldCustomer{ID: "johns"})
	for body, want := range map[string]string{
		``:                       "body: is missing",
		`{"sourceAmount":"200"}`: "/countryCode: is missing; /destinationCurrencyCode: is missing; /sourceAmount: must be number, not string; /sourceCurrencyCode: is missing",
		`{"countryCode":"us","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":1}`:                      "/countryCode: must be an ISO 3166-1 alpha-2 code, such as US",
		`{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":-1}`:                     "/sourceAmount: must be at least 0",
		`{"countryCode":"US","sourceCurrencyCode":"USD","destinationCurrencyCode":"BTC","sourceAmount":1,"customerId":"johns"}`: "/customerId: is not the Meld customer of this client",
	} {
		a := send(t, srv, "POST", meldPath+"/retail/quote", "jane", body)
		require.Equal(t, http.StatusBadRequest, a.Status, body)
		require.Equal(t, want, a.message(t))
	}
}
