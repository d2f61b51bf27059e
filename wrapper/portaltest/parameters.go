package portaltest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A parameter of an operation, in the path, the query or a header.
type parameter struct {
	name     string
	in       string
	required bool
	list     bool     // the schema is an array …
	explode  bool     // … whose items come as repeated names instead of one comma list
	types    []string // of the value, or of the items of a list
	freeForm bool     // an exploded object: every query name that no other parameter has
	schema   *schema
}

// parameters reads those of a path item and of its operation, which win.
func parameters(item, op node) ([]*parameter, error) {
	var all []*parameter
	for _, n := range []node{item, op} {
		list, _ := n.value["parameters"].([]any)
		for i := range list {
			p, err := readParameter(n.item("parameters", i))
			if err != nil {
				return nil, err
			}
			all = slices.DeleteFunc(all, func(q *parameter) bool { return q.in == p.in && q.name == p.name })
			all = append(all, p)
		}
	}
	return all, nil
}

func readParameter(n node) (*parameter, error) {
	p := &parameter{}
	p.name, _ = n.value["name"].(string)
	p.in, _ = n.value["in"].(string)
	p.required, _ = n.value["required"].(bool)
	style, _ := n.value["style"].(string)
	natural := map[string]string{"path": "simple", "header": "simple", "query": "form"}[p.in]
	if natural == "" || style != "" && style != natural {
		return nil, fmt.Errorf("parameter %s: the fake does not read in %q, style %q: teach it in parameters.go", p.name, p.in, style)
	}
	p.schema = n.schema("schema")
	explode, given := n.value["explode"].(bool)
	p.explode = explode || !given && p.in == "query"
	p.types = typesOf(n.child("schema"))
	p.freeForm = p.in == "query" && p.explode && slices.Contains(p.types, "object")
	if p.list = slices.Contains(p.types, "array"); p.list {
		p.types = typesOf(n.child("schema").child("items"))
	}
	return p, nil
}

// typesOf lists the types that a schema names: a text or a list.
func typesOf(n node) []string {
	list, ok := n.value["type"].([]any)
	if !ok {
		list = []any{n.value["type"]}
	}
	var types []string
	for _, t := range list {
		if name, ok := t.(string); ok {
			types = append(types, name)
		}
	}
	return types
}

// checkParameters validates path, query and header parameters and returns what is wrong with them.
func (op *operation) checkParameters(path map[string]string, query url.Values, header http.Header) []string {
	var problems []string
	known := map[string]bool{}
	for _, p := range op.params {
		if p.in == "query" {
			known[p.name] = known[p.name] || !p.freeForm
		}
	}
	extra := object{}
	for name, values := range query {
		switch {
		case known[name]:
		case !op.freeForm:
			problems = append(problems, "query "+quoteName(name)+": "+op.id+" has no such parameter")
		case len(values) > 1:
			problems = append(problems, "query "+quoteName(name)+": is given more than once")
		default:
			extra[name] = values[0]
		}
	}
	for _, p := range op.params {
		if p.freeForm {
			problems = append(problems, check("query", p.schema, extra)...)
			continue
		}
		place := p.in + " " + p.name
		var values []string
		switch p.in {
		case "path":
			values = []string{path[p.name]}
		case "query":
			values = query[p.name]
		case "header":
			values = header.Values(p.name)
		}
		switch {
		case len(values) == 0 && p.required:
			problems = append(problems, place+": is missing")
		case len(values) == 0:
		case len(values) > 1 && (!p.list || !p.explode):
			problems = append(problems, place+": is given more than once")
		default:
			problems = append(problems, check(place, p.schema, p.decode(values))...)
		}
	}
	return problems
}

// decode gives the text of a parameter the type that its schema asks for, if it can have it.
func (p *parameter) decode(values []string) any {
	if !p.list {
		return p.decodeText(values[0])
	}
	if !p.explode {
		values = strings.Split(values[0], ",")
	}
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = p.decodeText(v)
	}
	return list
}

func (p *parameter) decodeText(text string) any {
	for _, t := range p.types {
		switch {
		case (t == "integer" || t == "number") && isNumber(text):
			return json.Number(text)
		case t == "boolean" && (text == "true" || text == "false"):
			return text == "true"
		}
	}
	return text
}
