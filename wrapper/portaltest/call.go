package portaltest

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// maxRequestBytes is the largest body that the fake reads. Portal documents no limit; a customer takes
// less than a kilobyte.
const maxRequestBytes = 1 << 20

// A call is a request on its way through the fake.
type call struct {
	*Request
	op       *operation // nil when the document has none for it
	allow    string     // the methods that the path does know, when op is nil
	path     map[string]string
	tooLarge bool
	rawQuery string
	value    any // the body, decoded; nil when there is none
	client   *client
}

// receive reads a request whole.
func (h *Handler) receive(r *http.Request) (*call, error) {
	if r.Body == nil { // a request that was made by hand
		r.Body = http.NoBody
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBytes+1))
	if err != nil {
		return nil, err
	}
	tooLarge := len(body) > maxRequestBytes
	if tooLarge {
		body = body[:maxRequestBytes]
		// A client that is still writing would see a broken connection instead of the 413.
		_, _ = io.CopyN(io.Discard, r.Body, 16*maxRequestBytes)
	}
	c := &call{tooLarge: tooLarge, rawQuery: r.URL.RawQuery}
	c.op, c.path, c.allow = h.doc.route(r.Method, r.URL.EscapedPath())
	query, _ := url.ParseQuery(r.URL.RawQuery)
	c.Request = &Request{
		Method: r.Method,
		Path:   strings.TrimPrefix(r.URL.EscapedPath(), h.doc.base),
		Query:  query,
		Header: r.Header.Clone(),
		Body:   body,
	}
	if c.op != nil {
		c.Operation = c.op.id
	}
	c.Token, _ = bearer(r.Header)
	return c, nil
}

// route finds the operation of a request and the values of its path parameters; without one, the methods
// that the path knows.
func (d *document) route(method, escapedPath string) (*operation, map[string]string, string) {
	rest, ok := strings.CutPrefix(escapedPath, d.base+"/")
	if !ok {
		return nil, nil, ""
	}
	segments := strings.Split(rest, "/")
	var allow []string
	for _, op := range d.operations {
		values, ok := op.match(segments)
		switch {
		case !ok:
		case op.method == method:
			return op, values, ""
		default:
			allow = append(allow, op.method)
		}
	}
	return nil, nil, strings.Join(allow, ", ")
}

func (op *operation) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(op.segments) {
		return nil, false
	}
	var values map[string]string
	for i, pattern := range op.segments {
		text, err := url.PathUnescape(segments[i])
		switch {
		case err != nil:
			return nil, false
		case isParam(pattern) && text != "":
			if values == nil {
				values = map[string]string{}
			}
			values[strings.Trim(pattern, "{}")] = text
		case text != pattern:
			return nil, false
		}
	}
	return values, true
}

// bearerToken is the form of a token in RFC 6750.
var bearerToken = regexp.MustCompile(`^[A-Za-z0-9\-._~+/]+=*$`)

// bearer reads the token of a request; else it says what is wrong with its credentials.
func bearer(header http.Header) (token, problem string) {
	values := header.Values("Authorization")
	switch len(values) {
	case 0:
		return "", "is missing; send a bearer token"
	case 1:
	default:
		return "", "is given more than once"
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", "must be of the scheme Bearer"
	}
	if token = strings.Trim(token, " "); !bearerToken.MatchString(token) {
		return "", "must hold a token after Bearer"
	}
	return token, ""
}

// authenticate says what is wrong with a request's credentials, or nothing.
func (h *Handler) authenticate(c *call) string {
	if !c.op.secured {
		return ""
	}
	token, problem := bearer(c.Header)
	if problem != "" {
		return problem
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.expired[token]:
		return "the token is expired"
	case len(h.config.tokens) > 0 && h.clients[token] == nil && !h.config.tokens[token]:
		return "the token is not known"
	}
	return ""
}

// check validates parameters and body against the document, and decodes the body.
func (c *call) check() []string {
	var problems []string
	if _, err := url.ParseQuery(c.rawQuery); err != nil {
		problems = append(problems, "query: is not percent-encoded as it must be")
	} else {
		problems = c.op.checkParameters(c.path, c.Query, c.Header)
	}
	return append(problems, c.checkBody()...)
}

func (c *call) checkBody() []string {
	spec := c.op.body
	switch {
	case len(c.Body) == 0 && spec != nil && spec.required:
		return []string{"body: is missing"}
	case len(c.Body) == 0:
		return nil
	case spec == nil:
		return []string{"body: " + c.op.id + " takes none"}
	}
	mediaType, _, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	schema, known := spec.content[mediaType]
	if err != nil || !known {
		var types []any
		for t := range spec.content {
			types = append(types, t)
		}
		return []string{"header Content-Type: must be " + listed(types)}
	}
	value, err := decodeJSON(c.Body)
	if err != nil {
		return []string{"body: " + err.Error()}
	}
	c.value = value
	return check("", schema, value)
}
