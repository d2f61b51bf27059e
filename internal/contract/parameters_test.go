package contract

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A parameter of an operation, and what was covered of it.
type parameter struct {
	name, in, style string
	required        bool
	explode         bool
	asJSON          bool // it has a content type instead of a style
	rand            *rand.Rand
	plan            *plan
	present, absent int

	sent *instance // in this call; nil when it is not set
}

func newParameter(op *operation, spec object, r *rand.Rand) *parameter {
	p := &parameter{rand: r}
	p.name, _ = spec["name"].(string)
	p.in, _ = spec["in"].(string)
	p.required = spec["required"] == true
	p.style, _ = spec["style"].(string)
	if p.style == "" {
		p.style = map[string]string{"query": "form", "cookie": "form"}[p.in]
	}
	p.explode = spec["explode"] == true || spec["explode"] == nil && p.style == "form"
	goes, schema := p.in, spec["schema"]
	media, asJSON := spec["content"].(object)
	for _, m := range media {
		p.asJSON, goes, schema = asJSON, inRequest, op.doc.follow(m)["schema"]
	}
	p.plan = newPlan(op.doc, schema, goes, r)
	return p
}

// ignored: OpenAPI says that header parameters of these names do not count. The client sends its own.
func (p *parameter) ignored() bool {
	return p.in == "header" && slices.Contains([]string{"Authorization", "Accept", "Content-Type"}, http.CanonicalHeaderKey(p.name))
}

func (p *parameter) done() bool {
	return p.ignored() || p.plan.Done() && p.present > 0 && (p.required || p.absent > 0)
}

// next makes a value, or none.
func (p *parameter) next(t *testing.T, n int) {
	t.Helper()
	p.sent = nil
	if p.ignored() && http.CanonicalHeaderKey(p.name) != "Authorization" {
		return // a caller who sets it gets what he asked for, and no valid request
	}
	if !p.required && (n == 1 || n > 1 && p.rand.IntN(4) == 0) {
		return
	}
	var err error
	p.sent, err = p.plan.Next()
	require.NoError(t, err, "%s parameter %s", p.in, p.name)
}

func (p *parameter) cover() {
	if p.sent == nil {
		p.absent++
		return
	}
	p.present++
	p.plan.Cover(p.sent)
}

// set puts the value into the argument, or the field of the struct, that the generator made for it.
func (p *parameter) set(t *testing.T, v reflect.Value) {
	t.Helper()
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if _, isText := p.sent.Value.(string); !isText && v.Kind() == reflect.String && !p.asJSON {
		v.SetString(p.simple(t)) // the schema allows several types: a text can be any of them
		return
	}
	if list, ok := v.Addr().Interface().(*[]string); ok && !p.asJSON {
		*list = texts(t, p.sent.Value)
		return
	}
	require.NoError(t, json.Unmarshal(p.sent.JSON(), v.Addr().Interface()),
		"%s parameter %s: %s does not fit into %s", p.in, p.name, p.sent.JSON(), v.Type())
}

// field finds the field of a parameter in the struct. Where a query and a header have parameters of one name,
// the tag tells which is which.
func (p *parameter) field(t *testing.T, params reflect.Value) reflect.Value {
	t.Helper()
	var found []int
	for i := range params.NumField() {
		tag := params.Type().Field(i).Tag
		_, isQuery := tag.Lookup("form")
		if name, _, _ := strings.Cut(tag.Get("json"), ","); name == p.name && (isQuery == (p.in == "query") || len(found) == 0) {
			found = append(found, i)
		}
	}
	require.NotEmpty(t, found, "%s has no field for the %s parameter %s", params.Type(), p.in, p.name)
	field := params.Field(found[len(found)-1])
	kinds := []reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}
	require.True(t, p.required || slices.Contains(kinds, field.Kind()),
		"the %s parameter %s is optional: as a plain %s its zero is sent when nobody set it", p.in, p.name, field.Type())
	return field
}

// setParameters puts all parameters into the arguments of a call.
func setParameters(t *testing.T, op *operation, all []*parameter, a *arguments) {
	t.Helper()
	for _, p := range all {
		switch {
		case p.sent == nil:
		case p.in == "path":
			p.set(t, a.inPath[slices.Index(op.PathParameters, p.name)])
		default:
			p.set(t, p.field(t, a.params.Elem()))
		}
	}
}

