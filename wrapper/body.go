package portal

import (
	"errors"
	"io"
	"net/http"
	"slices"
)

// maxPresize is how much memory the mere announcement of a large body gets.
const maxPresize = 256 << 10

var (
	errNoStatus = errors.New("the reply has a status that does not exist")
	errUpgrade  = errors.New("the server switched to another protocol, which nobody asked for")
)

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
			return body[:limit:limit], ErrResponseTooLarge
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
