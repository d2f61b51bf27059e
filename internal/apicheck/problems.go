package apicheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// check validates a value and says for each fault where it lies and which rule it breaks: never the value
// itself. place is "" for a body, whose places are JSON pointers.
func check(place string, s *schema, value any) []string {
	if s == nil || s.compile() == nil {
		return nil
	}
	err := s.compile().Validate(value)
	if err == nil {
		return nil
	}
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return []string{place + ": does not match the document"}
	}
	var problems []string
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) > 0 && !isChoice(e.ErrorKind) {
			for _, cause := range e.Causes {
				walk(cause)
			}
			return
		}
		at := place
		for _, token := range e.InstanceLocation {
			at += "/" + pointerEscaper.Replace(token)
		}
		problems = append(problems, broken(at, e.ErrorKind)...)
	}
	walk(invalid)
	slices.Sort(problems)
	return slices.Compact(problems)
}

// isChoice reports that the causes are those of alternatives: naming each would say too much.
func isChoice(k jsonschema.ErrorKind) bool {
	switch k.(type) {
	case *kind.AnyOf, *kind.OneOf:
		return true
	}
	return false
}

// broken writes which rule a value breaks, once for each property that is missing or unknown.
func broken(at string, k jsonschema.ErrorKind) []string {
	one := func(format string, args ...any) []string {
		where := at
		if where == "" {
			where = "body"
		}
		return []string{where + ": " + fmt.Sprintf(format, args...)}
	}
	switch k := k.(type) {
	case *kind.Required:
		return each(at, k.Missing, "is missing")
	case *kind.DependentRequired:
		return each(at, k.Missing, "is missing")
	case *kind.AdditionalProperties:
		return each(at, k.Properties, "is not a known field")
	case *kind.Type:
		return one("must be %s, not %s", strings.Join(k.Want, " or "), k.Got)
	case *kind.Enum:
		return one("must be one of %s", listed(k.Want))
	case *kind.Const:
		return one("must be %s", listed([]any{k.Want}))
	case *kind.Format:
		if text, ok := formatTexts[k.Want]; ok {
			return one("must be %s", text)
		}
		return one("must have the format %s", k.Want)
	case *kind.Pattern:
		return one("must match the pattern %s", k.Want)
	case *kind.MinLength:
		return one("must have at least %d characters", k.Want)
	case *kind.MaxLength:
		return one("must have at most %d characters", k.Want)
	case *kind.MinItems:
		return one("must have at least %d items", k.Want)
	case *kind.MaxItems:
		return one("must have at most %d items", k.Want)
	case *kind.Minimum:
		return one("must be at least %s", k.Want.RatString())
	case *kind.Maximum:
		return one("must be at most %s", k.Want.RatString())
	case *kind.ExclusiveMinimum:
		return one("must be more than %s", k.Want.RatString())
	case *kind.ExclusiveMaximum:
		return one("must be less than %s", k.Want.RatString())
	}
	rule := "schema"
	if path := k.KeywordPath(); len(path) > 0 {
		rule = path[len(path)-1]
	}
	return one("breaks the rule %q of the document", rule)
}

// formatTexts says what a value of a format looks like.
var formatTexts = map[string]string{
	"date":      "a calendar date, written YYYY-MM-DD",
	"date-time": "a date and time as in RFC 3339",
	"email":     "one bare e-mail address",
	"uuid":      "a UUID",
	"uri":       "a URI",
}

func each(at string, names []string, text string) []string {
	var all []string
	for _, name := range names {
		all = append(all, at+"/"+pointerEscaper.Replace(quoteLong(name))+": "+text)
	}
	return all
}

// listed writes values of the document.
func listed(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		text, ok := v.(string)
		if !ok {
			encoded, _ := json.Marshal(v) // it was decoded from JSON
			text = string(encoded)
		}
		words[i] = text
	}
	return strings.Join(words, ", ")
}

// quoteName makes a name that came in fit for a message.
func quoteName(name string) string { return strconv.QuoteToASCII(quoteLong(name)) }

func quoteLong(name string) string {
	if len(name) > 40 {
		return strings.ToValidUTF8(name[:40], "") + "..."
	}
	return name
}

// DecodeJSON reads one JSON value that is the whole text, with its numbers as they stand. Its errors never
// repeat the text.
func DecodeJSON(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	switch {
	case ok:
		return nil, fmt.Errorf("is not valid JSON at byte %d", syntax.Offset)
	case err != nil:
		return nil, errors.New("is not valid JSON: it ends too early")
	}
	end := d.InputOffset()
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("goes on after the JSON value that ends at byte %d", end)
	}
	if !numbersInRange(v) {
		return nil, errors.New("holds a number that is out of range")
	}
	return v, nil
}

// numbersInRange refuses what only an attacker sends: exact arithmetic on 1e999999999 never ends.
func numbersInRange(v any) bool {
	switch v := v.(type) {
	case json.Number:
		return isNumber(string(v))
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool { return !numbersInRange(item) })
	case object:
		for _, item := range v {
			if !numbersInRange(item) {
				return false
			}
		}
	}
	return true
}

// isNumber reports whether text is a JSON number with an exponent that makes sense.
func isNumber(text string) bool {
	if len(text) == 0 || len(text) > 1000 || strings.ContainsAny(text, " \t\r\n") || !json.Valid([]byte(text)) {
		return false
	}
	if text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent, err := strconv.Atoi(text[i+1:])
		return err == nil && exponent >= -400 && exponent <= 400
	}
	return true
}

func sortedKeys(o object) []string { return slices.Sorted(maps.Keys(o)) }

func listOf(v any) []any {
	list, _ := v.([]any)
	return list
}
