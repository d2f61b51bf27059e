package main

import (
	"context"
	"errors"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

func walk(context.Context, *portal.Client, *fake, *api.MeldCreateCustomerRequest, *transcript) error {
	return errors.New("journey: not built yet")
}
