package portal

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	redacted        = "[redacted]"
	maxMessageBytes = 512
)

// redact makes foreign text fit for an error message: in one line, of bounded length, and without the
// token or any text that the request's body gave the server, for a server may repeat what it refuses.
func (c *call) redact(text string, req *http.Request) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
	if c.token != "" {
		text = strings.ReplaceAll(text, c.token, redacted)
	}
	for _, secret := range secretsOf(req) {
		text = replaceWord(text, secret)
	}
	if len(text) > maxMessageBytes {
		cut := maxMessageBytes
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return text
}

// secretsOf lists the strings in a request's body and the values of its query.
func secretsOf(req *http.Request) []string {
	var secrets []string
	var collect func(value any)
	collect = func(value any) {
		switch value := value.(type) {
		case string:
			secrets = append(secrets, value)
		case []any:
			for _, v := range value {
				collect(v)
			}
		case map[string]any:
			for _, v := range value {
				collect(v)
			}
		}
	}
	if req.GetBody != nil {
		if body, err := req.GetBody(); err == nil {
			defer body.Close()
			var value any
			if json.NewDecoder(io.LimitReader(body, 1<<20)).Decode(&value) == nil {
				collect(value)
			}
		}
	}
	for _, values := range req.URL.Query() {
		secrets = append(secrets, values...)
	}
	return secrets
}

// replaceWord blacks out a secret wherever it stands as a word of its own, in any case: a last name such
// as "An" must not turn "An error" and "Another" into riddles more than it has to.
func replaceWord(text, secret string) string {
	if strings.TrimSpace(secret) == "" {
		return text
	}
	lower, needle := strings.ToLower(text), strings.ToLower(secret)
	if len(lower) != len(text) { // lower case of another length: offsets would not fit
		lower, needle = text, secret
	}
	var out strings.Builder
	for {
		i := strings.Index(lower, needle)
		if i < 0 {
			out.WriteString(text)
			return out.String()
		}
		end := i + len(needle)
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if isWord(before) || isWord(after) {
			out.WriteString(text[:end])
		} else {
			out.WriteString(text[:i] + redacted)
		}
		text, lower = text[end:], lower[end:]
	}
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
