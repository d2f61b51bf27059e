package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/oapi-codegen/runtime/types"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

const (
	baseURL = "https://api.example.com/api/v3"
	token   = "cst_5f0f8b1e7c2d4a6f9b3e1d0c8a7f6e5d"
	chain   = "eip155:1"
	id      = "WmYPbSxAk1Zs9cFh2Tq7Ej" // of the customer
)

// A comparison is one request with one answer, in three ways of writing it. Each returns something of the
// answer, so that it cannot be skipped.
type comparison struct {
	name   string
	answer string // the file in testdata
	status int
	want   string

	client  func(context.Context, *portal.Client) (string, error)
	alone   func(context.Context, *api.ClientWithResponses) (string, error) // the generated client, with nothing of ours
	byHand  func(context.Context, *floor) (string, error)
	budgets map[string]int // allocations of the client, by Go line
}

var comparisons = []comparison{
	{
		name: "createMeldCustomer-200", answer: "customer", status: 200, want: id,
		client: create, alone: createAlone, byHand: createByHand,
		budgets: map[string]int{"go1.26": 64, "go1.27": 25},
	},
	{
		name: "ensureMeldCustomer-409", answer: "conflict", status: 409, want: id,
		client: func(ctx context.Context, c *portal.Client) (string, error) {
			ensured, err := c.EnsureMeldCustomer(ctx, jane())
			return ensured.ID, err
		},
		alone: createAlone, byHand: createByHand,
		budgets: map[string]int{"go1.26": 29, "go1.27": 22},
	},
	{
		name: "getWalletBalances-1KB", answer: "balances", status: 200, want: "ETH",
		client: func(ctx context.Context, c *portal.Client) (string, error) {
			balances, err := c.GetWalletBalances(ctx, chain, nil)
			if err != nil {
				return "", err
			}
			return balances.NativeBalance.Symbol, nil
		},
		alone: func(ctx context.Context, c *api.ClientWithResponses) (string, error) {
			resp, err := c.GetWalletBalancesWithResponse(ctx, chain, nil)
			if err != nil || resp.JSON200 == nil {
				return "", fmt.Errorf("no balances: %w", err)
			}
			return resp.JSON200.NativeBalance.Symbol, nil
		},
		byHand: func(ctx context.Context, f *floor) (string, error) {
			var balances floorBalances
			err := f.get(ctx, "/clients/me/chains/"+chain+"/assets", &balances)
			return balances.NativeBalance.Symbol, err
		},
		budgets: map[string]int{"go1.26": 61, "go1.27": 28},
	},
	{
		name: "getMeldCountries-13KB", answer: "countries", status: 200, want: "US",
		client: func(ctx context.Context, c *portal.Client) (string, error) {
			countries, err := c.GetMeldCountries(ctx, &api.GetMeldCountriesParams{Countries: []string{"US"}})
			if err != nil {
				return "", err
			}
			return countries.Data[0].CountryCode, nil
		},
		alone: func(ctx context.Context, c *api.ClientWithResponses) (string, error) {
			resp, err := c.GetMeldCountriesWithResponse(ctx, &api.GetMeldCountriesParams{Countries: []string{"US"}})
			if err != nil || resp.JSON200 == nil {
				return "", fmt.Errorf("no countries: %w", err)
			}
			return resp.JSON200.Data[0].CountryCode, nil
		},
		byHand: func(ctx context.Context, f *floor) (string, error) {
			var countries floorCountries
			if err := f.get(ctx, "/clients/me/integrations/meld/discovery/countries?countries=US", &countries); err != nil {
				return "", err
			}
			return countries.Data[0].CountryCode, nil
		},
		budgets: map[string]int{"go1.26": 679, "go1.27": 580},
	},
	{
		name: "getLifiQuote-4KB", answer: "quote", status: 200, want: "relay",
		client: func(ctx context.Context, c *portal.Client) (string, error) {
			quote, err := c.GetLifiQuote(ctx, transfer())
			if err != nil {
				return "", err
			}
			return quote.Data.RawResponse.Tool, nil
		},
		alone: func(ctx context.Context, c *api.ClientWithResponses) (string, error) {
			resp, err := c.GetLifiQuoteWithResponse(ctx, *transfer())
			if err != nil || resp.JSON200 == nil {
				return "", fmt.Errorf("no quote: %w", err)
			}
			return resp.JSON200.Data.RawResponse.Tool, nil
		},
		byHand:  quoteByHand,
		budgets: map[string]int{"go1.26": 1028, "go1.27": 430},
	},
	{
		name: "getMeldRetailTransaction-404", answer: "missing", status: 404, want: "404",
		client: func(ctx context.Context, c *portal.Client) (string, error) {
			_, err := c.GetMeldRetailTransaction(ctx, id)
			failure, ok := errors.AsType[*portal.APIError](err)
			if !ok {
				return "", err
			}
			return strconv.Itoa(failure.StatusCode), nil
		},
		alone: func(ctx context.Context, c *api.ClientWithResponses) (string, error) {
			resp, err := c.GetMeldRetailTransactionWithResponse(ctx, id)
			if err != nil || resp.JSON404 == nil {
				return "", fmt.Errorf("no 404: %w", err)
			}
			return strconv.Itoa(resp.StatusCode()), nil
		},
		byHand: func(ctx context.Context, f *floor) (string, error) {
			status, body, err := f.send(ctx, http.MethodGet, "/clients/me/integrations/meld/retail/transactions/"+id, nil)
			if err != nil {
				return "", err
			}
			return strconv.Itoa(status), floorError(body)
		},
		budgets: map[string]int{"go1.26": 33, "go1.27": 29},
	},
}

