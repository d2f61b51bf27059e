package portal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

const (
	walkSecret = "Xanthippe-Kolophon"
	walkID     = "cus_7"
)

// walkSecrets are what no error may show: of the caller, of the tokens, and what came over the wire.
var walkSecrets = []string{"Xanthippe", "Kolophon", "tok-", "key-"}

var xanthippe = &api.MeldCreateCustomerRequest{Email: walkSecret + "@mail.invalid"}

// A sequenceWorld is a server, the way to it and a token source, for one call. It asks what each attempt meets.
type sequenceWorld struct {
	meet   func() *outcome
	cancel context.CancelCauseFunc

	met      []*outcome
	next     *outcome // what the attempt meets for which a token was handed out
	sessions bool     // tokens come from the server
	exists   bool     // the customer
	works    int      // writes that were carried out
	status   int      // what the server said last
	token    int      // how many were refused
	traces   map[string]bool
	problems []string
}

func (w *sequenceWorld) problem(format string, args ...any) {
	w.problems = append(w.problems, fmt.Sprintf(format, args...))
}

func (w *sequenceWorld) goodToken() string { return "tok-" + strconv.Itoa(w.token) }

// draw finds out what the next attempt meets.
func (w *sequenceWorld) draw() *outcome {
	o := w.meet()
	w.met = append(w.met, o)
	return o
}

// Token is the token source.
func (w *sequenceWorld) Token(ctx context.Context) (string, error) {
	o := w.draw()
	if !o.noToken {
		w.next = o
		return w.goodToken(), nil
	}
	if err := w.pass(ctx, o); err != nil {
		return "", err
	}
	return "", o.err
}

// Invalidate makes the next token another one.
func (w *sequenceWorld) Invalidate(token string) {
	if token != w.goodToken() {
		w.problem("%q was invalidated, and not %q", token, w.goodToken())
	}
	w.token++
}

