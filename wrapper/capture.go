package portal

import (
	"context"
	"net/http"
)

// A Response is what came of a call, beside its value: see [CaptureResponse].
type Response struct {
	StatusCode int         // 0 when no reply came
	Header     http.Header // of the reply
	Body       []byte      // as received, up to the cap of WithMaxResponseBytes
	TraceID    string      // X-Portal-Trace-Id, the same on every attempt of the call
	Attempts   int         // how often the request was sent; 0 when the call was refused before that
}

type captureKey struct{}

// CaptureResponse returns a context whose calls write to into what came of them, successful or not: headers, and
// the members of a body that no document describes. Of several calls, as an iterator makes them, the last one
// counts; calls that run at the same time need a context each. A nil into ends the capturing of an outer context.
func CaptureResponse(ctx context.Context, into *Response) context.Context {
	return context.WithValue(ctx, captureKey{}, into)
}

func capturedIn(ctx context.Context) *Response {
	into, _ := ctx.Value(captureKey{}).(*Response)
	return into
}

// capturing returns a context that captures: for the caller of this package, if that asked for it.
func capturing(ctx context.Context) (context.Context, *Response) {
	into := capturedIn(ctx)
	if into == nil {
		into = &Response{}
		ctx = CaptureResponse(ctx, into)
	}
	return ctx, into
}

// record writes what came of a call to where its caller asked for it. r may be nil.
func (c *call) record(r *reply) {
	if c.capture == nil {
		return
	}
	*c.capture = Response{TraceID: c.trace, Attempts: c.attempts}
	if r != nil {
		c.capture.StatusCode, c.capture.Header, c.capture.Body = r.status, r.header, r.body
	}
}
