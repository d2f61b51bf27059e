package portal

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// request is a request with a JSON body, and what of it no error may show.
func request(t *testing.T, body string, change ...func(*http.Request)) sentValues {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, "https://api.example/api/v3/clients/me", strings.NewReader(body))
	require.NoError(t, err)
	req.Header = http.Header{
		"Authorization": {"Bearer eyJhbGciOi.J9aB3xQ2"}, "Content-Type": {"application/json"}, "Accept": {"application/json"},
		"User-Agent": {"portal-client-go/1"}, traceHeader: {"0a6bd7ef-8d3e-4a46-a5a7-5bd7cbb4fa53"},
	}
	for _, change := range change {
		change(req)
	}
	c := &call{tokens: []string{"eyJhbGciOi.J9aB3xQ2", "s3cr3t-0f-before"}}
	require.NoError(t, c.adopt(req, []string{"eip155:11155111", "wal%20let%2F1"}, true))
	return c.sent()
}

const janeBody = `{"name":{"firstName":"Jane","lastName":"O'Brien-Núñez"},"email":"jané.d@example.com","phone":"+14155550123",
	"dateOfBirth":"1990-02-28","type":"INDIVIDUAL","addresses":[{"city":"Li","country":"US","postal":94107}],"nick":"Mary Poe"}`

func TestMessagesThatRepeat(t *testing.T) {
	t.Parallel()
	for name, message := range map[string]string{
		"a value":                         "the city Li is unknown",
		"a value, twice escaped":          `no such person: %2530\u0027Brien\u002dN\u00fa`,
		"a whole name":                    "customer O'Brien-Núñez exists",
		"in another case":                 "JANE",
		"in quotes":                       `"Jane" is taken`,
		"as a field of a log":             `firstName=Jane`,
		"a number":                        "94107 is no postal code",
		"a grouped number":                "94.107",
		"a phone, grouped":                "+1 415-555 0123 is taken",
		"a phone, grouped otherwise":      "(415) 555.0123",
		"a phone, with hard spaces":       "415\u00a0555\u00a00123",
		"a phone, in full width":          "＋１４１５５５５０１２３",
		"a phone, masked":                 "…0123",
		"a phone, with text around it":    "tel:+14155550123;ext=1",
		"a date, otherwise":               "28 Feb 1990",
		"names glued":                     "janeobrien",
		"names glued, with short ones":    "no user PoeLi",
		"short names glued":               "no user poeli42",
		"names in another order":          "Poe, Mary",
		"a word of a name":                "Poe exists",
		"a word within another":           "the userPoe exists",
		"within a longer word":            "user_jane1@tenant",
		"percent":                         "O%27Brien",
		"percent, twice":                  "email=jan%25C3%25A9",
		"percent, all of it":              "%4A%61%6E%65",
		"percent, Latin-1":                "N%FA%F1ez",
		"the escapes of browsers":         "N%u00fa%u00f1ez",
		"HTML":                            "O&#39;Brien",
		"HTML, all of it":                 "&#x4a;&#X61;&#110;&#101;",
		"HTML, without semicolons":        "&#74&#97&#110&#101",
		"HTML, named":                     "N&uacute;&ntilde;ez",
		"HTML, twice":                     "O&amp;#39;Brien",
		"JSON":                            `O\u0027Brien`,
		"JSON in JSON":                    `{\"lastName\":\"O'Brien\"}`,
		"JSON, all of it":                 `\u004a\u0061\u006e\u0065`,
		"JavaScript":                      `\x4a\u{61}\u{00006e}e`,
		"Go, Python":                      `\U0000004aane`,
		"octal":                           `\112\141\156\145`,
		"JSON, over a line break":         `Ja\nne`,
		"SQL":                             "VALUES ('O''Brien')",
		"a backslash":                     `O\'Brien`,
		"an e-mail without its accent":    "jane.d@example.com",
		"an accent of its own":            "Nu\u0301n\u0303ez",
		"without accents":                 "Nunez",
		"accents in the wrong encoding":   "NÃºÃ±ez",
		"accents as question marks":       "O'Brien-N??ez",
		"accents that are not UTF-8":      "N\xfa\xf1ez",
		"another accent":                  "Jäne",
		"spaced":                          "J a n e",
		"with something invisible":        "Ja\u00adn\u200be",
		"cut":                             "O'Bri…",
		"cut at its beginning":            "…en-Nunez",
		"a little of it":                  "Indiv…",
		"a token":                         "eyJhbGciOi.J9aB3xQ2",
		"a token, in another case":        "EYJHBGCIOI.J9AB3XQ2",
		"a token, cut":                    "Bearer eyJhbG…",
		"a token, the rest":               "token …B3xQ2",
		"a token, masked":                 "eyJh***",
		"a token, its middle":             "GciOi.J9",
		"the token of the attempt before": "s3cr3t-0f-before",
		"of the attempt before, cut":      "s3cr3t-0",
		"a path parameter":                "chain eip155%3A11155111",
		"an escaped path parameter":       "wal let/1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.True(t, repeats(message, request(t, janeBody)), "%q", message)
			require.False(t, repeats(message, sentValues{}), "it is the request that counts")
		})
	}
}

