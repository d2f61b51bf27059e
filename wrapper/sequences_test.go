package portal_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/openapi"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

var sequencesMore = flag.Int("sequences.more", 0, "how many more attempts of a sequence meet anything but a healthy server")

// A walk goes through all sequences of choices, each of which may depend on those before it.
type walk struct {
	choices []choice
	at      int // how many were made since the beginning of the sequence
	free    int // how many may be made; every further one takes the first of what there is
}

type choice struct{ taken, of int }

// choose takes one of n.
func (w *walk) choose(n int) int {
	if w.at == w.free {
		return 0
	}
	if w.at == len(w.choices) {
		w.choices = append(w.choices, choice{0, n})
	}
	w.at++
	return w.choices[w.at-1].taken
}

// next goes back to the beginning, for the next sequence; false after the last one.
func (w *walk) next() bool {
	w.choices, w.at = w.choices[:w.at], 0
	for i := len(w.choices) - 1; i >= 0; i-- {
		if w.choices[i].taken++; w.choices[i].taken < w.choices[i].of {
			w.choices = w.choices[:i+1]
			return true
		}
	}
	return false
}

// A walkedCall is a call whose sequences are walked.
type walkedCall struct {
	name    string
	promise func(*model) promise
	do      func(context.Context, *portal.Client) (id string, created bool, err error)
}

func walkedCalls(t *testing.T) []walkedCall {
	t.Helper()
	create := func(m *model) promise { return m.call("create", writes) }
	get := func(m *model) promise { return m.call("get", reads) }
	return []walkedCall{
		{"Create", create, func(ctx context.Context, c *portal.Client) (string, bool, error) {
			customer, err := c.CreateMeldCustomer(ctx, xanthippe)
			if err != nil {
				return "", false, err
			}
			return customer.ID, false, nil
		}},
		{"Ensure", (*model).ensure, func(ctx context.Context, c *portal.Client) (string, bool, error) {
			ensured, err := c.EnsureMeldCustomer(ctx, xanthippe)
			return ensured.ID, ensured.Created, err
		}},
		{"Get", get, func(ctx context.Context, c *portal.Client) (string, bool, error) {
			customer, err := c.GetMeldCustomer(ctx)
			if err != nil {
				return "", false, err
			}
			return customer.ID, false, nil
		}},
		{"Create through API()", create, func(ctx context.Context, c *portal.Client) (string, bool, error) {
			resp, err := c.API().CreateMeldCustomerWithResponse(ctx, *xanthippe)
			switch {
			case err != nil:
				return "", false, err
			case resp.JSON200 == nil:
				return "", false, documentedError{resp.HTTPResponse}
			}
			return resp.JSON200.Data.ID, false, nil
		}},
		{"a generated read", func(m *model) promise { return m.call("read", reads) }, generatedMethod(t, "read")},
		{"a generated write", func(m *model) promise { return m.call("write", writes) }, generatedMethod(t, "write")},
	}
}

// A documentedError is a reply that API() hands out in a field of its own, without an error.
type documentedError struct{ *http.Response }

func (documentedError) Error() string { return "" }

