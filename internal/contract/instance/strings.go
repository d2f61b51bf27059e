package instance

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf8"
)

// wire is where a value travels: it decides which characters can.
type wire string

const (
	inBody   wire = ""
	inPath   wire = "path"
	inQuery  wire = "query"
	inHeader wire = "header"
	inCookie wire = "cookie"
)

// odd are texts that get lost where someone escapes too little or too much.
var odd = []string{
	"Zoë", "日本語", "🦊 fox", "é", "שלום", "a\u2028b", "tab\there", "line\nbreak", "quote\"s", `back\slash`, "</script>",
	"<&>", "null", "0123", "1e5", "\u0001", "\x7f", " leading", "trailing ", "a/b", "50%", "%2F", "a+b", "a&b=c", "a?b#c",
	"eip155:1", "\ufeffbom", "{}", "[]", "a;b", "a,b", "..", "'", "*/", "`", "\U0010ffff",
}

// visible are the odd ones that a header can carry.
var visible = []string{"eip155:1", "a/b", "50%", "%2F", "a+b", "a&b", "a?b#c", "quote's", "null", "0123", "W/ab", "(a)"}

func (g *generator) text(sh *shape) any {
	switch {
	case len(sh.patterns) > 0:
		return g.fromPattern(sh.patterns[g.rand.IntN(len(sh.patterns))])
	case sh.format != "":
		if text, ok := g.formatted(sh.format); ok {
			return text
		}
	}
	least := sh.minLen
	if sh.wire != inBody {
		least = max(least, 1)
	}
	text := g.words(sh.wire)
	for utf8.RuneCountInString(text) < least {
		text += string(rune('a' + g.rand.IntN(26)))
	}
	if sh.maxLen >= 0 {
		runes := []rune(text)
		text = string(runes[:min(len(runes), sh.maxLen)])
	}
	if sh.wire == inPath && (text == "." || text == "..") {
		return "a" // a path resolves them, and the client refuses them for that
	}
	if sh.wire == inHeader || sh.wire == inCookie {
		text = strings.TrimSpace(text)
	}
	return text
}

func (g *generator) words(w wire) string {
	n := g.rand.IntN(10)
	switch {
	case w == inCookie:
		return letters(g.rand, 1+g.rand.IntN(12))
	case w == inHeader:
		if n < 6 {
			return letters(g.rand, 1+g.rand.IntN(12))
		}
		return visible[g.rand.IntN(len(visible))]
	case n == 0 && w == inBody:
		return ""
	case n == 1:
		return strings.Repeat(letters(g.rand, 10), 30)
	case n < 5:
		return letters(g.rand, 1+g.rand.IntN(12))
	case n < 7:
		return letters(g.rand, 3) + odd[g.rand.IntN(len(odd))] + letters(g.rand, 3)
	}
	return odd[g.rand.IntN(len(odd))]
}

func letters(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"[r.IntN(64)]
	}
	return string(b)
}

// name makes the name of a property that the schema does not know. In a query it is made of letters and
// digits, since oapi-codegen's runtime writes the names of an exploded object as they are.
func (g *generator) name(w wire) string {
	if w == inBody && g.rand.IntN(3) == 0 {
		return "x" + odd[g.rand.IntN(len(odd))]
	}
	return "x" + letters(g.rand, 1+g.rand.IntN(8))
}

// formatted knows the formats that a validator asserts or that Go has a type for.
func (g *generator) formatted(format string) (string, bool) {
	// Year 1 is left out: its first day is the zero of Go's time.
	day := time.Date(2+g.rand.IntN(9997), 1, 1+g.rand.IntN(366), 0, 0, 0, 0, time.UTC)
	switch format {
	case "date":
		if g.rand.IntN(4) == 0 {
			return []string{"2024-02-29", "9999-12-31", "0002-01-01", "1990-02-28"}[g.rand.IntN(4)], true
		}
		return day.Format(time.DateOnly), true
	case "date-time":
		t := day.Add(time.Duration(g.rand.Int64N(int64(24 * time.Hour))))
		t = t.Truncate([]time.Duration{1, time.Millisecond, time.Second}[g.rand.IntN(3)])
		if g.rand.IntN(2) == 0 {
			t = t.In(time.FixedZone("", (1+g.rand.IntN(12))*1800))
		}
		return t.Format(time.RFC3339Nano), true
	case "email":
		local := []string{"jane", "o'hara", "a+b", "x_y.z", "jürgen", "1"}[g.rand.IntN(6)]
		return local + "@" + []string{"example.com", "a.b.co", "bücher.example"}[g.rand.IntN(3)], true
	case "uuid":
		return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", g.rand.Uint32(), g.rand.IntN(1<<16), g.rand.IntN(1<<12),
			g.rand.IntN(1<<12), g.rand.Int64N(1<<48)), true
	case "byte":
		return base64.StdEncoding.EncodeToString([]byte(letters(g.rand, 1+g.rand.IntN(9)))), true
	case "uri", "url", "uri-reference":
		return "https://example.com/" + letters(g.rand, 5) + "?q=%20&r=a%2Fb", true
	case "hostname":
		return fmt.Sprintf("host-%d.example.com", g.rand.IntN(1000)), true
	case "ipv4":
		return fmt.Sprintf("10.0.%d.%d", g.rand.IntN(256), g.rand.IntN(256)), true
	case "ipv6":
		return fmt.Sprintf("2001:db8::%x", 1+g.rand.IntN(1<<16-1)), true
	}
	return "", false
}
