package instance

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// integer makes one that fits 64 bits, or what its format says.
func (g *generator) integer(sh *shape) any {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	switch sh.format {
	case "int8":
		low, high = math.MinInt8, math.MaxInt8
	case "int16":
		low, high = math.MinInt16, math.MaxInt16
	case "int32":
		low, high = math.MinInt32, math.MaxInt32
	case "uint8":
		low, high = 0, math.MaxUint8
	case "uint16":
		low, high = 0, math.MaxUint16
	case "uint32":
		low, high = 0, math.MaxUint32
	case "uint", "uint64":
		low = 0
	}
	if sh.min != nil && *sh.min > float64(low) {
		low = int64(math.Ceil(*sh.min))
		if sh.minOut && float64(low) == *sh.min {
			low++
		}
	}
	if sh.max != nil && *sh.max < float64(high) {
		high = int64(math.Floor(*sh.max))
		if sh.maxOut && float64(high) == *sh.max {
			high--
		}
	}
	if low > high {
		panic(dead("no integer lies between the bounds"))
	}
	n := g.between(low, high)
	if sh.multiple != nil && *sh.multiple >= 1 {
		n -= n % int64(*sh.multiple)
	}
	return number{strconv.FormatInt(n, 10), n == 0}
}

// between prefers the edges and small numbers.
func (g *generator) between(low, high int64) int64 {
	candidates := []int64{low, high, 0, 1, -1, 42, 1 << 31, 1<<53 + 1}
	if n := candidates[g.rand.IntN(len(candidates))]; low <= n && n <= high {
		return n
	}
	span := uint64(high) - uint64(low) // wraps to the right width
	if span == math.MaxUint64 {
		return int64(g.rand.Uint64())
	}
	return int64(uint64(low) + g.rand.Uint64N(span+1))
}

// longNumbers are those that a float64 cannot hold: amounts keep their digits.
var longNumbers = []string{
	"0.1234567890123456789", "-0.1234567890123456789", "123456789012345678901234567890", "1e300", "-2.50E-30",
	"0.10", "1.0", "100000000000000000000.000000000000000001", "-0", "9007199254740993", "12.340",
}

func (g *generator) number(sh *shape) any {
	switch sh.format {
	case "float":
		return g.float(sh, 32)
	case "double":
		return g.float(sh, 64)
	}
	for range 20 {
		text := longNumbers[g.rand.IntN(len(longNumbers))]
		if g.rand.IntN(2) == 0 {
			text = strconv.FormatInt(g.between(-1_000_000, 1_000_000), 10)
			if g.rand.IntN(2) == 0 {
				text = fmt.Sprintf("%s.%d%d", text, g.rand.Uint32(), g.rand.Uint64())
			}
		}
		if sh.allows(text) {
			return number{text, false}
		}
	}
	return g.float(sh, 64)
}

// float makes a number that a float of this width holds exactly, as Go writes it.
func (g *generator) float(sh *shape, bits int) any {
	low, high := -1e6, 1e6
	if sh.min != nil {
		low = *sh.min
		high = max(high, low+1e6)
	}
	if sh.max != nil {
		high = *sh.max
		if sh.min == nil {
			low = min(low, high-1e6)
		}
	}
	for range 50 {
		f := low + (high-low)*g.rand.Float64()
		switch g.rand.IntN(4) {
		case 0:
			f = math.Round(f)
		case 1:
			f = low
		}
		if sh.multiple != nil {
			f = math.Floor(f / *sh.multiple) * *sh.multiple
		}
		if bits == 32 {
			f = float64(float32(f))
		}
		text := strconv.FormatFloat(f, 'f', -1, bits)
		if math.Abs(f) >= 1e21 || f != 0 && math.Abs(f) < 1e-6 {
			continue // Go writes those with an exponent
		}
		if f == 0 {
			text = "0"
		}
		if sh.allows(text) {
			return number{text, f == 0 && (sh.format == "float" || sh.format == "double")}
		}
	}
	panic(dead("found no number between the bounds"))
}

// allows checks the bounds; the validator has the last word.
func (sh *shape) allows(text string) bool {
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		return false
	}
	bound := func(f float64) *big.Rat { return new(big.Rat).SetFloat64(f) }
	if sh.min != nil {
		if c := n.Cmp(bound(*sh.min)); c < 0 || c == 0 && sh.minOut {
			return false
		}
	}
	if sh.max != nil {
		if c := n.Cmp(bound(*sh.max)); c > 0 || c == 0 && sh.maxOut {
			return false
		}
	}
	if sh.multiple != nil {
		return new(big.Rat).Quo(n, bound(*sh.multiple)).IsInt()
	}
	return true
}

// anything makes a JSON value of any kind, no more than so many levels deep. Where a schema says nothing, Go
// has an interface, which decodes numbers to float64: more digits than that are not to be expected.
func (g *generator) anything(depth int) any {
	n := g.rand.IntN(7)
	if depth == 0 {
		n = g.rand.IntN(5)
	}
	switch n {
	case 0:
		return g.float(&shape{maxLen: -1}, 64)
	case 1:
		return g.rand.IntN(2) == 0
	case 2:
		return nil
	case 3, 4:
		return g.text(&shape{maxLen: -1})
	case 5:
		list := []any{}
		for range g.rand.IntN(3) {
			list = append(list, g.anything(depth-1))
		}
		return list
	}
	object := map[string]any{}
	for range g.rand.IntN(3) {
		object[g.name(inBody)] = g.anything(depth - 1)
	}
	return object
}
