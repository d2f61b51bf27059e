package contender

import (
	"context"
	"errors"
	"net/http"

	"github.com/oapi-codegen/runtime/types"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

func portalRequest() *api.MeldCreateCustomerRequest {
	return &api.MeldCreateCustomerRequest{
		Name:        api.MeldCustomerName{FirstName: person.first, LastName: person.last},
		Email:       person.email,
		Phone:       person.phone,
		DateOfBirth: types.Date{Time: person.born},
		Type:        api.MeldCreateCustomerRequestTypeIndividual,
	}
}

// NewPortal makes this module's client, with no option besides the base URL when transport is nil.
func NewPortal(baseURL, token string, transport http.RoundTripper) (*portal.Client, error) {
	options := []portal.Option{portal.WithBaseURL(baseURL)}
	if transport != nil {
		options = append(options, portal.WithHTTPClient(&http.Client{Transport: transport}))
	}
	return portal.New(portal.StaticToken(token), options...)
}

// CreateWith is the typed method on a client that is there already. It returns the customer's externalId
// too, in which the measuring server can repeat the token.
func CreateWith(ctx context.Context, client *portal.Client) (id, externalID string, err error) {
	customer, err := client.CreateMeldCustomer(ctx, portalRequest())
	if err != nil {
		return "", "", err
	}
	return customer.ID, customer.ExternalID, nil
}

func newCreate(baseURL, token string, transport http.RoundTripper) (Call, error) {
	client, err := NewPortal(baseURL, token, transport)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (string, error) {
		customer, err := client.CreateMeldCustomer(ctx, portalRequest())
		if id, ok := portal.ExistingMeldCustomerID(err); ok {
			return id, nil
		}
		if err != nil {
			return "", err
		}
		return customer.ID, nil
	}, nil
}

func newEnsure(baseURL, token string, transport http.RoundTripper) (Call, error) {
	client, err := NewPortal(baseURL, token, transport)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (string, error) {
		ensured, err := client.EnsureMeldCustomer(ctx, portalRequest())
		return ensured.ID, err
	}, nil
}

func newAPI(baseURL, token string, transport http.RoundTripper) (Call, error) {
	client, err := NewPortal(baseURL, token, transport)
	if err != nil {
		return nil, err
	}
	return callAPI(client.API()), nil
}

// newPackage is the generated package without the door: stock http.Client, token by a request editor.
func newPackage(baseURL, token string, transport http.RoundTripper) (Call, error) {
	client, err := api.NewClientWithResponses(baseURL,
		api.WithHTTPClient(&http.Client{Transport: transport}),
		api.WithRequestEditorFn(func(_ context.Context, req *http.Request) error {
			req.Header.Set("Authorization", "Bearer "+token)
			return nil
		}))
	if err != nil {
		return nil, err
	}
	return callAPI(client), nil
}

func callAPI(client *api.ClientWithResponses) Call {
	return func(ctx context.Context) (string, error) {
		resp, err := client.CreateMeldCustomerWithResponse(ctx, *portalRequest())
		if err != nil {
			return "", err
		}
		switch {
		case resp.JSON200 != nil:
			return resp.JSON200.Data.ID, nil
		case resp.JSON409 != nil:
			return resp.JSON409.Details.MeldCustomerID, nil
		case resp.StatusCode() == http.StatusOK:
			return "", errors.New("a 200 without a customer")
		}
		return "", unexpected(resp.StatusCode())
	}
}
