package main

import (
	"bytes"
	"context"
	"flag"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

func TestDemo(t *testing.T) {
	t.Setenv("PORTAL_CLIENT_TOKEN", "")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-first-name", "Ada King", "-last-name", "Lovelace", "-birth-date", "1815-12-10"}, &out))
	for _, want := range []string{
		"-> POST /api/v3/clients/me/integrations/meld/customers",
		`"firstName": "Ada King",`,
		`"dateOfBirth": "1815-12-10"`,
		"<- 200 OK",
		"<- 409 Conflict",
		"The existing ID: ",
		"Created false",
	} {
		require.Contains(t, out.String(), want)
	}
	require.NotContains(t, out.String(), "demo-token")
}

func TestJourney(t *testing.T) {
	t.Setenv("PORTAL_CLIENT_TOKEN", "")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"journey"}, &out))
	for _, want := range []string{"is PENDING.", "is SETTLING.", "is SETTLED."} {
		require.Contains(t, out.String(), want)
	}
}

// With a token in the environment the demo talks to the API there, here a fake one, in which the customer
// exists already.
func TestDemoWithToken(t *testing.T) {
	handler := portaltest.NewHandler()
	srv := httptest.NewServer(handler)
	defer srv.Close()
	t.Setenv("PORTAL_CLIENT_TOKEN", "from-env")
	t.Setenv("PORTAL_BASE_URL", srv.URL+"/api/v3")
	var out bytes.Buffer
	for range 2 {
		require.NoError(t, run(t.Context(), nil, &out))
	}
	require.Contains(t, out.String(), "There was one already: "+handler.Meld.Customers()["from-env"].ID)
	require.ErrorIs(t, run(t.Context(), []string{"journey"}, &out), portal.ErrInvalidRequest)
}

func TestCommandLine(t *testing.T) {
	t.Setenv("PORTAL_CLIENT_TOKEN", "")
	for _, args := range [][]string{{"-nope"}, {"-birth-date", "1990-02-30"}, {"-birth-date", "soon"}, {"jurney"}, {"journey", "more"}} {
		var out bytes.Buffer
		err := run(t.Context(), args, &out)
		require.ErrorIs(t, err, portal.ErrInvalidRequest)
		require.NotContains(t, err.Error(), "\n", "one line")
		require.Empty(t, out.String())
	}
	require.ErrorIs(t, run(t.Context(), []string{"-type", "PERSON"}, &bytes.Buffer{}), portal.ErrInvalidRequest)
	for _, args := range [][]string{{"-h"}, {"journey", "-h"}} {
		var out bytes.Buffer
		require.ErrorIs(t, run(t.Context(), args, &out), flag.ErrHelp)
		require.Contains(t, out.String(), "-birth-date date")
	}
}

func TestInterrupted(t *testing.T) {
	t.Setenv("PORTAL_CLIENT_TOKEN", "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, nil, &bytes.Buffer{}), context.Canceled)
}
