package portal_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// newCustodian is a custodian for the server that repeats without waiting long.
func (s *scriptedServer) custodian(t *testing.T) *portal.Custodian {
	t.Helper()
	custodian, err := portal.NewCustodian(portal.StaticToken("key_1"),
		portal.WithBaseURL(s.URL+"/api/v3"),
		portal.WithRetry(portal.RetryPolicy{BaseDelay: time.Microsecond, MaxDelay: time.Microsecond}),
	)
	require.NoError(t, err)
	return custodian
}

// sessionServer gives sessions s1, s2, … and takes the last one alone.
type sessionServer struct {
	mu              sync.Mutex
	sessions, calls int
	paths           []string
	slow            time.Duration
}

func (s *sessionServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paths = append(s.paths, r.Header.Get("Authorization")+" "+r.URL.EscapedPath())
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.Contains(r.URL.Path, "/custodians/"):
		time.Sleep(s.slow)
		s.sessions++
		_, _ = fmt.Fprintf(w, `{"id":"id_%d","clientSessionToken":"s%d"}`, s.sessions, s.sessions)
	case r.Header.Get("Authorization") != fmt.Sprintf("Bearer s%d", s.sessions):
		w.WriteHeader(http.StatusUnauthorized)
	default:
		s.calls++
		_, _ = w.Write([]byte(customerBody))
	}
}

// A session is kept for its client, and asked for again after the API has refused it.
func TestSessions(t *testing.T) {
	t.Parallel()
	server := &sessionServer{}
	srv := newScriptedServer(t, answer{})
	srv.Config.Handler = server
	jane := srv.client(t).WithTokenSource(srv.custodian(t).Sessions("client/1:a"))
	for range 3 {
		for _, call := range calls {
			require.NoError(t, call.do(t.Context(), jane))
		}
	}
	require.Equal(t, 1, server.sessions)
	server.mu.Lock()
	server.sessions++ // the session has expired
	server.mu.Unlock()
	for range 3 {
		require.NoError(t, create.do(t.Context(), jane))
	}
	require.Equal(t, 3, server.sessions)
	for _, path := range server.paths {
		key := strings.HasPrefix(path, "Bearer key_1 ")
		require.Equal(t, key, strings.HasPrefix(path, "Bearer key_1 /api/v3/custodians/"), "the key goes to custodian paths, and nothing else does: %s", path)
	}
	require.Equal(t, "Bearer key_1 /api/v3/custodians/me/clients/client%2F1%3Aa/sessions", server.paths[0])
}

// However many wait for a session, there is one request.
func TestSessionsAreAskedForOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &sessionServer{slow: time.Second}
		network := newPipeNetwork(t, server)
		source := network.custodian(t).Sessions("client_1")
		client := network.client(t, nil)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				for range 3 {
					if err := get.do(t.Context(), client.WithTokenSource(source)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		require.Equal(t, 1, server.sessions)
		require.Equal(t, 60, server.calls)
	})
}

// custodian is a custodian on the network; it leaves no connection behind.
func (n *pipeNetwork) custodian(t *testing.T) *portal.Custodian {
	t.Helper()
	custodian, err := portal.NewCustodian(portal.StaticToken("key_1"),
		portal.WithBaseURL("http://127.0.0.1/api/v3"), portal.WithHTTPClient(&http.Client{Transport: n.transport(t)}))
	require.NoError(t, err)
	return custodian
}

func TestNewCustodianRefusesBadOptions(t *testing.T) {
	t.Parallel()
	custodian, err := portal.NewCustodian(portal.StaticToken("key_1"), portal.WithBaseURL("http://example.com"))
	require.ErrorContains(t, err, "WithPlainHTTP")
	require.Nil(t, custodian)
}

// What goes wrong with a session is a failure of the token source, in the words of the custodian API. It is not taken
// for an answer to the call, and an ID that cannot stand in the path is refused.
func TestSessionsThatFail(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer   answer
		clientID string
		says     string
	}{
		"unknown client": {jsonAnswer(404, `{"error":"no such client"}`), "k7Q2x", "createClientSession: 404 Not Found: no such client"},
		"conflict":       {jsonAnswer(409, `{}`), "k7Q2x", "409 Conflict"},
		"revoked key":    {jsonAnswer(401, `{}`), "k7Q2x", "401 Unauthorized"},
		"no token":       {jsonAnswer(200, `{"id":"x"}`), "k7Q2x", "token is empty"},
		"not a token":    {jsonAnswer(200, `{"clientSessionToken":"a b"}`), "k7Q2x", "cannot stand in a header"},
		"nothing":        {jsonAnswer(200, ``), "k7Q2x", "unusable response"},
		"no ID":          {jsonAnswer(200, `{}`), "", "path parameter clientId"},
		"dots":           {jsonAnswer(200, `{}`), "..", "path parameter clientId"},
	} {
		srv := newScriptedServer(t, tt.answer)
		err := ensure.do(t.Context(), srv.client(t).WithTokenSource(srv.custodian(t).Sessions(tt.clientID)))
		e := requireAPIError(t, err)
		require.ErrorIs(t, err, portal.ErrTokenSource, name)
		require.ErrorContains(t, err, tt.says)
		require.Zero(t, e.Attempts)
		require.Zero(t, e.StatusCode)
		for _, sentinel := range []error{portal.ErrNotFound, portal.ErrConflict, portal.ErrUnauthorized, portal.ErrUnusableResponse, portal.ErrInvalidRequest} {
			require.NotErrorIs(t, err, sentinel, name)
		}
		require.NotContains(t, err.Error(), "key_1")
		checkWords(t, err)
		for _, r := range srv.received() {
			require.Contains(t, r.path, "/custodians/")
		}
	}
}

