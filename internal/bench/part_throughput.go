package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/contender"
	"github.com/portalclient/portal-client-go/internal/bench/loopback"
	"github.com/portalclient/portal-client-go/internal/bench/report"
	"github.com/portalclient/portal-client-go/internal/bench/stat"
)

// outOfTheBox are the contenders whose throughput is compared; default is the second.
var outOfTheBox = []string{contender.Floor, contender.Default, contender.Resty, contender.Retryable, contender.Create}

// throughputs are the situations, with what is promised of each.
var throughputs = []struct {
	kind    string
	workers int
	target  float64 // × default, calls/s
}{
	{loopback.TLS, 1, 1}, {loopback.TLS, 16, 5}, {loopback.TLS, 256, 10},
	{loopback.Plain, 1, 1}, {loopback.Plain, 16, 1}, {loopback.Plain, 256, 1.8},
	{loopback.HTTP2, 1, 1}, {loopback.HTTP2, 16, 1}, {loopback.HTTP2, 256, 1},
}

func throughputPart(ctx context.Context, l length) (s report.Section, err error) {
	bench, err := loopback.Start(ctx)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, bench.Close()) }()

	calls := report.Table{
		Title: "Out of the box",
		Lead: "Calls a second over 127.0.0.1, × the default client. The server is a process of its own, and so is each contender; " +
			"none has an option set besides its base URL (the test's authority is trusted through SSL_CERT_FILE). " +
			"The last column is the default client's own figure.",
		Head: slices.Concat([]string{"connection", "workers"}, outOfTheBox, []string{"default, calls/s"}),
	}
	opened := report.Table{
		Title: "New connections",
		Lead:  "Connections that the server saw opened for 1,000 calls, after the first turn of each.",
		Head:  slices.Concat([]string{"connection", "workers"}, outOfTheBox),
	}
	effort := report.Table{
		Title: "Client CPU",
		Lead:  "CPU time of the client's process for a call, handshakes included, × the default client.",
		Head:  slices.Concat([]string{"connection", "workers"}, outOfTheBox, []string{"default, µs"}),
	}
	var most float64
	for _, t := range throughputs {
		setup := loopback.Setup{Kind: t.kind, Mode: loopback.Fast, Workers: t.workers}
		all, err := compare(ctx, bench, setup, outOfTheBox, l.throughputRounds, l.throughputSlice)
		if err != nil {
			return s, err
		}
		callsRow, effortRow, openedRow := []any{t.kind, t.workers}, []any{t.kind, t.workers}, []any{t.kind, t.workers}
		for _, x := range all {
			callsRow = append(callsRow, stat.Ratio(x.PerSecond, all[1].PerSecond))
			effortRow = append(effortRow, stat.Ratio(x.CPU, all[1].CPU))
			openedRow = append(openedRow, stat.Digits(x.PerThousand()))
		}
		calls.Add(append(callsRow, fmt.Sprintf("%.0f", stat.Of(all[1].PerSecond).Median))...)
		effort.Add(append(effortRow, stat.Digits(stat.Of(all[1].CPU).Median))...)
		opened.Add(openedRow...)
		ours := all[len(all)-1]
		ratio := stat.Ratio(ours.PerSecond, all[1].PerSecond)
		s.Verdicts = append(s.Verdicts, report.Verdict{
			Target:   fmt.Sprintf("out of the box, %s, %s: at least %g × default", t.kind, workers(t.workers), t.target),
			Measured: ratio.String(), Met: report.AtLeast(ratio, t.target), Timed: true,
		})
		most = max(most, ours.PerThousand())
	}
	s.Verdicts = append(s.Verdicts, report.Verdict{
		Target:   "out of the box: no new connections in the steady state",
		Measured: "at most " + stat.Digits(most) + " for 1,000 calls", Met: report.If(most < 0.1), Timed: true,
	})
	far, err := farAway(ctx, bench, l)
	s.Tables = []report.Table{calls, effort, opened, far}
	return s, err
}

func workers(n int) string {
	if n == 1 {
		return "1 worker"
	}
	return fmt.Sprintf("%d workers", n)
}

// farAway is the same from an API that takes its time.
func farAway(ctx context.Context, bench *loopback.Bench, l length) (report.Table, error) {
	t := report.Table{
		Title: fmt.Sprintf("Out of the box, %v away", loopback.Delay),
		Lead:  "256 workers over TLS, to a server that takes that long for each answer.",
		Head:  []string{"contender", "median latency, × default", "median latency, ms", "calls/s, × default", "new connections for 1,000 calls"},
	}
	setup := loopback.Setup{Kind: loopback.TLS, Mode: loopback.Slow, Workers: 256}
	all, err := compare(ctx, bench, setup, outOfTheBox, max(1, l.throughputRounds-2), 2*l.throughputSlice)
	if err != nil {
		return t, err
	}
	for _, x := range all {
		t.Add(x.Contender, stat.Ratio(x.Median, all[1].Median), stat.Of(x.Median), stat.Ratio(x.PerSecond, all[1].PerSecond), stat.Digits(x.PerThousand()))
	}
	return t, nil
}

// compare is bench.Compare, where no call may fail.
func compare(ctx context.Context, bench *loopback.Bench, setup loopback.Setup, names []string, rounds int, slice time.Duration) ([]loopback.Series, error) {
	all, err := bench.Compare(ctx, setup, names, rounds, slice)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if x.Failed > 0 {
			return nil, fmt.Errorf("%s, %s, %d workers: %d of %d calls failed: %s", x.Contender, setup.Kind, setup.Workers, x.Failed, x.Calls+x.Failed, x.Error)
		}
	}
	return all, nil
}
