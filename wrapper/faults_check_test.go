package portal_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

func (f *fault) checkRequests(t require.TestingT, s *faultServer, e *entry, w want, once bool) {
	works := len(s.requests)
	switch {
	case f.noWork && once && len(s.requests) > 0 && f.serve != nil:
		works-- // the one that was struck
	case f.noWork && !once:
		works = 0
	}
	require.Len(t, s.requests, w.requests, "requests")
	require.Equal(t, works, s.works, "requests that were carried out")
	for _, r := range s.requests {
		require.Equal(t, e.path, r.path)
		require.Empty(t, r.query)
		require.Equal(t, []string{"Bearer " + faultToken}, r.header["Authorization"])
		require.Equal(t, s.requests[0].header["X-Portal-Trace-Id"], r.header["X-Portal-Trace-Id"], "one trace ID for the whole call")
	}
}

func (f *fault) checkError(t require.TestingT, s *faultServer, w want, err error) {
	checkWords(t, err)
	for _, sentinel := range sentinels {
		require.Equal(t, slices.Contains(w.is, sentinel), errors.Is(err, sentinel), "%v: %v", sentinel, err)
	}
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, context.Canceled)
	var apiErr *portal.APIError
	require.ErrorAs(t, err, &apiErr)
	require.Equal(t, w.status, apiErr.StatusCode)
	require.Equal(t, w.attempts, apiErr.Attempts)
	require.Equal(t, f.timeout, errors.Is(err, os.ErrDeadlineExceeded), "%v", err)
	require.Equal(t, f.timeout, apiErr.Timeout())
	if f.cause != nil {
		require.True(t, f.cause(err), "%v", err)
	}
	if f.retryAfter < 0 {
		require.Positive(t, apiErr.RetryAfter)
	} else {
		require.Equal(t, f.retryAfter, apiErr.RetryAfter)
	}
	if len(s.requests) > 0 {
		checkBody(t, s.sent[s.requests[len(s.requests)-1].method], apiErr)
	}
	requireNoSecrets(t, err)
}

// checkWords holds for every error of a call.
func checkWords(t require.TestingT, err error) {
	text := err.Error()
	require.True(t, strings.HasPrefix(text, "portal: "), text)
	require.Equal(t, 1, strings.Count(text, "portal:"), text)
	require.NotContains(t, text, "200 OK", "no failure is called that")
	require.NotContains(t, text, "\n")
	apiErr, ok := errors.AsType[*portal.APIError](err)
	require.True(t, ok, "%T", err)
	require.True(t, strings.HasPrefix(text, "portal: "+apiErr.Operation+": "), text)
	if apiErr.Attempts == 0 {
		require.NotRegexp(t, `no (complete )?reply`, text, "nothing was asked")
		require.NotErrorIs(t, err, portal.ErrOutcomeUnknown)
	}
}

// checkBody compares the body that an error keeps with what was sent.
func checkBody(t require.TestingT, sent sentReply, e *portal.APIError) {
	switch {
	case e.StatusCode == 0:
		require.Empty(t, e.Body())
	case errors.Is(e, portal.ErrResponseTooLarge):
		require.Len(t, e.Body(), faultCap)
	case sent.cut:
		require.Less(t, len(e.Body()), len(sent.body))
		require.Equal(t, sent.body[:len(e.Body())], string(e.Body()))
	default:
		require.Equal(t, sent.body, string(e.Body()))
	}
}

// requireNoSecrets looks through all the errors that err is made of.
func requireNoSecrets(t require.TestingT, err error) {
	text := strings.ToLower(err.Error())
	for _, secret := range secrets {
		require.NotContains(t, text, secret)
	}
	switch err := err.(type) { //nolint:errorlint // it walks the tree of errors itself
	case interface{ Unwrap() error }:
		if inner := err.Unwrap(); inner != nil {
			requireNoSecrets(t, inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range err.Unwrap() {
			requireNoSecrets(t, inner)
		}
	}
}

var sentinels = []error{
	portal.ErrInvalidRequest, portal.ErrBadRequest, portal.ErrUnauthorized, portal.ErrForbidden, portal.ErrNotFound,
	portal.ErrConflict, portal.ErrRateLimited, portal.ErrServer, portal.ErrResponseTooLarge, portal.ErrUnusableResponse,
	portal.ErrOperationFailed, portal.ErrTokenSource, portal.ErrOutcomeUnknown,
}
