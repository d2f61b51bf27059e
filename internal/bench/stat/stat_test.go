package stat_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/bench/stat"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		values []float64
		want   stat.Sample
	}{
		{"none", nil, stat.Sample{}},
		{"one", []float64{4}, stat.Sample{Median: 4, Low: 4, High: 4}},
		{"odd, unsorted", []float64{5, 1, 3, 2, 4}, stat.Sample{Median: 3, Low: 2, High: 4}},
		{"even", []float64{1, 2, 3, 4}, stat.Sample{Median: 2.5, Low: 1.75, High: 3.25}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, stat.Of(test.values))
		})
	}
}

func TestRatioComparesWithinARound(t *testing.T) {
	t.Parallel()
	// The machine was ten times slower in the third round, for both.
	ours, theirs := []float64{2, 2, 20}, []float64{1, 1, 10}
	require.Equal(t, stat.Sample{Median: 2, Low: 2, High: 2}, stat.Ratio(ours, theirs))
	require.Equal(t, stat.Sample{}, stat.Ratio([]float64{1}, []float64{0}), "a round without a figure does not count")
}

func TestDigits(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]string{0: "0", 0.01234: "0.0123", 1.0049: "1.00", 12.34: "12.3", 1234.5: "1234", -2: "-2.00"} {
		require.Equal(t, want, stat.Digits(x))
	}
}

func TestOrderVisitsEveryoneInEachRound(t *testing.T) {
	t.Parallel()
	first := map[int]bool{}
	for r := range 10 {
		order := stat.Order(5, r)
		first[order[0]] = true
		require.Equal(t, []int{0, 1, 2, 3, 4}, slices.Sorted(slices.Values(order)))
	}
	require.Len(t, first, 5)
}
