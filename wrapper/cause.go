package portal

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

// ownFault is the sentinel of a failure that is the caller's own: the request or the token source. What the token
// source wraps is not looked at, since it may be an error of this package from a call of its own.
func ownFault(err error) error {
	limit, limited := err.(*limitError) //nolint:errorlint // as the attempt made it
	if limited {
		if _, ours := limit.limit.(attemptTimeout); !ours { //nolint:errorlint // as above
			return nil // the caller's context ended, wherever the call was just then
		}
		err = limit.err
	}
	switch err.(type) { //nolint:errorlint // as above
	case *tokenSourceError:
		return ErrTokenSource
	case *invalidRequest:
		return ErrInvalidRequest
	}
	return nil
}

// isTimeout reports whether a limit of time is why a call failed.
func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// describe says in words that can be shown why there is no reply, or why it cannot be used. What net/http and the
// decoder say may quote what came over the wire, which may be meant for somebody else; so each kind has words of
// ours. The text of the caller's own errors is shown unless it repeats something of the request.
func (c *call) describe(err error) string {
	switch e := err.(type) { //nolint:errorlint // the outermost error is one of this package
	case *invalidRequest:
		return e.field + " " + e.rule
	case notice:
		return string(e)
	case *tokenSourceError:
		switch e.err.(type) { //nolint:errorlint // as this package made it
		case *invalidRequest, notice:
			return c.describe(e.err)
		}
		return c.shownText(e.err.Error(), e.err)
	case *limitError:
		return c.describeLimit(e)
	case *decodeError:
		if wrongType(e.err) {
			return "a member of it has the wrong JSON type"
		}
		return "it is not JSON"
	}
	if text := describeNetwork(err); text != "" {
		return text
	}
	return "the round trip failed (errors.Is and errors.As find out why)"
}

func (c *call) describeLimit(e *limitError) string {
	if timeout, ok := e.limit.(attemptTimeout); ok { //nolint:errorlint // as the attempt made it
		if _, ok := e.err.(*tokenSourceError); ok { //nolint:errorlint // as above
			return fmt.Sprintf("no token within the attempt timeout of %v (WithAttemptTimeout)", time.Duration(timeout))
		}
		return timeout.Error()
	}
	for _, ended := range []error{context.DeadlineExceeded, context.Canceled} {
		if errors.Is(e.limit, ended) {
			text := "the call's context ended: " + ended.Error()
			if cause := strings.TrimPrefix(e.limit.Error(), ended.Error()); cause != "" {
				text += ": " + c.shownText(strings.TrimPrefix(cause, ": "), e.limit)
			}
			return text
		}
	}
	return "the call's context ended"
}

// describeNetwork knows the errors of a connection. The texts of system errors come from a fixed table.
func describeNetwork(err error) string {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var errno syscall.Errno
	switch {
	case errors.As(err, &dns):
		return "the host name cannot be resolved"
	case errors.As(err, &certificate):
		return "the server's certificate cannot be verified"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "the server does not speak TLS"
	case errors.As(err, &errno):
		return errno.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the connection was closed before the reply was complete"
	case isTimeout(err):
		return "the connection timed out"
	}
	return ""
}

// shownText is what is shown of the text of err, an error of the caller's own code.
func (c *call) shownText(text string, err error) string {
	text = oneLine(strings.ReplaceAll(text, "portal: ", ""), maxComparedMessage) // once is enough, at the beginning
	var trace string
	if e, ok := errors.AsType[*APIError](err); ok { // of another call: for the session of a custodian, or of the same group
		trace = e.TraceID
	}
	if c.mayRepeat(text, trace) {
		return "its text is withheld, for it may repeat what was sent"
	}
	return shorten(text, maxServerMessage)
}
