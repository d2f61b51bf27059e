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
	var wrong []string
	switch {
	case len(text) > 0 && op.request == nil:
		wrong = []string{"body: " + op.Name + " takes none"}
	case len(text) > 0:
		value, wrong = op.request.check(header, text)
	case op.request != nil && op.request.required:
		wrong = []string{"body: is missing"}
	}
	return value, append(problems, wrong...)
}

// CheckReply checks a reply of the operation.
func (op *Operation) CheckReply(status int, header http.Header, text []byte) (problems []string) {
	b := op.reply(status)
	switch {
	case b == nil && status < 400:
		return []string{"the document declares no such status"}
	case b == nil || op.Method == http.MethodHead || len(b.contents) == 0 && (status >= 400 || len(text) == 0):
		return nil // a gateway may have said it
	case len(b.contents) == 0:
		return []string{"body: the document declares none"}
	}
	_, problems = b.check(header, text)
	return problems
}

// check checks a body by its Content-Type, and decodes it when it is JSON.
func (b *body) check(header http.Header, text []byte) (value any, problems []string) {
	mediaType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	var names []string
	for _, c := range b.contents {
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
	return value, c.node.d.check(c.schema(), value, func(tokens []string) string { return cmp.Or(pointer(tokens...), "body") })
}
