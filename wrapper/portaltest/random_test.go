package portaltest_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

var mix = []portaltest.Option{
	portaltest.WithRandomFault(0.2, portaltest.Status(503)),
	portaltest.WithRandomFault(0.1, portaltest.Garbage(500)),
	portaltest.WithRandomFault(0.5, portaltest.Status(502), "getMeldCustomer"),
}

// faultsOf lists what each request of a token met.
func faultsOf(srv *portaltest.Server, token string) []string {
	var all []string
	for _, r := range srv.Requests() {
		if r.Token == token {
			all = append(all, r.Operation+" "+r.Fault)
		}
	}
	return all
}

func play(t *testing.T, concurrent bool, seed uint64) *portaltest.Server {
	t.Helper()
	srv := portaltest.NewServer(t, append([]portaltest.Option{portaltest.WithSeed(seed)}, mix...)...)
	var wg sync.WaitGroup
	for i := range 4 {
		client := func() {
			for n := range 30 {
				_, _ = try(srv, []string{"POST", "GET"}[n%2], customersPath, fmt.Sprint("token-", i), "")
			}
		}
		if concurrent {
			wg.Go(client)
		} else {
			client()
		}
	}
	wg.Wait()
	return srv
}

func TestRandomFaultsRepeatExactly(t *testing.T) {
	t.Parallel()
	one, two, other := play(t, false, 5), play(t, true, 5), play(t, true, 6)
	for i := range 4 {
		token := fmt.Sprint("token-", i)
		require.Len(t, faultsOf(one, token), 30)
		require.Equal(t, faultsOf(one, token), faultsOf(two, token))
		require.NotEqual(t, faultsOf(one, token), faultsOf(other, token))
	}
	require.NotEqual(t, faultsOf(one, "token-0"), faultsOf(one, "token-1"))
}

func TestRandomFaultsKeepTheirProbabilities(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t, mix...)
	const n = 2000
	count := map[string]int{}
	for i := range n {
		method := []string{"POST", "GET"}[i%2]
		send(t, srv, method, customersPath, "jane", "")
	}
	for _, r := range srv.Requests() {
		count[r.Operation+" "+r.Fault]++
	}
	for what, want := range map[string]float64{
		"createMeldCustomer Status(503)":  0.2,
		"createMeldCustomer Garbage(500)": 0.1,
		"createMeldCustomer ":             0.7,
		"getMeldCustomer Status(503)":     0.2,
		"getMeldCustomer Garbage(500)":    0.1,
		"getMeldCustomer Status(502)":     0.5,
		"getMeldCustomer ":                0.2,
	} {
		require.InDelta(t, want, float64(count[what])/(n/2), 0.04, what)
	}
}

func TestCertainAndImpossibleFaults(t *testing.T) {
	t.Parallel()
	srv := portaltest.NewServer(t,
		portaltest.WithRandomFault(1, portaltest.Status(503), "createMeldCustomer"),
		portaltest.WithRandomFault(0, portaltest.Status(500)))
	for range 50 {
		require.Equal(t, 503, create(t, srv, "jane", "").Status)
		require.Equal(t, 200, send(t, srv, "GET", customersPath, "jane", "").Status)
	}
	srv.Fail("createMeldCustomer", portaltest.Status(504))
	require.Equal(t, 504, create(t, srv, "jane", "").Status, "a script comes before chance")
}
