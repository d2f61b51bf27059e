// Package memory measures what a call costs by itself, with a transport that answers from memory.
package memory

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/canned"
	"github.com/portalclient/portal-client-go/internal/bench/contender"
	"github.com/portalclient/portal-client-go/internal/bench/rusage"
	"github.com/portalclient/portal-client-go/internal/bench/stat"
)

// A Case is an answer that all contenders get.
type Case struct {
	Name   string
	Status int
	Body   []byte
}

// Cases are the two answers of the API.
func Cases() []Case {
	return []Case{
		{Name: "200", Status: 200, Body: []byte(canned.Customer)},
		{Name: "409", Status: 409, Body: []byte(canned.Conflict)},
	}
}

// Rounds says how long to measure.
type Rounds struct {
	N     int           // how often each contender has its turn
	Slice time.Duration // how long a turn is
}

// A Series is what one contender did, a figure for each round.
type Series struct {
	Case, Contender string
	Wall            []float64 // nanoseconds a call
	CPU             []float64 // the same, of all threads: what garbage collection costs beside the call counts too
	Allocs, Bytes   float64   // a call, in the last round
}

// Measure runs all contenders on all cases, in turns.
func Measure(ctx context.Context, cases []Case, contenders []contender.Contender, rounds Rounds) ([]Series, error) {
	var all []Series
	for _, c := range cases {
		series := make([]Series, len(contenders))
		calls := make([]contender.Call, len(contenders))
		for i, x := range contenders {
			call, err := x.New("https://api.example.com/api/v3", canned.Token, canned.NewMemory(c.Status, c.Body))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", x.Name, err)
			}
			series[i], calls[i] = Series{Case: c.Name, Contender: x.Name}, call
			if err := series[i].turn(ctx, call, rounds.Slice/4, false); err != nil { // warm up, and fail early
				return nil, fmt.Errorf("%s on %s: %w", x.Name, c.Name, err)
			}
		}
		for r := range rounds.N {
			for _, i := range stat.Order(len(contenders), r) {
				if err := series[i].turn(ctx, calls[i], rounds.Slice, true); err != nil {
					return nil, fmt.Errorf("%s on %s: %w", contenders[i].Name, c.Name, err)
				}
			}
		}
		all = append(all, series...)
	}
	return all, nil
}

// turn makes calls for a while. Each turn begins with an empty heap, so that it pays for its own garbage.
func (s *Series) turn(ctx context.Context, call contender.Call, d time.Duration, keep bool) error {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	startCPU, start := rusage.CPU(), time.Now()
	calls, elapsed := 0, time.Duration(0)
	for elapsed < d {
		for range 8 {
			id, err := call(ctx)
			if err != nil {
				return err
			}
			if id != canned.CustomerID {
				return fmt.Errorf("the wrong customer: %q", id)
			}
		}
		calls += 8
		elapsed = time.Since(start)
	}
	cpu := rusage.CPU() - startCPU
	runtime.ReadMemStats(&after)
	if keep {
		n := float64(calls)
		s.Wall = append(s.Wall, float64(elapsed)/n)
		s.CPU = append(s.CPU, float64(cpu)/n)
		s.Allocs = float64(after.Mallocs-before.Mallocs) / n
		s.Bytes = float64(after.TotalAlloc-before.TotalAlloc) / n
	}
	return nil
}
