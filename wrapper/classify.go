package portal

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"time"
)

// newError makes an *APIError of a reply that is no success, or of cause when it is not complete.
func (c *call) newError(req *http.Request, r *reply, cause error) *APIError {
	e := &APIError{
		Operation:  c.op.id,
		StatusCode: r.status,
		TraceID:    c.trace,
		Attempts:   c.attempts,
		Header:     r.header,
		Body:       r.body,
	}
	e.RetryAfter, _ = retryAfter(r.header, time.Now())
	switch {
	case r.status == 0:
		e.Message = c.redact(cause.Error(), req)
		e.cause = mute(cause, e.Message)
	case r.status/100 == 2:
		e.also = append(e.also, ErrUnusableResponse)
		e.Message = "the reply holds no usable value"
	default:
		e.Message = c.redact(serverMessage(r), req)
	}
	if r.status != 0 && cause != nil {
		e.problem = c.redact(problemOf(cause), req)
		e.cause = mute(cause, e.problem)
	}
	if c.unknown {
		e.also = append(e.also, ErrOutcomeUnknown)
	}
	return e
}

// serverMessage finds the server's own words in an error body, whatever its content type says: Portal
// sends error as a string and as an object. Without any, it is the status text.
func serverMessage(r *reply) string {
	var body struct {
		Error   json.RawMessage `json:"error"`
		Message json.RawMessage `json:"message"`
	}
	// What does not decode is as good as missing.
	if json.Unmarshal(r.body, &body) == nil {
		for _, raw := range []json.RawMessage{body.Error, body.Message} {
			var text string
			if json.Unmarshal(raw, &text) != nil {
				var object struct {
					Message string `json:"message"`
				}
				_ = json.Unmarshal(raw, &object)
				text = object.Message
			}
			if text = strings.TrimSpace(text); text != "" {
				return text
			}
		}
	}
	return http.StatusText(r.status)
}

// problemOf describes why a reply is not whole or did not decode, by place and type, never by value.
func problemOf(err error) string {
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrongType):
		return wrongType.Field + " has the wrong JSON type"
	case errors.As(err, &syntax):
		return "it is not JSON"
	}
	return err.Error()
}

var (
	errNotJSON = errors.New("its Content-Type is not JSON")
	errNoValue = errors.New("it is empty")
)

// decode reads the JSON of a success strictly: the content type, the syntax and the types must be right.
// Fields that nobody knows, enum values that nobody knows and nulls are fine.
func decode(r *reply, value any) error {
	if !isJSON(r.header) {
		return errNotJSON
	}
	return json.Unmarshal(r.body, value)
}

func isJSON(header http.Header) bool {
	value := header.Get("Content-Type")
	if value == "application/json" || strings.HasPrefix(value, "application/json;") {
		return true
	}
	mediaType, _, err := mime.ParseMediaType(value)
	return err == nil && (mediaType == "application/json" || strings.HasSuffix(mediaType, "+json"))
}

// isZero reports whether a decoded reply holds nothing at all, as that of {} or null.
func isZero[T any](value *T) bool { return reflect.ValueOf(value).Elem().IsZero() }
