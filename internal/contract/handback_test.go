package contract

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/apicheck"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// TestHandedBack: an object that one operation answers with and another one takes arrives there as the first has
// sent it, with every digit and every member that the schema leaves open.
func TestHandedBack(t *testing.T) {
	t.Parallel()
	methods := methodsOf(t)
	all := operations(t)
	for _, from := range all {
		for _, to := range all {
			for _, out := range typed(methods[from.Name]) {
				for _, in := range typed(methods[to.Name]) {
					if from == to || out.result == nil || in.body == nil {
						continue
					}
					if shared := sharedTypes(out.result, in.body); shared != nil {
						t.Run(subtest(from)+" to "+subtest(to), func(t *testing.T) {
							t.Parallel()
							handBack(t, from, to, out, in, shared)
						})
					}
				}
			}
		}
	}
}

// typed lists the generated methods of the wrapper. Those written by hand refuse more than the document does.
func typed(methods []*method) (all []*method) {
	for _, m := range methods {
		if !m.api && !m.byHand {
			all = append(all, m)
		}
	}
	return all
}

// sharedTypes are the outermost struct types that both hold.
func sharedTypes(out, in reflect.Type) (shared []reflect.Type) {
	parts(out, func(part reflect.Type, _ string) bool {
		_, both := partOf(in, part)
		if both = both && part.Kind() == reflect.Struct && part.Name() != ""; both && !slices.Contains(shared, part) {
			shared = append(shared, part)
		}
		return !both
	})
	return shared
}

func handBack(t *testing.T, from, to *operation, out, in *method, shared []reflect.Type) {
	t.Helper()
	r := random(t)
	s := newServer(t)
	all := clients(t, s, portal.RetryPolicy{MaxAttempts: 1})
	call := func(op *operation, m *method, say reply, edit func(*arguments)) (got reflect.Value, arrived []arrival, err error) {
		args := fullArguments(t, op, m, r)
		edit(args)
		arrived = s.during(say, func() { got, err = m.call(t.Context(), all[m.receiver], args) })
		return got, arrived, err
	}
	var sent *documentedReply
	for _, documented := range replies(t, from, r) {
		if documented.key == from.success() && documented.content.json {
			sent = documented
		}
	}
	got, _, err := call(from, out, sent.next(t, 0), func(*arguments) {})
	require.NoError(t, err)
	for _, part := range shared {
		pointer, _ := partOf(out.result, part)
		target, _ := partOf(in.body, part)
		_, arrived, err := call(to, in, reply{status: http.StatusTeapot}, func(a *arguments) {
			valueAt(t, a.body, target).Set(valueAt(t, got, pointer))
		})
		require.Len(t, arrived, 1, "%v", err)
		body, err := apicheck.DecodeJSON([]byte(arrived[0].body))
		require.NoError(t, err)
		text, err := json.Marshal(atPointer(body, target))
		require.NoError(t, err)
		require.Empty(t, sent.content.sent.Diff(pointer, text), "%s was handed back as %s", sent.content.text(), text)
		t.Logf("%s: %d bytes", part.Name(), len(text))
	}
}

// valueAt is what lies in a Go value at a JSON pointer that partOf has found.
func valueAt(t *testing.T, v reflect.Value, pointer string) reflect.Value {
	t.Helper()
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		v = pointee(v)
		switch {
		case v.Kind() == reflect.Slice:
			i, err := strconv.Atoi(token)
			require.NoError(t, err)
			v = v.Index(i)
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); name == token && token != "" {
					v = v.Field(i)
					break
				}
			}
		}
	}
	return pointee(v)
}

// pointee follows pointers, and makes what a nil one could lead to.
func pointee(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	return v
}
