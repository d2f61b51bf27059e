package loopback

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/canned"
	"github.com/portalclient/portal-client-go/internal/bench/contender"
	"github.com/portalclient/portal-client-go/internal/bench/rusage"
)

// A Turn is what a load process is asked to do.
type Turn struct {
	Workers int
	For     time.Duration
	Limit   time.Duration // for each call; 0 for none
}

// A Result is what came of a turn.
type Result struct {
	Calls             int
	Failed            int
	Error             string        // of the first call that failed
	Elapsed           time.Duration // until the last call came back
	CPU               time.Duration // of this process meanwhile
	Median, P99, Most time.Duration // of the calls that went well
}

// PerSecond is the throughput.
func (r Result) PerSecond() float64 { return float64(r.Calls) / r.Elapsed.Seconds() }

// Load makes calls with one contender as it comes out of the box, a turn for each line of in. It returns
// when in ends.
func Load(ctx context.Context, name, url string, in io.Reader, out io.Writer) error {
	c, err := contender.Named(name)
	if err != nil {
		return err
	}
	call, err := c.New(url, canned.Token, nil)
	if err != nil {
		return err
	}
	encoder, decoder := json.NewEncoder(out), json.NewDecoder(in)
	for {
		var t Turn
		if err := decoder.Decode(&t); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		result := t.run(ctx, func(ctx context.Context, _ int) error {
			id, err := call(ctx)
			if err == nil && id != canned.CustomerID {
				err = fmt.Errorf("the wrong customer: %q", id)
			}
			return err
		})
		if err := encoder.Encode(result); err != nil {
			return err
		}
	}
}

// run makes calls from all workers until the time is over. call is told which worker it is for.
func (t Turn) run(ctx context.Context, call func(ctx context.Context, worker int) error) Result {
	results := make([]Result, t.Workers)
	latencies := make([][]time.Duration, t.Workers)
	start, startCPU := time.Now(), rusage.CPU()
	var wait sync.WaitGroup
	for w := range t.Workers {
		wait.Go(func() {
			for began := start; began.Sub(start) < t.For; {
				err := t.limited(ctx, w, call)
				now := time.Now()
				if err == nil {
					results[w].Calls++
					latencies[w] = append(latencies[w], now.Sub(began))
				} else {
					if results[w].Failed == 0 {
						results[w].Error = err.Error()
					}
					results[w].Failed++
				}
				began = now
			}
		})
	}
	wait.Wait()
	total := Result{Elapsed: time.Since(start), CPU: rusage.CPU() - startCPU}
	for _, r := range results {
		total.Calls += r.Calls
		total.Failed += r.Failed
		if total.Error == "" {
			total.Error = r.Error
		}
	}
	if all := slices.Concat(latencies...); len(all) > 0 {
		slices.Sort(all)
		total.Median, total.P99, total.Most = all[len(all)/2], all[len(all)*99/100], all[len(all)-1]
	}
	return total
}

func (t Turn) limited(ctx context.Context, worker int, call func(context.Context, int) error) error {
	if t.Limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.Limit)
		defer cancel()
	}
	return call(ctx, worker)
}