// generatedMethod finds a method of Client that needs no parameters and has the effect that its operation is marked
// with.
func generatedMethod(t *testing.T, effect string) func(context.Context, *portal.Client) (string, bool, error) {
	t.Helper()
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(openapi.Merged, &document))
	var called *http.Request
	client := newClient(t, portal.StaticToken("tok"), portal.WithBaseURL("https://portal.invalid"), portal.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			called = req
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{"walked":true}`))}, nil
		}),
	}))
	for method := range reflect.TypeFor[*portal.Client]().Methods() {
		signature := method.Type
		if signature.NumIn() < 2 || signature.NumIn() > 3 || signature.In(1) != reflect.TypeFor[context.Context]() || signature.NumOut() != 2 ||
			signature.NumIn() == 3 && signature.In(2).Kind() != reflect.Pointer || signature.Out(0).Kind() != reflect.Pointer {
			continue
		}
		call := func(ctx context.Context, c *portal.Client) (string, bool, error) { //nolint:unparam // as the other calls are
			args := []reflect.Value{reflect.ValueOf(c), reflect.ValueOf(ctx)}
			if signature.NumIn() == 3 {
				args = append(args, reflect.New(signature.In(2).Elem()))
			}
			if err, failed := method.Func.Call(args)[1].Interface().(error); failed {
				return "", false, err
			}
			return walkID, false, nil
		}
		if _, _, err := call(t.Context(), client); err != nil {
			continue
		}
		var operation struct {
			Effect string `json:"x-portal-effect"`
		}
		raw := document.Paths[called.URL.Path][strings.ToLower(called.Method)]
		byMethod := map[string]string{http.MethodGet: "read", http.MethodPost: "write"}[called.Method] // which the world goes by, and which holds without a mark
		operation.Effect = byMethod
		if json.Unmarshal(raw, &operation) == nil && operation.Effect == effect && byMethod == effect {
			t.Logf("the generated %s is %s", effect, method.Name)
			return call
		}
	}
	t.Fatalf("no method of Client is a %s without parameters", effect)
	return nil
}

// A walkMode is how a caller makes calls.
type walkMode struct {
	name     string
	hurried  bool // with a context that ends before any wait does
	fixed    bool // with a token source that has one token only
	sessions bool // with the sessions of a custodian
}

// TestSequences walks all sequences of outcomes that the attempts of a call can meet, and compares what comes of it
// with what the model promises.
func TestSequences(t *testing.T) {
	t.Parallel()
	every := func(*outcome) bool { return true }
	modes := []struct {
		walkMode
		keep func(*outcome) bool
		free int // attempts whose outcome is chosen, those of a look-up or of a session included; the others are healthy
	}{
		{walkMode{name: "all"}, every, 3},
		{walkMode{name: "one of each kind"}, few, 5},
		{walkMode{name: "before a deadline", hurried: true}, func(o *outcome) bool { return !o.hangsUp && !o.gone }, 6},
		{walkMode{name: "one token", fixed: true}, every, 2},
		{walkMode{name: "sessions", sessions: true}, func(o *outcome) bool { return !o.noToken && !o.silent }, 3},
		{walkMode{name: "sessions, one of each kind", sessions: true}, func(o *outcome) bool { return !o.noToken && few(o) }, 5},
	}
	var walked atomic.Int64
	t.Cleanup(func() { t.Logf("%d sequences walked", walked.Load()) })
	for _, call := range walkedCalls(t) {
		for _, mode := range modes {
			if mode.sessions && strings.HasSuffix(call.name, "API()") {
				continue // a session reaches it as it reaches Create
			}
			t.Run(call.name+"/"+mode.name, func(t *testing.T) {
				t.Parallel()
				all := alphabet(mode.keep)
				n := walkAll(t, &walk{free: mode.free + *sequencesMore}, func(t *testing.T, w *walk) string {
					return call.try(t, mode.walkMode, func() *outcome { return all[w.choose(len(all))] })
				})
				t.Logf("%d sequences", n)
				walked.Add(int64(n))
			})
		}
	}
}

// TestSequencesOnce plays the sequences on which the client was wrong before they were walked.
func TestSequencesOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, met string }{
		{"Get", "401 → lost before the work → no connection"},       // was a 401, and the last reply was lost
		{"Get", "reply cut → token source fails"},                   // was no ErrUnusableResponse, although a 200 is told
		{"Ensure", "reply cut → 500 → 500 → 200"},                   // was a 500, although the 200 says that there is a customer
		{"Ensure", "lost after the work → 200 that says it failed"}, // was not unknown, although nobody knows of the first attempt
	} {
		t.Run(tt.name+" "+tt.met, func(t *testing.T) {
			t.Parallel()
			calls, met := walkedCalls(t), strings.Split(tt.met, " → ")
			call := calls[slices.IndexFunc(calls, func(c walkedCall) bool { return c.name == tt.name })]
			synctest.Test(t, func(t *testing.T) {
				require.Empty(t, call.try(t, walkMode{}, func() *outcome {
					o := outcomes[slices.IndexFunc(outcomes, func(o outcome) bool { return o.name == met[0] })]
					met = met[1:]
					return &o
				}))
				require.Empty(t, met)
			})
		})
	}
}

// walkAll tries all sequences and returns how many there are.
func walkAll(t *testing.T, w *walk, try func(*testing.T, *walk) string) (sequences int) {
	more, failures := true, 0
	for more {
		synctest.Test(t, func(t *testing.T) {
			for range 10000 { // after some more, the clock of the bubble would have run through all the years it has
				if problems := try(t, w); problems != "" {
					t.Error(problems)
					if failures++; failures == 5 {
						t.Fatal("and so on")
					}
				}
				sequences++
				if more = w.next(); !more {
					return
				}
			}
		})
	}
	return sequences
}

// try makes one call, and returns what is wrong with it.
func (c *walkedCall) try(t *testing.T, mode walkMode, meet func() *outcome) string {
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	if mode.hurried {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, tick)
		defer stop()
	}
	world := &sequenceWorld{meet: meet, cancel: cancel, sessions: mode.sessions, traces: map[string]bool{}}
	var captured portal.Response
	id, created, err := c.do(portal.CaptureResponse(ctx, &captured), world.client(t, mode))

	m := &model{met: world.met, hurried: mode.hurried, fixed: mode.fixed, sessions: mode.sessions}
	want := c.promise(m)
	got := promise{ok: err == nil, created: created}
	if documented, ok := errors.AsType[documentedError](err); ok {
		got.status, got.is = documented.StatusCode, setOf(byStatus[documented.StatusCode])
		want = promise{status: want.status, is: want.is & got.is}
	} else if err != nil {
		got = world.promiseOf(err)
	}
	if e, ok := errors.AsType[*portal.APIError](err); ok && c.name != "Ensure" && // which makes two calls
		(captured.StatusCode != e.StatusCode || captured.Attempts != e.Attempts || captured.TraceID != e.TraceID || string(captured.Body) != string(e.Body())) {
		world.problem("captured was %d after %d attempts", captured.StatusCode, captured.Attempts)
	}
	switch {
	case err == nil && id != walkID, err != nil && id != "":
		world.problem("the ID is %q", id)
	case world.exists != m.exists:
		world.problem("the customer exists: %v", world.exists)
	case world.works != m.works:
		world.problem("the server carried out %d writes", world.works)
	case m.surplus:
		world.problem("one attempt more was expected")
	case len(m.met) > 0:
		world.problem("no attempt was expected after the %dth", len(world.met)-len(m.met))
	case len(world.traces) > 1:
		world.problem("several trace IDs")
	}
	if got != want {
		world.problem("it came to  %+v\n  instead of %+v", got, want)
	}
	if world.problems == nil {
		return ""
	}
	var names []string
	for _, o := range world.met {
		names = append(names, o.name)
	}
	return strings.Join(names, " → ") + ":\n  " + strings.Join(world.problems, "\n  ") + fmt.Sprintf("\n  (%v)", err)
}

func (w *sequenceWorld) client(t *testing.T, mode walkMode) *portal.Client {
	opts := append(walkOptions(), portal.WithHTTPClient(&http.Client{Transport: w}))
	var source portal.TokenSource = w
	switch {
	case mode.fixed:
		source = portal.TokenFunc(w.Token)
	case mode.sessions:
		opts = append(opts, portal.WithAttemptTimeout(hard))
		custodian, err := portal.NewCustodian(portal.StaticToken("key-1"), opts...)
		require.NoError(t, err)
		source = custodian.Sessions("client-1")
	}
	return newClient(t, source, opts...)
}

// walkOptions are those of all walks.
func walkOptions() []portal.Option {
	return []portal.Option{
		portal.WithBaseURL("https://portal.invalid"),
		portal.WithMaxResponseBytes(walkCap),
		portal.WithRetry(portal.RetryPolicy{BaseDelay: base, MaxDelay: base, MaxRetryAfter: most}),
		portal.WithAttemptTimeout(soft),
	}
}
