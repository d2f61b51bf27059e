package portal_test

import (
	"context"
	"errors"
	"net/http/httptrace"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A trace of the caller's own goes on seeing everything, and what came of a request is still told by ours.
func TestTraceOfTheCaller(t *testing.T) {
	t.Parallel()
	for _, call := range calls {
		var mu sync.Mutex
		seen := map[string]int{}
		see := func(what string) {
			mu.Lock()
			defer mu.Unlock()
			seen[what]++
		}
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GetConn:              func(string) { see("GetConn") },
			GotConn:              func(httptrace.GotConnInfo) { see("GotConn") },
			WroteHeaders:         func() { see("WroteHeaders") },
			WroteRequest:         func(httptrace.WroteRequestInfo) { see("WroteRequest") },
			GotFirstResponseByte: func() { see("GotFirstResponseByte") },
		})
		srv := newScriptedServer(t, jsonAnswer(200, customerBody))
		require.NoError(t, call.do(ctx, srv.client(t)))
		mu.Lock()
		require.Len(t, seen, 5, "%v", seen)
		mu.Unlock()

		broken := newFaultServer(t, (*exchange).reset).start()
		client := newClient(t, portal.StaticToken("tok_1"), portal.WithBaseURL(broken.url()), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
		require.Equal(t, call.writes(), errors.Is(call.do(ctx, client), portal.ErrOutcomeUnknown))
		broken.close(t)

		nobody := newClient(t, portal.StaticToken("tok_1"), portal.WithBaseURL("http://127.0.0.1:1"), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
		require.NotErrorIs(t, call.do(ctx, nobody), portal.ErrOutcomeUnknown)
	}
}

// An oddContext ends with an error of its own, as no context of the standard library does.
type oddContext struct{ context.Context }

var errOdd = errors.New("odd")

func (oddContext) Err() error { return errOdd }

func (oddContext) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

func TestContextOfAnotherKind(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	for _, call := range calls {
		err := call.do(oddContext{t.Context()}, srv.client(t))
		require.ErrorIs(t, err, errOdd)
		require.ErrorContains(t, err, "the call's context ended")
		checkWords(t, err)
	}
	require.Empty(t, srv.received())
}
