package contract

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// exchange sends one request of an operation whose parameters the test has set by hand.
func exchange(t *testing.T, op *operation, m *method, prepare func(args *arguments)) *http.Request {
	t.Helper()
	s := newServer(t, op)
	s.prepare(op, reply{status: http.StatusNoContent})
	fn := reflect.ValueOf(newClient(t, s.URL).API()).MethodByName(m.name)
	bound := *m
	bound.fn = fn
	sample := samples(fn.Type())
	args := &arguments{inPath: sample[1 : 1+len(m.inPath)], contentType: "application/json", text: "{}"}
	if m.params != nil {
		args.params = reflect.New(m.params).Elem()
	}
	if m.body != nil {
		args.body = sample[len(sample)-1]
	}
	prepare(args)
	_, err := bound.call(t.Context(), args)
	require.False(t, err != nil && len(s.arrived) == 0, "%s sends nothing: %v", m.name, err)
	return s.take(t).request
}

// sentAs reports whether a parameter is in a request.
func sentAs(in, name string, r *http.Request) bool {
	switch in {
	case "query":
		for sent := range r.URL.Query() {
			if sent == name || strings.HasPrefix(sent, name+"[") { // an object in the style deepObject
				return true
			}
		}
	case "header":
		return len(r.Header.Values(name)) > 0
	case "cookie":
		return len(r.CookiesNamed(name)) > 0
	}
	return false
}

// TestUnsetParameters: an optional parameter that nobody sets is not sent, and a zero that is set is. So the
// generated field of a scalar has to be a pointer.
func TestUnsetParameters(t *testing.T) {
	t.Parallel()
	all := operations(t)
	methods := methodsOf(t, all)
	for _, op := range all {
		m := methods[op][0]
		if m.params == nil {
			continue
		}
		t.Run(subtest(op), func(t *testing.T) {
			t.Parallel()
			unset := exchange(t, op, m, func(*arguments) {})
			for _, p := range op.parameters {
				param := &parameter{Parameter: p}
				if p.Required || param.ignored() {
					continue
				}
				require.False(t, sentAs(p.In, p.Name, unset), "the %s parameter %s is not set, but sent: %s", p.In, p.Name, unset.RequestURI)
				field := param.field(t, reflect.New(m.params).Elem())
				if kind := field.Kind(); kind == reflect.Slice || kind == reflect.Map {
					continue // nil is not set; there is no zero beside it
				}
				require.Equal(t, reflect.Pointer, field.Kind(), "the %s parameter %s is optional: as a plain %s its zero is sent when nobody set it", p.In, p.Name, field.Type())
				zero := exchange(t, op, m, func(args *arguments) {
					param.field(t, args.params).Set(reflect.New(field.Type().Elem()))
				})
				require.True(t, sentAs(p.In, p.Name, zero), "the %s parameter %s is set to the zero of its type, but not sent", p.In, p.Name)
			}
			require.Empty(t, cookies(op, unset), "nobody set a cookie")
		})
	}
}

// cookies are those that arrived although no required parameter asks for them.
func cookies(op *operation, r *http.Request) []*http.Cookie {
	for _, p := range op.parameters {
		if p.In == "cookie" && p.Required {
			return nil
		}
	}
	return r.Cookies()
}

// TestChainIDs: the document demands that the colon of a CAIP-2 chain ID is sent as %3A in a path.
func TestChainIDs(t *testing.T) {
	t.Parallel()
	all := operations(t)
	methods := methodsOf(t, all)
	for _, op := range all {
		m := methods[op][0]
		for i, name := range op.inPath {
			if i >= len(m.inPath) || m.inPath[i] != reflect.TypeFor[string]() {
				continue
			}
			t.Run(subtest(op)+"."+name, func(t *testing.T) {
				t.Parallel()
				for _, id := range []string{"eip155:1", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "a:b:c d/e%3A"} {
					r := exchange(t, op, m, func(args *arguments) { args.inPath[i] = reflect.ValueOf(id) })
					require.NotContains(t, r.RequestURI, ":")
					require.Contains(t, r.RequestURI, "%3A")
					values, err := op.pathValues(r)
					require.NoError(t, err)
					require.Equal(t, id, values[name])
				}
			})
		}
	}
}
