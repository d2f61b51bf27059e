package portaltest

import (
	"encoding/json"
	"math/big"
)

// Amounts are exact fractions. Rounding happens where a provider would round, to the cents of a fee or the
// last digit of a payout, and what is then added up is what was rounded.

// amount reads a decimal; it is one, because the table or the check before it says so.
func amount(decimal string) *big.Rat {
	r, ok := new(big.Rat).SetString(decimal)
	if !ok {
		panic("portaltest: not a decimal: " + decimal)
	}
	return r
}

// number writes an amount as a JSON number with all its digits and no exponent. The amount must be a
// decimal: a sum or product of decimals, or rounded.
func number(r *big.Rat) json.Number {
	digits, exact := r.FloatPrec()
	if !exact {
		panic("portaltest: not a decimal: " + r.String())
	}
	return json.Number(r.FloatString(digits))
}

func plus(a, b *big.Rat) *big.Rat    { return new(big.Rat).Add(a, b) }
func minus(a, b *big.Rat) *big.Rat   { return new(big.Rat).Sub(a, b) }
func times(a, b *big.Rat) *big.Rat   { return new(big.Rat).Mul(a, b) }
func divided(a, b *big.Rat) *big.Rat { return new(big.Rat).Quo(a, b) }

func percent(a, p *big.Rat) *big.Rat { return divided(times(a, p), big.NewRat(100, 1)) }

// down rounds to a number of digits after the point, in favour of the one who pays out.
func down(r *big.Rat, digits int) *big.Rat {
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
	scaled := times(r, scale)
	whole := new(big.Int).Quo(scaled.Num(), scaled.Denom())
	return divided(new(big.Rat).SetInt(whole), scale)
}

// up is down in favour of the one who takes a fee.
func up(r *big.Rat, digits int) *big.Rat {
	d := down(r, digits)
	if d.Cmp(r) < 0 {
		step := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
		d.Add(d, step)
	}
	return d
}
