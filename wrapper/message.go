package portal

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxServerMessage is how many bytes of the server's words are shown.
const maxServerMessage = 512

// serverMessage finds the server's own words in an error body, whatever its content type says. Portal sends
// {"error": "…"}, {"error": {"message": "…"}}, {"message": "…"} and {"requestError": {"message": "…"}}. They
// become one line of bounded length; it is empty when there are none.
func serverMessage(body []byte) string {
	object := jsonObject(bytes.TrimPrefix(body, []byte("\ufeff")))
	for _, name := range []string{"error", "message", "requestError"} {
		raw := member(object, name)
		var text string
		if json.Unmarshal(raw, &text) != nil {
			_ = json.Unmarshal(member(jsonObject(raw), "message"), &text) // what is no text is as good as missing
		}
		if text = oneLine(text, maxServerMessage); text != "" {
			return text
		}
	}
	return ""
}

// jsonObject is a JSON object with its values as they are, nil if raw is none. Of members with the same name
// it has the last.
func jsonObject(raw []byte) (object map[string]json.RawMessage) {
	if json.Unmarshal(raw, &object) != nil {
		return nil
	}
	return object
}

// member is the value of name, or else that of the first name that differs from it by case alone.
func member(object map[string]json.RawMessage, name string) json.RawMessage {
	if raw, ok := object[name]; ok {
		return raw
	}
	var first string
	for key := range object {
		if strings.EqualFold(key, name) && (first == "" || key < first) {
			first = key
		}
	}
	if first == "" {
		return nil
	}
	return object[first]
}

// oneLine makes foreign text printable UTF-8 in one line of at most limit bytes.
func oneLine(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text) // which takes a byte that is not UTF-8 for U+FFFD
	text = strings.TrimSpace(text)
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
