package portal

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// An APIError is a call that did not succeed: the API answered with an error, with something unusable, or
// not at all. Every error that a call returns is one, except [ErrInvalidRequest] errors.
//
// Use [errors.Is] with the sentinels to branch, [errors.As] to read the details. When the call's context
// ended it, the error also matches that context's error and cause.
//
// Formatting, logging and encoding it show Operation, StatusCode, Message, TraceID, Attempts and
// RetryAfter. Header and Body may hold what is nobody's business, and are only there to be read.
type APIError struct {
	Operation  string        // the operationId, as in the spec
	StatusCode int           // 0 when no reply arrived
	Message    string        // the server's own words, or the status text; with the request's values blacked out
	TraceID    string        // X-Portal-Trace-Id, the same on every attempt of the call
	Attempts   int           // how often the request was sent, the first included
	RetryAfter time.Duration // what the server asked for; 0 when it did not
	Header     http.Header   // of the reply
	Body       []byte        // as received, up to the cap of WithMaxResponseBytes

	cause   error   // why there is no reply, or why it is not whole or unusable
	problem string  // the cause in words, when there is a reply
	also    []error // sentinels beyond the status's own
}

// Error says what was called, what came of it, and how to find it in a log.
func (e *APIError) Error() string {
	text := "no reply"
	if e.StatusCode != 0 {
		text = strconv.Itoa(e.StatusCode)
		if status := http.StatusText(e.StatusCode); status != "" {
			text += " " + status
		}
	}
	if e.Message != "" && e.Message != http.StatusText(e.StatusCode) {
		text += ": " + e.Message
	}
	if e.problem != "" {
		text += ": " + e.problem
	}
	if slices.Contains(e.also, ErrOutcomeUnknown) {
		text += "; it may have been carried out all the same"
	}
	return fmt.Sprintf("portal: %s: %s (trace %s, attempts %d)", e.Operation, text, e.TraceID, e.Attempts)
}

// Is reports whether target is one of the sentinels that this error stands for.
func (e *APIError) Is(target error) bool {
	return target == sentinelOf(e.StatusCode) || slices.Contains(e.also, target)
}

// Unwrap returns the cause: a network error, the context's error, an error of the decoder.
func (e *APIError) Unwrap() error { return e.cause }

// Timeout reports whether a time limit ended the call, as in [net.Error].
func (e *APIError) Timeout() bool {
	t, ok := e.cause.(interface{ Timeout() bool })
	return ok && t.Timeout()
}

// Format prints Error() for every verb, so that no verb prints Header or Body.
func (e APIError) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		fmt.Fprintf(f, "%q", (&e).Error())
		return
	}
	fmt.Fprint(f, (&e).Error())
}

// LogValue is a group of the fields that are safe to log.
func (e APIError) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("operation", e.Operation),
		slog.Int("status", e.StatusCode),
		slog.String("message", e.Message),
		slog.String("trace", e.TraceID),
		slog.Int("attempts", e.Attempts),
		slog.Duration("retry_after", e.RetryAfter),
	)
}

// safeAPIError is what leaves the process when an APIError is encoded.
type safeAPIError struct {
	Operation  string        `json:"operation"`
	StatusCode int           `json:"status"`
	Message    string        `json:"message"`
	TraceID    string        `json:"trace"`
	Attempts   int           `json:"attempts"`
	RetryAfter time.Duration `json:"retryAfter,omitzero"`
}

// MarshalJSON encodes the fields that are safe to log.
func (e APIError) MarshalJSON() ([]byte, error) {
	return json.Marshal(safeAPIError{e.Operation, e.StatusCode, e.Message, e.TraceID, e.Attempts, e.RetryAfter})
}

// GobEncode encodes the fields that are safe to log.
func (e APIError) GobEncode() ([]byte, error) { return e.MarshalJSON() }

// GobDecode reads what GobEncode wrote.
func (e *APIError) GobDecode(data []byte) error {
	var s safeAPIError
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	*e = APIError{Operation: s.Operation, StatusCode: s.StatusCode, Message: s.Message, TraceID: s.TraceID, Attempts: s.Attempts, RetryAfter: s.RetryAfter}
	return nil
}
