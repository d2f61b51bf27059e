package apicheck

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// A parameter of an operation, in the path, the query, a header or a cookie.
type parameter struct {
	name      string
	in        string
	required  bool
	schema    *Schema // nil when the value is not checked
	freeForm  bool    // an object whose members are query parameters themselves
	list      bool    // an array …
	separator string  // … whose items stand between these; "" when the name is repeated for each
}

// separators of the items of a list, by style. The other styles are not read.
var separators = map[string]string{"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}

// parameters lists those of an operation and of its path item.
func parameters(item, operation node) (all []*parameter) {
	for _, n := range []node{item, operation} { // those of the operation win
		for _, one := range n.get("parameters").children() {
			p := newParameter(one)
			all = slices.DeleteFunc(all, func(q *parameter) bool { return q.in == p.in && q.name == p.name })
			// What these headers must be is said elsewhere: OpenAPI ignores such parameters.
			if p.in != "header" || !slices.Contains([]string{"Accept", "Content-Type", "Authorization"}, http.CanonicalHeaderKey(p.name)) {
				all = append(all, p)
			}
		}
	}
	return all
}

func newParameter(n node) *parameter {
	p := &parameter{name: n.text("name"), in: n.text("in"), required: n.object()["required"] == true, schema: n.schema("schema")}
	style := cmp.Or(n.text("style"), map[string]string{"query": "form", "cookie": "form"}[p.in], "simple")
	explode, given := n.object()["explode"].(bool)
	repeated := style == "form" && (explode || !given)
	types := append(p.schema.wanted("")[""], p.schema.wanted(true)[""]...)
	object := slices.Contains(types, "object")
	switch {
	case object && repeated && p.in == "query":
		p.freeForm = true
	case object, separators[style] == "":
		n.d.warn("the value of parameter %s is not checked: its form is not one that is read", n.ptr)
		p.schema = nil
	case !repeated:
		p.separator = separators[style]
	}
	p.list = slices.Contains(types, "array")
	return p
}

// wanted lists the types that the schema asks for instead of those that a value and its members have, by place.
func (s *Schema) wanted(v any) map[string][]string {
	types := map[string][]string{}
	if s == nil {
		return types
	}
	all := func(f *fault) []*fault { return f.Causes }
	for _, f := range faults(s.compiled(), v, all) {
		if k, ok := f.ErrorKind.(*kind.Type); ok {
			place := strings.Join(f.InstanceLocation, "/")
			types[place] = append(types[place], k.Want...)
		}
	}
	return types
}

// checkParameters checks all that a request has beside its body.
func (op *Operation) checkParameters(path []string, rawQuery string, header http.Header) (problems []string) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return []string{"query: is not percent-encoded as it must be"}
	}
	parameters := op.parameters()
	free := slices.IndexFunc(parameters, func(p *parameter) bool { return p.freeForm })
	members := object{}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		quoted := "query " + strconv.QuoteToASCII(shorten(name))
		switch {
		case slices.ContainsFunc(parameters, func(p *parameter) bool { return p.in == "query" && p.isNamed(name) }):
		case free < 0:
			problems = append(problems, quoted+": "+op.Name+" has no such parameter")
		case len(query[name]) > 1:
			problems = append(problems, quoted+": is given more than once")
		default:
			members[name] = query[name][0]
		}
	}
	for _, p := range parameters {
		if p.freeForm {
			problems = append(problems, p.schema.Check("query", typed(p.schema, members))...)
			continue
		}
		problems = append(problems, p.check(p.values(op, path, query, header))...)
	}
	return problems
}

// isNamed also knows the names of an object in the style deepObject, which is not checked.
func (p *parameter) isNamed(name string) bool {
	return !p.freeForm && p.name == name || p.schema == nil && strings.HasPrefix(name, p.name+"[")
}

// values are those of a parameter in a request.
func (p *parameter) values(op *Operation, path []string, query url.Values, header http.Header) (values []string) {
	switch p.in {
	case "path":
		if i := slices.Index(op.PathParameters, p.name); i >= 0 && i < len(path) {
			if text, err := url.PathUnescape(path[i]); err == nil {
				return []string{text}
			}
		}
	case "query":
		for name := range query {
			if p.isNamed(name) {
				return query[name]
			}
		}
	case "header":
		return header.Values(p.name)
	case "cookie":
		for _, c := range (&http.Request{Header: header}).CookiesNamed(p.name) {
			values = append(values, c.Value)
		}
	}
	return values
}

func (p *parameter) check(values []string) []string {
	place := p.in + " " + p.name
	switch {
	case len(values) == 0 && p.required:
		return []string{place + ": is missing"}
	case len(values) == 0 || p.schema == nil:
		return nil
	case len(values) > 1 && (!p.list || p.separator != ""):
		return []string{place + ": is given more than once"}
	case !p.list:
		return p.schema.Check(place, typed(p.schema, values[0]))
	case p.separator != "":
		values = strings.Split(values[0], p.separator)
	}
	list := make([]any, len(values))
	for i, text := range values {
		list[i] = text
	}
	return p.schema.Check(place, typed(p.schema, list))
}

// typed gives texts the types that a schema asks for, as far as they can have them. v is a text, or has texts as
// members.
func typed(s *Schema, v any) any {
	types := s.wanted(v)
	switch v := v.(type) {
	case string:
		return decodeText(v, types[""])
	case []any:
		for i, text := range v {
			v[i] = decodeText(text, types[strconv.Itoa(i)])
		}
	case object:
		for name, text := range v {
			v[name] = decodeText(text, types[name])
		}
	}
	return v
}

func decodeText(v any, types []string) any {
	text, _ := v.(string)
	for _, t := range types {
		switch {
		case (t == "integer" || t == "number") && isNumber(text):
			return json.Number(text)
		case t == "boolean" && (text == "true" || text == "false"):
			return text == "true"
		case t == "null" && text == "null":
			return nil
		}
	}
	return v
}
