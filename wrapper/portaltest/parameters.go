package portaltest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A parameter of an operation, in the path, the query or a header.
type parameter struct {
	name     string
	in       string
	required bool
	list     bool // the schema is an array …
	explode  bool // … whose items come as repeated names instead of one comma list
	freeForm bool // an exploded object: every query name that no other parameter has
	schema   *jsonschema.Schema
}

// parameters reads those of a path item and of its operation, which win.
func parameters(item, op node) ([]*parameter, error) {
	var all []*parameter
	for _, n := range []node{item, op} {
		list, _ := n.value["parameters"].([]any)
		for i := range list {
			p, err := readParameter(n.r.at(fmt.Sprintf("%s/parameters/%d", n.ptr, i)))
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
	var err error
	if p.schema, err = n.schema("schema"); err != nil {
		return nil, err
	}
	explode, given := n.value["explode"].(bool)
	p.explode = explode || !given && p.in == "query"
	p.list = hasType(p.schema, "array")
	p.freeForm = p.in == "query" && p.explode && hasType(p.schema, "object")
	return p, nil
}

// hasType reports whether a schema names a type, through references.
func hasType(s *jsonschema.Schema, name string) bool {
	for ; s != nil; s = s.Ref {
		if s.Types != nil && slices.Contains(s.Types.ToStrings(), name) {
			return true
		}
	}
	return false
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
		case len(values) > 1 && !(p.list && p.explode):
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
		return decodeText(p.schema, values[0])
	}
	if !p.explode {
		values = strings.Split(values[0], ",")
	}
	var items *jsonschema.Schema
	for s := p.schema; s != nil; s = s.Ref {
		if s.Items2020 != nil {
			items = s.Items2020
		}
	}
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = decodeText(items, v)
	}
	return list
}

func decodeText(s *jsonschema.Schema, text string) any {
	switch {
	case hasType(s, "integer") || hasType(s, "number"):
		if isNumber(text) {
			return json.Number(text)
		}
	case hasType(s, "boolean"):
		if text == "true" || text == "false" {
			return text == "true"
		}
	}
	return text
}
