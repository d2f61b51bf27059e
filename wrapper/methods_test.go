package portal

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// callAll calls every method of receiver that takes a context and returns an error at last, with each of several
// values for one of its path parameters after the other, and others for the rest. Everything else that it takes is its
// zero value, pointers to which are not nil. pathValue is "x" for a method without path parameters.
func callAll(t *testing.T, receiver any, others []string, use func(method, pathValue string, call func() error)) {
	t.Helper()
	v := reflect.ValueOf(receiver)
	var calls int
	for i := range v.NumMethod() {
		method, name := v.Method(i), v.Type().Method(i).Name
		f := method.Type()
		if f.NumIn() == 0 || f.In(0) != contextType || f.NumOut() == 0 || f.Out(f.NumOut()-1) != errorType || strings.HasSuffix(strings.TrimSuffix(name, "WithResponse"), "WithBody") || strings.HasSuffix(strings.TrimSuffix(name, "WithResponse"), "WithTextBody") {
			continue
		}
		calls++
		one := func(pathValue string, in []reflect.Value) {
			use(name, pathValue, func() error {
				out := method.Call(in)
				err, _ := out[len(out)-1].Interface().(error)
				return err
			})
		}
		_, positions := zeroArguments(t.Context(), f, "x")
		if len(positions) == 0 {
			in, _ := zeroArguments(t.Context(), f, "x")
			one("x", in)
		}
		for _, position := range positions {
			for _, pathValue := range []string{"", ".", "..", "a/b", "eip155:1", "%2e%2e", "ü"} {
				for _, other := range others {
					in, _ := zeroArguments(t.Context(), f, other)
					in[position] = reflect.ValueOf(pathValue).Convert(f.In(position))
					if one(pathValue, in); len(positions) == 1 {
						break
					}
				}
			}
		}
	}
	require.NotZero(t, calls)
}

// zeroArguments are zero values for a method, pathValue for its path parameters, and where those are. Texts of query and
// header are not empty.
func zeroArguments(ctx context.Context, f reflect.Type, pathValue string) (in []reflect.Value, positions []int) {
	in = append(in, reflect.ValueOf(ctx))
	for i := 1; i < f.NumIn(); i++ {
		switch p := f.In(i); {
		case f.IsVariadic() && i == f.NumIn()-1:
		case p.Kind() == reflect.Pointer:
			value := reflect.New(p.Elem())
			if strings.HasSuffix(p.Elem().Name(), "Params") { // some of which are required
				for j := range p.Elem().NumField() {
					if field := value.Elem().Field(j); field.Kind() == reflect.String {
						field.SetString("x")
					}
				}
			}
			in = append(in, value)
		case p.Kind() == reflect.String:
			in = append(in, reflect.ValueOf(pathValue).Convert(p))
			positions = append(positions, i)
		case p == reflect.TypeFor[json.RawMessage]():
			in = append(in, reflect.ValueOf(json.RawMessage("{}")))
		case p.Kind() == reflect.Slice:
			in = append(in, reflect.MakeSlice(p, 1, 1)) // an empty one is no path parameter
		case p == reflect.TypeFor[PollPolicy]():
			in = append(in, reflect.ValueOf(PollPolicy{BaseDelay: 1, MaxDelay: 1, MaxFailures: 1}))
		default:
			in = append(in, reflect.Zero(p))
		}
	}
	return in, positions
}

