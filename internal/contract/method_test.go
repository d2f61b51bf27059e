package contract

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A method is a Go method that makes one call of an operation.
type method struct {
	name     string
	receiver reflect.Type
	inPath   []reflect.Type
	params   reflect.Type // the pointer to the query and header parameters; nil when there are none
	body     reflect.Type // nil when it takes none
	anyBody  bool         // it takes a content type and a reader instead
	result   reflect.Type // nil when it returns nothing but an error

	contentType string // of the body
	api         bool   // of the generated client: the result has a field for each status
	byHand      bool   // the result is another type than the document's
	part        string // and lies there in the success
}

var (
	contextType = reflect.TypeFor[context.Context]()
	readerType  = reflect.TypeFor[io.Reader]()
	errorType   = reflect.TypeFor[error]()
)

// callable recognises by its signature a method that makes one call: a context, values of the API, and an error.
// Iterators, watchers and what returns a type of the wrapper's own are something else.
func callable(ft reflect.Type) bool {
	if ft.NumIn() == 0 || ft.In(0) != contextType || ft.NumOut() == 0 || ft.NumOut() > 2 || ft.Out(ft.NumOut()-1) != errorType {
		return false
	}
	own := reflect.TypeFor[portal.Client]().PkgPath()
	for i := range ft.NumIn() {
		if in := ft.In(i); in.PkgPath() == own || in.Kind() == reflect.Func {
			return false
		}
	}
	out := ft.Out(0)
	return out == errorType || out.PkgPath() != own && out.Kind() != reflect.Func && out != reflect.TypeFor[*http.Response]()
}

// editors is the number of request editors that a method of the generated client takes: a variadic parameter, or none.
func editors(ft reflect.Type) int {
	if ft.IsVariadic() {
		return 1
	}
	return 0
}

// methodsOf finds out which methods call which operation, by calling each and looking at what arrives. So it
// needs no idea of how Go names are made of those in the document.
func methodsOf(t *testing.T) map[string][]*method {
	t.Helper()
	s := newServer(t)
	found := map[string][]*method{}
	for receiver, client := range clients(t, s, portal.RetryPolicy{MaxAttempts: 1}) {
		for i := range client.NumMethod() {
			name, ft := receiver.Method(i).Name, client.Method(i).Type()
			if !callable(ft) {
				continue
			}
			var err error
			var arrived []arrival
			for _, fill := range []bool{false, true} { // some are refused when they are empty
				if len(arrived) > 0 {
					break
				}
				args := []reflect.Value{reflect.ValueOf(t.Context())}
				for j := range ft.NumIn() - 1 - editors(ft) {
					args = append(args, sample(ft.In(j+1), fill))
				}
				arrived = s.during(reply{status: http.StatusTeapot}, func() {
					err, _ = client.Method(i).Call(args)[ft.NumOut()-1].Interface().(error)
				})
			}
			require.Len(t, arrived, 1, "%s of %s sends no single request: %v", name, receiver, err)
			op := arrived[0].op
			require.NotNil(t, op, "%s of %s: %v", name, receiver, arrived[0].problems)
			m := newMethod(op, name, receiver, ft)
			m.contentType, _, _ = mime.ParseMediaType(arrived[0].Header.Get("Content-Type"))
			found[op.Name] = append(found[op.Name], m)
		}
	}
	for _, op := range operations(t) {
		findParts(t, op, found[op.Name])
	}
	return found
}

// findParts tells the methods that return another type than the document's success from the generated ones: they
// are written by hand, and return a part of it.
func findParts(t *testing.T, op *operation, methods []*method) {
	t.Helper()
	generated := slices.IndexFunc(methods, func(m *method) bool { return m.api })
	require.GreaterOrEqual(t, generated, 0, "no method of the generated client calls %s", op.Name)
	_, hasValue := op.schemaOf(op.success())
	field, _ := methods[generated].result.Elem().FieldByName("JSON" + strings.ToUpper(op.success()))
	for _, m := range methods {
		if m.api {
			continue
		}
		require.Equal(t, hasValue, m.result != nil, "%s returns a value exactly if a success documents one", m.name)
		if m.result == nil || field.Type == nil || m.result == field.Type || m.result == field.Type.Elem() {
			continue
		}
		var found bool
		m.byHand = true
		m.part, found = partOf(field.Type, m.result.Elem())
		require.True(t, found, "%s returns %s, which is no part of %s", m.name, m.result, field.Type)
	}
}

