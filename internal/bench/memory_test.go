package bench

import (
	"context"
	"flag"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkMemory makes each call with a transport that answers from memory: what the code itself costs. The
// ways take turns, batch by batch, so that a busy machine is equally busy for all of them; a ratio is the
// median of those of the batches.
func BenchmarkMemory(b *testing.B) {
	for _, c := range comparisons {
		b.Run(c.name, func(b *testing.B) {
			client, byHand, alone, viaAPI := c.calls(b, newCanned(b, &c))
			calls := []call{client, byHand, alone, viaAPI}
			times := make([][]float64, len(calls))
			for b.Loop() {
				for way, call := range calls {
					times[way] = append(times[way], batch(b, call))
				}
			}
			b.ReportMetric(0, "ns/op") // of a batch of each, which says nothing
			b.ReportMetric(median(times[0], nil), "client-ns")
			b.ReportMetric(median(times[0], times[1]), "×by-hand")
			b.ReportMetric(median(times[0], times[2]), "×generated")
			b.ReportMetric(median(times[3], times[1]), "API()×by-hand")
			b.ReportMetric(allocations(b, client), "client-allocs")
			b.ReportMetric(allocations(b, byHand), "by-hand-allocs")
			b.ReportMetric(allocations(b, alone), "generated-allocs")
		})
	}
}

// batch makes some calls and returns how long one took, in nanoseconds.
func batch(b *testing.B, call call) float64 {
	const size = 20
	start := time.Now()
	for range size {
		if _, err := call(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	return float64(time.Since(start)) / size
}

// median is that of values, or of their ratios to those of others.
func median(values, others []float64) float64 {
	values = slices.Clone(values)
	for i := range others {
		values[i] /= others[i]
	}
	slices.Sort(values)
	return values[len(values)/2]
}

var budgets = flag.Bool("budgets", false, "test the budgets")

// needBudgets skips a test of what today's documents and Go lines cost; make check-budgets runs it, without the
// race detector, which allocates too.
func needBudgets(t *testing.T) {
	t.Helper()
	if !*budgets {
		t.Skip("the budgets are tested with -budgets")
	}
}

// TestAllocations counts, and times nothing: the figures are the same on any machine.
func TestAllocations(t *testing.T) {
	needBudgets(t)
	line := goLine(t)
	for _, c := range comparisons {
		t.Run(c.name, func(t *testing.T) {
			client, byHand, alone, viaAPI := c.calls(t, newCanned(t, &c))
			got := allocations(t, client)
			t.Logf("%.0f allocations; by hand %.0f, the generated client alone %.0f, API() %.0f", got,
				allocations(t, byHand), allocations(t, alone), allocations(t, viaAPI))
			slack := float64(c.budgets[line] / 200) // where an answer becomes many maps, they do not always grow alike
			require.InDelta(t, c.budgets[line], got, slack, "a call allocates more, or less, than its budget on %s: find out why "+
				"(go test -bench with -memprofile), or if that is meant set the budget beside the call", line)
		})
	}
}

func allocations(tb testing.TB, call call) float64 {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties pools, which are then filled again
	ctx := context.Background()
	return testing.AllocsPerRun(200, func() {
		if _, err := call(ctx); err != nil {
			tb.Fatal(err)
		}
	})
}
