package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// A transcript is a round tripper that prints what goes over the wire, without the credentials.
type transcript struct {
	out  io.Writer
	next http.RoundTripper
}

func (t *transcript) say(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }

// RoundTrip implements http.RoundTripper.
func (t *transcript) RoundTrip(r *http.Request) (*http.Response, error) {
	t.say("   -> %s %s", r.Method, r.URL.RequestURI())
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err == nil {
			_, err = t.print(body)
		}
		if err != nil {
			return nil, err
		}
	}
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	t.say("   <- %s", resp.Status)
	resp.Body, err = t.print(resp.Body)
	return resp, err
}

// print shows a body, indented if it is JSON, and returns another one with the same content.
func (t *transcript) print(body io.ReadCloser) (io.ReadCloser, error) {
	text, err := io.ReadAll(body)
	shown, pretty := text, new(bytes.Buffer)
	if json.Indent(pretty, text, "      ", "  ") == nil {
		shown = pretty.Bytes()
	}
	if len(shown) > 0 {
		t.say("      %s", shown)
	}
	return io.NopCloser(bytes.NewReader(text)), errors.Join(err, body.Close())
}
