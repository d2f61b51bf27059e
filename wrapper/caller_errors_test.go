package portal_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

var errMaintenance = errors.New("the custodian is in maintenance")

// A codeError is a type of the caller's own.
type codeError struct{ code int }

func (e *codeError) Error() string { return "code" }

// shapes are the ways in which an error of the caller's code may be made of others.
func shapes(inner error) map[string]error {
	return map[string]error{
		"alone":        inner,
		"wrapped":      fmt.Errorf("custodian: %w", inner),
		"joined":       errors.Join(errMaintenance, inner, &codeError{7}),
		"two wrapped":  fmt.Errorf("%w: %w", errMaintenance, inner),
		"in a URL":     &url.Error{Op: "Post", URL: "https://custodian.example/clients/1", Err: inner},
		"beside a URL": errors.Join(errMaintenance, &url.Error{Op: "Post", URL: "https://custodian.example/clients/1", Err: inner}),
	}
}

// An error of the caller's own code keeps its chain, and is never mistaken for an answer of the API: an error of this
// package in it comes from another call.
func TestErrorsOfTheCallersCode(t *testing.T) {
	t.Parallel()
	inner := append([]error{context.Canceled, context.DeadlineExceeded}, sentinels...)
	for _, inner := range inner {
		for name, failure := range shapes(inner) {
			t.Run(inner.Error()+"/"+name, func(t *testing.T) {
				t.Parallel()
				srv := newScriptedServer(t, jsonAnswer(200, `{"data":{"customers":[]}}`))
				source := portal.TokenFunc(func(context.Context) (string, error) { return "", failure })
				transport := &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, failure })}
				for _, call := range calls {
					for _, client := range []*portal.Client{srv.client(t).WithTokenSource(source), srv.client(t, portal.WithHTTPClient(transport))} {
						err := call.do(t.Context(), client)
						e := requireAPIError(t, err)
						checkWords(t, err)
						if !slices.Contains(sentinels, failure) {
							require.ErrorIs(t, err, failure)
						}
						require.Zero(t, e.StatusCode)
						for _, sentinel := range sentinels {
							is := errors.Is(sentinel, portal.ErrTokenSource) && e.Attempts == 0 || errors.Is(sentinel, portal.ErrOutcomeUnknown) && e.Attempts > 0 && call.writes()
							require.Equal(t, is, errors.Is(err, sentinel), "%v: %v", sentinel, err)
						}
						require.Equal(t, errors.Is(failure, errMaintenance), errors.Is(err, errMaintenance), "none of its parts is lost")
						if part, ok := errors.AsType[*codeError](failure); ok {
							got, _ := errors.AsType[*codeError](err)
							require.Same(t, part, got)
						}
					}
				}
				require.Empty(t, srv.received(), "nothing was looked up for it")
			})
		}
	}
}

// A token source that answers with what looks like the API's answer sends neither Ensure nor a watcher looking.
func TestTokenSourceThatFailsForEver(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{portal.ErrNotFound, portal.ErrConflict, portal.ErrServer, portal.ErrRateLimited, errMaintenance, &portal.APIError{StatusCode: 404}, &portal.APIError{StatusCode: 503}} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			source := portal.TokenFunc(func(context.Context) (string, error) {
				asked++
				return "", fmt.Errorf("custodian: %w", failure)
			})
			network := newPipeNetwork(t, http.NotFoundHandler())
			client := network.client(t, source)
			start := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 30*24*time.Hour)
			defer cancel()
			poll := portal.PollPolicy{MaxFailures: 3}
			_, err := client.WaitForMeldTransaction(ctx, "t_1", poll)
			require.ErrorIs(t, err, portal.ErrTokenSource)
			var looks int
			for _, err := range client.WatchMeldSession(ctx, "s_1", poll) {
				looks++
				require.ErrorIs(t, err, portal.ErrTokenSource)
			}
			require.Equal(t, 1, looks)
			require.Less(t, time.Since(start), time.Hour, "it does not look for ever")
			require.LessOrEqual(t, asked, 2*(1+3))
		})
	}
}