// newMethod says what each argument is for: first those in the path, then the other parameters, then the body.
func newMethod(op *operation, name string, receiver, ft reflect.Type) *method {
	m := &method{name: name, receiver: receiver}
	var rest []reflect.Type
	for i := range ft.NumIn() - 1 - editors(ft) {
		rest = append(rest, ft.In(i+1))
	}
	n := min(len(op.PathParameters), len(rest))
	m.inPath, rest = rest[:n], rest[n:]
	others := slices.ContainsFunc(op.parameters, func(p object) bool { return p["in"] != "path" })
	if len(rest) > 0 && others {
		m.params, rest = rest[0], rest[1:]
	}
	switch {
	case len(rest) == 2 && rest[1] == readerType:
		m.anyBody = true
	case len(rest) == 1:
		m.body = rest[0]
	}
	if ft.NumOut() == 2 {
		m.result = ft.Out(0)
		if m.result.Kind() == reflect.Pointer && m.result.Elem().Kind() == reflect.Struct {
			_, m.api = m.result.Elem().FieldByName("HTTPResponse")
		}
	}
	return m
}

// sample is an argument. A filled one is not zero, nor is anything in it.
func sample(at reflect.Type, fill bool) reflect.Value {
	v := reflect.New(at).Elem()
	switch {
	case at == readerType:
		return reflect.ValueOf(strings.NewReader("{}"))
	case at.Kind() == reflect.Pointer:
		v.Set(reflect.New(at.Elem()))
		if fill {
			v.Elem().Set(sample(at.Elem(), fill))
		}
	case at.Kind() == reflect.String:
		v.SetString("1")
	case at == reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte("{}"))
	case at.Kind() == reflect.Slice:
		v.Set(reflect.Append(v, sample(at.Elem(), fill)))
	case !fill && at.Kind() == reflect.Struct:
	default:
		for _, text := range []string{`"a"`, `1`, `true`, `"2020-01-01"`, `"0f8fad5b-d9cb-469f-a165-70867728950e"`, `{}`} {
			if json.Unmarshal([]byte(text), v.Addr().Interface()) == nil {
				break
			}
		}
		if at.Kind() == reflect.Struct && v.IsZero() {
			for i := range at.NumField() {
				if at.Field(i).IsExported() && at.Field(i).Type.Kind() != reflect.Pointer {
					v.Field(i).Set(sample(at.Field(i).Type, fill))
				}
			}
		}
	}
	return v
}

// arguments of a call, beside its context.
type arguments struct {
	inPath      []reflect.Value
	params      reflect.Value
	body        reflect.Value // of the method's own type …
	contentType string        // … or any text of this type
	text        string
}

// arguments makes those of a method, without values.
func (m *method) arguments() *arguments {
	a := &arguments{}
	for _, at := range m.inPath {
		a.inPath = append(a.inPath, reflect.New(at).Elem())
	}
	if m.params != nil {
		a.params = reflect.New(m.params.Elem())
	}
	if m.body != nil {
		a.body = reflect.New(m.body).Elem()
		if m.body.Kind() == reflect.Pointer {
			a.body.Set(reflect.New(m.body.Elem()))
		}
	}
	return a
}

// call calls the method on a client. The result is not valid when there is none.
func (m *method) call(ctx context.Context, client reflect.Value, a *arguments) (result reflect.Value, err error) {
	in := append([]reflect.Value{reflect.ValueOf(ctx)}, a.inPath...)
	if m.params != nil {
		in = append(in, a.params)
	}
	switch {
	case m.anyBody:
		in = append(in, reflect.ValueOf(a.contentType), reflect.ValueOf(strings.NewReader(a.text)))
	case m.body != nil:
		in = append(in, a.body)
	}
	results := client.MethodByName(m.name).Call(in)
	err, _ = results[len(results)-1].Interface().(error)
	if len(results) == 2 {
		result = results[0]
	}
	return result, err
}