func TestMessagesThatDoNotRepeat(t *testing.T) {
	t.Parallel()
	quote := `{"sourceAmount":100,"sourceCurrencyCode":"USD","destinationCurrencyCode":"ETH","countryCode":"US","serviceProviders":["TRANSAK"],"b":[true,false,null]}`
	for _, message := range []string{
		"Invalid request body", "email must be a valid email address", "A Meld customer already exists for this client",
		"Unsupported chain", "No funds", "No quotes are available", "Invalid token", "Unauthorized", "Bearer token expired", "firstName is required",
		"sourceAmount must be at least 5", "dateOfBirth: you must be at least 18 years old", "Too many requests, try again in 60 seconds",
		"USDC is out of stock, and so is WETH", "Internal error (trace 0a6bd7ef-8d3e-4a46-a5a7-5bd7cbb4fa53)", "Unsupported media type: application/json",
		"user agent portal-client-go/1 is too old", "99% full & closed; see https://docs.portal.test/errors?id=5 \\o/", "&nbsp;&;&#; %zz %u \\u \\x \\",
		"“Nicht verfügbar”", "サービスは利用できません", "x", "0f is a part of a token, and no word of it",
	} {
		t.Run(message, func(t *testing.T) {
			t.Parallel()
			require.False(t, repeats(message, request(t, quote)))
			if !strings.Contains(message, "“") && !strings.Contains(message, "サ") { // which may spell what was sent in a way of their own
				require.False(t, repeats(message, request(t, janeBody)))
			}
			require.False(t, repeats(message, request(t, `{}`)))
			require.False(t, repeats(message, sentValues{}))
		})
	}
}

func TestEscapesWithoutEnd(t *testing.T) {
	t.Parallel()
	require.False(t, repeats("%252520", sentValues{}), "undone three times, nothing is left to undo")
	require.True(t, repeats("%25252520", sentValues{}), "nobody knows what comes out of it")
	require.False(t, repeats("x", sentValues{values: []string{"%252520"}}))
	require.True(t, repeats("x", sentValues{values: []string{"%25252520"}}))
	require.True(t, repeats("jane", sentValues{values: []string{"%25256aane"}}))
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`94107`, `[1,94107]`, `{"a":94107}`, "94107 ", "[94107\n,1]", `-94107`, `941.07`, `9.4107e+4`, `{"a":9,"b":410}`} {
		want := strings.Contains(body, "94107") || strings.Contains(body, ".")
		require.Equal(t, want, repeats("94107", request(t, body)), body)
	}
}

func TestLargeRequests(t *testing.T) {
	t.Parallel()
	half := strings.Repeat("x", 1<<19)
	require.False(t, repeats("a", sentValues{body: []byte(`"` + half + half[2:] + `"`)}))
	require.True(t, repeats("a", sentValues{body: []byte(`"` + half + half[1:] + `"`)}))
	require.True(t, repeats("a", sentValues{body: []byte(`"` + half + half[2:] + `" `)}), "white space counts, too")
	require.False(t, repeats("a", sentValues{values: []string{half}, tokens: []string{half}}))
	require.True(t, repeats("a", sentValues{values: []string{half}, tokens: []string{half}, body: []byte(" ")}))
}