// A write that was sent stays sent, whatever the token source says to the next attempt: the answer is kept, and it is
// not called a request that was refused before the network.
func TestBadTokenAfterASentAttempt(t *testing.T) {
	t.Parallel()
	badTokens := map[string]func() (string, error){
		"empty":        func() (string, error) { return "", nil },
		"a line break": func() (string, error) { return "tok_2\n", nil },
		"its scheme":   func() (string, error) { return "Bearer tok_2", nil },
		"an error":     func() (string, error) { return "", errMaintenance },
		"a sentinel":   func() (string, error) { return "", portal.ErrConflict },
	}
	for name, bad := range badTokens {
		for _, tt := range []struct {
			call    call
			answer  answer
			is      []error
			unknown bool
		}{
			{ensure, answer{status: 502}, []error{portal.ErrServer}, true},
			{ensure, answer{status: 401}, []error{portal.ErrUnauthorized}, false},
			{ensure, answer{status: 429}, []error{portal.ErrRateLimited}, false},
			{create, answer{status: 401}, []error{portal.ErrUnauthorized}, false},
			{create, answer{status: 503, header: http.Header{"Retry-After": {"0"}}}, []error{portal.ErrServer}, false},
			{generatedWrite, answer{status: 401}, []error{portal.ErrUnauthorized}, false},
			{get, answer{status: 500}, []error{portal.ErrServer}, false},
			{generatedRead, answer{status: 401}, []error{portal.ErrUnauthorized}, false},
		} {
			t.Run(fmt.Sprint(name, "/", tt.call.name, "/", tt.answer.status), func(t *testing.T) {
				t.Parallel()
				srv := newScriptedServer(t, tt.answer, jsonAnswer(409, conflictBody))
				source := &oncePerToken{next: bad}
				err := tt.call.do(t.Context(), srv.client(t).WithTokenSource(source))
				e := requireAPIError(t, err)
				require.Equal(t, tt.answer.status, e.StatusCode)
				require.Equal(t, 1, e.Attempts)
				require.Len(t, srv.received(), 1)
				for _, is := range append(tt.is, portal.ErrTokenSource) {
					require.ErrorIs(t, err, is)
				}
				require.NotErrorIs(t, err, portal.ErrInvalidRequest)
				require.Equal(t, tt.unknown, errors.Is(err, portal.ErrOutcomeUnknown))
				checkWords(t, err)
			})
		}
	}
}

// oncePerToken gives one good token, and then what next says. It wants to hear of refused tokens.
type oncePerToken struct {
	first string // tok_1 if it is empty
	asked int
	next  func() (string, error)
}

func (s *oncePerToken) Token(context.Context) (string, error) {
	if s.asked++; s.asked > 1 {
		return s.next()
	}
	return cmp.Or(s.first, "tok_1"), nil
}

func (s *oncePerToken) Invalidate(string) {}

// A client without a source answers, too.
func TestNoTokenSource(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	client := srv.client(t)
	for name, source := range map[string]portal.TokenSource{
		"nil":             nil,
		"nil func":        portal.TokenFunc(nil),
		"cached nil":      portal.CachedTokenSource(nil),
		"cached nil func": portal.CachedTokenSource(portal.TokenFunc(nil)),
	} {
		for _, call := range calls {
			err := call.do(t.Context(), client.WithTokenSource(source))
			require.ErrorIs(t, err, portal.ErrTokenSource, name)
			require.NotErrorIs(t, err, portal.ErrInvalidRequest, name)
			require.ErrorContains(t, err, "TokenSource is nil")
			require.Zero(t, requireAPIError(t, err).Attempts)
			checkWords(t, err)
		}
		// The sentence is ours, and repeats no one: it is shown even to those who sent one of its words.
		_, err := client.WithTokenSource(source).CreateMeldCustomer(t.Context(), &api.MeldCreateCustomerRequest{Name: api.MeldCustomerName{FirstName: "Pass"}})
		require.ErrorContains(t, err, "TokenSource is nil")
	}
	require.Empty(t, srv.received())
}
