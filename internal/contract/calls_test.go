package contract

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// eachMethod runs a test for every method of every operation, with a function that calls the method with valid
// arguments, of which the test may change some.
func eachMethod(t *testing.T, retry portal.RetryPolicy, test func(t *testing.T, s *server, op *operation, m *method, call func(edit func(*arguments)) error)) {
	methods := methodsOf(t)
	for _, op := range operations(t) {
		for _, m := range methods[op.Name] {
			t.Run(fmt.Sprintf("%s/%s of %s", subtest(op), m.name, m.receiver.Elem().Name()), func(t *testing.T) {
				t.Parallel()
				r := random(t)
				s := newServer(t)
				test(t, s, op, m, func(edit func(*arguments)) error {
					args := fullArguments(t, op, m, r)
					edit(args)
					got, err := m.call(t.Context(), clients(t, s, retry)[m.receiver], args)
					require.True(t, err == nil || !got.IsValid() || got.IsZero(), "a value and an error")
					return err
				})
			})
		}
	}
}

// fullArguments are valid, and have all that the document knows. A method written by hand is stricter than the
// document: its body has only what it must.
func fullArguments(t *testing.T, op *operation, m *method, r *rand.Rand) *arguments {
	t.Helper()
	args := m.arguments()
	var parameters []*parameter
	for _, p := range op.parameters {
		parameters = append(parameters, newParameter(op, p, r))
		parameters[len(parameters)-1].next(t, 0)
	}
	setParameters(t, op, parameters, args)
	for _, c := range contents(op, op.requests, inRequest, r) {
		if !c.fits(m, nil) {
			continue
		}
		if c.next(t); m.byHand {
			c.next(t)
		}
		c.encode(t, m, args)
		break
	}
	return args
}

// TestRetryClasses: after a 502, which does not say whether anything was done, an operation that reads is called
// again and every other is not, and then nobody knows.
func TestRetryClasses(t *testing.T) {
	t.Parallel()
	policy := portal.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Microsecond, MaxDelay: time.Microsecond}
	eachMethod(t, policy, func(t *testing.T, s *server, op *operation, _ *method, call func(func(*arguments)) error) {
		var err error
		arrived := s.during(reply{status: http.StatusBadGateway}, func() { err = call(func(*arguments) {}) })
		var e *portal.APIError
		require.ErrorAs(t, err, &e)
		require.ErrorIs(t, err, portal.ErrServer)
		require.Equal(t, map[bool]int{true: 3, false: 1}[op.reads()], e.Attempts)
		require.Len(t, arrived, e.Attempts)
		require.Equal(t, !op.reads(), e.Is(portal.ErrOutcomeUnknown))
		for _, a := range arrived {
			require.Equal(t, op, a.op)
			require.Equal(t, arrived[0].body, a.body)
			require.Equal(t, arrived[0].RequestURI, a.RequestURI)
			require.Equal(t, e.TraceID, a.Header.Get("X-Portal-Trace-Id"))
		}
	})
}

// TestPathValues: any text can be a segment of a path, the colon of a chain ID goes out as %3A, and no text leads to
// another operation.
func TestPathValues(t *testing.T) {
	t.Parallel()
	once := portal.RetryPolicy{MaxAttempts: 1}
	eachMethod(t, once, func(t *testing.T, s *server, op *operation, m *method, call func(func(*arguments)) error) {
		for i, at := range m.inPath {
			segment := "/{" + op.PathParameters[i] + "}/"
			if at.Kind() != reflect.String || !strings.Contains(op.Template+"/", segment) {
				continue
			}
			for _, value := range []string{"eip155:1", "a:b:c d/e%3A", "..a", "?#&=+", "größe", "", ".", ".."} {
				var err error
				arrived := s.during(reply{status: http.StatusTeapot}, func() {
					err = call(func(a *arguments) { a.inPath[i].SetString(value) })
				})
				if strings.Trim(value, ".") == "" {
					require.Empty(t, arrived, "%q leads to %s", value, op.Name)
					require.ErrorIs(t, err, portal.ErrInvalidRequest)
					continue
				}
				require.Len(t, arrived, 1, "%q: %v", value, err)
				require.Equal(t, op, arrived[0].op, "%q leads to %s", value, arrived[0].RequestURI)
				require.NotContains(t, arrived[0].inPath[i], ":")
				require.Equal(t, value, unescape(t, arrived[0].inPath[i]))
			}
		}
	})
}

