package apicheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"unicode/utf8"
)

// DecodeJSON reads one JSON value that is the whole text, with its numbers as they stand. Its errors never
// repeat the text.
func DecodeJSON(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	end := d.InputOffset()
	_, more := d.Token()
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	switch {
	case !utf8.Valid(text):
		return nil, errors.New("is not UTF-8")
	case ok:
		return nil, fmt.Errorf("is not valid JSON at byte %d", syntax.Offset)
	case err != nil:
		return nil, errors.New("is not valid JSON: it ends too early")
	case more != io.EOF:
		return nil, fmt.Errorf("goes on after the JSON value that ends at byte %d", end)
	case outOfRange(v):
		return nil, errors.New("holds a number that is out of range")
	}
	return v, nil
}

// outOfRange finds what only an attacker sends: exact arithmetic on 1e999999999 never ends.
func outOfRange(v any) bool {
	switch v := v.(type) {
	case json.Number:
		return !isNumber(string(v))
	case []any:
		return slices.ContainsFunc(v, outOfRange)
	case object:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), outOfRange)
	}
	return false
}

// isNumber reports whether text is a JSON number with an exponent that makes sense.
func isNumber(text string) bool { return len(text) <= 1000 && numberPattern.MatchString(text) }

var numberPattern = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?0*([1-3]?[0-9]?[0-9]|400))?$`)

// EncodeJSON writes a value as JSON, with the characters <, > and & as they are.
func EncodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
