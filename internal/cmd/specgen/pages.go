package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
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

// An iterator is the method that iterates over the list that an operation gives page by page.
type iterator struct {
	pages
	Documentation string
	List, Item    string // the list in the answer, and the type of what is listed
	Field         string // of the query parameters, which takes the token
	Following     string // the token of the next page
}

// iterator reads the mark of an operation that lists page by page.
func (op *operation) iterator(mark any) (*iterator, error) {
	text, err := json.Marshal(mark)
	if err != nil {
		return nil, err
	}
	var it iterator
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&it.pages); err != nil {
		return nil, err
	}
	byToken := it.Token != ""
	if it.Method == "" || op.params == nil || op.body != nil || op.success == nil ||
		byToken == (it.Offset != "") || byToken != (it.Next != "") {
		return nil, errors.New("needs method and items, and either token and next or offset, on an operation with query parameters and a JSON answer")
	}
	find := func(t types.Type, path string) (selector string, found types.Type) {
		if selector, found = member(t, path); selector == "" {
			err = errors.Join(err, fmt.Errorf("neither the answer nor the parameters have a member %q", path))
		}
		return selector, found
	}
	// reply prints the value of a member of the answer.
	reply := func(path string) string {
		if path == "" {
			return "0"
		}
		selector, t := find(op.success, path)
		if _, ok := t.(*types.Pointer); ok {
			return "valueOf(reply." + selector + ")"
		}
		return "reply." + selector
	}
	var list types.Type
	it.List, list = find(op.success, it.Items)
	if byToken {
		it.Field, _ = find(op.params, it.Token)
		it.Following = reply(it.Next)
	} else {
		it.Field, _ = find(op.params, it.Offset)
		it.Following = fmt.Sprintf("turn(&p.%s, len(reply.%s), %s, %s)", it.Field, it.List, reply(it.Limit), reply(it.Total))
	}
	if err != nil {
		return nil, err
	}
	slice, ok := list.Underlying().(*types.Slice)
	if !ok {
		return nil, fmt.Errorf("the member %q of the answer is no list", it.Items)
	}
	it.Item = goType(slice.Elem())
	about := "params narrows the list" + map[bool]string{true: ". ", false: " and may be nil. "}[len(op.RequiredParams()) > 0]
	if it.Plain {
		about = ""
	}
	it.Documentation = comment(fmt.Sprintf("%s iterates over what [%s.%s] lists, page by page. %sAn error ends the iteration: those of that method, or [ErrUnusableResponse] when the API repeats a page.", it.Method, op.Receiver, op.Name, about))
	return &it, nil
}
