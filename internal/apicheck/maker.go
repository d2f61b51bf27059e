package apicheck

import (
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// A maker makes values from schemas. What it makes is a guess, and checked by the one who asks: it fits the
// usual schemas at once, and others with other settings.
type maker struct {
	d        *Document
	rand     *rand.ChaCha8
	rich     bool // optional properties too, near the top
	examples bool // take those of the schemas
	branch   int  // which of several alternatives
	values   int  // how many were made so far
}

const (
	richDepth  = 4    // what lies deeper has only what it must
	mostValues = 3000 // then all is null
	mostNested = 30   // alternatives within alternatives
)

// Value makes a small value from a schema. It fits unless the schema is intricate.
func (d *Document) Value(schema any) any {
	m := &maker{d: d, rand: rand.NewChaCha8([32]byte{})}
	return m.value(schema, "text", 0)
}

// value makes one from a schema; name is what a text may say.
func (m *maker) value(schema any, name string, depth int) any {
	if m.values++; m.values > mostValues {
		return nil
	}
	s := m.flat(schema, depth)
	if fixed, ok := m.fixed(s); ok {
		return fixed
	}
	kinds := append(listOf(s["type"]), s["type"])
	is := func(kind string, keys ...string) bool {
		hint := slices.ContainsFunc(keys, func(key string) bool { return s[key] != nil })
		return slices.Contains(kinds, any(kind)) || s["type"] == nil && hint
	}
	switch {
	case is("null") && depth > richDepth:
		return nil
	case is("object", "properties", "required", "additionalProperties"):
		return m.object(s, depth)
	case is("array", "items", "prefixItems"):
		return m.list(s, name, depth)
	case is("string", "format", "pattern", "minLength"):
		return m.text(s, name)
	case is("integer"):
		return number(s, true)
	case is("number", "minimum", "maximum"):
		return number(s, false)
	case is("boolean"):
		return true
	case is("null"):
		return nil
	}
	return object{}
}

// flat is a schema with one of each of its alternatives. Deep in a schema that has itself within, another one comes,
// such as null.
func (m *maker) flat(schema any, depth int) object {
	s, alternatives, _ := m.d.Flatten(schema)
	for i := 0; i < len(alternatives) && i < mostNested; i++ {
		list := alternatives[i]
		more, inner, _ := m.d.Flatten(list[(m.branch+max(0, depth-richDepth))%len(list)])
		merge(s, more)
		alternatives = append(alternatives, inner...)
	}
	return s
}

// fixed is a value that the schema itself names.
func (m *maker) fixed(s object) (any, bool) {
	if v, ok := s["const"]; ok {
		return v, true
	}
	if list := listOf(s["enum"]); len(list) > 0 {
		return list[m.branch%len(list)], true
	}
	if list := listOf(s["examples"]); m.examples && len(list) > 0 {
		return list[m.branch%len(list)], true
	}
	v, ok := s["example"]
	if !ok {
		v, ok = s["default"]
	}
	return v, ok && m.examples
}

func (m *maker) object(s object, depth int) object {
	o := object{}
	properties, _ := s["properties"].(object)
	required := listOf(s["required"])
	rich := m.rich && depth < richDepth
	for _, name := range sortedKeys(properties) {
		p, _ := properties[name].(object)
		if slices.Contains(required, any(name)) || rich && p["writeOnly"] != true && properties[name] != false {
			o[name] = m.value(properties[name], name, depth+1)
		}
	}
	more := s["additionalProperties"]
	for _, name := range required {
		if name, _ := name.(string); properties[name] == nil {
			o[name] = m.value(more, name, depth+1)
		}
	}
	least := count(s["minProperties"])
	if _, open := more.(object); open && len(o) == 0 && rich {
		least = max(1, least)
	}
	for len(o) < min(least, 100) {
		name := "key" + strconv.Itoa(len(o)+1)
		o[name] = m.value(more, name, depth+1)
	}
	return o
}

func (m *maker) list(s object, name string, depth int) []any {
	list := []any{}
	for _, item := range listOf(s["prefixItems"]) {
		list = append(list, m.value(item, name, depth+1))
	}
	least := count(s["minItems"])
	if m.rich && depth < richDepth && s["maxItems"] == nil && s["items"] != false {
		least = max(1, least)
	}
	item := s["items"]
	if s["contains"] != nil {
		item = s["contains"]
	}
	branch := m.branch
	for len(list) < min(least, 100) {
		m.branch = branch + len(list) // so that items differ
		list = append(list, m.value(item, name+strconv.Itoa(len(list)+1), depth+1))
	}
	m.branch = branch
	return list
}

var formatExamples = map[string]string{
	"date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z", "time": "00:00:00Z", "duration": "P1D",
	"email": "jane@example.com", "idn-email": "jane@example.com", "hostname": "example.com", "idn-hostname": "example.com",
	"uri": "https://example.com/", "uri-reference": "/", "iri": "https://example.com/", "iri-reference": "/",
	"ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "json-pointer": "/a", "relative-json-pointer": "0", "regex": "a",
	"byte": "dGV4dA==", "uri-template": "/{a}",
}

func (m *maker) text(s object, name string) string {
	format, _ := s["format"].(string)
	if format == "uuid" {
		id, _ := uuid.NewRandomFromReader(m.rand) // which never fails
		return id.String()
	}
	least := count(s["minLength"])
	text, known := formatExamples[format]
	pattern, _ := s["pattern"].(string)
	re, err := syntax.Parse(pattern, syntax.Perl)
	switch {
	case known:
	case pattern == "" || err != nil:
		text = name
	default:
		text = matching(re.Simplify(), 0)
		for repeat := 1; repeat < 100 && len(text) < least; repeat++ {
			text = matching(re.Simplify(), repeat)
		}
	}
	text += strings.Repeat("x", max(0, least-len(text)))
	if s["maxLength"] != nil {
		text = text[:min(len(text), count(s["maxLength"]))]
	}
	return text
}

// matching is a text that a regular expression matches. What may be repeated is, so many times more than it must.
func matching(re *syntax.Regexp, repeat int) string {
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
	case syntax.OpCapture, syntax.OpAlternate:
		return matching(re.Sub[0], repeat)
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(matching(sub, repeat))
		}
		return b.String()
	case syntax.OpPlus:
		return strings.Repeat(matching(re.Sub[0], 0), repeat+1)
	case syntax.OpStar:
		return strings.Repeat(matching(re.Sub[0], 0), repeat)
	case syntax.OpQuest:
		if repeat == 0 {
			return ""
		}
		return matching(re.Sub[0], repeat-1) // what is simplified holds a{0,2} as (a(a)?)?
	default: // an edge, or nothing
		return ""
	}
}

