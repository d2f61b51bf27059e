package contract

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/contract/instance"
)

// A parameter of an operation, and what was covered of it.
type parameter struct {
	*openapi3.Parameter
	style           *openapi3.SerializationMethod
	asJSON          bool // it has a content type instead of a style
	plan            *instance.Plan
	present, absent int

	sent *instance.Instance // in this call; nil when it is not set
}

func newParameter(t *testing.T, op *operation, p *openapi3.Parameter, r *rand.Rand) *parameter {
	t.Helper()
	style, err := p.SerializationMethod()
	require.NoError(t, err)
	use, schema := instance.Use{In: p.In}, p.Schema
	for _, media := range p.Content {
		use, schema = instance.Use{}, media.Schema
	}
	return &parameter{
		Parameter: p, style: style, asJSON: p.Content != nil,
		plan: instance.NewPlan(schema, use, r, validator(op.doc, schema, use)),
	}
}

// ignored: OpenAPI says that header parameters of these names do not count. The client sends its own.
func (p *parameter) ignored() bool {
	return p.In == "header" && (strings.EqualFold(p.Name, "Authorization") || strings.EqualFold(p.Name, "Accept") ||
		strings.EqualFold(p.Name, "Content-Type"))
}

func (p *parameter) done() bool {
	return p.plan.Done() && p.present > 0 && (p.Required || p.absent > 0)
}

// next makes a value, or none.
func (p *parameter) next(t *testing.T, r *rand.Rand, n int) {
	t.Helper()
	p.sent = nil
	if p.ignored() && !strings.EqualFold(p.Name, "Authorization") {
		return // a caller who sets it gets what he asked for, and no valid request
	}
	if !p.Required && (n == 1 || n > 1 && r.IntN(3) == 0) {
		return
	}
	var err error
	p.sent, err = p.plan.Next()
	require.NoError(t, err, "%s parameter %s", p.In, p.Name)
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
	require.NoError(t, json.Unmarshal(p.sent.JSON(), v.Addr().Interface()),
		"%s parameter %s: %s does not fit into %s", p.In, p.Name, p.sent.JSON(), v.Type())
}

// field finds the field of a parameter in the struct. Where a query and a header have parameters of one name,
// the tag tells which is which.
func (p *parameter) field(t *testing.T, params reflect.Value) reflect.Value {
	t.Helper()
	var found []int
	for i := range params.NumField() {
		if name, _, _ := strings.Cut(params.Type().Field(i).Tag.Get("json"), ","); name == p.Name {
			found = append(found, i)
		}
	}
	if len(found) > 1 {
		found = slices.DeleteFunc(found, func(i int) bool {
			_, isQuery := params.Type().Field(i).Tag.Lookup("form")
			return isQuery != (p.In == "query")
		})
	}
	require.NotEmpty(t, found, "%s has no field for the %s parameter %s", params.Type(), p.In, p.Name)
	return params.Field(found[0])
}

// A pair of a query as it stands in the URL.
type pair struct{ name, value string }

func queryPairs(t *testing.T, raw string) []pair {
	t.Helper()
	var pairs []pair
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		require.NoError(t, err)
		pairs = append(pairs, pair{name, value})
	}
	return pairs
}

// checkParameters compares what arrived with what was set. Nothing else may have arrived.
func checkParameters(t *testing.T, op *operation, all []*parameter, r *http.Request) {
	t.Helper()
	inPath, err := op.pathValues(r)
	require.NoError(t, err)
	require.NotContains(t, r.URL.EscapedPath(), ":", "a colon in a path is sent as %3A")
	pairs := queryPairs(t, r.URL.RawQuery)
	for _, p := range all {
		if p.ignored() {
			continue
		}
		switch p.In {
		case "path":
			p.checkText(t, inPath[p.Name])
		case "query":
			pairs = p.checkQuery(t, pairs)
		case "header":
			p.checkOne(t, r.Header.Values(p.Name))
		case "cookie":
			var values []string
			for _, c := range r.CookiesNamed(p.Name) {
				values = append(values, c.Value)
			}
			p.checkOne(t, values)
		}
	}
	require.Empty(t, pairs, "the query holds what nobody set")
}

func (p *parameter) checkOne(t *testing.T, values []string) {
	t.Helper()
	if p.sent == nil {
		require.Empty(t, values, "the %s parameter %s is not set, and must not be sent", p.In, p.Name)
		return
	}
	require.Len(t, values, 1, "%s parameter %s", p.In, p.Name)
	p.checkText(t, values[0])
}

