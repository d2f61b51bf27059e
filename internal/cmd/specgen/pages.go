package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/types"
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
	if p.Method == "" || b.params == nil || b.body != nil || b.success == nil || (p.Token == "") == (p.Offset == "") {
		return wrong("needs method and items, and either token or offset, on an operation with query parameters and a JSON answer")
	}
	items, list := member(b.success, p.Items)
	if items == "" {
		return wrong("the answer has no member " + p.Items)
	}
	listType, isList := list.Underlying().(*types.Slice)
	if !isList {
		return wrong("the member " + p.Items + " of the answer is no list")
	}
	item, params := generated.print(listType.Elem()), generated.print(b.params)
	parameters, arguments := "", ""
	for _, a := range b.path {
		parameters += ", " + a.Name() + " " + generated.print(a.Type())
		arguments += ", " + a.Name()
	}
	about, begin := "", "var p "+params
	if !p.Plain {
		parameters += ", params *" + params
		about, begin = "params narrows the list and may be nil. ", "p := valueOf(params)"
	}
	var step, following string
	if p.Token != "" {
		field, _ := member(b.params, p.Token)
		next, nextType := member(b.success, p.Next)
		if field == "" || next == "" {
			return wrong("the parameter token or the member next cannot be found")
		}
		step = fmt.Sprintf("if next != \"\" {\np.%s = &next\n}\n", field)
		if following = "reply." + next; isPointer(nextType) {
			following = "valueOf(reply." + next + ")"
		}
	} else {
		field, _ := member(b.params, p.Offset)
		if field == "" {
			return wrong("the parameter " + p.Offset + " cannot be found")
		}
		var bounds []string
		for _, path := range []string{p.Limit, p.Total} {
			bound, boundType := member(b.success, path)
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

func isPointer(t types.Type) bool {
	_, ok := t.(*types.Pointer)
	return ok
}
