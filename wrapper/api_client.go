package portal

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/portalclient/portal-client-go/api"
	"github.com/portalclient/portal-client-go/internal/pathtemplate"
)

// API returns the generated client, with a response struct per operation that has a field for each documented
// status. It is the way to what the methods of [Client] do not show, and takes the same way to the network: a
// documented error arrives in its field (JSON401, …) with a nil error; every other failure is an [*APIError], and
// so is a 2xx that the methods refuse, except for what is in it of Meld customers: look whether there is an ID. A
// 2xx that is not the documented one fills no field and has a nil error: its Body is there. A request that is no
// operation of the document is [ErrInvalidRequest].
//
// Before there is a request, the generated client speaks for itself: an error of a request editor comes back as it is,
// and so does that of a body that cannot be encoded, which may quote it.
//
// Credentials, trace ID and User-Agent are set after any request editor. To keep the status of a reply that does
// not decode, each reply is decoded once before the generated parser does: the methods of [Client] are cheaper.
func (c *Client) API() *api.ClientWithResponses {
	return &api.ClientWithResponses{ClientInterface: guardedClient{&api.Client{Server: c.sender.base.String(), Client: doer{c.sender}}, c.sender}}
}

// A guardedClient refuses "." and ".." as a path parameter where the generated client, which resolves them, would
// call another operation than the one asked for; operations.gen.go has these methods. Everywhere else what they are
// resolved to matches no path template, and is refused for that.
type guardedClient struct {
	*api.Client
	sender *sender
}

func (c guardedClient) guard(ctx context.Context, op *operation, values ...string) error {
	call := c.sender.newCall(ctx, op, op.class)
	if err := op.setURL(&call.url, call.base, call.basePath, values); err != nil {
		_ = call.identify(ctx) // the trace ID is for the error alone
		return call.refuse(err)
	}
	return nil
}

// A documented operation is an operation with the generated parser of its replies. operations.gen.go lists all.
type documented struct {
	*operation
	parse func(*http.Response) (any, error)
}

// A doer sends the requests of the generated client. What it hands on is what the generated parser can read: a
// reply that the parser would turn into a bare decoding error, or into nothing at all, is an *APIError instead.
type doer struct{ *sender }

// Do implements the generated client's HttpRequestDoer.
func (d doer) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	op, values := d.documentedFor(req)
	c := d.newCall(ctx, op.operation, op.class)
	if req.Body != nil {
		defer func() {
			if c.req.Body == nil || c.attempts == 0 { // or else it is a stream, which the transport closes when it is done
				_ = req.Body.Close()
			}
		}()
	}
	if err := c.identify(ctx); err != nil {
		return nil, c.refuse(err)
	}
	if err := c.adopt(req, values, op.parse != nil); err != nil {
		return nil, c.refuse(err)
	}
	r, err := c.send(ctx)
	if err != nil {
		return nil, err
	}
	resp := r.response(req)
	if err := c.check(r, resp, op.parse); err != nil {
		return nil, err
	}
	return resp, nil
}

// documentedFor finds the operation that a request calls, and the escaped values of its path parameters. For a
// request that no path template below the base URL matches, it makes one up.
func (s *sender) documentedFor(req *http.Request) (documented, []string) {
	if req.URL != nil { // an editor may do anything
		path, below := strings.CutPrefix(req.URL.EscapedPath(), s.basePath)
		for _, op := range operations {
			if below && op.method == req.Method {
				if values, ok := pathtemplate.Match(op.template, path); ok {
					return op, values
				}
			}
		}
	}
	method := req.Method
	if !isToken(method) {
		method = "request"
	}
	return documented{operation: &operation{id: method + " of a path that is not in the document"}}, nil
}

