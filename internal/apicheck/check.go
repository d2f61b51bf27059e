package apicheck

import (
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
	switch {
	case len(text) == 0 && op.body != nil && op.body.required:
		return nil, append(problems, "body: is missing")
	case len(text) == 0:
		return nil, problems
	case op.body == nil:
		return nil, append(problems, "body: "+op.Name+" takes none")
	}
	c := find(op.body.contents, header.Get("Content-Type"))
	if c == nil {
		return nil, append(problems, "header Content-Type: must be "+mediaTypes(op.body.contents))
	}
	value, wrong := c.check(text)
	return value, append(problems, wrong...)
}

// CheckReply checks a reply of the operation.
func (op *Operation) CheckReply(status int, header http.Header, text []byte) (problems []string) {
	r := op.reply(status)
	switch {
	case r == nil && status < 400:
		return []string{"the document declares no such status"}
	case r == nil || op.Method == http.MethodHead || len(r.contents) == 0 && (status >= 400 || len(text) == 0):
		return nil // a gateway may have said it
	case len(r.contents) == 0:
		return []string{"body: the document declares none"}
	}
	c := find(r.contents, header.Get("Content-Type"))
	if c == nil {
		return []string{"header Content-Type: must be " + mediaTypes(r.contents)}
	}
	_, problems = c.check(text)
	return problems
}

// check checks a body, and decodes it when it is JSON.
func (c *content) check(text []byte) (value any, problems []string) {
	if !c.json {
		return string(text), nil
	}
	value, err := DecodeJSON(text)
	if err != nil {
		return nil, []string{"body: " + err.Error()}
	}
	return value, check("", c.schema, value)
}

// find is the content that a Content-Type means.
func find(contents []*content, contentType string) *content {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil
	}
	for _, c := range contents {
		pattern, _, _ := strings.Cut(c.mediaType, ";")
		if ok, err := path.Match(strings.TrimSpace(pattern), mediaType); ok && err == nil {
			return c
		}
	}
	return nil
}

func mediaTypes(contents []*content) string {
	names := make([]string, len(contents))
	for i, c := range contents {
		names[i] = c.mediaType
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// isJSON says of a media type, or of a range such as application/*, that its bodies are JSON.
func isJSON(mediaType string) bool {
	name, _, _ := strings.Cut(strings.ToLower(mediaType), ";")
	name = strings.TrimSpace(name)
	return slices.Contains([]string{"application/json", "application/*", "*/*"}, name) || strings.HasSuffix(name, "+json")
}