// serve is a client and a custodian for a server that gives one answer.
func serve(t *testing.T, status int, body string) (*Client, *Custodian, *int) {
	t.Helper()
	var requests int
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		var mediaType []string // none without a body
		if sent, err := io.ReadAll(r.Body); err != nil || len(sent) > 0 {
			mediaType = []string{"application/json"}
		}
		if !slices.Equal(mediaType, r.Header["Content-Type"]) || !slices.Equal([]string{"application/json"}, r.Header["Accept"]) {
			t.Errorf("%s %s has the headers %q", r.Method, r.URL.Path, r.Header)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	opts := []Option{WithBaseURL(srv.URL), WithRetry(RetryPolicy{BaseDelay: time.Nanosecond, MaxDelay: time.Nanosecond})}
	client, err := New(StaticToken("tok_1"), opts...)
	require.NoError(t, err)
	custodian, err := NewCustodian(StaticToken("key_1"), opts...)
	require.NoError(t, err)
	return client, custodian, &requests
}

// What every method promises, whichever operations there are: an error is an *APIError, and comes without a value; bad
// path parameters are refused before the network; nothing panics.
func TestEveryMethod(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		body   string
	}{
		{200, ``}, {200, `{}`}, {200, `null`}, {200, `[]`}, {200, `{"error":"no"}`}, {200, `{"data":null}`}, {200, `{"data":{}}`}, {200, `"text"`}, {200, `[{}]`}, {200, `{"data":7}`},
		{204, ``}, {400, `{"error":"no"}`}, {401, ``}, {409, `{"error":"no"}`}, {429, ``}, {500, `<html>`}, {302, ``},
	} {
		client, custodian, requests := serve(t, tt.status, tt.body)
		for _, receiver := range []any{client, custodian} {
			callAll(t, receiver, []string{"x"}, func(method, pathValue string, call func() error) {
				*requests = 0
				err := call()
				if tt.status >= 300 {
					require.Error(t, err, method)
				}
				if pathValue == "" || pathValue == "." || pathValue == ".." {
					require.ErrorIs(t, err, ErrInvalidRequest, "%s(%q)", method, pathValue)
					require.Zero(t, *requests, method)
				}
				if err == nil {
					return
				}
				e, ok := errors.AsType[*APIError](err)
				require.True(t, ok, "%s: %T", method, err)
				require.NotEmpty(t, e.Operation)
				require.Equal(t, 1, strings.Count(err.Error(), "portal:"), err.Error())
				require.NotContains(t, err.Error(), "200 OK")
				if !errors.Is(err, ErrInvalidRequest) {
					require.Equal(t, tt.status, e.StatusCode, "%s: %v", method, err)
				}
				if method != "WaitForMeldTransaction" { // it makes several calls
					require.Equal(t, *requests, e.Attempts, method)
				}
			})
		}
	}
}

// A value and an error never come together, and a success comes with a value.
func TestValueOrError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{``, `null`, `{}`, `[]`, `{"error":"no"}`, `{"data":{}}`, `{"data":{"id":"x"}}`, `[{}]`, `7`, `{"id":"x"}`, `{"results":[]}`} {
		client, custodian, _ := serve(t, 200, body)
		for _, receiver := range []reflect.Value{reflect.ValueOf(client), reflect.ValueOf(custodian)} {
			for i := range receiver.NumMethod() {
				method := receiver.Method(i)
				f := method.Type()
				if f.NumIn() == 0 || f.In(0) != contextType || f.NumOut() != 2 || f.Out(1) != errorType {
					continue
				}
				in, _ := zeroArguments(t.Context(), f, "x")
				out := method.Call(in)
				if err, _ := out[1].Interface().(error); err != nil {
					require.True(t, out[0].IsZero(), "%s: %v and %v", receiver.Type().Method(i).Name, out[0], err)
				} else if out[0].Kind() == reflect.Pointer {
					require.False(t, out[0].IsNil(), receiver.Type().Method(i).Name)
				}
			}
		}
	}
}

// nil for a body or for parameters is refused where one is needed, before the network, and fine where none is.
func TestNilArguments(t *testing.T) {
	t.Parallel()
	byID, named := map[string]*operation{}, map[string]bool{}
	for _, op := range operations {
		byID[op.id], named[strings.ToLower(op.id)] = op.operation, true // IDs may differ in case only
	}
	client, custodian, requests := serve(t, 500, ``)
	var needy, free int
	for _, receiver := range []reflect.Value{reflect.ValueOf(client), reflect.ValueOf(custodian)} {
		for i := range receiver.NumMethod() {
			name, method := receiver.Type().Method(i).Name, receiver.Method(i)
			if !named[strings.ToLower(name)] {
				continue // written by hand
			}
			in, _ := zeroArguments(t.Context(), method.Type(), "x")
			for j, argument := range in {
				if j > 0 && argument.Kind() == reflect.Pointer {
					in[j] = reflect.Zero(argument.Type())
				}
			}
			*requests = 0
			out := method.Call(in)
			err, _ := out[len(out)-1].Interface().(error)
			e, ok := errors.AsType[*APIError](err)
			require.True(t, ok, "%s: %v", name, err)
			op := byID[e.Operation]
			require.Equal(t, op.needsBody || op.needsParams, errors.Is(err, ErrInvalidRequest), "%s: %v", name, err)
			if op.needsBody || op.needsParams {
				needy++
				require.Zero(t, *requests, name)
			} else {
				free++
				require.NotZero(t, *requests, name)
			}
		}
	}
	require.NotZero(t, needy)
	require.NotZero(t, free)
}

