package contender

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/oapi-codegen/runtime/types"

	"github.com/portalclient/portal-client-go/internal/bench/defaultclient"
)

func generatedRequest() defaultclient.MeldCreateCustomerRequest {
	return defaultclient.MeldCreateCustomerRequest{
		Name:        &defaultclient.MeldCustomerName{FirstName: ptr(person.first), LastName: ptr(person.last)},
		Email:       ptr(types.Email(person.email)),
		Phone:       ptr(person.phone),
		DateOfBirth: &types.Date{Time: person.born},
		Type:        ptr(defaultclient.MeldCreateCustomerRequestTypeINDIVIDUAL),
	}
}

func ptr[T any](v T) *T { return &v }

// newDefault is the generated client as its own README shows it: NewClientWithResponses and a request
// editor for the token.
func newDefault(baseURL, token string, transport http.RoundTripper) (Call, error) {
	var options []defaultclient.ClientOption
	if transport != nil {
		options = append(options, defaultclient.WithHTTPClient(&http.Client{Transport: transport}))
	}
	return newGenerated(baseURL, token, options...)
}

// newRetryable is the same with retries from go-retryablehttp. Its log is off, which out of the box writes
// two lines for every call to standard error.
func newRetryable(baseURL, token string, transport http.RoundTripper) (Call, error) {
	client := retryablehttp.NewClient()
	client.Logger = slog.New(slog.DiscardHandler)
	if transport != nil {
		client.HTTPClient = &http.Client{Transport: transport}
	}
	return newGenerated(baseURL, token, defaultclient.WithHTTPClient(client.StandardClient()))
}

func newGenerated(baseURL, token string, options ...defaultclient.ClientOption) (Call, error) {
	editor := func(_ context.Context, req *http.Request) error {
		req.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	client, err := defaultclient.NewClientWithResponses(baseURL, append(options, defaultclient.WithRequestEditorFn(editor))...)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (string, error) {
		resp, err := client.CreateMeldCustomerWithResponse(ctx, generatedRequest())
		if err != nil {
			return "", err
		}
		switch {
		case resp.JSON200 != nil && resp.JSON200.Data != nil:
			return resp.JSON200.Data.Id, nil
		case resp.JSON409 != nil && resp.JSON409.Details != nil && resp.JSON409.Details.MeldCustomerId != nil:
			return *resp.JSON409.Details.MeldCustomerId, nil
		case resp.StatusCode() == http.StatusOK:
			return "", errors.New("a 200 without a customer")
		}
		return "", unexpected(resp.StatusCode())
	}, nil
}
