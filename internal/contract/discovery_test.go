package contract

import (
	"cmp"
	"context"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A method is one of the generated client that calls an operation and decodes its reply.
type method struct {
	name        string
	fn          reflect.Value
	inPath      []reflect.Type
	params      reflect.Type // of the struct of query, header and cookie parameters; nil when there is none
	body        reflect.Type // nil when it takes none, or any
	contentType string       // of the body
	anyBody     bool         // it takes a content type and a reader
}

var (
	readerType = reflect.TypeFor[io.Reader]()
	errorType  = reflect.TypeFor[error]()
)

// methodsOf finds out which methods call which operation, by calling each and looking at what arrives. So it
// needs no idea of how the generator makes Go names, not even of those that collide.
func methodsOf(t *testing.T, operations []*operation) map[*operation][]*method {
	t.Helper()
	var mu sync.Mutex
	var arrived *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		arrived = r
	}))
	defer server.Close()
	client := reflect.ValueOf(newClient(t, server.URL).API())

	found := map[*operation][]*method{}
	for i := range client.NumMethod() {
		name, fn := client.Type().Method(i).Name, client.Method(i)
		if !decodesReply(fn.Type()) {
			continue
		}
		arrived = nil
		args := samples(fn.Type())
		args[0] = reflect.ValueOf(t.Context())
		err := fn.Call(args)[1].Interface()
		mu.Lock()
		r := arrived
		mu.Unlock()
		require.NotNil(t, r, "%s sends nothing: %v", name, err)
		op := match(operations, r)
		require.NotNil(t, op, "%s calls %s %s, which is not in the document", name, r.Method, r.URL.EscapedPath())
		found[op] = append(found[op], newMethod(op, name, fn, r.Header.Get("Content-Type")))
	}
	return found
}

// decodesReply recognises the methods ending in WithResponse by what they return: a struct with the reply.
func decodesReply(ft reflect.Type) bool {
	if ft.NumOut() != 2 || ft.Out(1) != errorType || ft.Out(0).Kind() != reflect.Pointer || ft.Out(0).Elem().Kind() != reflect.Struct {
		return false
	}
	_, ok := ft.Out(0).Elem().FieldByName("HTTPResponse")
	return ok
}

// samples are arguments that can be sent: not zero where a path must not be empty.
func samples(ft reflect.Type) []reflect.Value {
	var args []reflect.Value
	for i := range ft.NumIn() - 1 { // the last one is variadic: request editors
		at := ft.In(i)
		v := reflect.New(at).Elem()
		switch {
		case at == readerType:
			v = reflect.ValueOf(strings.NewReader("{}"))
		case at.Kind() == reflect.String:
			v.SetString("1")
		case at.Kind() == reflect.Pointer:
			v = reflect.New(at.Elem())
		case at.Kind() == reflect.Slice && at.Elem().Kind() == reflect.String:
			v = reflect.MakeSlice(at, 1, 1)
			v.Index(0).SetString("1")
		case at.Kind() == reflect.Slice:
			v = reflect.MakeSlice(at, 1, 1)
		}
		args = append(args, v)
	}
	return args
}

// match finds the operation that a request calls: the one with the fewest parameters in its path.
func match(operations []*operation, r *http.Request) *operation {
	var fitting []*operation
	for _, op := range operations {
		if _, err := op.pathValues(r); err == nil {
			fitting = append(fitting, op)
		}
	}
	if len(fitting) == 0 {
		return nil
	}
	return slices.MinFunc(fitting, func(a, b *operation) int { return cmp.Compare(len(a.inPath), len(b.inPath)) })
}

// newMethod says what each argument is for: first those in the path, then the struct of the other
// parameters, then the body.
func newMethod(op *operation, name string, fn reflect.Value, contentType string) *method {
	m := &method{name: name, fn: fn}
	var rest []reflect.Type
	for i := 1; i < fn.Type().NumIn()-1; i++ {
		rest = append(rest, fn.Type().In(i))
	}
	n := min(len(op.inPath), len(rest))
	m.inPath, rest = rest[:n], rest[n:]
	if len(rest) > 0 && len(op.parameters) > len(op.inPath) {
		m.params, rest = rest[0].Elem(), rest[1:]
	}
	switch len(rest) {
	case 2:
		m.anyBody = true
	case 1:
		m.body = rest[0]
		m.contentType, _, _ = mime.ParseMediaType(contentType)
	}
	return m
}

// arguments of a call, beside its context.
type arguments struct {
	inPath      []reflect.Value
	params      reflect.Value // not valid when the method has none
	body        reflect.Value // of the method's own type …
	contentType string        // … or any text of this type
	text        string
}

// call calls the method. reply is the struct that it returned; not valid when it returned none.
func (m *method) call(ctx context.Context, a *arguments) (reply reflect.Value, err error) {
	in := append([]reflect.Value{reflect.ValueOf(ctx)}, a.inPath...)
	if m.params != nil {
		in = append(in, a.params.Addr())
	}
	switch {
	case m.anyBody:
		in = append(in, reflect.ValueOf(a.contentType), reflect.ValueOf(strings.NewReader(a.text)))
	case m.body != nil:
		in = append(in, a.body)
	}
	results := m.fn.Call(in)
	err, _ = results[1].Interface().(error)
	return reflect.Indirect(results[0]), err
}

func newClient(t *testing.T, serverURL string) *portal.Client {
	t.Helper()
	client, err := portal.New(portal.StaticToken(token), portal.WithBaseURL(serverURL+basePath),
		portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	return client
}
