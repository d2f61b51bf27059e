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

// A reply of the fake's own that breaks the document fails the test, but not a test that is over.
func TestServerReportsABugOfItsOwn(t *testing.T) {
	t.Parallel()
	l := &listenerTB{}
	s := NewServer(l)
	s.semantics = map[string]work{"getMeldCustomer": func(*Handler, *call) reply { return dataReply("no search result") }}
	r, err := http.NewRequest(http.MethodGet, s.URL()+"/clients/me/integrations/meld/customers", http.NoBody)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer jane")
	res, err := s.HTTPClient().Do(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusInternalServerError, res.StatusCode)
	for _, f := range l.cleanups {
		f()
	}
	require.Equal(t, []string{
		"bug in portaltest: the reply 200 of getMeldCustomer breaks the document: /data: must be object, not string",
	}, l.errors)
	s.report("too late")
	require.Len(t, l.errors, 1)
}