// What is short counts as a word, and no word of English is the end of an address.
func TestShortValues(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value, message string
		want           bool
	}{
		{"US", "US is closed", true},
		{"US", "us", true},
		{"US", "USD is closed", false},
		{"US", "a US1 b", true},
		{"US", "country=US", true},
		{"US", "isUS", true},
		{"US", "bonus", false},
		{"1", "1 of 2", true},
		{"1", "eip155:1", true},
		{"1", "v1", true},
		{"1", "10 of 12", false},
		{"Ann", "Anne, Annual", false},
		{"Ann", "JoAnn", true},
		{"Ann", "joann", false},
		{"J. R.", "dear J.R., hi", true},
		{"Anna", "hannah", true},
		{"jane@web.be", "must be a name", false},
		{"jane@web.be", "the web", true},
		{"https://a.to/it", "failed to do it", false},
		{"Isle of Man", "none of it", true},
		{"Max of Example", "none of it", true},
		{"", "a", false},
		{" -- ", "a", false},
		{"Spring Lane 5", "lane", true},
		{"Spring Lane 5", "planes", false},
		{"Spring Lane 5", "Sprin…", true},
		{"Spring Lane 5", "Spri…", true},
		{"Spring Lane 5", "Spr…", false},
		{"Rachel", "Rach…", true},
		{"Mary Rachel", "Rach…", true},
		{"Mary Rache", "Rach…", false},
		{"Springfield", "a field", false},
		{"Springfield", "a springf", true},
		{"Иван", "Иван", true},
		{"Иван", "Ivan", false},
		{"José", "Jos? exists", true},
		{"Zoë", "Zoe exists", true},
		{"Zoë", "Zoe\u0308", true},
		{"\u212aelvin", "KELVIN", true},
		{"İpek", "ipek", true},
		{"Weiß", "WEISS", true},
		{"Ștefan", "Stefan", true},
		{"Trần", "Tran", true},
		{"Jörg", "JOERG", true},
		{"Groß", "grosses", true},
		{"Müller-Straße", "Muellerstrasse", true},
		{"Åse", "Aase", true},
		{"Kjær", "Kjaer", true},
		{"Joel", "isjoel", true},
		{"Emma", "toemma", true},
		{"\xefan", "ïan", true},
	}
	for _, tt := range tests {
		t.Run(tt.value+" "+tt.message, func(t *testing.T) {
			t.Parallel()
			body, err := json.Marshal([]string{tt.value})
			require.NoError(t, err)
			if utf8.ValidString(tt.value) {
				require.Equal(t, tt.want, repeats(tt.message, request(t, string(body))))
			}
			require.Equal(t, tt.want, repeats(tt.message, sentValues{values: []string{tt.value}}))
		})
	}
}

func TestCutTokens(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]bool{
		"k3yab7": true, "k3ya***": true, "***yab7": true, "k3yab": true, "3yab7": true, // the ends of it
		"k3y***": false, "***ab7": false, "3yab": false, // less than that, or what is no end
	} {
		require.Equal(t, want, repeats(message, sentValues{tokens: []string{"k3yab7"}}), message)
		require.Equal(t, want, repeats("bad token "+message, sentValues{tokens: []string{"k3yab7"}}), message)
	}
	for message, want := range map[string]bool{"***WXyz": true, "***VWXyz": true, "***Xyz": false, "VWXy": false, "no yab7VW": true} { // letters, too
		require.Equal(t, want, repeats(message, sentValues{tokens: []string{"k3yab7VWXyz"}}), message)
	}
}

