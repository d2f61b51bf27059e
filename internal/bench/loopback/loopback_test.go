package loopback_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/bench/contender"
	"github.com/portalclient/portal-client-go/internal/bench/loopback"
)

// TestMain lets this test's program be the children too.
func TestMain(m *testing.M) {
	if ok, err := loopback.Child(context.Background(), os.Args[1:]); ok {
		if err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func newBench(t *testing.T) *loopback.Bench {
	t.Helper()
	bench, err := loopback.Start(context.WithoutCancel(t.Context()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bench.Close()) })
	return bench
}

func TestCompareReachesTheServerInEveryWay(t *testing.T) {
	t.Parallel()
	bench := newBench(t)
	for kind, names := range map[string][]string{
		loopback.TLS:     {contender.Floor, contender.Default, contender.Resty, contender.Retryable, contender.Create},
		loopback.HTTP2:   {contender.Create},
		loopback.Limited: {contender.Create},
		loopback.Plain:   {contender.Create},
	} {
		all, err := bench.Compare(t.Context(), loopback.Setup{Kind: kind, Mode: loopback.Fast, Workers: 2}, names, 1, 10*time.Millisecond)
		require.NoError(t, err, kind)
		for i, x := range all {
			require.Equal(t, names[i], x.Contender)
			require.Empty(t, x.Error, x.Contender)
			require.Positive(t, x.Calls, x.Contender)
			require.Len(t, x.PerSecond, 1)
		}
	}
}

func TestSlowTakesItsTime(t *testing.T) {
	t.Parallel()
	all, err := newBench(t).Compare(t.Context(), loopback.Setup{Kind: loopback.TLS, Mode: loopback.Slow, Workers: 2}, []string{contender.Create}, 1, time.Millisecond)
	require.NoError(t, err)
	require.GreaterOrEqual(t, all[0].Median[0], 40.0)
}

func TestNewConnectionsAreCounted(t *testing.T) {
	t.Parallel()
	// The default client keeps two connections, so eight workers at once keep dialling.
	setup := loopback.Setup{Kind: loopback.TLS, Mode: loopback.Slow, Workers: 8}
	all, err := newBench(t).Compare(t.Context(), setup, []string{contender.Default, contender.Create}, 1, 200*time.Millisecond)
	require.NoError(t, err)
	require.Positive(t, all[0].PerThousand())
	require.Zero(t, all[1].PerThousand())
}

func TestFailuresAreCounted(t *testing.T) {
	t.Parallel()
	setup := loopback.Setup{Kind: loopback.TLS, Mode: loopback.Slow, Workers: 2, Limit: time.Millisecond}
	all, err := newBench(t).Compare(t.Context(), setup, []string{contender.Create}, 1, 20*time.Millisecond)
	require.NoError(t, err)
	require.Positive(t, all[0].Failed)
	require.Zero(t, all[0].Calls)
	require.NotEmpty(t, all[0].Error)
}

func TestManyTokens(t *testing.T) {
	t.Parallel()
	task := loopback.TokensTask{Sources: 100, Workers: 4, Rounds: 2, Slice: 20 * time.Millisecond}
	r, err := newBench(t).ManyTokens(t.Context(), loopback.TLS, task)
	require.NoError(t, err)
	require.Zero(t, r.WrongToken, r.Error)
	require.Zero(t, r.Failed, r.Error)
	require.GreaterOrEqual(t, r.Calls, task.Sources)
	require.LessOrEqual(t, r.Opened, int64(2*task.Workers), "one pool; a dial that was overtaken stays in it")
	require.Len(t, r.One, task.Rounds)
	require.Len(t, r.Many, task.Rounds)
}
