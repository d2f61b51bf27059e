package apicheck

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// A maker makes values by asking the check. It begins with an empty object and repairs what the check finds fault
// with, until that is nothing. So it has no idea of its own of references, of allOf or of conditions.
type maker struct {
	d       *Document
	seed    uint64
	turn    int            // which of several alternatives it takes
	repairs map[string]int // how many there were, by place
}

const (
	mostRounds = 100 // each repairs what the one before has laid bare
	mostPlaces = 3000
	mostItems  = 100
	mostLong   = 10000
	richDepth  = 4 // what lies deeper has only what it must
)

// Value makes a small value of a schema. It fits unless the schema is intricate.
func (d *Document) Value(s *jsonschema.Schema) any {
	m := &maker{d: d, repairs: map[string]int{}}
	return m.repair(s, object{})
}

// repair changes a value until it has no more faults, or none that can be repaired.
func (m *maker) repair(s *jsonschema.Schema, v any) any {
	for range mostRounds {
		all := faults(s, v, m.alternative)
		slices.SortStableFunc(all, func(a, b *fault) int { return slices.Compare(a.InstanceLocation, b.InstanceLocation) })
		if len(all) == 0 || len(m.repairs) > mostPlaces {
			break
		}
		for _, f := range all {
			v = m.repairAt(v, f.InstanceLocation, f)
		}
	}
	return v
}

// alternative takes one of the alternatives that a value could fit. Deep in a schema that has itself within, another
// one comes, such as null.
func (m *maker) alternative(f *fault) []*fault {
	if len(f.Causes) == 0 {
		return nil // it fits several, and may not
	}
	i := (m.turn + max(0, len(f.InstanceLocation)-richDepth)) % len(f.Causes)
	return f.Causes[i : i+1]
}

// repairAt repairs a fault of what lies at a place of a value, if that is still there.
func (m *maker) repairAt(v any, at []string, f *fault) any {
	if len(at) == 0 {
		return m.repaired(v, f)
	}
	switch v := v.(type) {
	case object:
		if inner, ok := v[at[0]]; ok {
			v[at[0]] = m.repairAt(inner, at[1:], f)
		}
	case []any:
		if i, err := strconv.Atoi(at[0]); err == nil && i < len(v) {
			v[i] = m.repairAt(v[i], at[1:], f)
		}
	}
	return v
}

// repaired is a value with one fault less.
func (m *maker) repaired(v any, f *fault) any {
	place := strings.Join(f.InstanceLocation, "/")
	m.repairs[place]++
	again := max(0, m.repairs[place]-2) // the first one was for its type
	members, list := asObject(v), listOf(v)
	text, _ := v.(string)
	name, i := nameOf(f.InstanceLocation)
	switch k := f.ErrorKind.(type) {
	case *kind.Type:
		return m.blank(k.Want[len(k.Want)-1], name, m.d.where(f.SchemaURL))
	case *kind.Const:
		return clone(k.Want)
	case *kind.Enum:
		return clone(k.Want[(m.turn+i)%len(k.Want)]) // so that items differ
	case *kind.Required, *kind.DependentRequired:
		for _, name := range missing(k) {
			members[name] = object{}
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			delete(members, name)
		}
	case *kind.MinProperties:
		for i := range min(k.Want, mostItems) - len(members) {
			members["key"+strconv.Itoa(i+1)] = object{}
		}
	case *kind.MinItems:
		for len(list) < min(k.Want, mostItems) {
			list = append(list, object{})
		}
		return list
	case *kind.Contains:
		return append(list[:0], object{})
	case *kind.Format:
		if k.Want == "uuid" {
			return uuid.NewSHA1(uuid.Nil, fmt.Append(nil, m.seed, place)).String()
		}
		return cmp.Or(formatExamples[k.Want], text)
	case *kind.Pattern:
		if re, err := syntax.Parse(k.Want, syntax.Perl); err == nil {
			return matching(re, again/2)
		}
	case *kind.MinLength:
		return text + strings.Repeat("x", max(0, min(k.Want, mostLong)-k.Got))
	case *kind.MaxLength:
		return string([]rune(text)[:k.Want])
	case *kind.Minimum:
		return number(k.Want)
	case *kind.Maximum:
		return number(k.Want)
	case *kind.ExclusiveMinimum:
		return number(new(big.Rat).Add(k.Want, big.NewRat(1, 1<<min(again, 30))))
	case *kind.ExclusiveMaximum:
		return number(new(big.Rat).Sub(k.Want, big.NewRat(1, 1<<min(again, 30))))
	case *kind.MultipleOf:
		steps := new(big.Rat).Quo(k.Got, k.Want)
		whole := new(big.Int).Div(steps.Num(), steps.Denom())
		next := new(big.Rat).SetInt(whole.Add(whole, big.NewInt(1)))
		return number(next.Mul(next, k.Want))
	}
	return v
}

