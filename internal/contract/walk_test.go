package contract

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// TestOperations walks the document: every operation, every documented status and media type, until every
// property was there and every optional one was not. Each exchange goes through the method of the operation and
// through the generated client.
func TestOperations(t *testing.T) {
	t.Parallel()
	methods := methodsOf(t)
	table := &table{}
	t.Cleanup(func() { // after the parallel subtests
		if !t.Failed() {
			t.Logf("seed %d\n%s", *seed, table)
		}
	})
	for _, op := range operations(t) {
		t.Run(subtest(op), func(t *testing.T) {
			t.Parallel()
			w := newWalk(t, op, methods[op.Name])
			for n := 0; !w.done(); n++ {
				require.Less(t, n, 2000, "this is never covered: %s", w.missing())
				w.step(t, n)
			}
			w.forgetsNothing(t)
			table.add(w)
		})
	}
}

// A walk goes through one operation until everything is covered.
type walk struct {
	op         *operation
	rand       *rand.Rand
	server     *server
	clients    map[reflect.Type]reflect.Value
	methods    []*method
	parameters []*parameter
	requests   []*content // one that is nil when there is no body
	replies    []*documentedReply
	captured   portal.Response // of the last call
	called     []*method
	succeeded  []*method
}

func newWalk(t *testing.T, op *operation, methods []*method) *walk {
	t.Helper()
	w := &walk{op: op, rand: random(t), methods: methods, server: newServer(t)}
	w.clients = clients(t, w.server, portal.RetryPolicy{MaxAttempts: 1})
	for _, p := range op.parameters {
		w.parameters = append(w.parameters, newParameter(op, p, w.rand))
	}
	w.replies = replies(t, op, w.rand)
	w.requests = contents(op, op.requests, inRequest, w.rand)
	if len(w.requests) == 0 {
		w.requests = []*content{nil}
	}
	typed, other := 0, false
	for _, m := range methods {
		typed += map[bool]int{false: 1}[m.api]
	}
	for _, c := range w.requests {
		other = other || c != nil && c.mediaType != "application/json"
		require.True(t, slices.ContainsFunc(methods, func(m *method) bool { return m.api && c.fits(m, methods) }), "no method sends such a body")
	}
	require.True(t, typed == 1 || typed == 0 && other, "%d methods of the wrapper call it", typed)
	return w
}

func (w *walk) done() bool {
	return !slices.ContainsFunc(w.parameters, func(p *parameter) bool { return !p.done() }) &&
		!slices.ContainsFunc(w.requests, func(c *content) bool { return c != nil && !c.plan.Done() }) &&
		!slices.ContainsFunc(w.replies, func(s *documentedReply) bool { return !s.done() }) &&
		!slices.ContainsFunc(w.called, w.failedSoFar)
}

// failedSoFar: no success came through a method. One that is written by hand may find fault with all that is made.
func (w *walk) failedSoFar(m *method) bool {
	return !m.byHand && w.op.success() != "" && !slices.Contains(w.succeeded, m)
}

func (w *walk) missing() (all []string) {
	for _, p := range w.parameters {
		if !p.done() {
			all = append(all, fmt.Sprintf("parameter %s (present %d, absent %d): %v", p.name, p.present, p.absent, p.plan.Missing()))
		}
	}
	for _, c := range w.requests {
		if c != nil && !c.plan.Done() {
			all = append(all, fmt.Sprintf("request: %v", c.plan.Missing()))
		}
	}
	for _, s := range w.replies {
		if !s.done() && s.content != nil {
			all = append(all, fmt.Sprintf("%s: %v", s.key, s.content.plan.Missing()))
		}
	}
	for _, m := range w.called {
		if w.failedSoFar(m) {
			all = append(all, "a success of "+m.name)
		}
	}
	return all
}

