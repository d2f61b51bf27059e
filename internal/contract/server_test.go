package contract

import (
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

const token = "contract-token"

// A reply is what the server of a test says.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// An arrival is a request as the server saw it, and what the check against the document has to say of it and of
// the reply.
type arrival struct {
	*http.Request
	body     string
	op       *operation
	inPath   []string
	problems []string
}

// A server answers every operation of the document with the reply of the moment, and keeps what arrives.
type server struct {
	*httptest.Server
	doc     *document
	ops     map[string]*operation
	mu      sync.Mutex
	reply   reply
	arrived []arrival
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{ops: map[string]*operation{}}
	for _, op := range operations(t) {
		s.doc, s.ops[op.Name] = op.doc, op
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, err := io.ReadAll(r.Body)
	a := arrival{Request: r, body: string(text), problems: checkHeaders(r.Header)}
	checked, inPath, _ := s.doc.check.Route(r.Method, r.URL.EscapedPath())
	switch {
	case err != nil:
		a.problems = append(a.problems, err.Error())
	case checked == nil:
		a.problems = append(a.problems, r.Method+" "+r.URL.EscapedPath()+" is not in the document")
	default:
		a.op, a.inPath = s.ops[checked.Name], inPath
		_, problems := checked.CheckRequest(inPath, r.URL.RawQuery, r.Header, text)
		a.problems = append(append(a.problems, problems...), checked.CheckReply(s.reply.status, s.reply.header, s.reply.body)...)
	}
	s.arrived = append(s.arrived, a)
	for name, values := range s.reply.header {
		w.Header()[name] = values
	}
	w.WriteHeader(s.reply.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(s.reply.body) // the client notices when it fails
	}
}

// during runs a call while the server has this to say, and returns the requests that arrived.
func (s *server) during(r reply, call func()) []arrival {
	s.mu.Lock()
	s.reply, s.arrived = r, nil
	s.mu.Unlock()
	call()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.arrived
}

var traceID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// checkHeaders: what the client adds to every request. The credentials are ours and no others, whatever header
// parameters the document has.
func checkHeaders(header http.Header) (problems []string) {
	for name, pattern := range map[string]*regexp.Regexp{
		"Authorization":     regexp.MustCompile("^Bearer " + token + "$"),
		"X-Portal-Trace-Id": traceID,
		"User-Agent":        regexp.MustCompile("portal-client-go/"),
	} {
		if values := header.Values(name); len(values) != 1 || !pattern.MatchString(values[0]) {
			problems = append(problems, name+" is not the client's own")
		}
	}
	return problems
}

// clients are what has generated methods, by type.
func clients(t *testing.T, s *server, retry portal.RetryPolicy) map[reflect.Type]reflect.Value {
	t.Helper()
	opts := []portal.Option{portal.WithBaseURL(s.URL + s.doc.check.Base), portal.WithRetry(retry)}
	client, err := portal.New(portal.StaticToken(token), opts...)
	require.NoError(t, err)
	all := map[reflect.Type]reflect.Value{}
	custodian, err := portal.NewCustodian(portal.StaticToken(token), opts...)
	require.NoError(t, err)
	for _, c := range []any{client, custodian, client.API()} {
		all[reflect.TypeOf(c)] = reflect.ValueOf(c)
	}
	return all
}
