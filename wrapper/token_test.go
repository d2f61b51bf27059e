package portal_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

func TestUnusableTokenIsRefusedBeforeTheNetwork(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, token, says string }{
		{"empty", "", "token is empty"},
		{"line break", "tok\n", "token holds a character that cannot stand in a header"},
		{"header injection", "tok\r\nX-Evil: 1", "token holds a character that cannot stand in a header"},
		{"space", "to k", "token holds a character that cannot stand in a header"},
		{"not ASCII", "tök", "token holds a character that cannot stand in a header"},
		{"with its scheme", "Bearer tok", "token starts with \"Bearer \": pass the token alone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, jsonAnswer(200, customerBody))
			client := srv.client(t)
			for _, ts := range []portal.TokenSource{portal.StaticToken(tt.token), portal.CachedTokenSource(portal.StaticToken(tt.token))} {
				_, err := client.WithTokenSource(ts).CreateMeldCustomer(t.Context(), nil)
				require.ErrorIs(t, err, portal.ErrTokenSource)
				require.NotErrorIs(t, err, portal.ErrInvalidRequest, "the caller of this call has done nothing wrong")
				require.ErrorContains(t, err, "portal: createMeldCustomer: token source failed: "+tt.says)
				require.NotErrorIs(t, err, portal.ErrOutcomeUnknown)
			}
			require.Empty(t, srv.received())
		})
	}
}

// numberedTokens returns t1, t2, … and counts.
type numberedTokens struct{ n atomic.Int64 }

func (s *numberedTokens) Token(context.Context) (string, error) {
	return fmt.Sprintf("t%d", s.n.Add(1)), nil
}

func TestReplayAfter401(t *testing.T) {
	t.Parallel()
	expired := jsonAnswer(401, `{"error":"expired"}`)
	ok := jsonAnswer(200, customerBody)
	tests := []struct {
		name       string
		answers    []answer
		maxAttempt int
		cached     bool
		want       []string
		fails      bool
	}{
		{"once, with the next token", []answer{expired, ok}, 3, true, []string{"Bearer t1", "Bearer t2"}, false},
		{"not twice", []answer{expired}, 3, true, []string{"Bearer t1", "Bearer t2"}, true},
		{"not without an Invalidator", []answer{expired, ok}, 3, false, []string{"Bearer t1"}, true},
		{"not when repeats are off", []answer{expired, ok}, 1, true, []string{"Bearer t1"}, true},
	}
	for _, tt := range tests {
		for _, call := range calls {
			t.Run(tt.name+"/"+call.name, func(t *testing.T) {
				t.Parallel()
				srv := newScriptedServer(t, tt.answers...)
				source := portal.TokenSource(&numberedTokens{})
				if tt.cached {
					source = portal.CachedTokenSource(source)
				}
				client := srv.client(t, portal.WithRetry(portal.RetryPolicy{MaxAttempts: tt.maxAttempt})).WithTokenSource(source)
				err := call.do(t.Context(), client)
				require.Equal(t, tt.want, tokensOf(srv.received()))
				if tt.fails {
					require.ErrorIs(t, err, portal.ErrUnauthorized)
					require.NotErrorIs(t, err, portal.ErrOutcomeUnknown)
					return
				}
				require.NoError(t, err)
			})
		}
	}
}

// A token that was refused is not used again, even when nothing was repeated.
func TestRefusedTokenIsForgotten(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(401, `{}`), jsonAnswer(200, customerBody))
	client := srv.client(t, portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1})).
		WithTokenSource(portal.CachedTokenSource(&numberedTokens{}))
	_, err := client.CreateMeldCustomer(t.Context(), nil)
	require.ErrorIs(t, err, portal.ErrUnauthorized)
	_, err = client.CreateMeldCustomer(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, []string{"Bearer t1", "Bearer t2"}, tokensOf(srv.received()))
}

func TestCachedTokenSourceFetchesOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fetches atomic.Int64
		source := portal.CachedTokenSource(portal.TokenFunc(func(context.Context) (string, error) {
			fetches.Add(1)
			time.Sleep(time.Second)
			return "tok", nil
		}))
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				token, err := source.Token(t.Context())
				require.NoError(t, err)
				require.Equal(t, "tok", token)
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, fetches.Load())

		source.(portal.Invalidator).Invalidate("another")
		_, _ = source.Token(t.Context())
		require.EqualValues(t, 1, fetches.Load(), "only the token that was refused is forgotten")

		source.(portal.Invalidator).Invalidate("tok")
		_, _ = source.Token(t.Context())
		require.EqualValues(t, 2, fetches.Load())
	})
}

func TestCachedTokenSourceObeysEachContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		errGone := errors.New("the caller has gone")
		fetchEnded := make(chan error, 2)
		source := portal.CachedTokenSource(portal.TokenFunc(func(ctx context.Context) (string, error) {
			select {
			case <-time.After(10 * time.Second):
				fetchEnded <- nil
				return "tok", nil
			case <-ctx.Done():
				fetchEnded <- ctx.Err()
				return "", ctx.Err()
			}
		}))
		start := time.Now()
		first, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errGone) })
		second := make(chan string, 1)
		go func() {
			token, _ := source.Token(t.Context())
			second <- token
		}()
		_, err := source.Token(first)
		require.ErrorIs(t, err, errGone)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, time.Second, time.Since(start))
		require.Equal(t, "tok", <-second, "the fetch goes on for those who still wait")
		require.Equal(t, 10*time.Second, time.Since(start))
		require.NoError(t, <-fetchEnded)

		source.(portal.Invalidator).Invalidate("tok")
		alone, cancelAlone := context.WithTimeout(t.Context(), time.Second)
		defer cancelAlone()
		_, err = source.Token(alone)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, <-fetchEnded, context.Canceled, "a fetch that nobody waits for is ended")

		token, err := source.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "tok", token)
	})
}

// A fetch that everybody has left may come back late, for a source may not mind its context: its token is not kept, and
// the fetch that has taken its place goes on.
func TestCachedTokenSourceForgetsWhatEverybodyHasLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var asked []context.Context
		source := portal.CachedTokenSource(portal.TokenFunc(func(ctx context.Context) (string, error) {
			mu.Lock()
			asked = append(asked, ctx)
			token := fmt.Sprint("tok_", len(asked))
			mu.Unlock()
			time.Sleep(10 * time.Second)
			return token, nil
		}))
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := source.Token(impatient)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		second := make(chan string, 1)
		go func() {
			token, _ := source.Token(t.Context())
			second <- token
		}()
		time.Sleep(9500 * time.Millisecond) // the first has come back by now, the second has not
		token, err := source.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "tok_2", token)
		require.Equal(t, "tok_2", <-second)
		require.Len(t, asked, 2)
		require.ErrorIs(t, asked[1].Err(), context.Canceled, "what the source has begun ends with the fetch")
	})
}

func TestCachedTokenSourceDoesNotKeepFailures(t *testing.T) {
	t.Parallel()
	failures := []portal.TokenFunc{
		func(context.Context) (string, error) { return "", errors.New("vault sealed") },
		func(context.Context) (string, error) { return "", nil },
		func(context.Context) (string, error) { runtime.Goexit(); return "", nil },
		func(context.Context) (string, error) { panic("source broke") },
		func(context.Context) (string, error) { return "good", nil },
	}
	var n int
	source := portal.CachedTokenSource(portal.TokenFunc(func(ctx context.Context) (string, error) {
		n++
		return failures[n-1](ctx)
	}))
	for range 3 {
		_, err := source.Token(t.Context())
		require.Error(t, err)
	}
	require.PanicsWithValue(t, "source broke", func() { _, _ = source.Token(t.Context()) })
	for range 2 {
		token, err := source.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "good", token)
	}
	require.Equal(t, 5, n)
}

// A token that cannot be sent is not kept, so that the source is asked again.
func TestCachedTokenSourceDoesNotKeepWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	tokens := []string{"with a space", "tok_1"}
	ts := portal.CachedTokenSource(portal.TokenFunc(func(context.Context) (string, error) {
		token := tokens[0]
		tokens = tokens[1:]
		return token, nil
	}))
	_, err := ts.Token(t.Context())
	require.Error(t, err)
	token, err := ts.Token(t.Context())
	require.NoError(t, err)
	require.Equal(t, "tok_1", token)
}

// invalidations records what it is told.
type invalidations struct {
	portal.TokenSource
	told []string
}

func (s *invalidations) Invalidate(token string) { s.told = append(s.told, token) }

func TestCachedTokenSourcePassesInvalidateOn(t *testing.T) {
	t.Parallel()
	inner := &invalidations{TokenSource: portal.StaticToken("tok")}
	portal.CachedTokenSource(inner).(portal.Invalidator).Invalidate("tok")
	require.Equal(t, []string{"tok"}, inner.told)
}

// Every end user's calls carry that user's token, over one pool.
func TestWithTokenSource(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"data":{"id":"`+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")+`","accountId":"a","externalId":"e"}}`)
	})
	client := srv.client(t)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			token := fmt.Sprintf("user-%d", i)
			customer, err := client.WithTokenSource(portal.StaticToken(token)).CreateMeldCustomer(t.Context(), nil)
			if err == nil && customer.ID != token {
				err = errors.New("token of another user")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
