package apicheck

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// broken writes which rule a value breaks, once for each property that is missing or unknown.
func (d *Document) broken(f *fault, place func(tokens []string) string) (all []string) {
	at := f.InstanceLocation
	var text string
	var names []string // of properties
	switch k := f.ErrorKind.(type) {
	case *kind.Required:
		names, text = k.Missing, "is missing"
	case *kind.AdditionalProperties:
		names, text = k.Properties, "is not a known field"
	case *kind.Type:
		text = "must be " + strings.Join(k.Want, " or ") + ", not " + k.Got
	default:
		rule := "schema"
		if path := k.KeywordPath(); len(path) > 0 {
			rule = path[0]
		}
		value := listed(d.where(f.SchemaURL).raw(rule).value)
		text = cmp.Or(ruleTexts[rule+" "+value], ruleTexts[rule], "breaks the rule "+strconv.Quote(rule)+" of the document")
		text = strings.ReplaceAll(text, "VALUE", value)
	}
	for _, name := range names {
		all = append(all, place(append(slices.Clip(at), shorten(name)))+": "+text)
	}
	if names == nil {
		all = []string{place(at) + ": " + text}
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

	"format":           "must be of the format VALUE",
	"format date":      "must be a calendar date, written YYYY-MM-DD",
	"format date-time": "must be a date and time as in RFC 3339",
	"format email":     "must be one bare e-mail address",
	"format uuid":      "must be a UUID",
	"format uri":       "must be a URI",
}

// listed writes a value of the document, or a list of them.
func listed(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		words := make([]string, len(v))
		for i, item := range v {
			words[i] = listed(item)
		}
		return strings.Join(words, ", ")
	}
	text, _ := EncodeJSON(v) // it was decoded from JSON
	return string(text)
}

// shorten makes a name that came in fit for a message.
func shorten(name string) string {
	if len(name) > 40 {
		return strings.ToValidUTF8(name[:40], "") + "..."
	}
	return name
}