// A write of unknown outcome is sent once, a read again: each by its class in the documents, whatever its method.
func TestEveryOperationIsRepeatedByItsClass(t *testing.T) {
	t.Parallel()
	client, _, requests := serve(t, 502, ``)
	for _, op := range operations {
		*requests = 0
		c := client.sender.newCall(t.Context(), op.operation, op.class)
		c.req.Method = op.method
		values := make([]string, parameters(op.template))
		for i := range values {
			values[i] = "x"
		}
		c.req.URL = &c.url
		require.NoError(t, op.setURL(&c.url, c.base, c.basePath, values))
		r, err := c.send(t.Context())
		require.NoError(t, err)
		err = c.verdict(r)
		require.ErrorIs(t, err, ErrServer)
		require.Equal(t, op.class == write, errors.Is(err, ErrOutcomeUnknown), op.id)
		want := 3
		if op.class == write {
			want = 1
		}
		require.Equal(t, want, *requests, op.id)
		if op.method != http.MethodGet && op.class == read {
			require.NotEqual(t, http.MethodDelete, op.method, "%s: a read deletes nothing", op.id)
		}
	}
}

// An iterator yields one error, and ends.
func TestEveryIteratorEndsWithAnError(t *testing.T) {
	t.Parallel()
	client, custodian, _ := serve(t, 403, `{"error":"no"}`)
	var iterators int
	for _, receiver := range []reflect.Value{reflect.ValueOf(client), reflect.ValueOf(custodian)} {
		for i := range receiver.NumMethod() {
			method := receiver.Method(i)
			f := method.Type()
			if f.NumIn() == 0 || f.In(0) != contextType || f.NumOut() != 1 || !f.Out(0).CanSeq2() {
				continue
			}
			iterators++
			in, _ := zeroArguments(t.Context(), f, "x")
			var items int
			for value, err := range method.Call(in)[0].Seq2() {
				items++
				require.True(t, value.IsZero())
				failure, _ := err.Interface().(error)
				e, ok := errors.AsType[*APIError](failure)
				require.True(t, ok, "%v", failure)
				if !errors.Is(failure, ErrInvalidRequest) {
					require.Equal(t, 403, e.StatusCode)
				}
			}
			require.Equal(t, 1, items, receiver.Type().Method(i).Name)
		}
	}
	require.NotZero(t, iterators)
}

// Required parameters must not be empty; those that cannot stand in a header are refused as well.
func TestParameters(t *testing.T) {
	t.Parallel()
	client, _, requests := serve(t, 200, `{"data":{"id":"x"}}`)
	for params, says := range map[*TestParams]string{
		nil:                          "params is nil",
		{}:                           "parameter name is required",
		{Name: "\x7f"}:               "params cannot be encoded",
		{Name: "x", Trace: "a\r\nb"}: "header X-Test holds a control character",
	} {
		value, err := client.TestQuery(t.Context(), params)
		require.Nil(t, value)
		require.ErrorIs(t, err, ErrInvalidRequest)
		require.ErrorContains(t, err, says)
	}
	require.Zero(t, *requests)
	value, err := client.TestQuery(t.Context(), &TestParams{Name: "x", Trace: "y"})
	require.NoError(t, err)
	require.Equal(t, "x", value.Data.ID)
}

// What cannot be encoded is named, wherever it stands, and not shown.
func TestUnencodableBodies(t *testing.T) {
	t.Parallel()
	client, _, requests := serve(t, 200, `{"data":{"id":"x"}}`)
	cyclic := func() {}
	for says, body := range map[string]*TestBody{
		"amount cannot be encoded":                   {Amount: cyclic, Name: "Jane"},
		"parts[1].amount cannot be encoded":          {Parts: []*TestBody{{}, {Amount: cyclic}}},
		"parts[0].parts[0].amount cannot be encoded": {Parts: []*TestBody{{Parts: []*TestBody{{Amount: make(chan int), Name: "Jane"}}}}},
		"body is nil": nil,
	} {
		value, err := client.TestWrite(t.Context(), "x", "y", body)
		require.Nil(t, value)
		require.ErrorIs(t, err, ErrInvalidRequest)
		require.ErrorContains(t, err, ": "+says)
		require.NotContains(t, err.Error(), "Jane")
	}
	for _, empty := range []json.RawMessage{nil, json.RawMessage("null")} {
		err := client.sender.do(t.Context(), &opTestEmpty, input{body: &empty}, nil)
		require.ErrorIs(t, err, ErrInvalidRequest)
		require.ErrorContains(t, err, "body is empty")
	}
	require.Zero(t, *requests)
}

// An operation whose success has no body takes any 2xx but one that says that it failed.
func TestSuccessWithoutABody(t *testing.T) {
	t.Parallel()
	for status, body := range map[int]string{200: ``, 201: `{}`, 202: `<html>`, 203: `{"error":"","stored":true}`, 204: ``} {
		client, _, _ := serve(t, status, body)
		require.NoError(t, client.TestEmpty(t.Context()))
	}
	client, _, _ := serve(t, 200, `{"error":"no funds"}`)
	err := client.TestEmpty(t.Context())
	require.ErrorIs(t, err, ErrOperationFailed)
	require.ErrorContains(t, err, "no funds")
}
