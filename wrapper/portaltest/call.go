package portaltest

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

const (
	// maxRequestBytes is the largest body that the fake reads. Portal documents no limit; a customer takes
	// less than a kilobyte.
	maxRequestBytes = 1 << 20
	// maxTokenBytes is more than servers take for all headers, most of them.
	maxTokenBytes = 8 << 10
)

// object is a JSON object as the decoder makes it.
type object = map[string]any

// A call is a request on its way through the fake.
type call struct {
	*Request
	op       *apicheck.Operation // nil when the document has none for it
	allow    []string            // the methods that the path does know, when op is nil
	values   []string            // of the path parameters, as they came
	tooLarge bool
	rawQuery string
	value    object // the body, decoded; nil when it is not an object
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
	c.op, c.values, c.allow = h.doc.Route(r.Method, r.URL.EscapedPath())
	query, _ := url.ParseQuery(r.URL.RawQuery)
	c.Request = &Request{
		Method: r.Method,
		Path:   strings.TrimPrefix(r.URL.EscapedPath(), h.doc.Base),
		Query:  query,
		Header: r.Header.Clone(),
		Body:   body,
	}
	if c.op != nil {
		c.Operation = c.op.Name
		c.path = map[string]string{}
		for i, name := range c.op.PathParameters {
			c.path[name] = c.pathValue(i)
		}
	}
	c.Token, _ = bearer(r.Header)
	return c, nil
}

// pathValue is the value of a path parameter, by its place in the path template.
func (c *call) pathValue(i int) string {
	if i >= len(c.values) {
		return ""
	}
	text, _ := url.PathUnescape(c.values[i]) // net/http has refused what cannot be unescaped
	return text
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
	switch token = strings.Trim(token, " "); {
	case len(token) > maxTokenBytes:
		return "", "holds a token that is too long"
	case !bearerToken.MatchString(token):
		return "", "must hold a token after Bearer"
	}
	return token, ""
}

// authenticate says what is wrong with a request's credentials, or nothing.
func (h *Handler) authenticate(c *call) string {
	if !c.op.Secured {
		return ""
	}
	token, problem := bearer(c.Header)
	if problem != "" {
		return problem
	}
	if custodial(c.op) || token == CustodianKey {
		return refuseCustodian(c.op, token)
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

var commonMethods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"}

// quoteMethod keeps text that a client made up out of messages and logs.
func quoteMethod(method string) string {
	if slices.Contains(commonMethods, method) {
		return method
	}
	return "other"
}
