package portal

import (
	"context"
	"net/http"
	"slices"
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

// capturedIn returns where a call records what came of it, and the sequence that it belongs to. Both may be nil.
func capturedIn(ctx context.Context) (*Response, *sequence) {
	switch into := ctx.Value(captureKey{}).(type) {
	case *Response:
		return into, nil
	case *sequence:
		return into.last, into
	}
	return nil, nil
}

// A sequence is several calls that are one to the caller of this package: the pages of an iterator, the looks of a
// watcher. The error of one of them shows nothing that another one sent before.
type sequence struct {
	last   *Response // what came of the last call; the one that the caller captures in, if it does
	tokens []string  // the last maxKeptTokens of all
	values []string  // the first maxKeptValues of all others: the caller's come first, the marks of later pages after them
}

// A sequence may go on for months, so there is a limit to what it keeps.
const maxKeptTokens, maxKeptValues = 8, 256

// inSequence returns a context whose calls belong to a sequence.
func inSequence(ctx context.Context) (context.Context, *sequence) {
	into, _ := capturedIn(ctx)
	if into == nil {
		into = &Response{}
	}
	q := &sequence{last: into}
	return context.WithValue(ctx, captureKey{}, q), q
}

// add keeps what a call has sent.
func (q *sequence) add(c *call) {
	q.tokens = slices.Clone(c.tokens[max(0, len(c.tokens)-maxKeptTokens):])
	for _, value := range append(c.sent().values, jsonValues(string(c.body))...) {
		if len(q.values) < maxKeptValues && !slices.Contains(q.values, value) {
			q.values = append(q.values, value)
		}
	}
}

// record writes what came of a call to where its caller asked for it. r may be nil.
func (c *call) record(r *reply) {
	if c.sequence != nil && r != nil {
		c.sequence.add(c)
	}
	if c.capture == nil {
		return
	}
	*c.capture = Response{TraceID: c.trace, Attempts: c.attempts}
	if r != nil {
		c.capture.StatusCode, c.capture.Header, c.capture.Body = r.status, r.header, r.body
	}
}
