package portal

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sentinels for [errors.Is]. An error may match more than one: a 502 after a write is both [ErrServer]
// and [ErrOutcomeUnknown].
var (
	// ErrInvalidRequest: what was passed to the call is wrong, and it was refused before the network. The error
	// names the field and the rule, never the value. A back end would answer 400.
	ErrInvalidRequest error = sentinel("invalid request")
	// ErrTokenSource: the [TokenSource] is nil, failed, or gave what cannot be sent as a token. A back end would
	// alert its own team.
	ErrTokenSource error = sentinel("token source failed")
	// ErrBadRequest: status 400. The API refused the request; the message says why.
	ErrBadRequest error = sentinel("bad request")
	// ErrUnauthorized: status 401. The token is unknown or has expired: get a new one.
	ErrUnauthorized error = sentinel("unauthorized")
	// ErrForbidden: status 403. The token is good and does not allow this.
	ErrForbidden error = sentinel("forbidden")
	// ErrNotFound: status 404, or a search that found nothing.
	ErrNotFound error = sentinel("not found")
	// ErrConflict: status 409. It exists already; see [ExistingMeldCustomerID].
	ErrConflict error = sentinel("conflict")
	// ErrRateLimited: status 429. Wait for APIError.RetryAfter.
	ErrRateLimited error = sentinel("rate limited")
	// ErrServer: any status from 500 on.
	ErrServer error = sentinel("server error")
	// ErrResponseTooLarge: the body was larger than [WithMaxResponseBytes] allows. Status and the
	// beginning of the body are there.
	ErrResponseTooLarge error = sentinel("response too large")
	// ErrUnusableResponse: a 2xx without a usable value: an empty, cut or foreign body, a wrong type, no ID.
	ErrUnusableResponse error = sentinel("unusable response")
	// ErrOperationFailed: a 2xx whose body says, in a top-level error beside no data, that the operation failed.
	ErrOperationFailed error = sentinel("operation failed")
	// ErrOutcomeUnknown: a write was sent and nobody can say whether it happened: the reply was lost or
	// cut, the call timed out or was cancelled after it was sent, or the answer was a 5xx that does not
	// say (500, 502, 504, a 503 without Retry-After). Look before you write again.
	ErrOutcomeUnknown error = sentinel("outcome unknown")
)

// A sentinel is one of the above. One that an error of the caller's own code wraps is not an answer of the API.
type sentinel string

func (s sentinel) Error() string { return "portal: " + string(s) }

// sentinelOf maps a status to its sentinel; nil when there is none.
func sentinelOf(status int) error {
	switch status {
	case 400:
		return ErrBadRequest
	case 401:
		return ErrUnauthorized
	case 403:
		return ErrForbidden
	case 404:
		return ErrNotFound
	case 409:
		return ErrConflict
	case 429:
		return ErrRateLimited
	}
	if status >= 500 {
		return ErrServer
	}
	return nil
}

// An APIError is a call that did not succeed: the API answered with an error, with something unusable, or not at
// all, or the call was refused before it was sent. Every error that a call returns is one.
//
// Use [errors.Is] with the sentinels to branch, [errors.As] to read the details. It also matches what the call's
// context, the token source or the network said: [context.DeadlineExceeded], a cause of yours, a [*net.OpError].
//
// Its text and its fields hold no token, and no value that was passed to the call for a person. [APIError.Header]
// and [APIError.Body] give the reply as it came; they are methods, so that nothing that prints or encodes the error
// shows them.
type APIError struct {
	Operation  string        // the operationId, as in the document
	StatusCode int           // 0 when there was no reply
	Message    string        // the server's own words, when they repeat nothing of the request
	TraceID    string        // X-Portal-Trace-Id, the same on every attempt of the call
	Attempts   int           // how often the request was sent, the first included; 0 when it was not
	RetryAfter time.Duration // what the server asked for; 0 when it did not

	// A function, which no printer, encoder or debugger looks into.
	detail func() *errorDetail
}

// An errorDetail is what of an error may only be asked for.
type errorDetail struct {
	header  http.Header
	body    []byte
	cause   error   // why there is no reply, or why it is not whole or unusable
	problem string  // the cause in words that can be shown
	also    []error // sentinels beyond that of the status
	lost    bool    // no whole reply came to the last attempt
}

func (e *APIError) details() *errorDetail {
	if e.detail == nil {
		return &errorDetail{}
	}
	return e.detail()
}

// Header is the header of the reply, nil when there was none.
func (e *APIError) Header() http.Header { return e.details().header }

// Body is the body of the reply as received, up to the cap of [WithMaxResponseBytes].
func (e *APIError) Body() []byte { return e.details().body }

// Timeout reports whether a time limit ended the call, as in [net.Error].
func (e *APIError) Timeout() bool { return isTimeout(e.details().cause) }

