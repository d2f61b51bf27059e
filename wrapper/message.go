package portal

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxServerMessage is how many bytes of the server's words are shown. More of them are compared with what was sent, lest
// a name or a token be shown that the end of a line cuts in two.
const (
	maxServerMessage   = 512
	maxComparedMessage = 2 * maxServerMessage
)

// serverMessage finds the server's own words in an error body, whatever its content type says. Portal sends
// {"error": "…"}, {"error": {"message": "…"}}, {"message": "…"} and {"requestError": {"message": "…"}}. They
// become one line of at most maxComparedMessage; it is empty when there are none.
func serverMessage(body []byte) string {
	var reply struct {
		Error        any `json:"error"`
		Message      any `json:"message"`
		RequestError any `json:"requestError"`
	}
	if unmarshal(text(body), &reply) != nil {
		return ""
	}
	for _, member := range [...]any{reply.Error, reply.Message, reply.RequestError} {
		if object, ok := member.(map[string]any); ok {
			member = object["message"]
		}
		words, _ := member.(string)
		if words = oneLine(words, maxComparedMessage); words != "" {
			return words
		}
	}
	return ""
}

// oneLine makes foreign text printable UTF-8 in one line of at most limit bytes.
func oneLine(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text) // which takes a byte that is not UTF-8 for U+FFFD
	return shorten(strings.TrimSpace(text), limit)
}

// shorten cuts off what a text has more than limit bytes, between two characters.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const ellipsis = "…"
	cut := limit - len(ellipsis)
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + ellipsis
}
