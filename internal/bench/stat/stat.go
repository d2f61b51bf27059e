// Package stat compares contenders that were measured in turns. A noisy machine is slow for all of them at
// once, so each round's figures are compared with one another, and only then is the median taken.
package stat

import (
	"fmt"
	"math"
	"slices"
)

// A Sample is a median with the quartiles around it.
type Sample struct {
	Median, Low, High float64
}

// Of summarises values. Of none at all, it is zero.
func Of(values []float64) Sample {
	sorted := slices.Sorted(slices.Values(values))
	return Sample{Median: quantile(sorted, 0.5), Low: quantile(sorted, 0.25), High: quantile(sorted, 0.75)}
}

// Ratio summarises a[i]/b[i], the figures of the same round.
func Ratio(a, b []float64) Sample {
	ratios := make([]float64, 0, len(a))
	for i := range min(len(a), len(b)) {
		if b[i] != 0 {
			ratios = append(ratios, a[i]/b[i])
		}
	}
	return Of(ratios)
}

// String is the median and the quartiles, to three significant digits.
func (s Sample) String() string {
	return fmt.Sprintf("%s (%s–%s)", Digits(s.Median), Digits(s.Low), Digits(s.High))
}

// Digits writes a number with three significant digits and no exponent.
func Digits(x float64) string {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return fmt.Sprint(x)
	}
	decimals := 2 - int(math.Floor(math.Log10(math.Abs(x))))
	return fmt.Sprintf("%.*f", max(0, decimals), x)
}

// quantile interpolates between the two nearest of sorted.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// Order is the order in which round r visits n contenders: each round begins with the next one and every
// other goes backwards, so that no contender always follows the same one.
func Order(n, r int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = (i + r) % n
	}
	if r%2 == 1 {
		slices.Reverse(order)
	}
	return order
}