// number is 1, or what is nearest to it within the rules.
func number(s object, integer bool) json.Number {
	one, step := big.NewRat(1, 1), rational(s["multipleOf"])
	stepped := step != nil && step.Sign() > 0
	if !stepped {
		step, stepped = one, integer
	}
	inside := step // of an exclusive edge
	if integer {
		inside = one
	}
	low, high := rational(s["minimum"]), rational(s["maximum"])
	if edge := rational(s["exclusiveMinimum"]); edge != nil {
		low = edge.Add(edge, inside)
	}
	if edge := rational(s["exclusiveMaximum"]); edge != nil {
		high = edge.Sub(edge, inside)
	}
	n := step
	switch {
	case low != nil && high != nil && low.Cmp(high) > 0: // a fraction between two exclusive edges
		n = low.Quo(low.Add(low, high), big.NewRat(2, 1))
	case low != nil && n.Cmp(low) < 0:
		n = low
	case high != nil && n.Cmp(high) > 0:
		n = high
	}
	if steps := new(big.Rat).Quo(n, step); stepped && !steps.IsInt() {
		whole := new(big.Int).Div(steps.Num(), steps.Denom()) // rounded down
		if n == low {
			whole.Add(whole, big.NewInt(1))
		}
		n = steps.Mul(steps.SetInt(whole), step)
	}
	digits, exact := n.FloatPrec()
	if !exact {
		digits = 20
	}
	return json.Number(n.FloatString(digits))
}

// rational is a number of the document; nil when there is none.
func rational(v any) *big.Rat {
	n, ok := v.(json.Number)
	if !ok || !isNumber(string(n)) {
		return nil
	}
	r, _ := new(big.Rat).SetString(string(n))
	return r
}

// count is a number of the document that something can be as long as.
func count(v any) int {
	n, ok := v.(json.Number)
	f, err := n.Float64()
	if !ok || err != nil {
		return 0
	}
	return int(max(0, min(f, 10000)))
}