// checkText compares a whole parameter: as JSON if that is what it is, or else as text.
func (p *parameter) checkText(t *testing.T, got string) {
	t.Helper()
	if p.asJSON {
		require.Empty(t, p.sent.Diff([]byte(got)), "%s parameter %s, sent as %s", p.In, p.Name, got)
		return
	}
	require.Equal(t, p.simple(t), got, "%s parameter %s", p.In, p.Name)
}

// checkQuery takes the pairs of one parameter out of the query.
func (p *parameter) checkQuery(t *testing.T, pairs []pair) (rest []pair) {
	t.Helper()
	if p.asJSON && p.sent != nil {
		i := slices.IndexFunc(pairs, func(pr pair) bool { return pr.name == p.Name })
		require.GreaterOrEqual(t, i, 0, "query parameter %s is set, and must be sent", p.Name)
		got, err := url.QueryUnescape(pairs[i].value)
		require.NoError(t, err)
		p.checkText(t, got)
		return slices.Delete(pairs, i, i+1)
	}
	want := p.queryValues(t)
	for _, pr := range pairs {
		values, mine := want[pr.name]
		if !mine {
			if pr.name == p.Name || strings.HasPrefix(pr.name, p.Name+"[") {
				require.NotNil(t, p.sent, "the query parameter %s is not set, and must not be sent", p.Name)
			}
			rest = append(rest, pr)
			continue
		}
		require.NotEmpty(t, values, "the query parameter %s is sent too often", pr.name)
		require.Equal(t, values[0], p.split(t, pr.value), "query parameter %s, sent as %s", p.Name, pr.value)
		want[pr.name] = values[1:]
	}
	for name, values := range want {
		if inner, ok := strings.CutPrefix(strings.TrimSuffix(name, "]"), p.Name+"["); ok && p.sent.MayMiss("/"+inner) {
			continue
		}
		require.Empty(t, values, "query parameter %s is set, and must be sent", name)
	}
	return rest
}

// queryValues is what each name of the query must have: a list for each time that it is given.
func (p *parameter) queryValues(t *testing.T) map[string][][]string {
	t.Helper()
	if p.sent == nil {
		return nil
	}
	switch v := instance.Plain(p.sent.Value).(type) {
	case []any:
		if !p.style.Explode {
			return map[string][][]string{p.Name: {texts(t, v)}}
		}
		want := map[string][][]string{}
		for _, item := range texts(t, v) {
			want[p.Name] = append(want[p.Name], []string{item})
		}
		return want
	case map[string]any:
		want := map[string][][]string{}
		for name, inner := range v {
			if p.style.Style == "deepObject" {
				name = p.Name + "[" + name + "]"
			} else {
				require.True(t, p.style.Explode, "teach the test objects that are not exploded")
			}
			want[name] = [][]string{{text(t, inner)}}
		}
		return want
	}
	return map[string][][]string{p.Name: {{p.simple(t)}}}
}

// split takes a value of the query apart. Delimiters stand for themselves, those in items are escaped.
func (p *parameter) split(t *testing.T, raw string) []string {
	t.Helper()
	items := []string{raw}
	if _, isList := p.sent.Value.([]any); isList && !p.style.Explode {
		for _, delimiter := range map[string][]string{
			"form": {","}, "spaceDelimited": {"%20", "+"}, "pipeDelimited": {"|", "%7C"},
		}[p.style.Style] {
			if strings.Contains(raw, delimiter) {
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

// simple is the value in the style of paths and headers: items with commas, objects as name,value.
func (p *parameter) simple(t *testing.T) string {
	t.Helper()
	if p.asJSON {
		return string(p.sent.JSON())
	}
	if list, ok := instance.Plain(p.sent.Value).([]any); ok {
		return strings.Join(texts(t, list), ",")
	}
	return text(t, instance.Plain(p.sent.Value))
}

func texts(t *testing.T, list []any) []string {
	t.Helper()
	all := []string{}
	for _, item := range list {
		all = append(all, text(t, item))
	}
	return all
}

func text(t *testing.T, v any) string {
	t.Helper()
	switch v := v.(type) {
	case string:
		return v
	case json.Number, bool:
		return fmt.Sprint(v)
	}
	require.Fail(t, "teach the test parameters of this kind", "%T", v)
	return ""
}
