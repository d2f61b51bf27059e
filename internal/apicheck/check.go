// Package apicheck reads an OpenAPI 3.1 document and checks requests and replies against it, the way the API
// behind it would: paths, parameters, headers and bodies, down to formats. It also answers for the API: with
// the document's example of a reply, or with a small value made from the schema.
//
// What is wrong with a request is told by place and rule, and never by value, which may be a person's.
//
// Any valid document is taken. Something that this package cannot check, such as a pattern in another dialect
// than Go's, costs that one check and no more.
package apicheck

import (
	"cmp"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
)

// CheckRequest checks a request of the operation and decodes its body. path has the escaped values of the path
// parameters, as [Document.Route] gives them.
func (op *Operation) CheckRequest(path []string, rawQuery string, header http.Header, text []byte) (value any, problems []string) {
	problems = op.checkParameters(path, rawQuery, header)
	body := op.node.get("requestBody")
	var wrong []string
	switch {
	case len(text) > 0 && body.value == nil:
		wrong = []string{"body: " + op.Name + " takes none"}
	case len(text) > 0:
		value, wrong = check(body.contents(), header, text)
	case body.object()["required"] == true:
		wrong = []string{"body: is missing"}
	}
	return value, append(problems, wrong...)
}

// CheckReply checks a reply of the operation.
func (op *Operation) CheckReply(status int, header http.Header, text []byte) (problems []string) {
	r, declared := op.reply(status)
	contents := r.contents()
	switch {
	case !declared && status < 400:
		return []string{"the document declares no such status"}
	case op.Method == http.MethodHead || len(contents) == 0 && (status >= 400 || len(text) == 0):
		return nil // a gateway may have said it
	case len(contents) == 0:
		return []string{"body: the document declares none"}
	}
	_, problems = check(contents, header, text)
	return problems
}

// check checks a body by its Content-Type, and decodes it when it is JSON.
func check(contents []*content, header http.Header, text []byte) (value any, problems []string) {
	mediaType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	var names []string
	for _, c := range contents {
		pattern, _, _ := strings.Cut(c.mediaType, ";")
		if ok, _ := path.Match(strings.TrimSpace(pattern), mediaType); ok && err == nil {
			return c.check(text)
		}
		names = append(names, c.mediaType)
	}
	slices.Sort(names)
	return nil, []string{"header Content-Type: must be " + strings.Join(names, ", ")}
}

func (c *content) check(text []byte) (value any, problems []string) {
	if !c.json {
		return string(text), nil
	}
	value, err := DecodeJSON(text)
	if err != nil {
		return nil, []string{"body: " + err.Error()}
	}
	return value, c.d.check(c.raw("schema").compile(), value, func(tokens []string) string { return cmp.Or(pointer(tokens...), "body") })
}
