package portal_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A sentWorld answers from a script, and notes what each request told it.
type sentWorld struct {
	answers []answer // the last again and again
	told    [][]string
	keys    []int // the requests to the custodian API, whose key and client only its own errors could repeat
	client  *portal.Client
	keeper  *portal.Custodian
}

var (
	sentString = regexp.MustCompile(`"([^"]{4,})"[^:]`)
	sentID     = regexp.MustCompile(`[a-z]+_[a-z_]+[0-9]+`)
)

func (w *sentWorld) RoundTrip(r *http.Request) (*http.Response, error) {
	told := []string{strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}
	told = append(told, sentID.FindAllString(r.URL.Path, -1)...)
	for _, values := range r.URL.Query() {
		told = append(told, values...)
	}
	told = append(told, r.Header.Values("X-Who")...)
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		for _, match := range sentString.FindAllSubmatch(append(body, ' '), -1) {
			told = append(told, string(match[1]))
		}
	}
	if strings.Contains(r.URL.Path, "/custodians/") {
		w.keys = append(w.keys, len(w.told))
	}
	a := w.answers[min(len(w.told), len(w.answers)-1)]
	w.told = append(w.told, told)
	return &http.Response{StatusCode: a.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(a.body))}, nil
}

// renewed gives another token each time, and hears of refused ones.
type renewed struct{ count int }

func (s *renewed) Token(context.Context) (string, error) {
	s.count++
	return [...]string{"ocelotXx9", "zebraYy8", "wombatQq7", "lemurVv6", "tapirBb5", "gibbonKk4", "quaggaPp3", "iguanaDd2"}[s.count-1], nil
}

func (s *renewed) Invalidate(string) {}

func lastError[T any](seq iter.Seq2[T, error]) (last error) {
	for _, err := range seq {
		last = err
	}
	return last
}

// flows are the ways in which several requests come to one result, with the answers that lead through all of them.
var flows = []struct {
	name    string
	answers []answer
	do      func(context.Context, *sentWorld) error
}{
	{"a repeat with another token", []answer{{status: 401}, jsonAnswer(200, customerBody)}, func(ctx context.Context, w *sentWorld) error {
		_, err := w.client.CreateMeldCustomer(ctx, jane)
		return err
	}},
	{"Ensure", []answer{{status: 401}, jsonAnswer(409, `{}`), jsonAnswer(200, customerBody)}, func(ctx context.Context, w *sentWorld) error {
		_, err := w.client.EnsureMeldCustomer(ctx, jane)
		return err
	}},
	{"Ensure, refused while looking", []answer{jsonAnswer(409, `{}`), {status: 401}, jsonAnswer(200, customerBody)}, func(ctx context.Context, w *sentWorld) error {
		_, err := w.client.EnsureMeldCustomer(ctx, jane)
		return err
	}},
	{"a watched session", []answer{
		jsonAnswer(404, `{}`), jsonAnswer(200, `{"data":{"transaction":{"id":"chinchilla_1","status":"PENDING"}}}`), {status: 401},
		jsonAnswer(200, `{"data":{"transaction":{"id":"chinchilla_1","status":"SETTLING"}}}`), {status: 503}, {status: 503}, {status: 503}, jsonAnswer(200, `{"data":{"transaction":{"id":"chinchilla_1","status":"SETTLED"}}}`),
	}, func(ctx context.Context, w *sentWorld) error {
		return lastError(w.client.WatchMeldSession(ctx, "platypus_1", portal.PollPolicy{}))
	}},
	{"a watched transaction", []answer{
		jsonAnswer(200, `{"data":{"transaction":{"id":"chinchilla_1","status":"PENDING"}}}`), jsonAnswer(200, `{"data":{"transaction":{"id":"chinchilla_1","status":"SETTLED"}}}`),
	}, func(ctx context.Context, w *sentWorld) error {
		_, err := w.client.WaitForMeldTransaction(ctx, "chinchilla_1", portal.PollPolicy{})
		return err
	}},
	{"pages of Meld, with parameters that change", []answer{
		jsonAnswer(200, `{"data":{"remaining":9,"transactions":[{"id":"t1","key":"dolphin_1"}]}}`),
		jsonAnswer(200, `{"data":{"remaining":9,"transactions":[{"id":"t2","key":"elephant_2"}]}}`), jsonAnswer(200, `{"data":{"transactions":[{"id":"t3"}]}}`),
	}, func(ctx context.Context, w *sentWorld) error {
		sessions := []string{"platypus_1"}
		params := &api.SearchMeldRetailTransactionsParams{ExternalSessionIDs: sessions, After: new("flamingo_0")}
		for _, err := range w.client.MeldTransactions(ctx, params) {
			if err != nil {
				return err
			}
			sessions[0] = "armadillo_2"
		}
		return nil
	}},
	{"sessions of a custodian", []answer{
		jsonAnswer(200, `{"id":"i1","clientSessionToken":"badger_one1"}`), {status: 401},
		jsonAnswer(200, `{"id":"i2","clientSessionToken":"falcon_two2"}`), jsonAnswer(409, `{}`), {status: 401},
		jsonAnswer(200, `{"id":"i2","clientSessionToken":"mongoose_three3"}`), jsonAnswer(200, customerBody),
	}, func(ctx context.Context, w *sentWorld) error {
		_, err := w.client.WithTokenSource(w.keeper.Sessions("hedgehog_owner_1")).EnsureMeldCustomer(ctx, jane)
		return err
	}},
	{"the generated client, with editors", []answer{{status: 401}, jsonAnswer(200, customerBody)}, func(ctx context.Context, w *sentWorld) error {
		_, err := w.client.API().CreateMeldCustomerWithResponse(ctx, *jane, func(_ context.Context, r *http.Request) error {
			r.URL.RawQuery = url.Values{"who": {"Jörg & Jane", "kangaroo_2"}}.Encode()
			r.Header.Set("X-Who", "marmoset_1")
			return nil
		})
		return err
	}},
}

