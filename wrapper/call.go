package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A call is one use of an operation, with all its attempts.
type call struct {
	*sender
	op    *operation
	class retryClass

	req     http.Request // of which each attempt sends a copy; it has a Body if that is a stream
	url     url.URL      // of req
	values  []string     // the path parameters
	trace   string
	body    []byte    // of req, nil if there is none or it is a stream
	tokens  []string  // what the source gave, to keep it out of messages; the last is that of the last attempt
	first   [1]string // where tokens begins
	capture *Response // of CaptureResponse; nil when nobody asked

	sequence *sequence // nil when the call stands alone

	attempts int
	last     reply // to the last attempt that was sent; status 0 when none came
	unknown  bool  // an attempt of a write was sent, and nobody knows what came of it
	accepted bool  // an attempt was answered with a 2xx, whatever came of its body
	renewed  bool  // the one repeat after a 401 is used up
}

func (s *sender) newCall(ctx context.Context, op *operation, class retryClass) *call {
	into, q := capturedIn(ctx)
	c := &call{sender: s, op: op, class: class, capture: into}
	c.tokens = c.first[:0]
	c.follow(q)
	return c
}

// follow makes a call one of a sequence, unless that is nil.
func (c *call) follow(q *sequence) {
	if c.sequence = q; q != nil {
		c.tokens = slices.Clip(q.tokens)
	}
}

// exchange makes the request of what the caller passed and sends it. It returns a reply of any status, or an
// *APIError when there is none; what the reply means is for the caller to say.
func (c *call) exchange(ctx context.Context, in input) (*reply, error) {
	err := c.identify(ctx)
	if err == nil {
		err = c.build(in)
	}
	if err != nil {
		return nil, c.refuse(err)
	}
	return c.send(ctx)
}

// identify gives the call its trace ID.
func (c *call) identify(ctx context.Context) (err error) {
	c.trace, err = traceID(ctx)
	return err
}

// build checks what the caller passed, and makes the request of it.
func (c *call) build(in input) error {
	if in.err != nil {
		return in.err
	}
	c.values = in.path
	c.req.Method = c.op.method
	c.req.URL = &c.url
	if err := c.op.setURL(&c.url, c.base, c.basePath, in.path); err != nil {
		return err
	}
	if in.params == nil && c.op.needsParams {
		return &invalidRequest{"params", "is nil, and a parameter is required"}
	}
	for _, p := range in.required {
		if p.empty {
			return &invalidRequest{"parameter " + p.name, "is required, and empty"}
		}
	}
	if in.params != nil {
		built, err := in.params()
		if err != nil {
			return &invalidRequest{"params", "cannot be encoded"}
		}
		c.url.RawQuery = built.URL.RawQuery
		if c.req.Header = built.Header; len(c.req.Header) > 0 {
			c.req.Header.Del("Content-Type") // of the builder's empty body
			if err := checkHeader(c.req.Header); err != nil {
				return err
			}
		}
	}
	return c.encode(in.body)
}

// encode makes the body of the request from a pointer, nil for none.
func (c *call) encode(value any) error {
	if value == nil || reflect.ValueOf(value).IsNil() {
		if c.op.needsBody {
			return &invalidRequest{"body", "is nil, and the operation needs one"}
		}
		return nil
	}
	body, err := json.Marshal(value)
	switch {
	case err != nil:
		return &invalidRequest{unencodable(reflect.ValueOf(value), ""), "cannot be encoded as JSON: it is no number, no day of the calendar, or holds such a one"}
	case string(body) == "null": // as the zero of a union, or an empty raw message
		return &invalidRequest{"body", "is empty"}
	}
	c.setBody(body)
	return nil
}

func (c *call) setBody(body []byte) {
	c.body = body
	c.req.ContentLength = int64(len(body))
	c.req.GetBody = func() (io.ReadCloser, error) { // for a transport that finds the connection closed
		return io.NopCloser(bytes.NewReader(body)), nil
	}
}

// unencodable finds the innermost part of v that json.Marshal refuses, and says where it is in words of the
// document. What it holds may be a value of a person, so the error of the encoder, which quotes it, is not shown.
func unencodable(v reflect.Value, path string) string {
	fails := func(v reflect.Value) bool {
		_, err := json.Marshal(v.Interface())
		return err != nil
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return unencodable(v.Elem(), path) // never nil: that is encoded as null
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if field.IsExported() && name != "-" && fails(v.Field(i)) {
				return unencodable(v.Field(i), strings.TrimPrefix(path+"."+name, "."))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if v.Type().Elem().Kind() != reflect.Uint8 && fails(v.Index(i)) {
				return unencodable(v.Index(i), path+"["+strconv.Itoa(i)+"]")
			}
		}
	}
	if path == "" {
		return "body"
	}
	return path
}

// send sends the request, again where that is allowed, until an attempt settles what came of the call.
func (c *call) send(ctx context.Context) (*reply, error) {
	for {
		o := c.attempt(ctx)
		c.note(&o)
		delay, again := c.again(ctx, &o)
		if c.log != nil {
			c.log(ctx, &logEntry{c, o, delay, again})
		}
		if again {
			if o.err = sleep(ctx, delay); o.err == nil {
				continue
			}
		}
		return c.finish(&o)
	}
}

// note keeps what an attempt tells about the call as a whole. One that was not sent takes nothing away from the reply to
// the one before.
func (c *call) note(o *outcome) {
	if !o.unsent {
		c.last = o.reply
	}
	switch f := o.failure(); {
	case c.class != read && (f == lost || f == serverFault):
		c.unknown = true
	case o.status == http.StatusConflict, o.status/100 == 2 && !(c.unknown && c.op.reportsFailure(text(o.body))):
		c.unknown = false // whatever came of the attempts before, it exists now
	}
	if o.status/100 == 2 {
		c.accepted = true
	}
	if o.status == http.StatusUnauthorized {
		if source, ok := c.source().(Invalidator); ok {
			source.Invalidate(c.tokens[len(c.tokens)-1]) // so that no later call is sent with it
		}
	}
}

// finish turns the last outcome of a call into what send returns.
func (c *call) finish(o *outcome) (*reply, error) {
	c.record(&c.last)
	if o.err == nil {
		return &c.last, nil
	}
	return nil, c.failed(&c.last, o)
}
