package contract

import (
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/contract/instance"
)

// noTable names the variable that keeps the table out of the output.
const noTable = "CONTRACT_NO_TABLE"

// TestOperations walks the document: every operation, every documented status and content type, until every
// property was there, and every optional one was not.
func TestOperations(t *testing.T) {
	all := operations(t)
	methods := methodsOf(t, all)
	table := &table{}
	t.Cleanup(func() { // after the parallel subtests
		if os.Getenv(noTable) == "" {
			t.Logf("seed %d\n%s", seed(), table)
		}
	})
	for _, op := range all {
		t.Run(subtest(op), func(t *testing.T) {
			t.Parallel()
			require.NotEmpty(t, methods[op], "no method of the generated client calls %s %s", op.method, op.template)
			w := newWalk(t, op, methods[op])
			defer table.add(w)
			w.run(t)
		})
	}
}

// subtest is the name of an operation without what has a meaning in names of tests.
func subtest(op *operation) string { return strings.NewReplacer("/", ".", " ", "_").Replace(op.name()) }

// A walk goes through one operation until everything is covered.
type walk struct {
	op         *operation
	rand       *rand.Rand
	server     *server
	methods    []*method
	parameters []*parameter
	requests   []*content // empty when there is no body
	replies    []*replySpec
	calls      int
}

func newWalk(t *testing.T, op *operation, methods []*method) *walk {
	t.Helper()
	w := &walk{op: op, rand: random(t), methods: methods}
	for _, p := range op.parameters {
		w.parameters = append(w.parameters, newParameter(t, op, p, w.rand))
	}
	w.requests = requestContents(t, op, methods, w.rand)
	w.replies = replySpecs(t, op, w.rand)
	w.server = newServer(t, op)
	// The methods were found on a client of another server.
	client := reflect.ValueOf(newClient(t, w.server.URL).API())
	for _, m := range methods {
		m.fn = client.MethodByName(m.name)
	}
	return w
}

func (w *walk) run(t *testing.T) {
	t.Helper()
	for !w.done() {
		w.call(t, w.nextRequest(), w.nextReply())
		w.calls++
	}
}

func (w *walk) done() bool {
	for _, p := range w.parameters {
		if !p.ignored() && !p.done() {
			return false
		}
	}
	for _, c := range w.requests {
		if !c.plan.Done() {
			return false
		}
	}
	for _, s := range w.replies {
		if !s.done() {
			return false
		}
	}
	return true
}

// nextRequest is a content type that is not covered yet, or else any; nil when there is no body.
func (w *walk) nextRequest() *content {
	for _, c := range w.requests {
		if !c.plan.Done() {
			return c
		}
	}
	if len(w.requests) == 0 {
		return nil
	}
	return w.requests[w.rand.IntN(len(w.requests))]
}

func (w *walk) nextReply() *replySpec {
	for _, s := range w.replies {
		if !s.done() {
			return s
		}
	}
	return w.replies[w.rand.IntN(len(w.replies))]
}

// call is one exchange: a random request there, a random reply back, both compared.
func (w *walk) call(t *testing.T, c *content, s *replySpec) {
	t.Helper()
	m := w.methods[0]
	args := &arguments{}
	var sent *instance.Instance
	if c != nil {
		m = c.method
		var err error
		sent, err = c.plan.Next()
		require.NoError(t, err, "request body %s", c.mediaType)
		c.encode(t, sent, args)
	}
	w.setParameters(t, m, args)
	prepared := s.next(t, w.rand, w.calls)
	w.server.prepare(w.op, prepared)

	got, err := m.call(t.Context(), args)
	require.False(t, err != nil && len(w.server.arrived) == 0, "%s sends nothing: %v", m.name, err)
	arrived := w.server.take(t)
	require.NoError(t, arrived.invalid, "kin-openapi on the request: %s %s %s", arrived.request.Method, arrived.request.RequestURI, arrived.body)
	require.NoError(t, arrived.ours, "kin-openapi on the reply that the test makes: %s", prepared.body)
	checkParameters(t, w.op, w.parameters, arrived.request)
	if c != nil {
		c.checkArrived(t, sent, arrived.body)
	} else {
		require.Empty(t, arrived.body, "the operation takes no body")
	}
	s.check(t, w.op, prepared, got, err, arrived.request.Header.Get("X-Portal-Trace-Id"))

	for _, p := range w.parameters {
		p.cover()
	}
	if c != nil {
		c.plan.Cover(sent)
	}
	s.cover()
}

func (w *walk) setParameters(t *testing.T, m *method, args *arguments) {
	t.Helper()
	for _, at := range m.inPath {
		args.inPath = append(args.inPath, reflect.New(at).Elem())
	}
	if m.params != nil {
		args.params = reflect.New(m.params).Elem()
	}
	for _, p := range w.parameters {
		p.next(t, w.rand, w.calls)
		if p.sent == nil {
			continue
		}
		if p.In != "path" {
			p.set(t, p.field(t, args.params))
			continue
		}
		for i, name := range w.op.inPath {
			if name == p.Name {
				p.set(t, args.inPath[i])
			}
		}
	}
}