func TestWhereSentValuesAre(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = []string{"other", value} }
	}
	query := func(q string) func(*http.Request) { return func(r *http.Request) { r.URL.RawQuery = q } }
	tests := []struct {
		name, body string
		change     func(*http.Request)
		want       bool
	}{
		{name: "nowhere", body: `{}`, want: false},
		{name: "a query", change: query("a=1&after=roeliane"), want: true},
		{name: "an escaped query", change: query("after=roe%6ciane"), want: true},
		{name: "a broken query", change: query("a=%zz;b=roeliane"), want: true},
		{name: "a list in a query", change: query("a=1,roeliane"), want: true},
		{name: "a field of a query", change: query("roeliane=1"), want: false},
		{name: "a key of a map in a query", change: query("filter[roeliane]=1"), want: true},
		{name: "a header", change: header("X-Who", "roeliane"), want: true},
		{name: "a cookie", change: header("Cookie", "who=roeliane"), want: true},
		{name: "credentials of an editor", change: header("Authorization", "Basic roeliane"), want: true},
		{name: "the scheme of credentials", change: header("Authorization", "Roeliane x"), want: false},
		{name: "credentials in another case", change: header("authorization", "Bearer roeliane"), want: true},
		{name: "their scheme in another case", change: header("authorization", "Roeliane x"), want: false},
		{name: "a media type", change: header("Accept", "application/roeliane"), want: false},
		{name: "a string", body: `"roeliane"`, want: true},
		{name: "a string in depth", body: strings.Repeat(`[{"a":`, 4000) + `"roeliane"` + strings.Repeat(`}]`, 4000), want: true},
		{name: "an escaped string", body: `{"a":"\"\\\"","b":"\u0072oeliane"}`, want: true},
		{name: "the first of two members", body: `{"a":"roeliane","a":"x"}`, want: true},
		{name: "the second of two members", body: `{"a":"x","a":"roeliane"}`, want: true},
		{name: "a name of a member", body: `{"roeliane":"x"}`, want: false},
		{name: "a name of a member, spaced", body: "{\"roeliane\" \t\r\n :\"x\"}", want: false},
		{name: "names of all letters", body: `{"azAZ_roeliane":1,"_zroeliane9":2}`, want: false},
		{name: "a name of two digits", body: `{"roeliane99":1}`, want: true},
		{name: "a name with a sign", body: `{"a[roeliane":1}`, want: true},
		{name: "a name with another sign", body: "{\"a`roeliane\":1}", want: true},
		{name: "a name that ends with a sign", body: `{"roeliane{":1}`, want: true},
		{name: "a name beyond ASCII", body: `{"roelianeé":1}`, want: true},
		{name: "a key with a colon in its value", body: `{"x":"roeliane:"}`, want: true},
		{name: "a key of a map", body: `{"roeliane@x.io":"x"}`, want: true},
		{name: "a name as a key", body: `{"Roeliane":"x"}`, want: true},
		{name: "a number as a key", body: `{"roeliane12":"x"}`, want: true},
		{name: "JSON in a string", body: `{"a":"{\"b\":\"roeliane\"}"}`, want: true},
		{name: "nothing but space", body: " \n", want: false},
		{name: "a form", body: "a=b&c=d", want: true},
		{name: "a letter", body: "a", want: true},
		{name: "broken JSON", body: `{"a":`, want: true},
		{name: "two values", body: `{} {}`, want: true},
		{name: "too deep", body: strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), want: true},
		{name: "a number", body: `[1,-23,{"a":4e+5 }]`, want: false},
		{name: "over 1 MiB", body: `"` + strings.Repeat("x", maxCompared) + `"`, want: true},
		{name: "over 1 MiB of white space", body: `{}` + strings.Repeat(" ", maxCompared), want: true},
		{name: "over 1 MiB in the query", body: `{}`, change: query("a=" + strings.Repeat("x", maxCompared)), want: true},
		{name: "a stream", body: `{}`, change: func(r *http.Request) { r.GetBody = nil }, want: true},
		{name: "no body", change: func(r *http.Request) { r.Body, r.GetBody = nil, nil }, want: false},
		{name: "an empty body", change: func(r *http.Request) { r.Body, r.GetBody = http.NoBody, nil }, want: false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sent := request(t, tt.body, func(r *http.Request) {
				if tt.change != nil {
					tt.change(r)
				}
			})
			require.Equal(t, tt.want, repeats("no roeliane here", sent))
		})
	}
}

