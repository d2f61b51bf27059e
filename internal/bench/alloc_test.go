package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/bench/canned"
	"github.com/portalclient/portal-client-go/internal/bench/contender"
)

// TestAllocBudgets counts, and times nothing: the figures are the same on any machine.
func TestAllocBudgets(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	for _, test := range []struct {
		contender string
		status    int
		body      string
		budget    float64
	}{
		{contender.Create, 200, canned.Customer, createBudget},
		{contender.Ensure, 409, canned.Conflict, ensureBudget},
	} {
		t.Run(test.contender, func(t *testing.T) {
			allocs := allocsOf(t, test.contender, test.status, test.body)
			t.Logf("%s on %d: %.0f allocations; the floor %.0f, the default client %.0f", test.contender, test.status, allocs,
				allocsOf(t, contender.Floor, test.status, test.body), allocsOf(t, contender.Default, test.status, test.body))
			require.LessOrEqual(t, allocs, test.budget)
		})
	}
}

func allocsOf(t *testing.T, name string, status int, body string) float64 {
	t.Helper()
	c, err := contender.Named(name)
	require.NoError(t, err)
	call, err := c.New("https://api.example.com/api/v3", canned.Token, canned.NewMemory(status, []byte(body)))
	require.NoError(t, err)
	return testing.AllocsPerRun(1000, func() {
		id, err := call(t.Context())
		if err != nil || id != canned.CustomerID {
			t.Fatal(id, err)
		}
	})
}