// As in a program, a request is made in each call.
func jane() *api.MeldCreateCustomerRequest {
	return &api.MeldCreateCustomerRequest{
		Name:        api.MeldCustomerName{FirstName: "Jane Margaret", LastName: "Doe"},
		Email:       "jane.margaret.doe@example.com",
		Phone:       "+14155550123",
		DateOfBirth: types.Date{Time: born},
		Type:        api.MeldCreateCustomerRequestTypeIndividual,
	}
}

var born = time.Date(1990, time.April, 1, 0, 0, 0, 0, time.UTC)

func transfer() *api.LifiQuoteRequest {
	return &api.LifiQuoteRequest{
		FromChain: "eip155:8453", FromToken: "ETH", FromAmount: "1000000000000", FromAddress: "0x1111111111111111111111111111111111111111",
		ToChain: "eip155:42161", ToToken: "USDC",
	}
}

func create(ctx context.Context, c *portal.Client) (string, error) {
	customer, err := c.CreateMeldCustomer(ctx, jane())
	if err != nil {
		return "", err
	}
	return customer.ID, nil
}

func createAlone(ctx context.Context, c *api.ClientWithResponses) (string, error) {
	resp, err := c.CreateMeldCustomerWithResponse(ctx, *jane())
	switch {
	case err != nil:
		return "", err
	case resp.JSON200 != nil:
		return resp.JSON200.Data.ID, nil
	case resp.JSON409 != nil:
		return resp.JSON409.Details.MeldCustomerID, nil
	}
	return "", fmt.Errorf("status %d", resp.StatusCode())
}

// A call is one of a comparison, ready to be made.
type call func(context.Context) (string, error)

// calls are those of the comparison over a transport: with the client, by hand, with the generated client
// alone, and with the generated structs through the client.
func (c *comparison) calls(tb testing.TB, transport http.RoundTripper) (client, byHand, alone, viaAPI call) {
	ours, generated := newClient(tb, baseURL, transport), newAlone(tb, baseURL, transport)
	through, hand := ours.API(), &floor{baseURL, &http.Client{Transport: transport}}
	return func(ctx context.Context) (string, error) { return c.client(ctx, ours) },
		func(ctx context.Context) (string, error) { return c.byHand(ctx, hand) },
		func(ctx context.Context) (string, error) { return c.alone(ctx, generated) },
		func(ctx context.Context) (string, error) { return c.alone(ctx, through) }
}

func newClient(tb testing.TB, base string, transport http.RoundTripper) *portal.Client {
	client, err := portal.New(portal.StaticToken(token), portal.WithBaseURL(base), portal.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(tb, err)
	return client
}

// newAlone is the generated client as its README shows it, with a request editor for the token.
func newAlone(tb testing.TB, base string, transport http.RoundTripper) *api.ClientWithResponses {
	client, err := api.NewClientWithResponses(base, api.WithHTTPClient(&http.Client{Transport: transport}),
		api.WithRequestEditorFn(func(_ context.Context, req *http.Request) error {
			req.Header.Set("Authorization", "Bearer "+token)
			return nil
		}))
	require.NoError(tb, err)
	return client
}

// TestCallsAreTheSame makes the comparisons fair: the same request, and the same from its answer.
func TestCallsAreTheSame(t *testing.T) {
	t.Parallel()
	for _, c := range comparisons {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			transport := newCanned(t, &c)
			transport.note = true
			client, byHand, alone, viaAPI := c.calls(t, transport)
			var first *sent
			for _, call := range []call{alone, client, viaAPI, byHand} {
				got, err := call(t.Context())
				require.NoError(t, err)
				require.Equal(t, c.want, got)
				if first == nil {
					first = transport.last
				}
				require.Equal(t, "Bearer "+token, transport.last.authorization)
				require.Equal(t, first.path, transport.last.path)
				require.Equal(t, first.body != "", transport.last.body != "")
				if first.body != "" {
					require.JSONEq(t, first.body, transport.last.body)
				}
			}
		})
	}
}
