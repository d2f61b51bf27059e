package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// Pages is the mark x-portal-pages of an operation that lists page by page: it gets an iterator. Members of the answer
// are named by their path in the JSON, such as data.items.
type pages struct {
	Method string `json:"method"` // the name of the iterator
	Items  string `json:"items"`  // where the list stands
	Plain  bool   `json:"plain"`  // the iterator takes no query parameters, since they only cut the list into pages

	// Either a token leads from page to page …
	Token string `json:"token"` // the query parameter
	Next  string `json:"next"`  // where the answer gives the next one

	// … or the number of items before it does.
	Offset string `json:"offset"` // the query parameter
	Limit  string `json:"limit"`  // where the answer says how many items a page holds
	Total  string `json:"total"`  // where it says how many there are in all
}

// printIterator prints the iterator of an operation that is marked as paged.
func printIterator(out *bytes.Buffer, op *operation, receiver string, generated *client) error {
	mark, ok := op.Extensions["x-portal-pages"]
	if !ok {
		return nil
	}
	text, err := json.Marshal(mark)
	if err != nil {
		return err
	}
	var p pages
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return fmt.Errorf("x-portal-pages of %s: %w", op.id(), err)
	}
	wrong := func(what string) error {
		return fmt.Errorf("x-portal-pages of %s: %s", op.id(), what)
	}
	b := op.builder
	if p.Method == "" || b.params == "" || b.body != "" || b.success == "" || (p.Token == "") == (p.Offset == "") {
		return wrong("needs method and items, and either token or offset, on an operation with query parameters and a JSON answer")
	}
	items, list := generated.member(b.success, p.Items)
	listType, isList := generated.underlying(list).(*ast.ArrayType)
	if !isList {
		return wrong("the answer has no list " + p.Items)
	}
	item := generated.print(listType.Elt)
	parameters, arguments := "", ""
	for _, a := range b.path {
		parameters += ", " + a.name + " " + a.goType
		arguments += ", " + a.name
	}
	about, begin := "", "var p "+b.params
	if !p.Plain {
		parameters += ", params *" + b.params
		about, begin = "params narrows the list and may be nil. ", "p := valueOf(params)"
	}
	step, following := "", ""
	if p.Token != "" {
		field, _ := generated.member(b.params, p.Token)
		next, nextType := generated.member(b.success, p.Next)
		if field == "" || next == "" {
			return wrong("the parameter token or the member next cannot be found")
		}
		step = fmt.Sprintf("if next != \"\" {\np.%s = &next\n}\n", field)
		if following = "reply." + next; isPointer(nextType) {
			following = "valueOf(reply." + next + ")"
		}
	} else {
		field, _ := generated.member(b.params, p.Offset)
		if field == "" {
			return wrong("the parameter " + p.Offset + " cannot be found")
		}
		var bounds []string
		for _, path := range []string{p.Limit, p.Total} {
			bound, boundType := generated.member(b.success, path)
			switch {
			case bound == "":
				bounds = append(bounds, "0")
			case isPointer(boundType):
				bounds = append(bounds, "valueOf(reply."+bound+")")
			default:
				bounds = append(bounds, "reply."+bound)
			}
		}
		following = fmt.Sprintf("turn(&p.%s, len(reply.%s), %s)", field, items, strings.Join(bounds, ", "))
	}
	fmt.Fprintf(out, "\n%s", comment(fmt.Sprintf("%s iterates over what [%s.%s] lists, page by page. %sAn error ends the iteration: those of that method, or [ErrUnusableResponse] when the API repeats a page.", p.Method, receiver, b.name, about)))
	fmt.Fprintf(out, "func (c *%s) %s(ctx context.Context%s) iter.Seq2[%s, error] {\n", receiver, p.Method, parameters, item)
	fmt.Fprintf(out, "return pages(ctx, &op%s, func(ctx context.Context) func(string) ([]%s, string, error) {\n%s\n", b.name, item, begin)
	fmt.Fprintf(out, "return func(%s string) ([]%s, string, error) {\n%s", nameIf(p.Token != "", "next"), item, step)
	fmt.Fprintf(out, "reply, err := c.%s(ctx%s, &p)\nif err != nil {\nreturn nil, \"\", err\n}\nreturn reply.%s, %s, nil\n}\n})\n}\n", b.name, arguments, items, following)
	return nil
}

func nameIf(used bool, name string) string {
	if used {
		return name
	}
	return "_"
}

func isPointer(t ast.Expr) bool {
	_, ok := t.(*ast.StarExpr)
	return ok
}

// member finds a member of a struct by its path in the JSON. It returns how Go writes it, and its type; "" when there
// is none, or a pointer stands before its end.
func (c *client) member(goType, path string) (selector string, t ast.Expr) {
	t = ast.NewIdent(strings.TrimPrefix(goType, "api."))
	var names []string
	for _, name := range strings.Split(path, ".") {
		s, ok := c.underlying(t).(*ast.StructType)
		if !ok {
			return "", nil
		}
		i := slices.IndexFunc(s.Fields.List, func(f *ast.Field) bool {
			return f.Tag != nil && (strings.Contains(f.Tag.Value, `json:"`+name+`"`) || strings.Contains(f.Tag.Value, `json:"`+name+`,`))
		})
		if i < 0 {
			return "", nil
		}
		names = append(names, s.Fields.List[i].Names[0].Name)
		t = s.Fields.List[i].Type
	}
	return strings.Join(names, "."), t
}