// Whatever the API was told on the way to a result, and in whichever of the requests, an error does not repeat it. What
// repeats nothing is shown.
func TestSeveralRequestsRepeatNothing(t *testing.T) {
	t.Parallel()
	for _, flow := range flows {
		run := func(t *testing.T, at int, words string) (w *sentWorld, err error) {
			synctest.Test(t, func(t *testing.T) {
				w = &sentWorld{answers: flow.answers}
				if at < len(flow.answers) {
					w.answers = append(slices.Clone(flow.answers[:at]), jsonAnswer(403, marshal(map[string]string{"error": words})))
				}
				opts := []portal.Option{portal.WithHTTPClient(&http.Client{Transport: w}), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 2})}
				w.client = newClient(t, &renewed{}, opts...)
				w.keeper, err = portal.NewCustodian(portal.StaticToken("walrus_key0"), opts...)
				require.NoError(t, err)
				err = flow.do(t.Context(), w)
			})
			return w, err
		}
		t.Run(flow.name, func(t *testing.T) {
			t.Parallel()
			whole, err := run(t, len(flow.answers), "")
			require.NoError(t, err)
			require.Len(t, whole.told, len(flow.answers))
			for at := range whole.told {
				_, err := run(t, at, "because")
				require.ErrorContains(t, err, ": because", "what repeats nothing is shown")
				for i, told := range whole.told[:at+1] {
					if i != at && slices.Contains(whole.keys, i) {
						continue
					}
					for _, value := range told {
						said := "there is (" + value + ") already"
						_, err := run(t, at, said)
						require.Error(t, err)
						require.ErrorContains(t, err, "withheld", "request %d, %s", at, value)
						for form, text := range printed(err, errorVerbs) {
							require.NotContains(t, text, value, form)
						}
						require.NotContains(t, dump(err), value)
						checkWords(t, err)
						e := requireAPIError(t, err)
						if !errors.Is(err, portal.ErrTokenSource) {
							require.Contains(t, string(e.Body()), "already")
							require.Equal(t, 403, e.StatusCode)
						}
					}
				}
			}
		})
	}
}