// Creating a client is never repeated blindly: each call makes another one.
func TestCreateClientIsNeverRepeatedBlindly(t *testing.T) {
	t.Parallel()
	for status, repeated := range map[int]bool{500: false, 502: false, 503: false, 504: false, 429: true, 401: false, 409: false} {
		srv := newScriptedServer(t, answer{status: status}, jsonAnswer(200, `{"id":"client_1","clientApiKey":"x","clientSessionToken":"y"}`))
		client, err := srv.custodian(t).CreateClient(t.Context(), &api.CreateClientRequest{})
		if repeated {
			require.NoError(t, err)
			require.Len(t, srv.received(), 2)
			continue
		}
		require.Nil(t, client)
		require.Len(t, srv.received(), 1)
		require.Equal(t, status >= 500, errors.Is(err, portal.ErrOutcomeUnknown), "%d", status)
	}
	srv := newFaultServer(t, (*exchange).reset).start()
	transport := portal.NewTransport()
	custodian, err := portal.NewCustodian(portal.StaticToken("key_1"), portal.WithBaseURL(srv.url()), portal.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	_, err = custodian.CreateClient(t.Context(), &api.CreateClientRequest{})
	require.ErrorIs(t, err, portal.ErrOutcomeUnknown)
	transport.CloseIdleConnections()
	srv.close(t)
	require.Len(t, srv.requests, 1)
}

// Clients come page by page, by the cursor of the page before.
func TestClients(t *testing.T) {
	t.Parallel()
	page := func(cursor string, ids ...string) answer {
		list := make([]string, len(ids))
		for i, id := range ids {
			list[i] = fmt.Sprintf(`{"id":%q}`, id)
		}
		return jsonAnswer(200, `{"results":[`+strings.Join(list, ",")+`],"metadata":{"cursor":`+cursor+`}}`)
	}
	srv := newScriptedServer(t, page(`"c 1&"`, "a", "b"), page(`"c2"`, "c"), page(`null`, "d"))
	var ids []string
	for client, err := range srv.custodian(t).Clients(t.Context()) {
		require.NoError(t, err)
		ids = append(ids, client.ID)
	}
	require.Equal(t, []string{"a", "b", "c", "d"}, ids)
	require.Len(t, srv.received(), 3)
	require.Equal(t, []string{"", "cursor=c+1%26", "cursor=c2"}, []string{srv.received()[0].query, srv.received()[1].query, srv.received()[2].query})

	srv = newScriptedServer(t, page(`"c1"`, "a", "b"), page(`"c1"`, "a", "b"))
	var last error
	var n int
	for _, err := range srv.custodian(t).Clients(t.Context()) {
		last = err
		n++
	}
	require.Equal(t, 3, n)
	require.ErrorIs(t, last, portal.ErrUnusableResponse)
	require.ErrorContains(t, last, "repeats a page")
	require.Equal(t, 200, requireAPIError(t, last).StatusCode)
	checkWords(t, last)
}

// Every method of a custodian goes below /custodians/, and none of a client does: the key of the organisation and the
// tokens of end users never change places.
func TestKeysAndTokensGoTheirOwnWays(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(403, `{}`))
	for receiver, custodian := range map[any]bool{srv.client(t): false, srv.custodian(t): true} {
		before := len(srv.received())
		v := reflect.ValueOf(receiver)
		for i := range v.NumMethod() {
			method := v.Method(i).Type()
			if method.NumIn() == 0 || method.In(0) != reflect.TypeFor[context.Context]() {
				continue
			}
			in := []reflect.Value{reflect.ValueOf(t.Context())}
			for j := 1; j < method.NumIn(); j++ {
				in = append(in, reflect.Zero(method.In(j)))
				switch p := method.In(j); p.Kind() {
				case reflect.String:
					in[j] = reflect.ValueOf("x").Convert(p)
				case reflect.Pointer:
					in[j] = reflect.New(p.Elem())
				}
			}
			out := v.Method(i).Call(in)
			if out[0].Type().CanSeq2() {
				for range out[0].Seq2() {
					break
				}
			}
		}
		requests := srv.received()[before:]
		require.NotEmpty(t, requests)
		for _, r := range requests {
			require.Equal(t, custodian, strings.HasPrefix(r.path, "/api/v3/custodians/"), r.path)
			require.Equal(t, custodian, r.header.Get("Authorization") == "Bearer key_1", r.path)
		}
	}
}
