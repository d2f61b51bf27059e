package contract

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
)

// A reply is what the server of a test says.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// An arrival is a request as the server saw it, and what kin-openapi has to say of it and of the reply.
type arrival struct {
	request *http.Request
	body    string
	invalid error
	ours    error // the reply of the test itself is not valid
}

// A server answers the requests of some operations with what the test has prepared, one at a time.
type server struct {
	*httptest.Server
	operations []*operation
	mu         sync.Mutex
	next       map[*operation]reply
	arrived    chan arrival
}

func newServer(t *testing.T, operations ...*operation) *server {
	t.Helper()
	s := &server{operations: operations, next: map[*operation]reply{}, arrived: make(chan arrival, 8)}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) prepare(op *operation, r reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next[op] = r
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op := match(s.operations, r)
	s.mu.Lock()
	next, ok := s.next[op]
	s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	a := arrival{request: r, body: string(body), invalid: err}
	switch {
	case err != nil:
	case op == nil || !ok:
		a.invalid = fmt.Errorf("nobody expected %s %s", r.Method, r.URL)
		next.status = http.StatusTeapot
	default:
		a.check(op, next)
	}
	for name, values := range next.header {
		w.Header()[name] = values
	}
	w.WriteHeader(next.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(next.body) // the client notices when it fails
	}
	s.arrived <- a
}

func (a *arrival) check(op *operation, next reply) {
	var input *openapi3filter.RequestValidationInput
	if a.invalid = checkHeaders(a.request.Header); a.invalid != nil {
		return
	}
	if input, a.invalid = validateRequest(op, a.request, a.body); a.invalid == nil {
		a.ours = validateReply(input, next.status, next.header, next.body)
	}
}

// take returns the one request of a call.
func (s *server) take(t *testing.T) arrival {
	t.Helper()
	select {
	case a := <-s.arrived:
		return a
	case <-time.After(10 * time.Second):
		t.Fatal("no request arrived")
		return arrival{}
	}
}