// A trace ID may have in it what the caller sent, by chance: it is no reason to withhold what it stands beside.
func TestTraceIDsAreNotCompared(t *testing.T) {
	t.Parallel()
	const trace = "0a61990f-8d3e-4a02-a5a7-5bd7cbb4fa03"
	ctx := portal.WithTraceID(t.Context(), trace)
	srv := newScriptedServer(t, jsonAnswer(403, `{"error":"Look for `+trace+`."}`))
	_, err := srv.client(t).CreateMeldCustomer(ctx, jane)
	require.ErrorContains(t, err, ": Look for "+trace+".")
	_, err = srv.client(t).WithTokenSource(srv.custodian(t).Sessions("hedgehog_owner_1")).CreateMeldCustomer(ctx, jane)
	require.ErrorIs(t, err, portal.ErrTokenSource)
	require.ErrorContains(t, err, ": Look for "+trace+".")
	source := portal.TokenFunc(func(context.Context) (string, error) {
		_, err := srv.custodian(t).Sessions("hedgehog_owner_1").Token(portal.WithTraceID(t.Context(), "another-1990-02-03-00"))
		return "", fmt.Errorf("vault: %w", err)
	})
	_, err = srv.client(t).WithTokenSource(source).CreateMeldCustomer(ctx, jane)
	require.ErrorContains(t, err, "vault: createClientSession: 403 Forbidden: Look for")

	_, sibling := srv.client(t).GetMeldCustomer(portal.WithTraceID(t.Context(), "another-1990-02-03-00"))
	ended, cancel := context.WithCancelCause(ctx) // as errgroup ends the calls of a group
	cancel(sibling)
	_, err = srv.client(t).CreateMeldCustomer(ended, jane)
	require.ErrorContains(t, err, "the call's context ended: context canceled: getMeldCustomer: 403 Forbidden: Look for")

	for trace, shown := range map[string]bool{"a-03-4567-90-234": false, "a-03-4567-90-2345": true} { // what is short may be anything
		srv = newScriptedServer(t, jsonAnswer(403, `{"error":"Look for `+trace+`."}`))
		_, err = srv.client(t).CreateMeldCustomer(portal.WithTraceID(t.Context(), trace), jane)
		require.Equal(t, !shown, strings.Contains(err.Error(), "withheld"), "%v", err)
	}
}

// A cause of the caller's between two looks is compared with all that the looks sent, and shown when it repeats nothing.
func TestCausesBetweenLooks(t *testing.T) {
	t.Parallel()
	for words, shown := range map[string]bool{
		"nobody waits any more": true, "platypus_1 is over": false, "chinchilla_1 is over": false, "ocelotXx9 is over": false, "zebraYy8 is over": false,
	} {
		synctest.Test(t, func(t *testing.T) {
			pending := jsonAnswer(200, `{"data":{"transaction":{"id":"chinchilla_1","status":"PENDING"}}}`)
			w := &sentWorld{answers: []answer{pending}}
			client := newClient(t, &renewed{}, portal.WithHTTPClient(&http.Client{Transport: w}))
			ctx, cancel := context.WithCancelCause(t.Context())
			cause := errors.New(words)
			time.AfterFunc(5*time.Second, func() { cancel(cause) })
			err := lastError(client.WatchMeldSession(ctx, "platypus_1", portal.PollPolicy{}))
			require.ErrorIs(t, err, cause)
			require.ErrorIs(t, err, context.Canceled)
			require.GreaterOrEqual(t, len(w.told), 2)
			require.Equal(t, shown, strings.Contains(err.Error(), words), "%v", err)
			require.Equal(t, !shown, strings.Contains(err.Error(), "withheld"), "%v", err)
		})
	}
}

