package bench

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// A canned is an http.RoundTripper that gives every request the same answer, without a network. Its own
// share of a call is small, and the same for all.
type canned struct {
	status int
	body   []byte
	header http.Header
	note   bool
	last   *sent // the last request, if note is set
}

// sent is what can be compared of a request.
type sent struct{ path, authorization, body string }

// newCanned gives the answer of a comparison, with the header that an API behind a load balancer sends.
func newCanned(tb testing.TB, c *comparison) *canned {
	body, err := os.ReadFile("testdata/" + c.answer + ".json")
	require.NoError(tb, err)
	return &canned{status: c.status, body: body, header: http.Header{
		"Content-Type":              {"application/json; charset=utf-8"},
		"Content-Length":            {strconv.Itoa(len(body))},
		"Date":                      {"Tue, 01 Sep 2026 09:30:00 GMT"},
		"Etag":                      {`W/"44f-5oM0jX1w3Qe"`},
		"Strict-Transport-Security": {"max-age=15724800; includeSubDomains"},
		"Vary":                      {"Origin"},
		"X-Portal-Trace-Id":         {"5d0c3a52-6d1c-4b43-8a53-0f6a6b4f2f6e"},
	}}
}

// RoundTrip reads the request to its end, as a transport does, and answers.
func (c *canned) RoundTrip(req *http.Request) (*http.Response, error) {
	var payload bytes.Buffer
	if req.Body != nil {
		to := io.Discard
		if c.note {
			to = &payload
		}
		if _, err := io.Copy(to, req.Body); err != nil {
			return nil, err
		}
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
	}
	if c.note {
		path, err := url.PathUnescape(req.URL.RequestURI()) // a colon may be escaped or not
		if err != nil {
			return nil, err
		}
		c.last = &sent{req.Method + " " + path, req.Header.Get("Authorization"), payload.String()}
	}
	body := &body{}
	body.Reset(c.body)
	return &http.Response{
		Status: http.StatusText(c.status), StatusCode: c.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: c.header.Clone(), Body: body, ContentLength: int64(len(c.body)), Request: req,
	}, nil
}

// A body is one allocation where io.NopCloser around a reader is two.
type body struct{ bytes.Reader }

func (*body) Close() error { return nil }
