package portal

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestServerMessage(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, want string }{
		{"a text", `{"error":"no funds"}`, "no funds"},
		{"an object", `{"error":{"id":"E1","message":"no funds"}}`, "no funds"},
		{"a message", `{"message":"no funds"}`, "no funds"},
		{"an object for a message", `{"message":{"message":"no funds"}}`, "no funds"},
		{"of a request that was simulated", `{"requestError":{"message":"no funds"}}`, "no funds"},
		{"error before message", `{"message":"b","error":"a"}`, "a"},
		{"message before requestError", `{"requestError":{"message":"b"},"message":"a"}`, "a"},
		{"null before text", `{"error":null,"message":"a"}`, "a"},
		{"blanks before text", `{"error":" \t ","message":"a"}`, "a"},
		{"an object without words", `{"error":{"id":"E1"},"message":"a"}`, "a"},
		{"an object with a number", `{"error":{"message":7},"message":"a"}`, "a"},
		{"a list before text", `{"error":["x"],"message":"a"}`, "a"},
		{"members that nobody knows", `{"details":{"meldCustomerId":"c"},"error":"a","x":[{}]}`, "a"},
		{"the last of two", `{"error":"a","error":"b"}`, "b"},
		{"the last of two, without words", `{"error":"a","error":null}`, ""},
		{"another case", `{"Error":{"message":"a"}}`, "a"},
		{"the last of several cases", `{"ERROR":"b","error":"c","Error":"a"}`, "a"},
		{"a byte order mark", "\ufeff" + `{"error":"a"}`, "a"},
		{"white space around", " \r\n{\"error\":\" a \"}\n", "a"},
		{"line breaks", `{"error":"a\r\nb\u2028c\u0000d\u202ee"}`, "a  b c d e"},
		{"not UTF-8", "{\"error\":\"a\xff\"}", "a\ufffd"},
		{"half a surrogate pair", `{"error":"a\ud800"}`, "a\ufffd"},
		{"the longest", `{"error":"` + strings.Repeat("x", 512) + `"}`, strings.Repeat("x", 512)},
		{"too long", `{"error":"` + strings.Repeat("x", 513) + `"}`, strings.Repeat("x", 509) + "…"},
		{"cut between characters", `{"error":"` + strings.Repeat("ä", 300) + `"}`, strings.Repeat("ä", 254) + "…"},
		{"a member without a name", `{"":"a"}`, ""},
		{"nothing", ``, ""},
		{"null", `null`, ""},
		{"no object", `["error"]`, ""},
		{"a text alone", `"error"`, ""},
		{"HTML", `<html>error</html>`, ""},
		{"cut", `{"error":"a"`, ""},
		{"more than an object", `{"error":"a"} x`, ""},
		{"no words", `{"error":true,"message":1,"requestError":"a"}`, "a"},
		{"too deep", `{"error":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, oneLine(serverMessage([]byte(tt.body)), maxServerMessage))
		})
	}
}

// FuzzServerMessage feeds any body: what comes out is fit for a line of a log and was said in the body.
func FuzzServerMessage(f *testing.F) {
	for _, body := range []string{
		`{"error":"exists"}`, `{"error":{"message":"no"}}`, `{"error":null,"message":"m"}`, `{"error":["a"]}`, `{"error":"jane"`,
		`[]`, `null`, "\x00\xff", `{"error":"\ud800\u0000 JANE"}`, `<html>`, ``, `{"message":{"message":{}}}`, "\ufeff{\"requestError\":{\"Message\":\"a\"}}",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		message := serverMessage(body)
		require.True(t, utf8.ValidString(message))
		require.False(t, strings.ContainsFunc(message, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", message)
		require.LessOrEqual(t, len(message), maxComparedMessage)
		require.Equal(t, strings.TrimSpace(message), message)
		if message != "" {
			body = bytes.TrimPrefix(body, []byte("\ufeff"))
			require.True(t, json.Valid(body))
			require.True(t, slices.ContainsFunc(jsonStrings(body), func(s string) bool { return oneLine(s, maxComparedMessage) == message }))
		}
		repeats(message, sentValues{values: []string{string(body)}})
	})
}
