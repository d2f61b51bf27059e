// Command generated makes the call with oapi-codegen's default client. It is only built to be weighed.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/oapi-codegen/runtime/types"

	"github.com/portalclient/portal-client-go/internal/bench/defaultclient"
)

func main() {
	id, err := create(os.Getenv("PORTAL_BASE_URL"), os.Getenv("PORTAL_CLIENT_TOKEN"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(id)
}

func create(baseURL, token string) (string, error) {
	client, err := defaultclient.NewClientWithResponses(baseURL,
		defaultclient.WithRequestEditorFn(func(_ context.Context, req *http.Request) error {
			req.Header.Set("Authorization", "Bearer "+token)
			return nil
		}))
	if err != nil {
		return "", err
	}
	email := types.Email("jane@example.com")
	resp, err := client.CreateMeldCustomerWithResponse(context.Background(), defaultclient.MeldCreateCustomerRequest{Email: &email})
	if err != nil {
		return "", err
	}
	if resp.JSON200 == nil || resp.JSON200.Data == nil {
		return "", fmt.Errorf("status %d", resp.StatusCode())
	}
	return resp.JSON200.Data.Id, nil
}
