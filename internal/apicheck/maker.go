package apicheck

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"math/big"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// A maker makes values from schemas. What it makes is a guess, and checked by the one who asks: it fits the
// usual schemas at once, and others with other settings.
type maker struct {
	d        *Document
	rand     *rand.Rand
	rich     bool // optional properties too, near the top
	examples bool // take those of the schemas
	branch   int  // which of several alternatives
	values   int  // how many were made so far
}

const (
	richDepth  = 4    // what lies deeper has only what it must
	mostValues = 3000 // then all is null
	mostNested = 30   // references and alternatives of one schema
)

// value makes one from a schema; name is what a text may say.
func (m *maker) value(n node, name string, depth int) any {
	if m.values++; m.values > mostValues {
		return nil
	}
	branch := m.branch
	m.branch += max(0, depth-richDepth) // so that a schema within itself comes to another alternative, such as null
	s := m.flat(n, 0)
	m.branch = branch
	if fixed, ok := m.fixed(s); ok {
		return fixed
	}
	kinds := append(listOf(s["type"]), s["type"])
	has := func(kind string) bool { return slices.Contains(kinds, any(kind)) }
	switch {
	case has("null") && depth > richDepth:
		return nil
	case has("object"), s["type"] == nil && (s["properties"] != nil || s["additionalProperties"] != nil):
		return m.object(s, depth)
	case has("array"), s["type"] == nil && (s["items"] != nil || s["prefixItems"] != nil):
		return m.list(s, name, depth)
	case has("string"), s["type"] == nil && (s["format"] != nil || s["pattern"] != nil || s["minLength"] != nil):
		return m.text(s, name)
	case has("integer"), has("number"), s["type"] == nil && (s["minimum"] != nil || s["maximum"] != nil):
		return m.number(s, !has("number") && has("integer"))
	case has("boolean"):
		return true
	case has("null"):
		return nil
	}
	return object{}
}

// fixed is a value that the schema itself names.
func (m *maker) fixed(s object) (any, bool) {
	if v, ok := s["const"]; ok {
		return v, true
	}
	if list := listOf(s["enum"]); len(list) > 0 {
		return list[m.branch%len(list)], true
	}
	if !m.examples {
		return nil, false
	}
	if list := listOf(s["examples"]); len(list) > 0 {
		return list[m.branch%len(list)], true
	}
	for _, key := range []string{"example", "default"} {
		if v, ok := s[key]; ok {
			return v, true
		}
	}
	return nil, false
}

// flat makes one schema of a schema, what it refers to, all that it combines, and one of its alternatives.
func (m *maker) flat(n node, depth int) object {
	s := object{}
	if depth > mostNested {
		return s
	}
	if ref := n.text("$ref"); strings.HasPrefix(ref, "#/") {
		m.merge(s, m.flat(m.d.at(ref), depth+1))
	}
	for _, member := range listOf(n.object()["allOf"]) {
		m.merge(s, m.flat(node{m.d, "", member}, depth+1))
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		if list := listOf(n.object()[key]); len(list) > 0 {
			m.merge(s, m.flat(node{m.d, "", list[m.branch%len(list)]}, depth+1))
		}
	}
	m.merge(s, n.object())
	return s
}

// merge adds the rules of another schema to one.
func (m *maker) merge(s, more object) {
	for key, v := range more {
		old, both := s[key]
		oldObject, _ := old.(object)
		newObject, _ := v.(object)
		switch {
		case slices.Contains([]string{"$ref", "allOf", "oneOf", "anyOf"}, key):
		case !both:
			s[key] = v
		case key == "properties":
			merged := maps.Clone(oldObject)
			for name, p := range newObject {
				if merged[name] != nil {
					p = object{"allOf": []any{merged[name], p}}
				}
				merged[name] = p
			}
			s[key] = merged
		case key == "required":
			s[key] = append(slices.Clone(listOf(old)), listOf(v)...)
		case key == "type" && listOf(v) != nil && listOf(old) == nil: // the one type is the narrower rule
		case key == "enum" && len(listOf(v)) > len(listOf(old)):
		case strings.HasPrefix(key, "min") && rational(v).Cmp(rational(old)) < 0:
		case strings.HasPrefix(key, "max") && rational(v).Cmp(rational(old)) > 0:
		default:
			s[key] = v
		}
	}
}

func (m *maker) object(s object, depth int) object {
	o := object{}
	properties, _ := s["properties"].(object)
	required := listOf(s["required"])
	for _, name := range sortedKeys(properties) {
		p := m.flat(node{m.d, "", properties[name]}, 0)
		needed := slices.Contains(required, any(name))
		if needed || m.rich && depth < richDepth && p["writeOnly"] != true && properties[name] != false {
			o[name] = m.value(node{m.d, "", properties[name]}, name, depth+1)
		}
	}
	for _, name := range required {
		if name, _ := name.(string); o[name] == nil && properties[name] == nil {
			o[name] = m.value(node{m.d, "", s["additionalProperties"]}, name, depth+1)
		}
	}
	least := count(s["minProperties"])
	if _, open := s["additionalProperties"].(object); open && len(o) == 0 && m.rich && depth < richDepth {
		least = max(1, least)
	}
	for len(o) < min(least, 100) {
		name := "key" + strconv.Itoa(len(o)+1)
		o[name] = m.value(node{m.d, "", s["additionalProperties"]}, name, depth+1)
	}
	return o
}

