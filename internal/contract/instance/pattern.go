package instance

import (
	"regexp/syntax"
	"strings"
)

// fromPattern makes a text that a regular expression matches. What stands outside its anchors, if it has
// none, is left empty.
func (g *generator) fromPattern(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic(dead("the pattern is not one that Go's regexp knows: " + err.Error()))
	}
	var b strings.Builder
	g.match(re, &b)
	return b.String()
}

func (g *generator) match(re *syntax.Regexp, b *strings.Builder) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(g.oneOf(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteString(letters(g.rand, 1))
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range re.Sub {
			g.match(sub, b)
		}
	case syntax.OpAlternate:
		g.match(re.Sub[g.rand.IntN(len(re.Sub))], b)
	case syntax.OpStar:
		g.repeat(re.Sub[0], 0, 8, b)
	case syntax.OpPlus:
		g.repeat(re.Sub[0], 1, 8, b)
	case syntax.OpQuest:
		g.repeat(re.Sub[0], 0, 1, b)
	case syntax.OpRepeat:
		most := re.Max
		if most < 0 {
			most = re.Min + 8
		}
		g.repeat(re.Sub[0], re.Min, most, b)
	default: // anchors and boundaries take no text; what they would refuse, the validator finds
	}
}

func (g *generator) repeat(re *syntax.Regexp, least, most int, b *strings.Builder) {
	for range least + g.rand.IntN(most-least+1) {
		g.match(re, b)
	}
}

// oneOf takes a rune from the ranges of a class, from those of ASCII if there are any.
func (g *generator) oneOf(ranges []rune) rune {
	for range 20 {
		i := g.rand.IntN(len(ranges)/2) * 2
		low, high := ranges[i], ranges[i+1]
		if low < ' ' {
			low = min(' ', high)
		}
		if high > '~' && low <= '~' {
			high = '~'
		}
		if r := low + rune(g.rand.IntN(int(high-low)+1)); r >= ' ' && r <= '~' {
			return r
		}
	}
	return ranges[0]
}
