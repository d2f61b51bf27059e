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
	repairs map[string]int // how many there were, by pointer
}

const (
	most      = 1000 // places of a value, or characters of a text
	mostItems = 100  // of a list, or rounds, each of which repairs what the one before has laid bare
	richDepth = 4    // what lies deeper has only what it must
)

// Value makes a small value of a schema. It fits unless the schema is intricate.
func (d *Document) Value(s *jsonschema.Schema) any { return d.maker(0, 0).repair(s, object{}, most) }

func (d *Document) maker(seed uint64, turn int) *maker {
	return &maker{d, seed, turn, map[string]int{}}
}

// repair changes a value until it has no more faults, or none that can be repaired. What is too deep is not looked at.
func (m *maker) repair(s *jsonschema.Schema, v any, deepest int) any {
	for range mostItems {
		changed := false
		for _, f := range faults(s, v, m.alternative) {
			if len(m.repairs) < most && len(f.InstanceLocation) < deepest {
				v, changed = m.repairAt(v, f.InstanceLocation, f), true
			}
		}
		if !changed {
			break
		}
	}
	return v
}

// alternative takes one of the alternatives that a value could fit. Deep in a schema that has itself within, another
// one comes, such as null.
func (m *maker) alternative(f *fault) []*fault {
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
	ptr := pointer(f.InstanceLocation...)
	again := max(0, m.repairs[ptr]-1) // the first one was for its type
	m.repairs[ptr]++
	inner := func() any { // what is put into an object or a list, to be repaired in the next round
		if len(f.InstanceLocation) > richDepth {
			return nil // a schema that has itself within ends with null, where it may
		}
		return object{}
	}
	members, list := asObject(v), listOf(v)
	if members == nil {
		members = object{} // v is no object, or another repair has just replaced one: what is put in here is lost
	}
	text, _ := v.(string)
	name, item := nameOf(f.InstanceLocation)
	switch k := f.ErrorKind.(type) {
	case *kind.Type:
		return m.blank(k.Want[len(k.Want)-1], name, m.d.where(f.SchemaURL)) // null would be the first, an object is the last
	case *kind.Const:
		return clone(k.Want)
	case *kind.Enum:
		if len(k.Want) > 0 {
			return clone(k.Want[(m.turn+item)%len(k.Want)]) // so that items differ
		}
	case *kind.Required:
		for _, name := range k.Missing {
			members[name] = inner()
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			delete(members, name)
		}
	case *kind.MinProperties:
		for i := range min(k.Want, mostItems) - len(members) {
			members["key"+strconv.Itoa(i+1)] = inner()
		}
	case *kind.MinItems:
		for len(list) < min(k.Want, mostItems) {
			list = append(list, inner())
		}
		return list
	case *kind.Contains: // the list is empty; of one that is not, the faults of its items are told
		return []any{inner()}
	case *kind.Format:
		if k.Want == "uuid" {
			return uuid.NewSHA1(uuid.Nil, fmt.Append(nil, m.seed, ptr)).String()
		}
		return cmp.Or(formatExamples[k.Want], text)
	case *kind.Pattern:
		if re, err := syntax.Parse(k.Want, syntax.Perl); err == nil {
			return matching(re, again/2)
		}
	case *kind.MinLength:
		return text + strings.Repeat("x", max(0, min(k.Want, most)-k.Got))
	case *kind.MaxLength:
		return string([]rune(text)[:min(k.Want, len([]rune(text)))])
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
		steps.SetInt(whole.Add(whole, big.NewInt(int64(1-again/2%2)))) // up, and down where that was too much
		return number(steps.Mul(steps, k.Want))
	}
	return v
}

// nameOf is what a text at a place may say, so that no two of a list are the same; and the number of its item.
func nameOf(place []string) (name string, item int) {
	name = "text"
	for _, token := range place {
		if i, err := strconv.Atoi(token); err == nil {
			name, item = name+strconv.Itoa(i+1), i
		} else {
			name, item = token, 0
		}
	}
	return name, item
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
		return cmp.Or(formatExamples[schema.text("format")], formatExamples[schema.text("contentEncoding")], name)
	case "integer", "number":
		return json.Number("1")
	case "boolean":
		return true
	}
	return nil
}

// formatExamples are values of the formats that are checked, and of one that Go takes for bytes.
var formatExamples = map[string]string{
	"date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z", "time": "00:00:00Z", "duration": "P1D", "email": "jane@example.com",
	"hostname": "example.com", "uri": "https://example.com/", "iri": "https://example.com/", "uri-reference": "/", "iri-reference": "/",
	"ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "json-pointer": "/a", "relative-json-pointer": "0", "semver": "1.0.0", "period": "P1D",
	"byte": "dGV4dA==", "base64": "dGV4dA==", "regex": "a",
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
	case syntax.OpPlus:
		return strings.Repeat(matching(re.Sub[0], 0), 1+more)
	case syntax.OpStar, syntax.OpRepeat: // the least of a star is 0
		return strings.Repeat(matching(re.Sub[0], 0), re.Min+more)
	case syntax.OpQuest:
		return strings.Repeat(matching(re.Sub[0], 0), min(more, 1))
	default:
		for _, sub := range re.Sub { // of a group or a sequence; an edge has none
			text += matching(sub, more)
		}
		return text
	}
}

// number writes a decimal number.
func number(n *big.Rat) json.Number {
	digits, _ := n.FloatPrec()
	return json.Number(n.FloatString(digits))
}

// clone copies a value of the document, which is shared.
func clone(v any) any {
	text, _ := EncodeJSON(v) // it was decoded from JSON
	v, _ = DecodeJSON(text)
	return v
}

// demand changes a compiled schema, and all below it, so that it asks for each property and for something in each list
// and map.
func demand(s *jsonschema.Schema, seen map[*jsonschema.Schema]bool) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	one := 1
	for name, p := range s.Properties {
		if (p.Bool == nil || *p.Bool) && !p.WriteOnly && !slices.Contains(s.Required, name) {
			s.Required = append(s.Required, name)
		}
		demand(p, seen)
	}
	more, isMap := s.AdditionalProperties.(*jsonschema.Schema)
	if isMap && s.Properties == nil && s.MinProperties == nil {
		s.MinProperties = &one
	}
	if item := s.Items2020; item != nil && (item.Bool == nil || *item.Bool) && s.MinItems == nil && s.MaxItems == nil {
		s.MinItems = &one
	}
	for _, inner := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf, []*jsonschema.Schema{s.Ref, s.Items2020, more}) {
		demand(inner, seen)
	}
}
