package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/contender"
	"github.com/portalclient/portal-client-go/internal/bench/loopback"
	"github.com/portalclient/portal-client-go/internal/bench/report"
	"github.com/portalclient/portal-client-go/internal/bench/stat"
)

const (
	tokenWorkers = 16
	heapBudget   = 1024 // bytes for each token source
	// poolBudget allows two connections a worker: while one is dialled, another may come free, and both stay.
	poolBudget = 2 * tokenWorkers
)

func tokensPart(ctx context.Context, l length) (s report.Section, err error) {
	bench, err := loopback.Start(ctx)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, bench.Close()) }()
	task := loopback.TokensTask{Sources: l.tokenSources, Workers: tokenWorkers, Rounds: l.tokensRounds, Slice: l.tokensSlice}
	r, err := bench.ManyTokens(ctx, loopback.TLS, task)
	if err != nil {
		return s, err
	}
	if r.Failed > 0 {
		return s, fmt.Errorf("%d calls failed: %s", r.Failed, r.Error)
	}
	heap, ratio := max(r.HeapEach, r.HeapEachUsed), stat.Ratio(r.Many, r.One)
	t := report.Table{
		Title: "Many end users",
		Lead: fmt.Sprintf("%d token sources on one client, %d workers over TLS. The server repeats each call's token in its answer. "+
			"Heap is that of a source, its token and its client.", task.Sources, task.Workers),
		Head: []string{"heap each, bytes", "after use", "calls", "with the wrong token", "connections in all", "calls/s, × a single source"},
	}
	t.Add(fmt.Sprintf("%.0f", r.HeapEach), fmt.Sprintf("%.0f", r.HeapEachUsed), r.Calls, r.WrongToken, r.Opened, ratio)
	s.Tables = []report.Table{t}
	s.Verdicts = []report.Verdict{
		{Target: fmt.Sprintf("%d token sources: at most %d bytes of heap each", task.Sources, heapBudget), Measured: fmt.Sprintf("%.0f", heap), Met: report.If(heap <= heapBudget)},
		{Target: "one pool for all token sources", Measured: fmt.Sprintf("%d connections for %d workers", r.Opened, task.Workers), Met: report.If(r.Opened <= poolBudget)},
		{Target: "no call with the wrong token", Measured: fmt.Sprintf("%d of %d", r.WrongToken, r.Calls), Met: report.If(r.WrongToken == 0 && r.Calls >= task.Sources)},
		{Target: "the throughput of a single token source", Measured: ratio.String() + " ×", Met: report.AtLeast(ratio, 1), Timed: true},
	}
	return s, nil
}

const (
	stallFactor = 10               // times the server's stream limit, in workers
	stallLimit  = 20 * time.Second // a call that takes longer hangs
)

func stallPart(ctx context.Context, l length) (s report.Section, err error) {
	bench, err := loopback.Start(ctx)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, bench.Close()) }()
	setup := loopback.Setup{Kind: loopback.Limited, Mode: loopback.Fast, Workers: stallFactor * loopback.StreamLimit, Limit: stallLimit}
	all, err := bench.Compare(ctx, setup, []string{contender.Create}, 1, l.stall)
	if err != nil {
		return s, err
	}
	x := all[0]
	t := report.Table{
		Title: "No stall",
		Lead: fmt.Sprintf("%d workers on HTTP/2 for %v, against a server that accepts %d streams on a connection. A call that takes longer than %v hangs.",
			setup.Workers, l.stall, loopback.StreamLimit, stallLimit),
		Head: []string{"calls", "failed or hung", "longest call", "calls/s", "new connections for 1,000 calls"},
		Note: x.Error,
	}
	t.Add(x.Calls, x.Failed, x.Most.Round(time.Millisecond), fmt.Sprintf("%.0f", stat.Of(x.PerSecond).Median), stat.Digits(x.PerThousand()))
	s.Tables = []report.Table{t}
	s.Verdicts = []report.Verdict{{
		Target:   fmt.Sprintf("ten times the stream limit for %v: no call hangs, none fails", l.stall),
		Measured: fmt.Sprintf("%d of %d", x.Failed, x.Calls+x.Failed), Met: report.If(x.Failed == 0 && x.Calls > 0),
	}}
	return s, nil
}
