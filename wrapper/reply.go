package portal

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// A reply is an answer of the server: its body was read to the end, within the cap.
type reply struct {
	status int
	header http.Header
	body   []byte
	raw    *http.Response // its body is used up
}

// A notice is an error in our own words, which can be shown.
type notice string

func (n notice) Error() string { return string(n) }

const (
	errNoStatus = notice("the reply has a status that does not exist")
	errUpgrade  = notice("the server switched to another protocol, which nobody asked for")
	errNotJSON  = notice("its Content-Type is not JSON")
	errNoValue  = notice("it is empty")
	errTooLarge = notice("the body is larger than WithMaxResponseBytes allows")
)

// maxPresize is how much memory the mere announcement of a large body gets.
const maxPresize = 256 << 10

// readBody reads a body to its end, so that the connection can be used again, or up to the cap. What was
// read comes back with any error.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	if resp.Body != nil {
		defer resp.Body.Close()
	}
	switch {
	case resp.StatusCode < 100:
		return nil, errNoStatus
	case resp.StatusCode < 200: // what follows is another protocol, and may never end
		return nil, errUpgrade
	case resp.Body == nil:
		return nil, nil
	}
	size := int64(512)
	if resp.ContentLength >= 0 {
		size = min(resp.ContentLength, maxPresize)
	}
	// One byte more than announced, so that the read that fills it meets the end.
	body := make([]byte, 0, min(size, limit)+1)
	for {
		n, err := resp.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return body[:limit:limit], errTooLarge
		case err == io.EOF:
			return body, nil
		case err != nil:
			return body, err
		}
		if len(body) == cap(body) {
			body = slices.Grow(body, len(body)) // doubling, so that a large body is copied few times
		}
	}
}

// decode hands on a success: it decodes the body into value, unless that is nil. Members that nobody knows, enum
// values that nobody knows and nulls are fine.
func (c *call) decode(r *reply, value any) error {
	if err := c.verdict(r); err != nil {
		return err
	}
	if value == nil {
		return nil
	}
	if err := unmarshal(text(r.body), value); err != nil {
		return c.unusable(r, &decodeError{err})
	}
	return nil
}

// A decodeError is why a body does not decode. Its text quotes the body.
type decodeError struct{ err error }

func (e *decodeError) Error() string { return "the body does not decode" }
func (e *decodeError) Unwrap() error { return e.err }

// verdict says why a reply is not a success, by its status first, and of a 2xx by what its body says. It is the
// same for every method and for the generated client.
func (c *call) verdict(r *reply) error {
	if r.status/100 != 2 {
		return c.newError(r, nil)
	}
	body, coding := text(r.body), r.header.Get("Content-Encoding")
	switch {
	case !c.op.value: // then it may be anything, and may still say that the operation failed
	case coding != "" && !strings.EqualFold(coding, "identity"):
		return c.unusable(r, notice("it is compressed, which nobody asked for: its Content-Encoding is "+knownCoding(coding)))
	case !isJSON(r.header):
		return c.unusable(r, errNotJSON)
	case saysNothing(body):
		return c.unusable(r, errNoValue)
	}
	if c.op.reportsFailure(body) {
		return c.newError(r, nil, ErrOperationFailed)
	}
	return nil
}

// knownCoding is the name of a content coding (RFC 9110, 8.4.1, and the IANA registry), to be shown.
func knownCoding(coding string) string {
	coding = strings.ToLower(strings.TrimSpace(coding))
	if slices.Contains([]string{"gzip", "x-gzip", "deflate", "br", "zstd", "compress"}, coding) {
		return coding
	}
	return "none that is known"
}

// text is a body without the byte order mark that some servers put before it.
func text(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) }

// isJSON reports whether a media type is JSON, in the way of the generated client: application/json, text/json,
// application/problem+json. Media types are compared without case (RFC 9110, 8.3.1).
func isJSON(header http.Header) bool {
	mediaType, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	return strings.Contains(strings.ToLower(mediaType), "json")
}

// saysNothing reports a JSON body that is empty, null, or an object without members. A false, a zero, an empty text
// and an empty list do say something.
func saysNothing(body []byte) bool {
	body = bytes.TrimSpace(body)
	if len(body) > 1 && body[0] == '{' && body[len(body)-1] == '}' {
		return len(bytes.TrimSpace(body[1:len(body)-1])) == 0
	}
	return len(body) == 0 || string(body) == "null"
}

// reportsFailure reports a success whose body says that the operation failed: a top-level "error" that is not
// empty, beside no data. Where the document knows no member "data", all other members are the data.
func (op *operation) reportsFailure(body []byte) bool {
	hasData := op.envelope && bytes.HasPrefix(body, []byte(`{"data":{"`)) // as nearly every success begins
	if hasData || !bytes.Contains(body, []byte(`"error"`)) {
		return false
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || isEmpty(members["error"]) {
		return false
	}
	if op.envelope {
		return isEmpty(members["data"])
	}
	for name, value := range members {
		if name != "error" && name != "metadata" && name != "requestError" && !isEmpty(value) {
			return false
		}
	}
	return true
}

func isEmpty(value json.RawMessage) bool {
	switch string(bytes.TrimSpace(value)) {
	case "", "null", `""`, "{}", "[]", "false":
		return true
	}
	return false
}
