package main

import (
	"context"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// customers is the main job: create, create again, ensure.
func customers(ctx context.Context, client *portal.Client, request *api.MeldCreateCustomerRequest, t *transcript) error {
	t.say("\n1. Create a Meld customer.")
	customer, err := client.CreateMeldCustomer(ctx, request)
	if err != nil {
		id, exists := portal.ExistingMeldCustomerID(err)
		if !exists {
			return err
		}
		t.say("   There was one already: %s", id)
	} else {
		t.say("   Created: %s", customer.ID)
	}

	t.say("\n2. Create it again.")
	_, err = client.CreateMeldCustomer(ctx, request)
	id, exists := portal.ExistingMeldCustomerID(err)
	if !exists {
		return err
	}
	t.say("   The error:       %v", err)
	t.say("   The existing ID: %s", id)

	t.say("\n3. Ensure that there is one, without caring whether it is new.")
	ensured, err := client.EnsureMeldCustomer(ctx, request)
	if err != nil {
		return err
	}
	t.say("   EnsureMeldCustomer returned ID %s, Created %t.", ensured.ID, ensured.Created)
	return nil
}
