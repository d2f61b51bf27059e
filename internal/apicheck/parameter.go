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

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// The parameters of an operation are checked as a body is: as one object, in which the path, the query, the headers
// and the cookies are objects.
type parameters struct {
	schema *jsonschema.Schema
	forms  map[string]form // by pointer, such as /query/limit
	free   string          // in the query, the name of an object whose members are parameters themselves
}

// A form is how the value of a parameter is written.
type form struct {
	separator string // of the items of a list; "" when the name is repeated for each
	object    bool   // its members come as name[member], or as parameters themselves
}

// forms by the style of a parameter. The other styles are not read, so their values are not checked.
var forms = map[string]form{
	"form": {separator: ","}, "simple": {separator: ","}, "spaceDelimited": {separator: " "}, "pipeDelimited": {separator: "|"},
	"deepObject": {object: true},
}

func newParameters(operation, item node) *parameters {
	type key struct{ in, name string }
	all := map[key]node{}
	for _, level := range []node{item, operation} { // those of the operation win
		for _, n := range level.get("parameters").children() {
			k := key{n.text("in"), n.text("name")}
			if k.in == "header" {
				k.name = http.CanonicalHeaderKey(k.name)
			}
			all[k] = n
		}
	}
	for _, name := range []string{"Accept", "Content-Type", "Authorization"} {
		delete(all, key{"header", name}) // what these must be is said elsewhere: OpenAPI ignores such parameters
	}
	ps := &parameters{forms: map[string]form{}}
	places := object{}
	for k, n := range all {
		place := inside(places, k.in)
		inside(place, "properties")[k.name] = ps.rule(n, pointer(k.in, k.name))
		if n.object()["required"] == true {
			place["required"] = append(listOf(place["required"]), k.name)
		}
	}
	ps.schema = operation.d.compile(Home+"?"+url.QueryEscape(operation.ptr), object{"properties": places})
	return ps
}

// inside is the object under a key, which it makes.
func inside(o object, key string) object {
	if o[key] == nil {
		o[key] = object{}
	}
	return asObject(o[key])
}

// rule notes the form of a parameter and is the schema of its value, or true when that is not checked.
func (ps *parameters) rule(n node, ptr string) any {
	style := cmp.Or(n.text("style"), map[string]string{"query": "form", "cookie": "form"}[n.text("in")], "simple")
	f, readable := forms[style]
	explode, given := n.object()["explode"].(bool)
	schema := n.raw("schema")
	compiled := schema.compile()
	members := slices.Contains(wanted(compiled, "")[""], "object")
	if style == "form" && (explode || !given) {
		f = form{object: members && n.text("in") == "query"}
		if f.object {
			ps.free = n.text("name")
		}
	}
	ps.forms[ptr] = f
	if compiled == nil || !readable || members != f.object {
		return true
	}
	return object{"$ref": schema.location()}
}

// wanted lists the types that a schema asks for instead of those that a value and its members have, by pointer.
func wanted(s *jsonschema.Schema, v any) map[string][]string {
	types := map[string][]string{}
	for _, f := range faults(s, v, func(f *fault) []*fault { return f.Causes }) {
		if k, ok := f.ErrorKind.(*kind.Type); ok {
			ptr := pointer(f.InstanceLocation...)
			types[ptr] = append(types[ptr], k.Want...)
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
	ps := op.parameters()
	inPath, inQuery, inHeader, inCookie := object{}, object{}, object{}, object{}
	value := object{"path": inPath, "query": inQuery, "header": inHeader, "cookie": inCookie}
	for i, text := range path {
		inPath[op.PathParameters[i]], _ = url.PathUnescape(text) // it was parsed before
	}
	for _, c := range (&http.Request{Header: header}).Cookies() {
		inCookie[c.Name] = c.Value
	}
	for name, texts := range header {
		inHeader[name] = several(texts)
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		texts := query[name]
		f, known := ps.forms[pointer("query", name)]
		outer, member, _ := strings.Cut(strings.TrimSuffix(name, "]"), "[")
		switch {
		case known && len(texts) > 1 && f.separator != "":
			problems = append(problems, "query "+name+": is given more than once")
		case known && !f.object:
			inQuery[name] = several(texts)
		case ps.forms[pointer("query", outer)].object && member != "":
			inside(inQuery, outer)[member] = several(texts)
		case ps.free != "":
			inside(inQuery, ps.free)[name] = several(texts)
		default:
			problems = append(problems, "query "+strconv.QuoteToASCII(shorten(name))+": "+op.Name+" has no such parameter")
		}
	}
	for range 2 { // lists first, and then their items
		types := wanted(ps.schema, value)
		if len(types) == 0 {
			break
		}
		ps.decode(value, "", types)
	}
	return append(problems, op.node.d.check(ps.schema, value, func(tokens []string) string {
		return strings.Replace(pointer(tokens...)[1:], "/", " ", 1) // query limit, query ids/1
	})...)
}

// several is a text, or a list of texts.
func several(texts []string) any {
	if len(texts) == 1 {
		return texts[0]
	}
	return clone(texts)
}

// decode gives texts the types that the schema asks for, as far as they can have them.
func (ps *parameters) decode(v any, ptr string, types map[string][]string) any {
	switch v := v.(type) {
	case object:
		for name, member := range v {
			v[name] = ps.decode(member, ptr+pointer(name), types)
		}
	case []any:
		for i, item := range v {
			v[i] = ps.decode(item, ptr+pointer(strconv.Itoa(i)), types)
		}
	case string:
		for _, t := range types[ptr] {
			switch {
			case (t == "integer" || t == "number") && isNumber(v):
				return json.Number(v)
			case t == "boolean" && (v == "true" || v == "false"):
				return v == "true"
			case t == "null" && v == "null":
				return nil
			case t == "array" && ps.forms[ptr].separator == "":
				return []any{v}
			case t == "array":
				return clone(strings.Split(v, ps.forms[ptr].separator))
			}
		}
	}
	return v
}
