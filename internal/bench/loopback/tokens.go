package loopback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/contender"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A TokensTask asks for many end users on one client.
type TokensTask struct {
	Sources int
	Workers int
	Rounds  int
	Slice   time.Duration
}

// A TokensResult is what came of it.
type TokensResult struct {
	HeapEach     float64 // bytes for a token source and its client, with a token of its own
	HeapEachUsed float64 // the same after all of them have made calls
	Calls        int
	WrongToken   int
	Failed       int
	Error        string
	One, Many    []float64 // calls/s of one source and of all in turn, a figure for each round
	Opened       int64     // connections, in the whole task
}

// Tokens does one task, in a process of its own so that the heap holds nothing else. The server repeats the
// token in its answer, which shows whether each call went out with the right one.
func Tokens(ctx context.Context, url string, in io.Reader, out io.Writer) error {
	var task TokensTask
	if err := json.NewDecoder(in).Decode(&task); err != nil {
		return err
	}
	client, err := contender.NewPortal(url, tokenOf(0), nil)
	if err != nil {
		return err
	}
	var result TokensResult
	one := []*portal.Client{client}
	result.turn(ctx, task, one) // fills the pool
	before := heap()
	many := make([]*portal.Client, task.Sources)
	for i := range many {
		many[i] = client.WithTokenSource(portal.StaticToken(tokenOf(i)))
	}
	result.HeapEach = (heap() - before) / float64(task.Sources)

	result.each(ctx, task.Workers, many)
	for r := range task.Rounds {
		// Who begins alternates, so that neither always follows the other.
		if r%2 == 0 {
			result.One = append(result.One, result.turn(ctx, task, one))
			result.Many = append(result.Many, result.turn(ctx, task, many))
		} else {
			result.Many = append(result.Many, result.turn(ctx, task, many))
			result.One = append(result.One, result.turn(ctx, task, one))
		}
	}
	result.HeapEachUsed = (heap() - before) / float64(task.Sources)
	runtime.KeepAlive(many)
	return json.NewEncoder(out).Encode(result)
}

// each makes one call with every client.
func (r *TokensResult) each(ctx context.Context, workers int, clients []*portal.Client) {
	var next atomic.Int64
	var mu sync.Mutex
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(clients) {
					return
				}
				err := checkedCall(ctx, clients[i], i)
				mu.Lock()
				r.count(err)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
}

// turn makes calls with all clients in turn, and returns how many a second.
func (r *TokensResult) turn(ctx context.Context, task TokensTask, clients []*portal.Client) float64 {
	var next, wrong atomic.Int64
	result := Turn{Workers: task.Workers, For: task.Slice}.run(ctx, func(ctx context.Context, _ int) error {
		i := int(next.Add(1)) % len(clients)
		err := checkedCall(ctx, clients[i], i)
		if errors.As(err, new(wrongToken)) {
			wrong.Add(1)
		}
		return err
	})
	r.Calls += result.Calls
	r.WrongToken += int(wrong.Load())
	r.Failed += result.Failed - int(wrong.Load())
	if r.Error == "" {
		r.Error = result.Error
	}
	return result.PerSecond()
}

func (r *TokensResult) count(err error) {
	if err == nil {
		r.Calls++
		return
	}
	if errors.As(err, new(wrongToken)) {
		r.WrongToken++
	} else {
		r.Failed++
	}
	if r.Error == "" {
		r.Error = err.Error()
	}
}

// wrongToken is the error of a call that the server saw with the token of another end user.
type wrongToken struct{ sent, want string }

func (w wrongToken) Error() string { return fmt.Sprintf("sent %q instead of %q", w.sent, w.want) }

func checkedCall(ctx context.Context, client *portal.Client, i int) error {
	_, sent, err := contender.CreateWith(ctx, client)
	if want := tokenOf(i); err == nil && sent != want {
		err = wrongToken{sent, want}
	}
	return err
}

func tokenOf(i int) string { return fmt.Sprintf("cst_5f0f8b1e7c2d4a6f9b3e1d0c8a7f-%06d", i) }

// heap is what is in use once all garbage is gone.
func heap() float64 {
	runtime.GC()
	runtime.GC() // the second one frees what the first only emptied: pools, finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// ManyTokens runs a task against the server.
func (b *Bench) ManyTokens(ctx context.Context, kind string, task TokensTask) (TokensResult, error) {
	var result TokensResult
	before, err := b.connections(kind)
	if err != nil {
		return result, err
	}
	child, err := start(ctx, b.dir, tokensArg, baseURL(kind, b.addresses[kind], Echo))
	if err != nil {
		return result, err
	}
	limit := time.Duration(2*task.Rounds+2)*task.Slice + 2*answerTime
	if err := child.ask(task, &result, limit); err != nil {
		return result, fmt.Errorf("many tokens: %w", err)
	}
	after, err := b.connections(kind)
	result.Opened = after - before
	if err != nil {
		return result, err
	}
	return result, child.stop()
}
