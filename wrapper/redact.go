package portal

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	redacted        = "[redacted]"
	maxMessageBytes = 512
	shortSecret     = 6 // bytes; below it, a value is a word that may well be part of others
)

// redact makes foreign text fit for an error message: in one line, of bounded length, and without the
// token or any text that the request gave the server, for a server may repeat what it refuses.
func (c *call) redact(text string, req *http.Request) string {
	text = clean(text)
	secrets := secretsOf(req)
	// The longest first: of an address that holds the name, the rest would stay.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	text = blackOut(text, c.token)
	for _, secret := range secrets {
		text = blackOut(text, clean(secret))
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

// clean makes text valid UTF-8 in one line.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
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

// blackOut replaces a secret in any case, a short one only where it stands as a word of its own: a name such
// as "An" must not turn "An error" and "Another" into riddles more than it has to.
func blackOut(text, secret string) string {
	secret = strings.TrimSpace(secret)
	if secret == "" {
		return text
	}
	first, _ := utf8.DecodeRuneInString(secret)
	last, _ := utf8.DecodeLastRuneInString(secret)
	partOfWord := func(a, b rune) bool { return len(secret) < shortSecret && isWord(a) && isWord(b) }
	var out strings.Builder
	before, done := ' ', 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if n := foldedPrefix(text[i:], secret); n > 0 {
			after, _ := utf8.DecodeRuneInString(text[i+n:])
			if !partOfWord(before, first) && !partOfWord(last, after) {
				out.WriteString(text[done:i] + redacted)
				done, r, size = i+n, ' ', n
			}
		}
		before = r
		i += size
	}
	return out.String() + text[done:]
}

// foldedPrefix is the length of the beginning of s that is prefix in another case, 0 when it is not. That
// length may differ from the prefix's: a Kelvin sign is a k of three bytes.
func foldedPrefix(s, prefix string) (n int) {
	for _, want := range prefix {
		r, size := utf8.DecodeRuneInString(s[n:])
		if size == 0 {
			return 0
		}
		for folded := r; folded != want; {
			if folded = unicode.SimpleFold(folded); folded == r {
				return 0
			}
		}
		n += size
	}
	return n
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// A muted error has a cause that says more than may be shown, such as a broken header of the server with
// an echo of the token. [errors.Is] and [errors.As] find the cause; a tool that walks the chain and prints
// every error, as error trackers do, does not.
type muted struct {
	shown string
	cause error
}

// mute makes err say what is shown of it.
func mute(err error, shown string) error {
	if err.Error() == shown {
		return err
	}
	return &muted{shown, err}
}

func (e *muted) Error() string { return e.shown }

func (e *muted) Is(target error) bool { return errors.Is(e.cause, target) }

func (e *muted) As(target any) bool { return errors.As(e.cause, target) }
