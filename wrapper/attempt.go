package portal

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

// An outcome is what came of one attempt.
type outcome struct {
	reply           // as far as it came; status 0 when none did
	err       error // why the reply is missing or not complete
	unsent    bool  // surely nothing of the request reached the server
	permanent bool  // the next attempt would fail in the same way
	duration  time.Duration
}

// A sending is what the request of one attempt has for itself, since a transport may still be writing that of the
// attempt before.
type sending struct {
	ctx  attemptContext
	conn connTrace // the context of the request, within ctx
	url  url.URL
	body bytes.Reader
	ours [2]string // the values of Authorization and X-Portal-Trace-Id
}

// attempt sends the request once: token, headers, round trip, body. Everything in it obeys the time limit of the
// attempt and the context of the call.
func (c *call) attempt(ctx context.Context) (o outcome) {
	start := time.Now()
	s := &sending{ctx: attemptContext{parent: ctx, deadline: start.Add(c.attemptTimeout), cause: c.timeoutCause}}
	defer s.ctx.end()
	defer func() {
		if c.log != nil {
			o.duration = time.Since(start)
		}
		if o.err != nil {
			if limit := s.ctx.reached(); limit != nil {
				o.err = &limitError{limit, o.err}
			}
		}
	}()

	token, err := c.token(&s.ctx) //nolint:contextcheck // it is ctx with the limit
	if limit := s.ctx.reached(); err == nil && limit != nil {
		err = &tokenSourceError{limit} // it took too long, and did not notice
	}
	if err != nil {
		return outcome{err: err, unsent: true, permanent: true}
	}
	s.conn.Context = &s.ctx
	req, err := c.authorized(s, token) //nolint:contextcheck // as above
	if err != nil {
		return outcome{err: err, unsent: true, permanent: true}
	}
	c.attempts++
	resp, err := c.transport.RoundTrip(req)
	switch {
	case err == nil && resp == nil:
		err = notice("the http.RoundTripper returned neither a response nor an error")
	case err != nil && s.conn.stopped.Load():
		err = io.ErrUnexpectedEOF // the end of the connection that it was sent on
	}
	if err != nil {
		o.err, o.unsent = err, s.conn.unsent(err)
		o.permanent = o.unsent && isHandshakeError(err)
		return o
	}
	o.status, o.header, o.raw = resp.StatusCode, resp.Header, resp
	o.body, o.err = readBody(resp, c.maxBody)
	if o.status < 200 { // no answer: what follows is another protocol, or nothing that HTTP knows
		o.status = 0
	}
	return o
}

func (c *call) source() TokenSource { return c.sender.tokens() }

// token asks the token source.
func (c *call) token(ctx context.Context) (string, error) {
	source := c.source()
	if source == nil {
		return "", &tokenSourceError{errNoTokenSource}
	}
	token, err := source.Token(ctx)
	if len(c.tokens) == 0 || c.tokens[len(c.tokens)-1] != token {
		c.tokens = append(c.tokens, token) // with an error, too: its text may quote it
	}
	if err == nil {
		err = checkToken(token)
	}
	if err != nil {
		return "", &tokenSourceError{err}
	}
	return token, nil
}

// authorized is the request of one attempt: a copy with a URL, a body and a header map of its own. Credentials go to one
// origin, so the copy is what is checked.
func (c *call) authorized(s *sending, token string) (*http.Request, error) {
	r := c.req.WithContext(&s.conn)
	u := &s.url
	*u = *c.req.URL
	r.URL = u
	if u.Scheme != c.base.Scheme || u.Host != c.base.Host || u.User != nil || u.Opaque != "" ||
		(r.Host != "" && r.Host != c.base.Host) {
		return nil, &invalidRequest{"request URL", "must have the scheme, host and port of the base URL, for credentials go nowhere else"}
	}
	if c.body != nil {
		s.body.Reset(c.body)
		r.Body = io.NopCloser(&s.body) // net/http knows that for memory, and sends it in one piece with the headers
	}
	r.Header = make(http.Header, len(c.req.Header)+6)
	r.Header["Accept"] = c.mediaType
	if c.acceptEncoding != nil {
		r.Header["Accept-Encoding"] = c.acceptEncoding
	}
	if r.Body != nil {
		r.Header["Content-Type"] = c.mediaType
	}
	again := isReadMethod(r.Method)
	for key, values := range c.req.Header {
		key = http.CanonicalHeaderKey(key) // or else "authorization" would be sent beside ours
		r.Header[key] = values
		again = again || key == "Idempotency-Key" || key == "X-Idempotency-Key"
	}
	if c.class == write && again { // net/http would send it once more when a connection that it used before ends without a reply
		s.conn.stop = s.ctx.end
	}
	s.ours = [...]string{"Bearer " + token, c.trace}
	r.Header["Authorization"], r.Header[traceHeader] = s.ours[:1:1], s.ours[1:]
	r.Header["User-Agent"] = c.userAgent
	return r, nil
}

// isReadMethod reports whether net/http takes a request with a method for a read.
func isReadMethod(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// isHandshakeError reports a failed handshake that no repeat will mend: a wrong certificate, or no TLS at all.
func isHandshakeError(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &certificate) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}

// attemptTimeout is the error of an attempt that took too long. It matches os.ErrDeadlineExceeded, and not
// context.DeadlineExceeded, which says that the caller's own deadline has passed.
type attemptTimeout time.Duration

func (t attemptTimeout) Error() string {
	return fmt.Sprintf("no complete reply within the attempt timeout of %v (WithAttemptTimeout)", time.Duration(t))
}

func (t attemptTimeout) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// A limitError is a limit of time, and what was cut short by it.
type limitError struct{ limit, err error }

func (e *limitError) Error() string   { return e.limit.Error() }
func (e *limitError) Unwrap() []error { return []error{e.limit, e.err} }

// contextError says why ctx ended. It matches both its error and its cause.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}
