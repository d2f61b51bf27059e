// Command wrapper makes the call with this module. It is only built to be weighed.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

func main() {
	id, err := create()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(id)
}

func create() (string, error) {
	client, err := portal.NewFromEnv()
	if err != nil {
		return "", err
	}
	customer, err := client.CreateMeldCustomer(context.Background(), &api.MeldCreateCustomerRequest{Email: "jane@example.com"})
	if err != nil {
		return "", err
	}
	return customer.ID, nil
}