// What is shown of a long text does not end in the middle of a name: what is cut off was compared, too.
func TestCutTextsRepeatNothing(t *testing.T) {
	t.Parallel()
	body := &api.MeldCreateCustomerRequest{Name: api.MeldCustomerName{FirstName: "Grace"}}
	for name, shown := range map[string]bool{"Grace": false, "Grass": true} {
		words := strings.Repeat("- ", 252) + "." + name + strings.Repeat(" -", 300)
		srv := newScriptedServer(t, jsonAnswer(400, marshal(map[string]string{"error": words})))
		_, refused := srv.client(t).CreateMeldCustomer(t.Context(), body)
		_, failed := srv.client(t).WithTokenSource(portal.TokenFunc(func(context.Context) (string, error) { return "", errors.New(words) })).CreateMeldCustomer(t.Context(), body)
		for _, err := range []error{refused, failed} {
			require.Equal(t, shown, strings.Contains(err.Error(), "- ."+name[:3]), "%v", err)
			require.Equal(t, !shown, strings.Contains(err.Error(), "withheld"), "%v", err)
		}
	}
}

// A token that a source returns with an error is not sent, and its error may quote it.
func TestTokenBesideAnErrorIsNotShown(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	failure := errors.New("the token wombatQq7 has expired")
	source := portal.TokenFunc(func(context.Context) (string, error) { return "wombatQq7", failure })
	for _, source := range []portal.TokenSource{source, portal.CachedTokenSource(source)} {
		for _, call := range calls {
			err := call.do(t.Context(), srv.client(t).WithTokenSource(source))
			require.ErrorIs(t, err, portal.ErrTokenSource)
			require.ErrorIs(t, err, failure)
			require.ErrorContains(t, err, "withheld")
			require.NotContains(t, err.Error(), "wombatQq7")
			checkWords(t, err)
		}
	}
	require.Empty(t, srv.received())
}

// A round tripper may make calls of its own, with the context of the request: the caller captures nothing of them, and
// they belong to no iteration.
func TestCallsOfARoundTripperStandAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &sentWorld{answers: []answer{
			jsonAnswer(200, `{"data":{"transaction":{"id":"chinchilla_1","status":"PENDING"}}}`), jsonAnswer(200, `{"data":{"transaction":{"id":"chinchilla_1","status":"SETTLED"}}}`),
		}}
		aside := &sentWorld{answers: []answer{jsonAnswer(400, `{"error":"no JSON"}`)}}
		own := newClient(t, portal.StaticToken("walrusKey0"), portal.WithHTTPClient(&http.Client{Transport: aside}))
		response := new(portal.Response)
		client := newClient(t, &renewed{}, portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			reply, err := own.API().CreateMeldCustomerWithBodyWithResponse(r.Context(), "application/json", strings.NewReader(`{"a`))
			require.NoError(t, err)
			require.NotNil(t, reply.JSON400)
			require.NotEqual(t, 400, response.StatusCode)
			return w.RoundTrip(r)
		})}))
		_, err := client.WaitForMeldTransaction(portal.CaptureResponse(t.Context(), response), "chinchilla_1", portal.PollPolicy{})
		require.NoError(t, err)
		require.Equal(t, 200, response.StatusCode)
	})
}

// Who waits for a token, or asks for it later, was not told of the refused one: the error of the source may be about it.
func TestRefusedTokensAreNotShown(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, `{"clientSessionToken":"badgerOne1"}`), answer{status: 401}, jsonAnswer(403, `{"error":"close badgerOne1 first"}`))
	client := srv.client(t).WithTokenSource(srv.custodian(t).Sessions("hedgehog_owner_1"))
	for range 3 {
		_, err := client.GetMeldCustomer(t.Context())
		require.ErrorIs(t, err, portal.ErrTokenSource)
		require.ErrorContains(t, err, "withheld")
		require.NotContains(t, err.Error(), "badgerOne1")
	}
	require.Len(t, srv.received(), 5)
}
