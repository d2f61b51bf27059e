package portal

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"
)

// An operation of the documents. Each has a variable of its own in operations.gen.go, so that a program links
// those that it calls.
type operation struct {
	id       string // the operationId, or method and path where the document gives none
	method   string
	template string // the path template below the base URL
	class    retryClass

	value    bool // a success documents a JSON body
	envelope bool // that body documents a member "data"

	needsParams bool // a query or header parameter is required
	needsBody   bool
}

// An input is what a caller passed to a method: the values of one request.
type input struct {
	path     []string                      // the path parameters, in the order of the template
	params   func() (*http.Request, error) // builds a request of which the query and the headers are taken; nil for none
	required []requiredParam               // those of params that must not be empty
	body     any                           // a pointer, or nil for no body
	err      error                         // why the method refuses it; nil when it does not
}

// A requiredParam is a required query or header parameter.
type requiredParam struct {
	name  string
	empty bool
}

// setURL makes u the path template with the path parameters in it, below the base URL. That is cheaper than the generated
// builders, which join and parse the URL as text. It refuses a value that would change which operation is called.
func (op *operation) setURL(u, base *url.URL, basePath string, values []string) error {
	*u = *base
	escaped, rest := basePath, op.template
	for _, value := range values {
		literal, tail, _ := strings.Cut(rest, "{")
		name, after, _ := strings.Cut(tail, "}")
		if value == "" || value == "." || value == ".." {
			return &invalidRequest{"path parameter " + name, `must not be empty, "." or ".."`}
		}
		escaped += literal + escapeSegment(value)
		rest = after
	}
	u.RawPath = escaped + rest
	u.Path, _ = url.PathUnescape(u.RawPath) // of what is escaped just before
	return nil
}

// escapeSegment escapes the value of a path parameter. Its colons go out as %3A: Portal's documentation asks for
// that in CAIP-2 chain IDs such as eip155:1, and it means the same to every server (RFC 3986, 2.1).
func escapeSegment(value string) string {
	return strings.ReplaceAll(url.PathEscape(value), ":", "%3A")
}

// pathValue is the value of a path parameter that is no string, in the style "simple" of OpenAPI.
func pathValue(v any) string {
	if t, ok := v.(time.Time); ok {
		return t.Format(time.RFC3339Nano)
	}
	list := reflect.ValueOf(v)
	if list.Kind() != reflect.Slice {
		return fmt.Sprint(v)
	}
	items := make([]string, list.Len())
	for i := range items {
		items[i] = pathValue(list.Index(i).Interface())
	}
	return strings.Join(items, ",")
}
