package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// odd are texts that get lost where someone escapes too little or too much.
var odd = []string{
	"Zoë", "日本語", "🦊 fox", "é", "שלום", "a\u2028b", "tab\there", "line\nbreak", "quote\"s", `back\slash`, "</script>",
	"<&>", "null", "0123", "1e5", "\u0001", "\x7f", " leading", "trailing ", "a/b", "50%", "%2F", "a+b", "a&b=c", "a?b#c",
	"eip155:1", "\ufeffbom", "{}", "[]", "a;b", "a,b", "..", "'", "*/", "`", "\U0010ffff",
}

// inHeader are the odd ones that a header can carry.
var inHeader = []string{"eip155:1", "a/b", "50%", "%2F", "a+b", "a&b", "a?b#c", "quote's", "null", "0123", "W/ab", "(a)"}

// leaves are values by type and format, those that Go has a type for or a check asserts. An amount is longer
// than a float64; a float is written as Go writes it.
var leaves = map[string][]string{
	"string date":      {"2024-02-29", "9999-12-31", "0002-01-01", "1990-02-28"},
	"string date-time": {"2024-02-29T23:59:59Z", "1990-02-28T01:02:03.000000001+05:30", "9999-12-31T12:00:00.123-08:00"},
	"string email":     {"jane@example.com", "o'hara@a.b.co", "a+b@example.com", "jürgen@example.com"},
	"integer ":         {"-9223372036854775808", "9223372036854775807", "9007199254740993", "2147483648", "42", "-1", "1", "0"},
	"integer int32":    {"-2147483648", "2147483647", "42", "-1", "1", "0"},
	"integer int16":    {"-32768", "32767", "42", "-1", "1", "0"},
	"integer int8":     {"-128", "127", "42", "-1", "1", "0"},
	"integer uint":     {"18446744073709551615", "9007199254740993", "42", "1", "0"},
	"integer uint64":   {"18446744073709551615", "9007199254740993", "42", "1", "0"},
	"integer uint32":   {"4294967295", "42", "1", "0"},
	"integer uint16":   {"65535", "42", "1", "0"},
	"integer uint8":    {"255", "42", "1", "0"},
	"number ": {
		"0.1234567890123456789", "-0.1234567890123456789", "123456789012345678901234567890", "1e300", "-2.50E-30",
		"0.10", "1.0", "100000000000000000000.000000000000000001", "-0", "9007199254740993", "12.340", "0", "5", "42.5",
	},
	"number float":  {"0.1", "-1.25", "100000", "16777216", "3", "0"},
	"number double": {"0.1", "-1.25", "123456.789", "9007199254740991", "3", "0"},
}

func (sh *shape) bounded() bool {
	return slices.ContainsFunc([]string{"pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
		func(keyword string) bool { return sh.object[keyword] != nil })
}

// leaf makes a text or a number. One with bounds is what the check makes of its schema, for the client looks at no
// bounds; without them it is what gets lost most easily.
func (b *builder) leaf(sh *shape) any {
	if len(sh.types) == 0 && sh.object["format"] == nil && !sh.bounded() {
		return b.anything()
	}
	kind := append(sh.types, "string")[0]
	format, _ := sh.object["format"].(string)
	if format == "" && sh.object["contentEncoding"] == "base64" {
		format = "byte"
	}
	known := leaves[kind+" "+format]
	if known == nil && kind != "string" {
		known = leaves[kind+" "]
	}
	switch {
	case sh.bounded(), known == nil && format != "":
		compiled, _ := b.doc.compile(sh.object) // one that cannot be is found by the check of the whole
		return b.doc.check.Value(compiled)
	case known == nil:
		return b.words()
	case kind == "string":
		return b.one(known)
	}
	return json.Number(b.one(known))
}

func (b *builder) one(of []string) string { return of[b.rand.IntN(len(of))] }

// words are of the characters that can travel where the value goes.
func (b *builder) words() string {
	plain := fmt.Sprintf("%016x", b.rand.Uint64())[:1+b.rand.IntN(12)]
	n := b.rand.IntN(10)
	switch {
	case b.goes == "cookie" || n < 4:
		return plain
	case b.goes == "header":
		return b.one(inHeader)
	case n == 4 && (b.goes == inRequest || b.goes == inReply):
		return ""
	case n == 5:
		return strings.Repeat(plain, 30)
	case n < 8 || b.goes == "path":
		return plain + b.one(odd) // not ".." alone: a path resolves that, and the client refuses it
	}
	return b.one(odd)
}

// name makes the name of a property that the schema does not know. In a query it is made of letters and digits,
// since oapi-codegen's runtime writes the names of an exploded object as they are.
func (b *builder) name() string {
	if b.goes == inRequest || b.goes == inReply {
		return "x" + b.words()
	}
	return fmt.Sprintf("x%x", b.rand.Uint32())
}

// anything is JSON where a schema allows all of it; in a parameter, which has no other form for all of it, a text.
func (b *builder) anything() any {
	if b.goes != inRequest && b.goes != inReply {
		return b.words()
	}
	v, _ := apicheck.DecodeJSON([]byte(b.one([]string{
		`{"a":[0.1234567890123456789,null,{"é":"</script>"}]}`, `12345678901234567890`, `[[],{},""]`, `null`, `true`, `"Zoë"`, `{}`,
	})))
	return v
}
