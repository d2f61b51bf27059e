package portaltest

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// A listenerTB hears what a Server says of a test.
type listenerTB struct {
	testing.TB
	errors   []string
	cleanups []func()
}

func (l *listenerTB) Helper()             {}
func (l *listenerTB) Failed() bool        { return len(l.errors) > 0 }
func (l *listenerTB) Logf(string, ...any) {}
func (l *listenerTB) Cleanup(f func())    { l.cleanups = append(l.cleanups, f) }
func (l *listenerTB) Errorf(f string, args ...any) {
	l.errors = append(l.errors, fmt.Sprintf(f, args...))
}

// A reply that breaks the document fails the test, but not a test that is over.
func TestServerReportsABrokenReply(t *testing.T) {
	t.Parallel()
	l := &listenerTB{}
	s := NewServer(l)
	op := s.doc.Operations[0]
	for _, other := range s.doc.Operations { // one that needs nothing of a request
		if _, problems := other.CheckRequest(nil, "", http.Header{}, nil); len(problems) == 0 && other.Secured && !custodial(other) {
			op = other
		}
	}
	s.AnswerFunc(op.Name, func(Request) (int, any) { return 42, nil })
	r, err := http.NewRequest(op.Method, s.URL()+op.Template, http.NoBody)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer jane")
	res, err := s.HTTPClient().Do(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusInternalServerError, res.StatusCode)
	for _, f := range l.cleanups {
		f()
	}
	require.Equal(t, []string{"AnswerFunc: " + op.Name + " got the status 42; return one from 200 to 599"}, l.errors)
	s.report("too late")
	require.Len(t, l.errors, 1)
}