// Some systems put a question mark in place of a letter beyond ASCII. A value is not taken apart further than at what
// divides words, and of its end only digits tell it.
func TestPartsOfValues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value, message string
		want           bool
	}{
		{"Núñez", "N??ez exists", true},
		{"Núñez", "N?ez exists", true},
		{"Núñez", "exists", false},
		{"Zoë Núñez", "Zo? exists", true},
		{"Muller", "Müller exists", true},
		{"Muller", "MÜLLER exists", true},
		{"aébécédéeéf", "a?b?c?d?e?f exists", true},
		{"sendItNow", "it is too late now", false},
		{"éItNow", "it is too late now", false},
		{"send It Now", "it is too late now", true},
		{"phoenix", "enix exists", false},
		{"phoenix", "phoe exists", true},
		{"phoen1x", "en1x exists", true},
	} {
		require.Equal(t, tt.want, repeats(tt.message, sentValues{values: []string{tt.value}}), "%q, %q", tt.value, tt.message)
	}
}

func TestSpelled(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "a": "a", "mueller": "muller", "strasse": "strase", "aaroe": "aro", "blue": "blu", "ss": "s", "sss": "ss", "aeoeuessaa": "aousa", "eaeo": "eao",
	} {
		require.Equal(t, want, spelled(text), text)
	}
}

// What a call collects of itself stays as it is.
func TestSentLeavesTheCallAlone(t *testing.T) {
	t.Parallel()
	tokens, values := make([]string, 1, 9), make([]string, 1, 9)
	req, err := http.NewRequest(http.MethodGet, "https://api.example/?a=b&c=d", nil)
	require.NoError(t, err)
	req.Header = http.Header{"Authorization": {"Bearer x"}, "X-A": {"a"}, "Accept-Encoding": {"b"}, "content-length": {"c"}}
	sent := (&call{req: *req, tokens: tokens, values: values}).sent()
	require.Equal(t, []string{"", "x"}, sent.tokens)
	require.Equal(t, []string{"", "b", "d", "a"}, sent.values)
	require.Equal(t, make([]string, 9), tokens[:9])
	require.Equal(t, make([]string, 9), values[:9])
}

// What calls have sent that are one to the caller is kept for the next one, but not without an end.
func TestWhatASequenceKeeps(t *testing.T) {
	t.Parallel()
	q := &sequence{}
	for i := range 300 {
		c := &call{values: []string{"all", fmt.Sprint("value", i)}, body: []byte(`{"a":"all"}`)}
		c.req.URL = &c.url
		c.follow(q)
		c.tokens = append(c.tokens, fmt.Sprint("token", i))
		require.Equal(t, i > 0, slices.Contains(c.sent().values, "value0") && len(c.sent().values) > 2)
		q.add(c)
	}
	require.Equal(t, []string{"token292", "token293", "token294", "token295", "token296", "token297", "token298", "token299"}, q.tokens)
	require.Len(t, q.values, 256)
	require.Equal(t, []string{"all", "value0", "value1"}, q.values[:3])
	require.Equal(t, "value254", q.values[255])
}