// checkParameters compares what arrived with what was set. Nothing else may have arrived.
func checkParameters(t *testing.T, all []*parameter, a arrival) {
	t.Helper()
	rest := a.URL.RawQuery
	for _, p := range all {
		switch {
		case p.ignored():
		case p.in == "path":
			p.checkTexts(t, []string{unescape(t, a.inPath[slices.Index(a.op.PathParameters, p.name)])})
		case p.in == "query":
			rest = p.checkQuery(t, rest)
		case p.in == "header":
			p.checkTexts(t, a.Header.Values(p.name))
		case p.in == "cookie":
			var values []string
			for _, c := range a.CookiesNamed(p.name) {
				values = append(values, c.Value)
			}
			p.checkTexts(t, values)
		}
	}
	require.Empty(t, rest, "the query holds what nobody set")
	for _, value := range a.inPath {
		require.NotContains(t, value, ":", "the colon of a value in a path is sent as %%3A")
	}
}

func unescape(t *testing.T, inPath string) string {
	t.Helper()
	value, err := url.PathUnescape(inPath)
	require.NoError(t, err)
	return value
}

// checkTexts compares a whole parameter: as JSON if that is what it is, or else as text.
func (p *parameter) checkTexts(t *testing.T, got []string) {
	t.Helper()
	if p.sent == nil {
		require.Empty(t, got, "the %s parameter %s is not set, and must not be sent", p.in, p.name)
		return
	}
	require.Len(t, got, 1, "%s parameter %s", p.in, p.name)
	if p.asJSON {
		require.Empty(t, p.sent.Diff("", []byte(got[0])), "%s parameter %s, sent as %s", p.in, p.name, got[0])
		return
	}
	require.Equal(t, p.simple(t), got[0], "%s parameter %s", p.in, p.name)
}

// checkQuery takes what belongs to one parameter out of a raw query, and compares it.
func (p *parameter) checkQuery(t *testing.T, raw string) (rest string) {
	t.Helper()
	var others, mine []string
	want := p.members(t)
	got := map[string][]string{}
	for part := range strings.SplitSeq(raw, "&") {
		escaped, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(escaped)
		require.NoError(t, err)
		_, expected := want[name]
		switch {
		case name == p.name || strings.HasPrefix(name, p.name+"[") || expected:
			mine = append(mine, value)
			got[name] = append(got[name], p.split(t, value)...)
		case part != "":
			others = append(others, part)
		}
	}
	switch {
	case p.asJSON || p.sent == nil:
		for i := range mine {
			mine[i], _ = url.QueryUnescape(mine[i])
		}
		p.checkTexts(t, mine)
	default:
		for name := range want {
			if inner, ok := strings.CutPrefix(strings.TrimSuffix(name, "]"), p.name+"["); ok && got[name] == nil && p.sent.MayMiss["/"+inner] {
				delete(want, name)
			}
		}
		require.Equal(t, want, got, "query parameter %s, sent as %s", p.name, raw)
	}
	return strings.Join(others, "&")
}

// members is what each name of the query must have.
func (p *parameter) members(t *testing.T) map[string][]string {
	t.Helper()
	if p.sent == nil || p.asJSON {
		return nil
	}
	o, isObject := p.sent.Value.(object)
	if !isObject {
		return map[string][]string{p.name: texts(t, p.sent.Value)}
	}
	want := map[string][]string{}
	for name, v := range o {
		if p.style == "deepObject" {
			name = p.name + "[" + name + "]"
		}
		want[name] = texts(t, v)
	}
	return want
}

// split takes a value of the query apart. Delimiters stand for themselves, those in items are escaped.
func (p *parameter) split(t *testing.T, raw string) []string {
	t.Helper()
	items := []string{raw}
	if p.sent != nil && !p.explode {
		for _, delimiter := range map[string][]string{
			"form": {","}, "spaceDelimited": {"%20", "+"}, "pipeDelimited": {"|", "%7C"},
		}[p.style] {
			if _, isList := p.sent.Value.([]any); isList && strings.Contains(raw, delimiter) {
				items = strings.Split(raw, delimiter)
				break
			}
		}
	}
	for i := range items {
		var err error
		items[i], err = url.QueryUnescape(items[i])
		require.NoError(t, err)
	}
	return items
}

// simple is the value in the style of paths and headers: items, or names and values, with commas.
func (p *parameter) simple(t *testing.T) string {
	t.Helper()
	if p.asJSON {
		return string(p.sent.JSON())
	}
	if o, ok := p.sent.Value.(object); ok {
		var all []string
		for _, name := range slices.Sorted(maps.Keys(o)) {
			all = append(all, name, texts(t, o[name])[0])
		}
		return strings.Join(all, ",")
	}
	return strings.Join(texts(t, p.sent.Value), ",")
}
