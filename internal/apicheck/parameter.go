package apicheck

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A parameter of an operation, in the path, the query, a header or a cookie.
type parameter struct {
	name      string
	in        string
	required  bool
	list      bool     // the schema is an array …
	separator string   // … whose items stand between these; "" when the name is repeated for each
	types     []string // of the value, or of the items of a list
	freeForm  bool     // an object whose members are query parameters themselves
	schema    *schema  // nil when the value is not checked
}

func newParameter(n node) *parameter {
	p := &parameter{name: n.text("name"), in: n.text("in"), required: n.object()["required"] == true, schema: n.schema("schema")}
	p.types = n.d.types(n.raw("schema").value, 0)
	p.list = slices.Contains(p.types, "array")
	explode, given := n.object()["explode"].(bool)
	style := n.text("style")
	form := style == "form" || style == "" && (p.in == "query" || p.in == "cookie")
	if !given {
		explode = form
	}
	object := slices.Contains(p.types, "object")
	switch {
	case p.schema == nil: // a parameter with content
	case form && explode && object && p.in == "query":
		p.freeForm = true
	case object, style == "matrix", style == "label":
		n.d.warn("the value of parameter %s is not checked: its form is not one that is read", n.ptr)
		p.schema = nil
	case p.list && (!form || !explode):
		p.separator = map[string]string{"spaceDelimited": " ", "pipeDelimited": "|"}[style]
		if p.separator == "" {
			p.separator = ","
		}
	}
	if p.list {
		p.types = n.d.types(n.get("schema").raw("items").value, 0)
	}
	return p
}

// types lists the types that a schema names, itself or in its alternatives.
func (d *Document) types(schema any, depth int) (all []string) {
	flat, alternatives, _ := d.Flatten(schema)
	for _, t := range append(listOf(flat["type"]), flat["type"]) {
		if name, ok := t.(string); ok {
			all = append(all, name)
		}
	}
	for _, member := range slices.Concat(alternatives...) {
		if depth < 8 {
			all = append(all, d.types(member, depth+1)...)
		}
	}
	return all
}

// checkParameters checks all that a request has beside its body.
func (op *Operation) checkParameters(path []string, rawQuery string, header http.Header) []string {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return []string{"query: is not percent-encoded as it must be"}
	}
	var problems []string
	extra, freeForm := op.extra(query)
	for _, name := range sortedKeys(extra) {
		switch {
		case !freeForm:
			problems = append(problems, "query "+quoteName(name)+": "+op.Name+" has no such parameter")
		case len(query[name]) > 1:
			problems = append(problems, "query "+quoteName(name)+": is given more than once")
		}
	}
	for _, p := range op.parameters {
		if p.freeForm {
			problems = append(problems, check("query", p.schema, extra)...)
			continue
		}
		problems = append(problems, p.check(p.values(op, path, query, header))...)
	}
	return problems
}

// extra are the query parameters that no parameter names, and whether one takes them all.
func (op *Operation) extra(query url.Values) (extra object, freeForm bool) {
	extra = object{}
	for name, values := range query {
		known := slices.ContainsFunc(op.parameters, func(p *parameter) bool {
			return p.in == "query" && !p.freeForm && p.isNamed(name)
		})
		if !known {
			extra[name] = values[0]
		}
	}
	return extra, slices.ContainsFunc(op.parameters, func(p *parameter) bool { return p.freeForm })
}

// isNamed also knows the names of an object in the style deepObject, which is not checked.
func (p *parameter) isNamed(name string) bool {
	return p.name == name || p.schema == nil && strings.HasPrefix(name, p.name+"[")
}

// values are those of a parameter in a request.
func (p *parameter) values(op *Operation, path []string, query url.Values, header http.Header) []string {
	switch p.in {
	case "path":
		if i := slices.Index(op.PathParameters, p.name); i >= 0 && i < len(path) {
			if text, err := url.PathUnescape(path[i]); err == nil {
				return []string{text}
			}
		}
	case "query":
		for name, values := range query {
			if p.isNamed(name) {
				return values
			}
		}
	case "header":
		return header.Values(p.name)
	case "cookie":
		var values []string
		for _, c := range (&http.Request{Header: header}).CookiesNamed(p.name) {
			values = append(values, c.Value)
		}
		return values
	}
	return nil
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
	}
	problems := check(place, p.schema, p.decode(values, p.types))
	if len(problems) > 0 && slices.Contains(p.types, "string") { // a text that looks like a number is one of two things
		if texts := check(place, p.schema, p.decode(values, nil)); len(texts) < len(problems) {
			return texts
		}
	}
	return problems
}

// decode gives the text of a parameter the type that its schema asks for, if it can have it.
func (p *parameter) decode(values, types []string) any {
	if !p.list {
		return decodeText(values[0], types)
	}
	if p.separator != "" {
		values = strings.Split(values[0], p.separator)
	}
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = decodeText(v, types)
	}
	return list
}

func decodeText(text string, types []string) any {
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
	return text
}
