package main

import (
	"context"
	"errors"
	"sync"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A registration is what became of one end user.
type registration struct {
	id   string
	what string // created, existing, signed out, or why it failed
}

// registerAll registers the end user of each token, at most parallel of them at once. When ctx ends, those
// that are left fail at once.
func registerAll(ctx context.Context, client *portal.Client, tokens []string, parallel int) []registration {
	all := make([]registration, len(tokens))
	var workers sync.WaitGroup
	slots := make(chan struct{}, max(parallel, 1))
	for i, token := range tokens {
		slots <- struct{}{}
		workers.Go(func() {
			defer func() { <-slots }()
			all[i] = register(ctx, client.WithTokenSource(portal.StaticToken(token)))
		})
	}
	workers.Wait()
	return all
}

// register tells apart whether it was this call that created the customer, for a mail of welcome.
func register(ctx context.Context, client *portal.Client) registration {
	customer, err := client.CreateMeldCustomer(ctx, nil)
	if err == nil {
		return registration{customer.ID, "created"}
	}
	if id, ok := portal.ExistingMeldCustomerID(err); ok {
		return registration{id, "existing"}
	}
	switch {
	case errors.Is(err, portal.ErrUnauthorized):
		return registration{what: "signed out"}
	case errors.Is(err, portal.ErrOutcomeUnknown) && ctx.Err() == nil:
		return look(ctx, client)
	}
	return registration{what: err.Error()}
}

// look finds out what came of a create whose reply was lost.
func look(ctx context.Context, client *portal.Client) registration {
	customer, err := client.GetMeldCustomer(ctx)
	switch {
	case err == nil:
		return registration{customer.ID, "created, it seems"}
	case errors.Is(err, portal.ErrNotFound):
		return registration{what: "not created; try again later"}
	}
	return registration{what: err.Error()}
}
