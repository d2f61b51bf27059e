package portaltest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

const customersPath = "/clients/me/integrations/meld/customers"

// A sent request's answer, read whole.
type answer struct {
	Status int
	Header http.Header
	Body   string
	Err    error // of reading the body
}

// message is the error text of the API's error shape.
func (a answer) message(t *testing.T) string {
	t.Helper()
	var shape struct {
		Error string `json:"error"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.Body), &shape), a.Body)
	return shape.Error
}

// try sends one request without any client of ours. Headers come as "Name: value"; one without a value
// takes the header away.
func try(srv *portaltest.Server, method, path, token, body string, headers ...string) (answer, error) {
	r, err := http.NewRequest(method, srv.URL()+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Del(name); value != "" {
			r.Header.Add(name, value)
		}
	}
	res, err := srv.HTTPClient().Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return answer{res.StatusCode, res.Header, string(text), err}, nil
}

// send is try for a request that is answered whole.
func send(t *testing.T, srv *portaltest.Server, method, path, token, body string, headers ...string) answer {
	t.Helper()
	a, err := try(srv, method, path, token, body, headers...)
	require.NoError(t, err)
	require.NoError(t, a.Err)
	return a
}

func create(t *testing.T, srv *portaltest.Server, token, body string) answer {
	t.Helper()
	return send(t, srv, "POST", customersPath, token, body)
}

// A fakeT is a testing.TB that takes down what a test is told, instead of failing it.
type fakeT struct {
	testing.TB
	mu       sync.Mutex
	log      []string
	failed   bool
	cleanups []func()
}

func (r *fakeT) note(kind, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, kind+": "+text)
}

func (r *fakeT) Helper()                    {}
func (r *fakeT) Cleanup(f func())           { r.cleanups = append(r.cleanups, f) }
func (r *fakeT) Log(args ...any)            { r.note("log", fmt.Sprint(args...)) }
func (r *fakeT) Failed() bool               { r.mu.Lock(); defer r.mu.Unlock(); return r.failed }
func (r *fakeT) fail()                      { r.mu.Lock(); defer r.mu.Unlock(); r.failed = true }
func (r *fakeT) Logf(f string, args ...any) { r.note("log", fmt.Sprintf(f, args...)) }

func (r *fakeT) Errorf(f string, args ...any) {
	r.fail()
	r.note("error", fmt.Sprintf(f, args...))
}

// Fatalf ends the test, here by a panic that run catches.
func (r *fakeT) Fatalf(f string, args ...any) {
	r.fail()
	r.note("fatal", fmt.Sprintf(f, args...))
	panic(r)
}

// run plays a test function to its end, cleanups included, and returns what it was told.
func (r *fakeT) run(test func(t *fakeT)) []string {
	func() {
		defer func() {
			if p := recover(); p != nil && p != any(r) {
				panic(p)
			}
		}()
		test(r)
	}()
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
	return r.log
}

func (r *fakeT) Context() context.Context { return context.Background() }

// inTest stands for a test function in an example: it prints what the test would log or fail with.
func inTest(test func(t *fakeT)) {
	for _, line := range (&fakeT{}).run(test) {
		fmt.Println(line)
	}
}

// createAs creates a customer without any client, and says what came back.
func createAs(srv *portaltest.Server, token string) string {
	a, err := try(srv, "POST", customersPath, token, "{}")
	if err != nil {
		return "no reply: " + err.Error()[strings.LastIndex(err.Error(), ": ")+2:]
	}
	body := a.Body
	if len(body) > 60 {
		body = body[:15] + "…"
	}
	if a.Err != nil {
		body += " (" + a.Err.Error() + ")"
	}
	return strings.TrimSpace(fmt.Sprint(a.Status, " ", body))
}
