package canned

import (
	"bytes"
	"io"
	"net/http"
)

// A Memory is an http.RoundTripper that gives every request the same answer, without a network. Its own
// share of a call is small and the same for all: the response, a fresh header (as a transport makes one
// for each reply) and the body.
type Memory struct {
	status int
	text   string
	header http.Header
	body   []byte
}

// NewMemory answers with status and body.
func NewMemory(status int, body []byte) *Memory {
	return &Memory{status: status, text: http.StatusText(status), header: Header(len(body)), body: body}
}

// RoundTrip reads the request to its end, as a transport does, and answers.
func (m *Memory) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return nil, err
		}
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
	}
	b := &body{}
	b.Reset(m.body)
	return &http.Response{
		Status: m.text, StatusCode: m.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: m.header.Clone(), Body: b, ContentLength: int64(len(m.body)), Request: req,
	}, nil
}

// A body is one allocation where io.NopCloser around a bytes.Reader is two.
type body struct{ bytes.Reader }

func (*body) Close() error { return nil }