// Error says what was called, what came of it, and how to find it in a log.
func (e *APIError) Error() string {
	d := e.details()
	text := "portal: " + e.Operation
	add := func(words string) {
		if words != "" {
			text += ": " + words
		}
	}
	if e.StatusCode/100 != 2 {
		add(statusText(e.StatusCode))
	}
	for _, s := range []error{ErrInvalidRequest, ErrTokenSource, ErrUnusableResponse, ErrOperationFailed, ErrConflict, ErrNotFound} {
		if !errors.Is(sentinelOf(e.StatusCode), s) && slices.Contains(d.also, s) {
			add(unprefixed(s))
		}
	}
	if e.StatusCode/100 == 2 {
		add("status " + strconv.Itoa(e.StatusCode))
	}
	if !strings.EqualFold(e.Message, http.StatusText(e.StatusCode)) {
		add(e.Message)
	}
	add(d.problem)
	if slices.Contains(d.also, ErrOutcomeUnknown) {
		add("it may have been carried out all the same")
	}
	if e.TraceID != "" {
		text += " (trace " + e.TraceID + ", attempts " + strconv.Itoa(e.Attempts) + ")"
	}
	return text
}

// statusText is "404 Not Found", and "" without a status.
func statusText(status int) string {
	if status == 0 {
		return ""
	}
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// unprefixed is the text of an error without the name of this package, which stands once at the beginning.
func unprefixed(err error) string { return strings.TrimPrefix(err.Error(), "portal: ") }

// Is reports whether the error stands for target: a sentinel by what the API answered, everything else by what the
// context, the network or the caller's own code said. The causes are not unwrapped, for their texts may quote what
// came over the wire.
func (e *APIError) Is(target error) bool {
	if _, ok := target.(sentinel); ok {
		return target == sentinelOf(e.StatusCode) || slices.Contains(e.details().also, target)
	}
	cause := e.details().cause
	if limit, ok := cause.(*limitError); ok && (target == context.DeadlineExceeded || target == context.Canceled) {
		return errors.Is(limit.limit, target) // not what was cut short, which says one of these at the limit of an attempt, too
	}
	return errors.Is(cause, target)
}

// As finds an error among the causes, as [errors.As] does.
func (e *APIError) As(target any) bool {
	cause := e.details().cause
	return cause != nil && errors.As(cause, target)
}

// An invalidRequest names what is wrong with a call, never the value.
type invalidRequest struct{ field, rule string }

func (e *invalidRequest) Error() string { return "portal: invalid request: " + e.field + " " + e.rule }

func (e *invalidRequest) Is(target error) bool { return target == ErrInvalidRequest }

// A tokenSourceError is what a token source returned, or why its token cannot be sent.
type tokenSourceError struct{ err error }

func (e *tokenSourceError) Error() string { return e.err.Error() }
func (e *tokenSourceError) Unwrap() error { return e.err }

// newAPIError puts the details of an error behind its function. Both are kept in one piece of memory.
func newAPIError(e APIError, d errorDetail) *APIError {
	whole := &struct {
		APIError
		errorDetail
	}{e, d}
	whole.detail = func() *errorDetail { return &whole.errorDetail }
	return &whole.APIError
}

// newError is the error of a reply that is not a success, or whose body cannot be used because of cause.
func (c *call) newError(r *reply, cause error, also ...error) *APIError {
	if c.unknown {
		also = append(also, ErrOutcomeUnknown)
	}
	e := APIError{Operation: c.op.id, StatusCode: r.status, TraceID: c.trace, Attempts: c.attempts}
	d := errorDetail{header: r.header, body: r.body, cause: cause, also: also}
	e.RetryAfter, _ = retryAfter(r.header, time.Now)
	if r.status/100 != 2 || slices.Contains(also, ErrOperationFailed) {
		message := serverMessage(r.body)
		if e.Message = shorten(message, maxServerMessage); message != "" && c.mayRepeat(message, "") {
			e.Message, d.problem = "", "the server's message is withheld, for it may repeat what was sent (it is in Body)"
		}
	}
	if cause != nil {
		d.problem = c.describe(cause)
	}
	return newAPIError(e, d)
}

// newError is an error about what several calls of an operation came to; last is the last of them.
func (op *operation) newError(last *Response, sentinel error, problem string) *APIError {
	e := APIError{Operation: op.id, StatusCode: last.StatusCode, TraceID: last.TraceID, Attempts: last.Attempts}
	return newAPIError(e, errorDetail{header: last.Header, body: last.Body, problem: problem, also: []error{sentinel}})
}

// endedError is the error of a wait between the calls of a sequence that the context ended.
func (op *operation) endedError(q *sequence, ended error) *APIError {
	c := &call{op: op, trace: q.last.TraceID, attempts: q.last.Attempts}
	c.follow(q)
	c.req.URL = &c.url
	return c.newError(&reply{}, ended)
}

// unusable is the error of a 2xx whose body cannot be used.
func (c *call) unusable(r *reply, cause error) *APIError {
	return c.newError(r, cause, ErrUnusableResponse)
}

// refuse is the error of a call that is wrong in itself: nothing is sent.
func (c *call) refuse(err error) *APIError {
	c.record(nil)
	return c.newError(&reply{}, err, ErrInvalidRequest)
}

// failed is the error of a call whose last attempt did not end with a whole reply; r is the last that came.
func (c *call) failed(r *reply, o *outcome) *APIError {
	also := []error{ownFault(o.err)} // nil, which nothing matches, when it is not the caller's own
	if r.status/100 == 2 {
		also = append(also, ErrUnusableResponse)
	}
	if o.err == errTooLarge { //nolint:errorlint // as readBody returns it; a round tripper may wrap anything
		also = append(also, ErrResponseTooLarge)
	}
	e := c.newError(r, o.err, also...)
	e.details().lost = o.status == 0 || o.failure() == lost
	return e
}
