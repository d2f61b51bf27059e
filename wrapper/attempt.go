package portal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// An outcome is what came of one attempt.
type outcome struct {
	reply           // as far as it came; status 0 when none did
	err       error // why the reply is missing or not complete
	unsent    bool  // surely nothing of the request reached the server
	duration  time.Duration
	permanent bool // the next attempt would fail in the same way
}

// attempt sends the request once: token, headers, round trip, body. Everything in it obeys the attempt's
// time limit and the call's context.
func (d *door) attempt(ctx context.Context, req *http.Request, c *call) (o outcome) {
	start := time.Now()
	attemptCtx, cancel := context.WithTimeoutCause(ctx, d.attemptTimeout, d.timeoutCause)
	defer cancel()
	defer func() {
		o.duration = time.Since(start)
		if o.err != nil {
			o.err = reason(ctx, attemptCtx, o.err)
		}
	}()

	token, err := d.tokens().Token(attemptCtx)
	if err != nil {
		return outcome{err: fmt.Errorf("token source: %w", err), unsent: true, permanent: true}
	}
	if err := checkToken(token); err != nil {
		return outcome{err: err, unsent: true, permanent: true}
	}
	c.token = token

	if err := attemptCtx.Err(); err != nil {
		return outcome{err: err, unsent: true, permanent: true}
	}
	conn := newConnTrace()
	attemptReq, err := d.authorized(httptrace.WithClientTrace(attemptCtx, &conn.ClientTrace), req, token, c)
	if err != nil {
		return outcome{err: err, unsent: true, permanent: true}
	}
	c.attempts++
	resp, err := d.transport.RoundTrip(attemptReq)
	if err == nil && resp == nil {
		err = errors.New("the http.RoundTripper returned neither a response nor an error")
	}
	if err != nil {
		o.err, o.unsent, o.permanent = err, conn.neverConnected() || isDialError(err), isPermanent(err)
		return o
	}
	o.status, o.header, o.raw = resp.StatusCode, resp.Header, resp
	o.body, o.err = readBody(resp, d.maxBody)
	return o
}

// authorized is the request of one attempt: a copy with a header map of its own, since a transport may
// still be writing that of the attempt before.
func (d *door) authorized(ctx context.Context, req *http.Request, token string, c *call) (*http.Request, error) {
	r := req.WithContext(ctx)
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, fmt.Errorf("read the request body again: %w", err)
		}
		r.Body = body
	}
	if path := d.operationPath(req.URL); strings.Contains(path, ":") {
		u := *req.URL
		u.RawPath = d.basePath + escapeColons(path)
		r.URL = &u
	}
	r.Header = make(http.Header, len(req.Header)+4)
	r.Header["Accept"] = d.mediaType
	for key, values := range req.Header {
		r.Header[http.CanonicalHeaderKey(key)] = values // or else "authorization" would be sent beside ours
	}
	r.Header["Authorization"] = []string{"Bearer " + token}
	r.Header[traceHeader] = []string{c.trace}
	r.Header["User-Agent"] = d.userAgent
	return r, nil
}

// operationPath is the escaped path of u below the base URL.
func (s *settings) operationPath(u *url.URL) string {
	return strings.TrimPrefix(u.EscapedPath(), s.basePath)
}

// A connTrace watches whether an attempt got as far as a connection.
type connTrace struct {
	httptrace.ClientTrace
	asked, got atomic.Bool
}

func newConnTrace() *connTrace {
	t := &connTrace{}
	t.GetConn = func(string) { t.asked.Store(true) }
	t.GotConn = func(httptrace.GotConnInfo) { t.got.Store(true) }
	return t
}

// neverConnected is false when nobody can tell, as with a RoundTripper that reports nothing.
func (t *connTrace) neverConnected() bool { return t.asked.Load() && !t.got.Load() }

func isDialError(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// attemptTimeout is the error of an attempt that took too long. It matches os.ErrDeadlineExceeded, and not
// context.DeadlineExceeded, which says that the caller's own deadline has passed.
type attemptTimeout time.Duration

func (t attemptTimeout) Error() string {
	return fmt.Sprintf("no complete reply within the attempt timeout of %v (WithAttemptTimeout)", time.Duration(t))
}

func (t attemptTimeout) Timeout() bool { return true }

func (t attemptTimeout) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// reason says which limit ended an attempt, or else what err says without the URL that http.Client adds.
func reason(ctx, attemptCtx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return contextError(ctx)
	case attemptCtx.Err() != nil:
		return context.Cause(attemptCtx)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// contextError says why ctx ended. It matches both its error and its cause.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}
