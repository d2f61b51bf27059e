package portal

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"time"
)

// settings are what all clients of one New share. They do not change after New.
type settings struct {
	base           *url.URL // with a slash at the end of its path
	basePath       string   // escaped, without that slash
	server         string   // base as text, for the generated client
	transport      http.RoundTripper
	attemptTimeout time.Duration
	timeoutCause   error // attemptTimeout as the error that it causes
	maxBody        int64
	log            func(context.Context, *logEntry) // nil when nothing is logged
	retry          RetryPolicy
	quota          *quota

	// Header values that never change are made once.
	mediaType  []string // application/json
	userAgent  []string
	jsonHeader http.Header // of a request with a body
}

// A door is the only way to the network, for the typed methods and for the generated client alike.
type door struct {
	*settings
	tokens func() TokenSource // a function, for fmt would print the fields of a source
}

// A call is one use of the door, with all its attempts.
type call struct {
	op       *operation
	class    class
	trace    string
	token    string // of the last attempt, to keep it out of messages
	attempts int

	unknown  bool // an attempt of a write was sent, and its outcome never became known
	accepted bool // an attempt was answered with a 2xx, whatever came of its body
	replayed bool // the one replay after a 401 is used up
}

// A reply is a complete answer: its body was read to the end, within the cap.
type reply struct {
	status int
	header http.Header
	body   []byte
	raw    *http.Response // its body is used up
}

// newRequest is the request of an operation without parameters; body is JSON, or nil for none. Its URL is
// put together from the table of operations, which is cheaper than parsing the text of it again.
func (d *door) newRequest(op *operation, body []byte) *http.Request {
	u := *d.base
	u.Path += op.path[1:]
	if u.RawPath != "" {
		u.RawPath += op.path[1:]
	}
	req := &http.Request{Method: op.method, URL: &u}
	if body != nil {
		req.Header, req.ContentLength = d.jsonHeader, int64(len(body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	return req
}

// send takes a request through the door. It returns a reply of any status, or an *APIError when there is
// none; what the reply means is for the caller to say.
func (d *door) send(ctx context.Context, req *http.Request, c *call) (*reply, error) {
	if err := d.prepare(ctx, req, c); err != nil {
		return nil, err
	}
	for {
		o := d.attempt(ctx, req, c)
		c.note(&o)
		d.reject(c, &o)
		delay, again := d.again(ctx, req, c, &o)
		if d.log != nil {
			d.log(ctx, &logEntry{c, &o, delay, again})
		}
		if !again {
			return c.finish(req, &o)
		}
		if err := sleep(ctx, delay); err != nil {
			o.err = err
			return c.finish(req, &o)
		}
	}
}

// prepare checks where a request goes and gives the call its trace ID.
func (d *door) prepare(ctx context.Context, req *http.Request, c *call) (err error) {
	if d.tokens() == nil {
		return &invalidRequest{"TokenSource", "is nil: pass StaticToken, TokenFunc or CachedTokenSource"}
	}
	if req.URL.Scheme != d.base.Scheme || req.URL.Host != d.base.Host || req.URL.User != nil || req.URL.Opaque != "" ||
		(req.Host != "" && req.Host != d.base.Host) {
		return &invalidRequest{"request URL", "must have the scheme, host and port of the base URL, for credentials go nowhere else"}
	}
	c.trace, err = traceID(ctx)
	return err
}

// finish turns the last outcome of a call into what send returns.
func (c *call) finish(req *http.Request, o *outcome) (*reply, error) {
	if o.err == nil {
		return &o.reply, nil
	}
	return nil, c.newError(req, &o.reply, o.err)
}