// step is one request and one reply, through every method.
func (w *walk) step(t *testing.T, n int) {
	t.Helper()
	c := w.requests[w.rand.IntN(len(w.requests))]
	if i := slices.IndexFunc(w.requests, func(c *content) bool { return c != nil && !c.plan.Done() }); i >= 0 {
		c = w.requests[i]
	}
	s := w.replies[w.rand.IntN(len(w.replies))]
	if i := slices.IndexFunc(w.replies, func(s *documentedReply) bool { return !s.done() }); i >= 0 {
		s = w.replies[i]
	}
	if c != nil {
		c.next(t)
	}
	for _, p := range w.parameters {
		p.next(t, n)
	}
	prepared := s.next(t, n)
	for _, m := range w.methods {
		if !c.fits(m, w.methods) {
			continue
		}
		if !slices.Contains(w.called, m) {
			w.called = append(w.called, m)
		}
		sent := c
		got, arrived, err := w.call(t, m, sent, prepared)
		if m.byHand && c != nil && len(arrived) == 0 { // it is stricter than the document, but takes the minimal body
			require.ErrorIs(t, err, portal.ErrInvalidRequest)
			sent = &content{mediaType: c.mediaType, json: c.json, sent: c.minimal}
			if got, arrived, err = w.call(t, m, sent, prepared); len(arrived) == 0 {
				continue
			}
		}
		require.Len(t, arrived, 1, "%s of %s sends no single request: %v", m.name, m.receiver, err)
		require.Empty(t, arrived[0].problems, "%s %s %s\n%s", arrived[0].Method, arrived[0].RequestURI, arrived[0].body, prepared.body)
		require.Equal(t, w.op, arrived[0].op)
		checkParameters(t, w.parameters, arrived[0])
		if c != nil {
			sent.checkArrived(t, arrived[0].body)
		} else {
			require.Empty(t, arrived[0].body, "the operation takes no body")
		}
		require.Equal(t, arrived[0].Header.Get("X-Portal-Trace-Id"), w.captured.TraceID)
		require.Equal(t, 1, w.captured.Attempts)
		require.Equal(t, prepared.status, w.captured.StatusCode)
		if w.op.Method != http.MethodHead {
			require.Equal(t, string(prepared.body), string(w.captured.Body))
		}
		w.check(t, m, s, prepared, arrived[0], got, err)
	}
	for _, p := range w.parameters {
		p.cover()
	}
	if c != nil {
		c.plan.Cover(c.sent)
	}
	s.cover()
}

func (w *walk) call(t *testing.T, m *method, c *content, say reply) (got reflect.Value, arrived []arrival, err error) {
	t.Helper()
	args := m.arguments()
	if c != nil {
		c.encode(t, m, args)
	}
	setParameters(t, w.op, w.parameters, args)
	ctx := portal.CaptureResponse(t.Context(), &w.captured)
	arrived = w.server.during(say, func() { got, err = m.call(ctx, w.clients[m.receiver], args) })
	return got, arrived, err
}

// check compares what a method returned with the reply.
func (w *walk) check(t *testing.T, m *method, s *documentedReply, sent reply, a arrival, got reflect.Value, err error) {
	t.Helper()
	want, fails := w.verdict(s)
	inField := m.api && s.status/100 != 2 && s.content != nil && s.content.json // as the generated parser has it
	_, hasValue := w.op.schemaOf(w.op.success())
	switch {
	case inField || m.api && !fails:
		require.NoError(t, err, "status %d, body %s", sent.status, sent.body)
		require.Equal(t, string(sent.body), string(got.Elem().FieldByName("Body").Bytes()))
		if s.content != nil && s.content.json {
			w.compare(t, m, s, filled(t, got.Elem(), s.key), "")
		}
	case fails || m.byHand && err != nil || s.key != w.op.success() && hasValue && err != nil:
		if got.IsValid() {
			require.True(t, got.IsZero(), "%s returns a value and an error", m.name)
		}
		e := requireAPIError(t, w.op, sent, a, err)
		if want != nil {
			require.ErrorIs(t, e, want)
		}
		return
	default:
		require.NoError(t, err, "status %d, body %s", sent.status, sent.body)
		if hasValue && s.key == w.op.success() {
			w.compare(t, m, s, got, m.part)
		}
	}
	if s.status/100 == 2 && !slices.Contains(w.succeeded, m) {
		w.succeeded = append(w.succeeded, m)
	}
}