// The comparison costs little whatever is sent and answered: the bound is a thousand times what it takes.
func TestComparisonIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 100_000)
	bodies := map[string]string{
		"a long name":    `"` + long + `b"`,
		"short values":   `[` + strings.TrimSuffix(strings.Repeat(`"an",`, 100_000), ",") + `]`,
		"short words":    `"` + strings.Repeat("an ", 300_000) + `"`,
		"digits":         `[` + strings.TrimSuffix(strings.Repeat(`1,`, 400_000), ",") + `]`,
		"escapes":        `"` + strings.Repeat(`\u0025`, 150_000) + `"`,
		"backslashes":    `"` + strings.Repeat(`\\`, 400_000) + `"`,
		"spaces":         `{"a"` + strings.Repeat(" ", 900_000) + `:1}`,
		"accents":        `"` + strings.Repeat("é", 400_000) + `"`,
		"accents, alone": `"` + strings.Repeat("\u0301", 400_000) + `"`,
		"open entities":  `"` + strings.Repeat("&", 900_000) + `"`,
	}
	for _, message := range []string{
		strings.Repeat("a", maxServerMessage), strings.Repeat("n a", 170), strings.Repeat("%25&", 128),
	} {
		for name, body := range bodies {
			start := time.Now()
			repeats(message, request(t, body))
			require.Less(t, time.Since(start), 20*time.Second, "%s, %.10q", name, message)
		}
	}
}

// inAnyForm are the ways in which a server, and what stands before it, may write what it was sent.
var inAnyForm = map[string]func(string) string{
	"as it is":          func(s string) string { return s },
	"upper case":        strings.ToUpper,
	"lower case":        strings.ToLower,
	"query":             url.QueryEscape,
	"query, twice":      func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"path":              url.PathEscape,
	"percent":           func(s string) string { return byByte(s, "%%%02X") },
	"HTML":              html.EscapeString,
	"HTML, decimal":     func(s string) string { return byRune(s, "&#%d;") },
	"HTML, hexadecimal": func(s string) string { return byRune(s, "&#x%x;") },
	"JSON":              inJSON,
	"JSON, twice":       func(s string) string { return inJSON(inJSON(s)) },
	"Go":                func(s string) string { return fmt.Sprintf("%+q", s) },
	"code points":       func(s string) string { return byRune(s, `\u{%x}`) },
	"bytes":             func(s string) string { return byByte(s, `\x%02x`) },
	"octal":             func(s string) string { return byByte(s, `\%03o`) },
	"SQL":               func(s string) string { return strings.ReplaceAll(s, "'", "''") },
	"backslashes":       func(s string) string { return strings.NewReplacer(`\`, `\\`, `'`, `\'`, `"`, `\"`).Replace(s) },
	"spaced":            func(s string) string { return byRune(s, "%c ") },
	"hyphenated":        func(s string) string { return byRune(s, "%c-") },
}

func byByte(s, format string) (out string) {
	for _, b := range []byte(s) {
		out += fmt.Sprintf(format, b)
	}
	return out
}

func byRune(s, format string) (out string) {
	for _, r := range s {
		out += fmt.Sprintf(format, r)
	}
	return out
}

func inJSON(s string) string {
	b, _ := json.Marshal(s)
	return string(b[1 : len(b)-1])
}

// FuzzRepeats holds repeats to its promise: a message with a sent value of four letters or more in any of the
// forms is withheld, wherever the value was sent and whatever stands beside it.
func FuzzRepeats(f *testing.F) {
	for _, value := range []string{"Jane", "O'Brien", "Núñez", "+14155550123", "jane@example.com", `a\u0041%41&#41;\n`, "%2525", "Иван", "\u212aelvin", "&amp;lt;abcd"} {
		f.Add(value, "the value ", " is taken")
		f.Add(value, "%4", "1;")
		f.Add(value, `\`, "Ω")
		f.Add(value, "&#", "")
	}
	f.Fuzz(func(t *testing.T, value, before, after string) {
		value = strings.ToValidUTF8(value, "")
		letters := 0
		for _, r := range value {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				letters++
			}
		}
		if letters < 4 || len(value)+len(before)+len(after) > 100 {
			return
		}
		body, err := json.Marshal(map[string]any{"a": []string{value}})
		require.NoError(t, err)
		for name, form := range inAnyForm {
			message := before + " " + form(value) + " " + after // without a space, they might make another escape of it
			require.True(t, repeats(message, sentValues{body: body}), "%s: %q", name, message)
			require.True(t, repeats(message, sentValues{values: []string{value}}), "%s: %q", name, message)
			require.True(t, repeats(message, sentValues{tokens: []string{"tok", value}}), "%s: %q", name, message)
		}
	})
}