func (m *maker) list(s object, name string, depth int) []any {
	list := []any{}
	for _, item := range listOf(s["prefixItems"]) {
		list = append(list, m.value(node{m.d, "", item}, name, depth+1))
	}
	least := count(s["minItems"])
	if m.rich && depth < richDepth && s["maxItems"] == nil && s["items"] != false {
		least = max(1, least)
	}
	branch := m.branch
	for len(list) < min(least, 100) {
		item := s["items"]
		if s["contains"] != nil {
			item = s["contains"]
		}
		m.branch = branch + len(list) // so that items differ
		list = append(list, m.value(node{m.d, "", item}, name+strconv.Itoa(len(list)+1), depth+1))
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
		b := make([]byte, 16)
		for i := range b {
			b[i] = byte(m.rand.Uint32())
		}
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
		h := hex.EncodeToString(b)
		return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
	}
	least := count(s["minLength"])
	text, ok := formatExamples[format]
	if pattern, _ := s["pattern"].(string); !ok && pattern != "" {
		if re, err := syntax.Parse(pattern, syntax.Perl); err == nil {
			for repeat := range 100 {
				if text = matching(re, repeat); len(text) >= least {
					break
				}
			}
			return text
		}
	}
	if !ok {
		text = name
	}
	text += strings.Repeat("x", max(0, least-len(text)))
	if s["maxLength"] != nil {
		text = text[:min(len(text), count(s["maxLength"]))]
	}
	return text
}

// matching is a text that a regular expression matches. What may be repeated is, so many times more than it must.
func matching(re *syntax.Regexp, repeat int) string {
	times := func(least, most int) string {
		n := least + repeat
		if most >= 0 {
			n = min(n, most)
		}
		return strings.Repeat(matching(re.Sub[0], 0), n)
	}
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
	case syntax.OpStar:
		return times(0, -1)
	case syntax.OpPlus:
		return times(1, -1)
	case syntax.OpQuest:
		return times(0, 1)
	case syntax.OpRepeat:
		return times(re.Min, re.Max)
	}
	return ""
}

// number is the first of some obvious numbers that the rules let pass.
func (m *maker) number(s object, integer bool) json.Number {
	step := big.NewRat(1, 1)
	if of := rational(s["multipleOf"]); of.Sign() > 0 {
		step = of
	}
	low, high := rational(s["minimum"]), rational(s["maximum"])
	if s["exclusiveMinimum"] != nil {
		low = rational(s["exclusiveMinimum"])
	}
	if s["exclusiveMaximum"] != nil {
		high = rational(s["exclusiveMaximum"])
	}
	candidates := []*big.Rat{big.NewRat(1, 1), step, new(big.Rat)}
	for _, edge := range []*big.Rat{low, high} {
		steps := new(big.Rat).Quo(edge, step)
		whole := new(big.Rat).SetInt(new(big.Int).Quo(steps.Num(), steps.Denom()))
		on := whole.Mul(whole, step)
		candidates = append(candidates, edge, on, new(big.Rat).Add(on, step), new(big.Rat).Sub(on, step))
	}
	middle := new(big.Rat).Add(low, high)
	candidates = append(candidates, middle.Quo(middle, big.NewRat(2, 1)))
	for _, c := range candidates {
		if (!integer || c.IsInt()) && fits(s, c) {
			if digits, exact := c.FloatPrec(); exact {
				return json.Number(c.FloatString(digits))
			}
		}
	}
	return "0"
}

func fits(s object, n *big.Rat) bool {
	compare := func(key string, otherwise int) int {
		if s[key] == nil {
			return otherwise
		}
		return n.Cmp(rational(s[key]))
	}
	of := rational(s["multipleOf"])
	return compare("minimum", 1) >= 0 && compare("exclusiveMinimum", 1) > 0 && compare("maximum", -1) <= 0 &&
		compare("exclusiveMaximum", -1) < 0 && (of.Sign() == 0 || new(big.Rat).Quo(n, of).IsInt())
}

// rational is a number of the document; zero when there is none.
func rational(v any) *big.Rat {
	r := new(big.Rat)
	if n, ok := v.(json.Number); ok && isNumber(string(n)) {
		r.SetString(string(n))
	}
	return r
}

// count is a number of the document that something can be as long as.
func count(v any) int {
	if f, _ := rational(v).Float64(); f > 0 {
		return int(min(f, 10000))
	}
	return 0
}