func (w *walk) compare(t *testing.T, m *method, s *documentedReply, got reflect.Value, part string) {
	t.Helper()
	text, err := json.Marshal(got.Interface())
	require.NoError(t, err)
	require.Empty(t, s.content.sent.Diff(part, text), "%s decoded %s as %s", m.name, s.content.sent.JSON(), text)
}

// sentinels are what each status matches.
var sentinels = map[int]error{
	400: portal.ErrBadRequest, 401: portal.ErrUnauthorized, 403: portal.ErrForbidden, 404: portal.ErrNotFound,
	409: portal.ErrConflict, 429: portal.ErrRateLimited, 500: portal.ErrServer, 502: portal.ErrServer, 503: portal.ErrServer,
}

// verdict is what a reply means: a failure or not, and which one.
func (w *walk) verdict(s *documentedReply) (sentinel error, fails bool) {
	schema, hasValue := w.op.schemaOf(w.op.success())
	switch {
	case s.status/100 != 2:
		return sentinels[s.status], true
	case !hasValue:
		return nil, false
	case s.content == nil || !s.content.json: // the method has promised a value
		return portal.ErrUnusableResponse, true
	}
	o, isObject := s.content.sent.Value.(object)
	switch {
	case s.content.sent.Value == nil || isObject && len(o) == 0:
		return portal.ErrUnusableResponse, true
	case isObject && failed(o, w.op.doc.property(schema, "data")):
		return portal.ErrOperationFailed, true
	}
	return nil, false
}

// failed: a success that says, in a top-level error beside no data, that the operation failed. Where the document
// has no data, all else is.
func failed(o object, envelope bool) bool {
	empty := func(v any) bool {
		switch v := v.(type) {
		case object:
			return len(v) == 0
		case []any:
			return len(v) == 0
		}
		return v == nil || v == "" || v == false
	}
	if empty(o["error"]) || envelope {
		return !empty(o["error"]) && empty(o["data"])
	}
	for name, v := range o {
		if !slices.Contains([]string{"error", "metadata", "requestError"}, name) && !empty(v) {
			return false
		}
	}
	return true
}

// property reports whether a schema names a property, itself or through references and allOf.
func (d *document) property(schema any, name string) bool {
	s, _ := schema.(object)
	properties, _ := s["properties"].(object)
	members, _ := s["allOf"].([]any)
	_, isRef := s["$ref"]
	return properties[name] != nil || isRef && d.property(d.follow(s), name) ||
		slices.ContainsFunc(members, func(member any) bool { return d.property(member, name) })
}

// filled is the one field of a generated response struct that holds decoded JSON, which is that of a key.
func filled(t *testing.T, response reflect.Value, key string) reflect.Value {
	t.Helper()
	var names []string
	var field reflect.Value
	for i := range response.NumField() {
		name, f := response.Type().Field(i).Name, response.Field(i)
		if f.Kind() == reflect.Pointer && !f.IsNil() && name != "HTTPResponse" && !strings.HasPrefix(name, "Headers") {
			names, field = append(names, name), f
		}
	}
	require.Len(t, names, 1, "fields hold the reply %s", key)
	require.True(t, strings.HasSuffix(strings.ToUpper(names[0]), strings.ToUpper(key)), "%s holds a reply of status %s", names[0], key)
	return field
}

// requireAPIError: every error tells all that there is to know.
func requireAPIError(t *testing.T, op *operation, sent reply, a arrival, err error) *portal.APIError {
	t.Helper()
	var e *portal.APIError
	require.ErrorAs(t, err, &e, "status %d, body %s", sent.status, sent.body)
	require.Equal(t, sent.status, e.StatusCode)
	require.Equal(t, op.Name, e.Operation)
	require.Equal(t, a.Header.Get("X-Portal-Trace-Id"), e.TraceID)
	require.Equal(t, 1, e.Attempts)
	if op.Method != http.MethodHead {
		require.Equal(t, string(sent.body), string(e.Body()))
	}
	for name := range sent.header {
		require.Equal(t, sent.header.Get(name), e.Header().Get(name))
	}
	return e
}