// adopt makes the call's request of one that the generated client built and its editors changed.
func (c *call) adopt(req *http.Request, values []string, known bool) error {
	if !known {
		return &invalidRequest{"request", `is no operation of the document: a path parameter is empty, "." or "..", or an editor changed the path`}
	}
	if err := checkHeader(req.Header); err != nil {
		return err
	}
	// An editor may have kept the request: what it does to it later changes no further attempt.
	u := *req.URL
	c.req, c.values = *req, values
	c.req.URL, c.req.Header = &u, req.Header.Clone()
	if strings.Contains(u.Path, ":") {
		u.RawPath = c.basePath + escapedPath(c.op.template, values)
	}
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return nil // a stream
	}
	// It may also have set another Body, or none, and left the old GetBody and the old length.
	c.req.Body, c.req.GetBody, c.req.ContentLength = nil, nil, 0
	if req.Body == nil {
		return nil
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return &invalidRequest{"body", "cannot be read"}
	}
	if len(body) > 0 {
		c.setBody(body)
	}
	return nil
}

// escapedPath puts escaped values into a path template. A colon of a value goes out as %3A, one of the template stays.
func escapedPath(template string, values []string) string {
	var path strings.Builder
	for _, value := range values {
		literal, tail, _ := strings.Cut(template, "{")
		_, template, _ = strings.Cut(tail, "}")
		path.WriteString(literal + strings.ReplaceAll(value, ":", "%3A"))
	}
	return path.String() + template
}

// response is the reply as an *http.Response whose body is in memory, as the generated parser reads it: it looks
// for "json" in a Content-Type without minding case, and knows no byte order mark.
func (r *reply) response(req *http.Request) *http.Response {
	resp := *r.raw
	resp.Body = io.NopCloser(bytes.NewReader(text(r.body)))
	resp.Request = req
	if mediaType := r.header.Get("Content-Type"); mediaType != strings.ToLower(mediaType) {
		resp.Header = r.header.Clone()
		resp.Header.Set("Content-Type", strings.ToLower(mediaType))
	}
	return &resp
}

// check gives the verdict on a reply, and runs the operation's own parser over it ahead of the caller.
func (c *call) check(r *reply, resp *http.Response, parse func(*http.Response) (any, error)) error {
	if r.status/100 == 2 {
		if err := c.verdict(r); err != nil {
			return err
		}
	}
	parsed, err := parse(r.response(resp.Request))
	switch {
	case err != nil && r.status/100 == 2 && !c.op.value:
		// It is a success, whatever its body says, and the parser took it for the reply of every other status.
		resp.Header = resp.Header.Clone()
		resp.Header.Del("Content-Type")
		return nil
	case err != nil && r.status/100 == 2:
		return c.unusable(r, &decodeError{err})
	case err != nil:
		return c.newError(r, &decodeError{err})
	case r.status/100 != 2 && !documentedStatus(parsed):
		return c.newError(r, nil)
	}
	return nil
}

// documentedStatus reports whether the generated parser has filled a field of a response struct with decoded JSON
// (JSON401, JSON4XX, JSONDefault, ApplicationproblemJSON409).
func documentedStatus(parsed any) bool {
	v := reflect.ValueOf(parsed).Elem()
	for i := range v.NumField() {
		name, field := v.Type().Field(i).Name, v.Field(i)
		if field.Kind() == reflect.Pointer && !field.IsNil() && name != "HTTPResponse" && !strings.HasPrefix(name, "Headers") {
			return true
		}
	}
	return false
}

// checkHeader refuses header fields that net/http would refuse (RFC 9110, 5.1 and 5.5), before anything is sent.
func checkHeader(header http.Header) error {
	for name, values := range header {
		if !isToken(name) {
			return &invalidRequest{"header", "has a name that is not a token"}
		}
		for _, value := range values {
			if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
				return &invalidRequest{"header " + name, "holds a control character"}
			}
		}
	}
	return nil
}

// isToken reports whether s is a token of HTTP (RFC 9110, 5.6.2), as methods and the names of header fields are.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
	})
}