// TestUnusableReplies: a success that says nothing usable is an error where the document has a value, and every reply
// keeps its status, whatever came with it. No method returns a value beside an error.
func TestUnusableReplies(t *testing.T) {
	t.Parallel()
	once := portal.RetryPolicy{MaxAttempts: 1}
	eachMethod(t, once, func(t *testing.T, s *server, op *operation, _ *method, call func(func(*arguments)) error) {
		_, hasValue := op.schemaOf(op.success())
		success := cmp.Or(op.statusOf(op.success()), 200)
		for _, r := range []struct {
			status    int
			mediaType string
			body      string
			want      error
		}{
			{success, "application/json", "", portal.ErrUnusableResponse},
			{success, "application/json", "{}", portal.ErrUnusableResponse},
			{success, "application/json", "null", portal.ErrUnusableResponse},
			{success, "application/json", `{"data":{"i`, portal.ErrUnusableResponse},
			{success, "text/html", "<p>Hello</p>", portal.ErrUnusableResponse},
			{299, "", "", portal.ErrUnusableResponse},
			{302, "text/html", "<p>There</p>", nil},
			{404, "application/json", `{"error":`, portal.ErrNotFound},
			{409, "text/html", "<p>No</p>", portal.ErrConflict},
			{418, "", "", nil},
			{511, "application/json", "[]", portal.ErrServer},
		} {
			var err error
			said := reply{r.status, http.Header{"Content-Type": {r.mediaType}}, []byte(r.body)}
			arrived := s.during(said, func() { err = call(func(*arguments) {}) })
			require.Len(t, arrived, 1, "%v", err)
			if r.status/100 == 2 && !hasValue {
				require.NoError(t, err, "%v", r)
				continue
			}
			e := requireAPIError(t, op, said, arrived[0], err)
			if r.want != nil {
				require.ErrorIs(t, e, r.want, "%v", r)
			}
		}
	})
}

// TestFailuresInSuccesses: a success that has an error and no data is a failure, where the document has both.
func TestFailuresInSuccesses(t *testing.T) {
	t.Parallel()
	once := portal.RetryPolicy{MaxAttempts: 1}
	eachMethod(t, once, func(t *testing.T, s *server, op *operation, _ *method, call func(func(*arguments)) error) {
		for _, documented := range replies(t, op, random(t)) {
			if documented.key != op.success() || documented.content == nil || !documented.content.json {
				continue
			}
			said := documented.next(t, 0)
			value, isObject := documented.content.sent.Value.(object)
			schema, _ := op.schemaOf(op.success())
			if !isObject || value["error"] == nil || !op.doc.property(schema, "data") {
				continue
			}
			value["data"] = nil
			if op.doc.checker(schema)(value) != nil {
				delete(value, "data")
			}
			if op.doc.checker(schema)(value) != nil || !failed(value, true) {
				continue // data is required
			}
			var err error
			said.body = documented.content.text()
			arrived := s.during(said, func() { err = call(func(*arguments) {}) })
			require.Len(t, arrived, 1, "%v", err)
			require.Empty(t, arrived[0].problems)
			require.ErrorIs(t, requireAPIError(t, op, said, arrived[0], err), portal.ErrOperationFailed)
		}
	})
}

// TestMissingArguments: a nil body or nil parameters are nothing to send where the document requires nothing, and
// refused before the network where it does.
func TestMissingArguments(t *testing.T) {
	t.Parallel()
	once := portal.RetryPolicy{MaxAttempts: 1}
	eachMethod(t, once, func(t *testing.T, s *server, op *operation, m *method, call func(func(*arguments)) error) {
		check := func(required bool, what string, leaveOut func(*arguments)) {
			var err error
			arrived := s.during(reply{status: http.StatusTeapot}, func() { err = call(leaveOut) })
			if required {
				require.ErrorIs(t, err, portal.ErrInvalidRequest, what)
				require.Empty(t, arrived, what)
				return
			}
			require.Len(t, arrived, 1, "%s: %v", what, err)
			require.Empty(t, arrived[0].problems, what)
		}
		if !m.api && m.body != nil {
			check(op.needsBody, "body", func(a *arguments) { a.body.SetZero() })
		}
		if m.params != nil && !m.api {
			check(slices.ContainsFunc(op.parameters, func(p object) bool { return p["required"] == true && p["in"] != "path" }),
				"parameters", func(a *arguments) { a.params = reflect.Zero(m.params) })
		}
	})
}
