package main

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

func TestRegisterAll(t *testing.T) {
	t.Parallel()
	fake := portaltest.NewServer(t)
	fake.SeedCustomer("old", api.MeldCustomer{ID: "cus-old"})
	fake.ExpireToken("expired")
	fake.Fail("createMeldCustomer",
		portaltest.Pass().Times(3),
		portaltest.DropAfter(),  // the work is done, the reply is lost
		portaltest.DropBefore(), // nothing is done
	)
	tokens := []string{"new", "old", "expired", "lost", "unlucky"}
	got := registerAll(t.Context(), fake.Client("nobody"), tokens, 1)

	customers := fake.Customers()
	require.Equal(t, []registration{
		{customers["new"].ID, "created"},
		{"cus-old", "existing"},
		{"", "signed out"},
		{customers["lost"].ID, "created, it seems"},
		{"", "not created; try again later"},
	}, got)
	require.NotEmpty(t, customers["lost"].ID)
	require.NotContains(t, customers, "unlucky")
	require.Len(t, fake.Requests("createMeldCustomer"), len(tokens), "a create is not repeated blindly")
}

// Twenty that take a second each, four at once, take five seconds: neither more nor fewer were under way.
func TestRegisterAllIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := portaltest.NewServer(t, portaltest.WithMemoryNetwork())
		fake.Fail("createMeldCustomer", portaltest.Delay(time.Second).Always())
		var tokens []string
		for i := range 20 {
			tokens = append(tokens, fmt.Sprintf("user-%d", i))
		}
		start := time.Now()
		for _, r := range registerAll(t.Context(), fake.Client("nobody"), tokens, 4) {
			require.Equal(t, "created", r.what)
		}
		require.Equal(t, 5*time.Second, time.Since(start))
		require.Len(t, fake.Customers(), 20)
	})
}

func TestRegisterAllStops(t *testing.T) {
	t.Parallel()
	fake := portaltest.NewServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, r := range registerAll(ctx, fake.Client("nobody"), []string{"a", "b", "c"}, 2) {
		require.Contains(t, r.what, "context canceled")
	}
	require.Empty(t, fake.Customers())
}
