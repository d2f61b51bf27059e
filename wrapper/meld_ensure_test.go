package portal_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// An end user has one customer. A search that finds several, or one under no ID, tells nothing, for either of the
// two that search.
func TestSearchThatTellsNothing(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"several":                `{"data":{"customers":[{"id":"other"},{"id":"mine"}],"count":2}}`,
		"several of one ID":      `{"data":{"customers":[{"id":"mine"},{"id":"mine"}]}}`,
		"several in a bare list": `{"data":[{"id":"other"},{"id":"mine"}]}`,
		"one and null":           `{"data":{"customers":[{"id":"mine"},null]}}`,
		"blanks":                 `{"data":{"customers":[{"id":" "}]}}`,
		"a tab":                  `{"data":{"customers":[{"id":"\t"}]}}`,
		"an ID and a line break": `{"data":{"customers":[{"id":"cus_1\n"}]}}`,
		"an ID and a blank":      `{"data":{"customers":[{"id":"cus 1"}]}}`,
		"a hard space":           `{"data":{"customers":[{"id":"cus_1\u00a0"}]}}`,
		"a control character":    `{"data":{"customers":[{"id":"cus_1\u0000"}]}}`,
		"something invisible":    `{"data":{"customers":[{"id":"cus\u200b_1"}]}}`,
		"half a character":       `{"data":{"customers":[{"id":"cus_\ud800"}]}}`,
		"no UTF-8":               "{\"data\":{\"customers\":[{\"id\":\"cus_\xff\"}]}}",
		"a number":               `{"data":{"customers":[{"id":5}]}}`,
		"null":                   `{"data":{"customers":[null]}}`,
		"a list of lists":        `{"data":{"customers":[[]]}}`,
		"an object":              `{"data":{"customers":{}}}`,
		"an empty object":        `{"data":{}}`,
		"a text":                 `{"data":"cus_1"}`,
		"no data":                `{"customers":[{"id":"cus_1"}]}`,
		"nothing":                ``,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, jsonAnswer(200, body))
			customer, err := srv.client(t).GetMeldCustomer(t.Context())
			require.Nil(t, customer)
			require.ErrorIs(t, err, portal.ErrUnusableResponse)
			require.NotErrorIs(t, err, portal.ErrNotFound)
			checkWords(t, err)

			srv = newScriptedServer(t, jsonAnswer(409, `{"error":"exists"}`), jsonAnswer(200, body))
			ensured, err := srv.client(t).EnsureMeldCustomer(t.Context(), nil)
			require.Zero(t, ensured)
			require.ErrorIs(t, err, portal.ErrUnusableResponse)
			require.ErrorIs(t, err, portal.ErrConflict)
			require.ErrorContains(t, err, "a customer exists")
			checkWords(t, err)
		})
	}
}

// An ID counts where the document gives it, in a 409.
func TestEnsureTakesTheIDOfAConflictAlone(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(400, conflictBody))
	ensured, err := srv.client(t).EnsureMeldCustomer(t.Context(), nil)
	require.ErrorIs(t, err, portal.ErrBadRequest)
	require.Zero(t, ensured)
	require.Len(t, srv.received(), 1)
}

// What the look-up was told is not hidden behind the 409 that made it necessary.
func TestEnsureShowsWhatTheLookUpWasTold(t *testing.T) {
	t.Parallel()
	for _, create := range []answer{jsonAnswer(409, `{}`), jsonAnswer(200, `{}`)} {
		for status, sentinel := range map[int]error{
			401: portal.ErrUnauthorized, 403: portal.ErrForbidden, 404: portal.ErrNotFound, 418: nil, 429: portal.ErrRateLimited, 500: portal.ErrServer, 503: portal.ErrServer,
		} {
			srv := newScriptedServer(t, create, answer{status: status, body: `{"error":"because"}`, header: http.Header{"Retry-After": {"3600"}, "X-Which": {"look-up"}}})
			ensured, err := srv.client(t).EnsureMeldCustomer(portal.WithTraceID(t.Context(), "trace-1"), nil)
			require.Zero(t, ensured)
			e := requireAPIError(t, err)
			require.Equal(t, status, e.StatusCode)
			require.Equal(t, time.Hour, e.RetryAfter)
			require.Equal(t, "because", e.Message)
			require.Equal(t, "look-up", e.Header().Get("X-Which"))
			require.Equal(t, "trace-1", e.TraceID)
			require.Equal(t, len(srv.received()), e.Attempts, "of both calls")
			if sentinel != nil {
				require.ErrorIs(t, err, sentinel)
			}
			require.Equal(t, create.status == 409, errors.Is(err, portal.ErrConflict))
			require.Equal(t, create.status != 409, errors.Is(err, portal.ErrUnusableResponse))
			require.NotErrorIs(t, err, portal.ErrOutcomeUnknown, "a customer exists, that is known")
			for _, r := range srv.received() {
				require.Equal(t, "trace-1", r.header.Get("X-Portal-Trace-Id"), "one call to the caller, one trace ID")
			}
			checkWords(t, err)
		}
	}
}

// What the look-up was told, or why it ended, may repeat what the create sent: the e-mail address, or its token.
func TestLookUpShowsNothingThatWasCreatedWith(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"the account of " + jane.Email + " is locked", "born on 1990-02-03", "tok_refused_0 was revoked"} {
		srv := newScriptedServer(t, answer{status: 401}, jsonAnswer(409, `{}`), jsonAnswer(403, marshal(map[string]string{"error": words})))
		tokens := &oncePerToken{first: "tok_refused_0", next: func() (string, error) { return "tok_2", nil }}
		_, err := srv.client(t).WithTokenSource(tokens).EnsureMeldCustomer(t.Context(), jane)
		require.ErrorIs(t, err, portal.ErrForbidden)
		require.ErrorContains(t, err, "withheld")
		require.Empty(t, requireAPIError(t, err).Message)
		require.NotContains(t, err.Error(), words)
		require.Contains(t, string(requireAPIError(t, err).Body()), words)
		checkWords(t, err)

		srv = newScriptedServer(t, jsonAnswer(409, `{}`), jsonAnswer(403, `{"error":"because"}`))
		_, err = srv.client(t).EnsureMeldCustomer(t.Context(), jane)
		require.Equal(t, "because", requireAPIError(t, err).Message)
	}
}
