package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/oapi-codegen/runtime/types"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

const (
	baseURL    = "https://api.example.com/api/v3"
	token      = "cst_5f0f8b1e7c2d4a6f9b3e1d0c8a7f6e5d"
	customerID = "WmYPbSxAk1Zs9cFh2Tq7Ej"
)

// A call makes one request and returns something of its answer, which is the same whoever made it.
type call func(ctx context.Context) (string, error)

// A comparison is one request with one answer, written with each of the three that are compared, and with
// the client's own way to the generated response structs.
type comparison struct {
	name    string
	status  int
	body    string
	answer  string // what each call returns
	portal  func(*portal.Client) call
	alone   func(*api.ClientWithResponses) call // the generated client, alone and through Client.API
	floor   func(*floor) call
	budgets map[string]int // allocations of the portal client by Go line
}

var comparisons = []comparison{
	{
		name: "createMeldCustomer 200", status: 200, body: customer, answer: customerID,
		portal: func(c *portal.Client) call {
			return func(ctx context.Context) (string, error) {
				created, err := c.CreateMeldCustomer(ctx, jane())
				if err != nil {
					return "", err
				}
				return created.ID, nil
			}
		},
		alone: createAlone, floor: (*floor).create,
		budgets: map[string]int{"go1.26": 91, "go1.27": 48},
	},
	{
		name: "ensureMeldCustomer 409", status: 409, body: conflict, answer: customerID,
		portal: func(c *portal.Client) call {
			return func(ctx context.Context) (string, error) {
				ensured, err := c.EnsureMeldCustomer(ctx, jane())
				return ensured.ID, err
			}
		},
		alone: createAlone, floor: (*floor).create,
		budgets: map[string]int{"go1.26": 45, "go1.27": 39},
	},
	{
		name: "getMeldCountries 12 KB", status: 200, body: countries, answer: "US",
		portal: func(c *portal.Client) call {
			return func(ctx context.Context) (string, error) {
				list, err := c.GetMeldCountries(ctx, &api.GetMeldCountriesParams{Countries: []string{"US"}})
				if err != nil {
					return "", err
				}
				return list.Data[0].CountryCode, nil
			}
		},
		alone:  countriesAlone, floor: (*floor).countries,
		budgets: map[string]int{"go1.26": 1184, "go1.27": 334},
	},
	{
		name: "getMeldCustomer 404", status: 404, body: `{"error":"There is no Meld customer for this client"}`, answer: "404",
		portal: func(c *portal.Client) call {
			return func(ctx context.Context) (string, error) {
				_, err := c.GetMeldCustomer(ctx)
				if !errors.Is(err, portal.ErrNotFound) {
					return "", fmt.Errorf("not a 404: %w", err)
				}
				return "404", nil
			}
		},
		alone: func(c *api.ClientWithResponses) call {
			return func(ctx context.Context) (string, error) {
				resp, err := c.GetMeldCustomerWithResponse(ctx)
				if err != nil {
					return "", err
				}
				return fmt.Sprint(resp.StatusCode()), nil
			}
		},
		floor:   (*floor).missing,
		budgets: map[string]int{"go1.26": 38, "go1.27": 32},
	},
}

var born = time.Date(1990, time.April, 1, 0, 0, 0, 0, time.UTC)

// As in a program, a request is made in each call, of values that are not known before.
func jane() *api.MeldCreateCustomerRequest {
	return &api.MeldCreateCustomerRequest{
		Name:        api.MeldCustomerName{FirstName: "Jane Margaret", LastName: "Doe"},
		Email:       "jane.margaret.doe@example.com",
		Phone:       "+14155550123",
		DateOfBirth: types.Date{Time: born},
		Type:        api.MeldCreateCustomerRequestTypeIndividual,
	}
}

func createAlone(c *api.ClientWithResponses) call {
	return func(ctx context.Context) (string, error) {
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
}

func countriesAlone(c *api.ClientWithResponses) call {
	return func(ctx context.Context) (string, error) {
		resp, err := c.GetMeldCountriesWithResponse(ctx, &api.GetMeldCountriesParams{Countries: []string{"US"}})
		if err != nil || resp.JSON200 == nil {
			return "", fmt.Errorf("status %d: %w", resp.StatusCode(), err)
		}
		return resp.JSON200.Data[0].CountryCode, nil
	}
}

// calls are the same call, in four ways.
func (c *comparison) calls(tb testing.TB, transport http.RoundTripper) (viaPortal, alone, viaAPI, byHand call) {
	client := newPortal(tb, baseURL, transport)
	return c.portal(client), c.alone(newAlone(tb, baseURL, transport)), c.alone(client.API()), c.floor(&floor{baseURL, &http.Client{Transport: transport}})
}

func newPortal(tb testing.TB, base string, transport http.RoundTripper) *portal.Client {
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

// TestCallsAreTheSame makes the comparison a fair one: the same request, and the same from its answer.
func TestCallsAreTheSame(t *testing.T) {
	t.Parallel()
	for _, c := range comparisons {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			canned := newCanned(c.status, c.body)
			canned.note = true
			var first *sent
			viaPortal, alone, viaAPI, byHand := c.calls(t, canned)
			for _, make := range []call{viaPortal, alone, viaAPI, byHand} {
				answer, err := make(t.Context())
				require.NoError(t, err)
				require.Equal(t, c.answer, answer)
				got := canned.last.Load()
				require.Equal(t, "Bearer "+token, got.authorization)
				if first == nil {
					first = got
				}
				require.Equal(t, first.url, got.url)
				if first.body != "" {
					require.JSONEq(t, first.body, got.body)
				}
			}
			require.Contains(t, first.url, baseURL)
		})
	}
}