// blank is a value of a type: the schema's own example, or else the usual one.
func (m *maker) blank(kind, name string, schema node) any {
	examples := append(listOf(schema.raw("examples").value), schema.raw("example").value, schema.raw("default").value)
	for _, example := range examples {
		if example != nil && m.turn%2 == 0 {
			return clone(example)
		}
	}
	switch kind {
	case "object":
		return object{}
	case "array":
		return []any{}
	case "string":
		return cmp.Or(formatExamples[schema.text("format")], name)
	case "integer", "number":
		return json.Number("1")
	case "boolean":
		return true
	}
	return nil
}

// nameOf is what a text at a place may say, so that no two in a list are the same; and the number of its item there.
func nameOf(place []string) (name string, item int) {
	name = "text"
	for _, token := range place {
		i, err := strconv.Atoi(token)
		if item = i; err != nil {
			name = token
			continue
		}
		name += strconv.Itoa(i + 1)
	}
	return name, item
}

// formatExamples are values of the formats that are checked, and of one that Go takes for bytes.
var formatExamples = map[string]string{
	"date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z", "time": "00:00:00Z", "duration": "P1D",
	"email": "jane@example.com", "idn-email": "jane@example.com", "hostname": "example.com", "idn-hostname": "example.com",
	"uri": "https://example.com/", "uri-reference": "/", "iri": "https://example.com/", "iri-reference": "/",
	"ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "json-pointer": "/a", "relative-json-pointer": "0", "regex": "a",
	"byte": "dGV4dA==", "uri-template": "/{a}",
}

// matching is a text that a regular expression matches. What may be repeated is, so many times more than it must.
func matching(re *syntax.Regexp, more int) (text string) {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 { // a letter or digit, if there is one
			if low := max(re.Rune[i], '0'); low <= re.Rune[i+1] && low <= 'z' {
				return string(low)
			}
		}
		return string(re.Rune[:min(1, len(re.Rune))])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpAlternate:
		return matching(re.Sub[0], more)
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			text += matching(sub, more)
		}
		return text
	case syntax.OpPlus:
		more++
	case syntax.OpRepeat:
		more += re.Min
	case syntax.OpQuest:
		more = min(more, 1)
	}
	for _, sub := range re.Sub { // an edge has none
		text += strings.Repeat(matching(sub, 0), more)
	}
	return text
}

func number(n *big.Rat) json.Number {
	digits, exact := n.FloatPrec()
	if !exact {
		digits = 20
	}
	return json.Number(n.FloatString(digits))
}

// clone copies a value of the document, which is shared.
func clone(v any) any {
	text, _ := EncodeJSON(v) // it was decoded from JSON
	v, _ = DecodeJSON(text)
	return v
}

// everything is a rule that all that may be in a value must be there: each property, and something in each list and
// map.
var everything = &jsonschema.Vocabulary{
	URL: home + "/everything",
	Compile: func(_ *jsonschema.CompilerContext, schema map[string]any) (jsonschema.SchemaExt, error) {
		return demand(schema), nil
	},
}

// A demand is that rule for a schema.
type demand object

// Validate finds what is not there.
func (schema demand) Validate(ctx *jsonschema.ValidatorContext, v any) {
	if len(ctx.ValueLocation()) >= richDepth {
		return
	}
	members, isObject := v.(object)
	list, isList := v.([]any)
	var absent []string
	for name, p := range asObject(schema["properties"]) {
		if _, there := members[name]; !there && p != false && asObject(p)["writeOnly"] != true {
			absent = append(absent, name)
		}
	}
	_, isMap := schema["additionalProperties"].(object)
	items := len(listOf(schema["prefixItems"]))
	if schema["items"] != nil && schema["items"] != false && schema["maxItems"] == nil {
		items = max(1, items)
	}
	switch {
	case isObject && absent != nil:
		ctx.AddError(&kind.Required{Missing: absent})
	case isObject && isMap && len(members) == 0:
		ctx.AddError(&kind.MinProperties{Want: 1})
	case isList && len(list) < items:
		ctx.AddError(&kind.MinItems{Want: items})
	}
}
