package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A transcript prints what goes over the wire, without the credentials.
type transcript struct{ out io.Writer }

func (t *transcript) say(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }

// option makes a client print its requests and replies.
func (t *transcript) option() portal.Option {
	return portal.WithHTTPClient(&http.Client{Transport: &printingTransport{t, portal.NewTransport()}})
}

type printingTransport struct {
	t    *transcript
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (p *printingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	p.t.say("   -> %s %s", r.Method, r.URL.RequestURI())
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		if err := p.print(body); err != nil {
			return nil, err
		}
	}
	resp, err := p.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	p.t.say("   <- %s", resp.Status)
	var copied bytes.Buffer
	if err := p.print(io.TeeReader(resp.Body, &copied)); err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{&copied, resp.Body}
	return resp, nil
}

// print shows a body, indented if it is JSON.
func (p *printingTransport) print(body io.Reader) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, text, "      ", "  ") == nil {
		text = pretty.Bytes()
	}
	if len(text) > 0 {
		p.t.say("      %s", text)
	}
	return nil
}