// pass lets the time pass that an outcome takes, if something ends it.
func (w *sequenceWorld) pass(ctx context.Context, o *outcome) error {
	if o.hangsUp {
		w.cancel(errGone)
	}
	if o.hangsUp || o.silent {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return nil
}

// RoundTrip plays an outcome, and reports what it does as net/http does.
func (w *sequenceWorld) RoundTrip(req *http.Request) (*http.Response, error) {
	o := w.next
	w.next = nil
	if o == nil {
		o = w.draw() // the token was in a cache, or is that of a custodian
	}
	if !strings.HasSuffix(req.URL.Path, "/sessions") {
		w.traces[req.Header.Get("X-Portal-Trace-Id")] = true
	}
	trace := httptrace.ContextClientTrace(req.Context())
	if o.mute {
		trace = &httptrace.ClientTrace{GetConn: func(string) {}, GotConn: func(httptrace.GotConnInfo) {}, WroteHeaders: func() {}, WroteRequest: func(httptrace.WroteRequestInfo) {}}
	}
	defer func() {
		if o.gone {
			time.AfterFunc(tick, func() { w.cancel(errGone) })
		}
	}()
	trace.GetConn("portal.invalid:443")
	if o.sent || o.torn {
		trace.GotConn(httptrace.GotConnInfo{})
		trace.WroteHeaders()
	}
	switch {
	case o.torn:
		trace.WroteRequest(httptrace.WroteRequestInfo{Err: errReset})
	case o.sent && !o.early:
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	if !o.sent {
		if err := w.pass(req.Context(), o); err != nil {
			return nil, err
		}
		return nil, o.err
	}
	var sent []byte
	if req.Body != nil {
		sent, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	status, body := w.serve(req, o, string(sent))
	w.status = status
	if o.status == 0 {
		if err := w.pass(req.Context(), o); err != nil {
			return nil, err
		}
		return nil, o.err
	}
	return w.reply(req, o, string(sent), status, body), nil
}

// serve is the server: it checks a request, and carries it out if the outcome says so.
func (w *sequenceWorld) serve(req *http.Request, o *outcome, sent string) (status int, body string) {
	switch {
	case strings.HasSuffix(req.URL.Path, "/sessions"):
		if got := req.Header.Get("Authorization"); got != "Bearer key-1" {
			w.problem("a session was asked for with %q", got)
		}
		if o.work {
			return 200, fmt.Sprintf(`{"id":"client-1","clientSessionToken":%q}`, w.goodToken())
		}
		return 0, ""
	case req.Header.Get("Authorization") != "Bearer "+w.goodToken():
		w.problem("sent with %q, and not with %q", req.Header.Get("Authorization"), w.goodToken())
	}
	if w.sessions && o.status == 401 {
		w.token++ // the next session is another one
	}
	w.exists = w.exists || o.rival
	if !o.work {
		return 0, ""
	}
	const customer = `{"id":"` + walkID + `","accountId":"acc","externalId":"ext"}`
	switch {
	case !strings.HasSuffix(req.URL.Path, "/meld/customers"):
		if req.Method == http.MethodPost {
			w.works++
		}
		return 200, `{"walked":true}`
	case req.Method == http.MethodGet && !w.exists:
		return 200, `{"data":{"customers":[],"count":0,"remaining":0}}`
	case req.Method == http.MethodGet:
		return 200, `{"data":{"customers":[` + customer + `],"count":1,"remaining":0}}`
	case !strings.Contains(sent, walkSecret):
		w.problem("the body is %q", sent)
	case w.exists:
		return 409, `{"error":"exists: ` + walkSecret + `","details":{"meldCustomerId":"` + walkID + `"}}`
	}
	w.exists = true
	w.works++
	return 200, `{"data":` + customer + `}`
}

// reply makes a reply of a status and a body, as the outcome has them.
func (w *sequenceWorld) reply(req *http.Request, o *outcome, sent string, status int, body string) *http.Response {
	if o.status != truth {
		echo, _ := json.Marshal("no: " + req.Header.Get("Authorization") + sent)
		status, body = o.status, `{"error":`+string(echo)+`}`
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if o.wait > 0 {
		header.Set("Retry-After", strconv.Itoa(int(o.wait/time.Second)))
	}
	var end error = io.EOF
	switch o.content {
	case cutShort:
		body, end = body[:len(body)/2], io.ErrUnexpectedEOF
	case garbage:
		body = "<html>" + walkSecret
		header.Set("Content-Type", "text/html")
	case hollow:
		body = "{}"
	case large:
		body += strings.Repeat(" ", walkCap)
	default: // as it is
	}
	return &http.Response{
		StatusCode: status, Header: header, ContentLength: -1, Request: req,
		Body: &playedBody{Reader: strings.NewReader(body), end: func() error {
			if err := w.pass(req.Context(), o); err != nil {
				return err
			}
			return end
		}},
	}
}

const walkCap = 4 << 10 // WithMaxResponseBytes

// A playedBody ends as end says.
type playedBody struct {
	*strings.Reader
	end func() error
}

func (b *playedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = b.end()
	}
	return n, err
}

func (b *playedBody) Close() error { return nil }

// promiseOf is what err says, in the terms of the model.
func (w *sequenceWorld) promiseOf(err error) promise {
	var e *portal.APIError
	if !errors.As(err, &e) {
		w.problem("untyped: %v", err)
		return promise{}
	}
	p := promise{
		status: e.StatusCode, attempts: e.Attempts, wait: e.RetryAfter, timeout: e.Timeout(),
		ended: errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded),
	}
	for i, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			p.is |= 1 << i
		}
	}
	if p.ended && errors.Is(err, context.Canceled) != errors.Is(err, errGone) {
		w.problem("the cause of the context is lost: %v", err)
	}
	if p.is&setOf(portal.ErrTokenSource) != 0 && !p.timeout && !w.sessions && !errors.Is(err, errVault) {
		w.problem("the cause of the token source is lost: %v", err)
	}
	if !w.traces[e.TraceID] && len(w.traces) > 0 {
		w.problem("the trace ID of the error is not the one that was sent")
	}
	encoded, _ := json.Marshal(e)
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v %q", err, e, err), string(encoded)} {
		if i := slices.IndexFunc(walkSecrets, func(secret string) bool { return strings.Contains(text, secret) }); i >= 0 {
			w.problem("shows %q: %s", walkSecrets[i], text)
		}
	}
	return p
}
