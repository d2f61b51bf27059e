package portal

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
)

// Do implements the generated client's HttpRequestDoer. What it hands on is what the generated parser can
// read: a reply that the parser would turn into a bare decoding error, or into nothing at all, is an
// *APIError instead.
func (d *door) Do(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	ctx := req.Context()
	path := d.operationPath(req.URL)
	op := operationOf(req.Method, path)
	if op.index < 0 && (strings.HasSuffix(path, "/") || strings.Contains(path, "//")) {
		// The generated client resolves "", "." and ".." as path segments: another operation may be what is left.
		return nil, &invalidRequest{"path parameter", `must not be empty, "." or ".."`}
	}
	c := &call{op: op, class: classOf(op)}
	r, err := d.send(ctx, req, c)
	if err != nil {
		return nil, err
	}
	// The request of the response carries the call, for Result.
	resp := r.response(req.WithContext(context.WithValue(ctx, callKey{}, c)))
	if err := c.check(r, resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// callKey finds the call in the context of a response's request.
type callKey struct{}

// response is the reply as an *http.Response whose body is in memory.
func (r *reply) response(req *http.Request) *http.Response {
	resp := *r.raw
	resp.Body = io.NopCloser(bytes.NewReader(r.body))
	resp.ContentLength = int64(len(r.body))
	resp.Request = req
	return &resp
}

// check runs the operation's own parser over the reply, ahead of the caller.
func (c *call) check(r *reply, resp *http.Response) error {
	success := r.status/100 == 2
	if c.op.index < 0 {
		if success {
			return nil
		}
		return c.newError(resp.Request, r, nil)
	}
	parsed, err := parsers[c.op.index](r.response(resp.Request))
	if err != nil {
		return c.newError(resp.Request, r, err)
	}
	declared, found := jsonField(parsed, r.status)
	switch {
	case success && declared && !found:
		return c.newError(resp.Request, r, errNotJSON)
	case !success && !found:
		return c.newError(resp.Request, r, nil)
	}
	return nil
}

// jsonField looks into a generated response struct. declared: it has a field for the JSON of this status
// (JSON200, JSON4XX, JSONDefault); found: the parser has filled one.
func jsonField(parsed any, status int) (declared, found bool) {
	v := reflect.ValueOf(parsed).Elem()
	code := strconv.Itoa(status)
	for i := range v.NumField() {
		name, field := v.Type().Field(i).Name, v.Field(i)
		if field.Kind() != reflect.Pointer || name == "HTTPResponse" || strings.HasPrefix(name, "Headers") {
			continue
		}
		if !field.IsNil() {
			found = true
		}
		if name == "JSON"+code || name == "JSON"+code[:1]+"XX" || name == "JSONDefault" {
			declared = true
		}
	}
	return declared, found
}
