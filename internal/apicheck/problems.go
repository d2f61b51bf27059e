package apicheck

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
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
		switch e.ErrorKind.(type) {
		case *kind.AnyOf, *kind.OneOf: // the causes are those of alternatives: naming each would say too much
			e.Causes = nil
		}
		for _, cause := range e.Causes {
			walk(cause)
		}
		if len(e.Causes) == 0 {
			at := place
			for _, token := range e.InstanceLocation {
				at += "/" + pointerEscaper.Replace(token)
			}
			problems = append(problems, s.node.d.broken(at, e)...)
		}
	}
	walk(invalid)
	slices.Sort(problems)
	return slices.Compact(problems)
}

// broken writes which rule a value breaks, once for each property that is missing or unknown.
func (d *Document) broken(at string, e *jsonschema.ValidationError) (all []string) {
	var text string
	var properties []string
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		text, properties = "is missing", k.Missing
	case *kind.DependentRequired:
		text, properties = "is missing", k.Missing
	case *kind.AdditionalProperties:
		text, properties = "is not a known field", k.Properties
	case *kind.Type:
		text = "must be " + strings.Join(k.Want, " or ") + ", not " + k.Got
	case *kind.Format:
		text = "must be " + cmp.Or(formatTexts[k.Want], "of the format "+k.Want)
	default:
		rule := "schema"
		if path := k.KeywordPath(); len(path) > 0 {
			rule = path[len(path)-1]
		}
		_, fragment, _ := strings.Cut(e.SchemaURL, "#")
		value := listed(d.at("#" + fragment).raw(rule).value)
		text = strings.ReplaceAll(cmp.Or(ruleTexts[rule], "breaks the rule "+strconv.Quote(rule)+" of the document"), "VALUE", value)
	}
	for _, name := range properties {
		all = append(all, at+"/"+pointerEscaper.Replace(quoteLong(name))+": "+text)
	}
	if properties == nil {
		all = []string{cmp.Or(at, "body") + ": " + text}
	}
	return all
}

// ruleTexts says what the rules of a schema ask for.
var ruleTexts = map[string]string{
	"enum": "must be one of VALUE", "const": "must be VALUE", "pattern": "must match the pattern VALUE",
	"minLength": "must have at least VALUE characters", "maxLength": "must have at most VALUE characters",
	"minItems": "must have at least VALUE items", "maxItems": "must have at most VALUE items",
	"minimum": "must be at least VALUE", "exclusiveMinimum": "must be more than VALUE",
	"maximum": "must be at most VALUE", "exclusiveMaximum": "must be less than VALUE",
}

// formatTexts says what a value of a format looks like.
var formatTexts = map[string]string{
	"date":      "a calendar date, written YYYY-MM-DD",
	"date-time": "a date and time as in RFC 3339",
	"email":     "one bare e-mail address",
	"uuid":      "a UUID",
	"uri":       "a URI",
}

// listed writes a value of the document, or a list of them.
func listed(v any) string {
	list := listOf(v)
	if list == nil {
		list = []any{v}
	}
	words := make([]string, len(list))
	for i, v := range list {
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
func isNumber(text string) bool { return len(text) <= 1000 && numberPattern.MatchString(text) }

var numberPattern = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?0*([1-3]?[0-9]?[0-9]|400))?$`)

func sortedKeys(o object) []string { return slices.Sorted(maps.Keys(o)) }
