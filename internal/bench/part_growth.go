package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/canned"
	"github.com/portalclient/portal-client-go/internal/bench/contender"
	"github.com/portalclient/portal-client-go/internal/bench/growth"
	"github.com/portalclient/portal-client-go/internal/bench/importcost"
	"github.com/portalclient/portal-client-go/internal/bench/loopback"
	"github.com/portalclient/portal-client-go/internal/bench/memory"
	"github.com/portalclient/portal-client-go/internal/bench/report"
	"github.com/portalclient/portal-client-go/internal/bench/stat"
)

// The folder of the benchmark module, where this program is started, and that of the module it measures.
const (
	moduleDir = "."
	rootDir   = "../.."
)

func importPart(ctx context.Context, _ length) (report.Section, error) {
	return importcost.Check(ctx, moduleDir)
}

func growthPart(ctx context.Context, l length) (s report.Section, err error) {
	for _, curve := range []func(context.Context, length) (report.Table, error){bodyCurve, concurrencyCurve, operationsCurve} {
		t, err := curve(ctx, l)
		if err != nil {
			return s, err
		}
		s.Tables = append(s.Tables, t)
	}
	return s, nil
}

func bodyCurve(ctx context.Context, l length) (report.Table, error) {
	t := report.Table{
		Title: "Growth: size of the body",
		Lead:  "As in memory; the customer has more and more addresses.",
		Head:  []string{"body, bytes", "floor, µs", "default, × floor", "CreateMeldCustomer, × floor", "CreateMeldCustomer, µs", "ns a byte"},
	}
	contenders, err := contender.Some(contender.Floor, contender.Default, contender.Create)
	if err != nil {
		return t, err
	}
	var cases []memory.Case
	for _, size := range []int{1_000, 10_000, 100_000, 1_000_000} {
		body := canned.CustomerOfSize(size)
		cases = append(cases, memory.Case{Name: strconv.Itoa(len(body)), Status: 200, Body: body})
	}
	all, err := memory.Measure(ctx, cases, contenders, l.body)
	if err != nil {
		return t, err
	}
	var times, ratios []float64
	for _, c := range cases {
		floor, def, ours := find(all, c.Name, contender.Floor), find(all, c.Name, contender.Default), find(all, c.Name, contender.Create)
		ratio, ns := stat.Ratio(ours.Wall, floor.Wall), stat.Of(ours.Wall).Median
		t.Add(c.Name, stat.Digits(stat.Of(floor.Wall).Median/1000), stat.Ratio(def.Wall, floor.Wall), ratio,
			stat.Digits(ns/1000), stat.Digits(ns/float64(len(c.Body))))
		times, ratios = append(times, ns), append(ratios, ratio.Median)
	}
	last := len(cases) - 1
	t.Note = fmt.Sprintf("A body %d times as large takes %.0f times as long, and the distance to the floor goes from %s × to %s ×.",
		len(cases[last].Body)/len(cases[0].Body), times[last]/times[0], stat.Digits(ratios[0]), stat.Digits(ratios[last]))
	return t, nil
}

func concurrencyCurve(ctx context.Context, l length) (t report.Table, err error) {
	t = report.Table{
		Title: "Growth: concurrency",
		Lead:  "Calls a second over TLS, out of the box.",
		Head:  []string{"workers", "default, calls/s", "CreateMeldCustomer, calls/s", "× default", "median latency, ms", "new connections for 1,000 calls"},
	}
	bench, err := loopback.Start(ctx)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, bench.Close()) }()
	workers := []int{1, 4, 16, 64, 256, 1024}
	best, perSecond := 0, make([]float64, len(workers))
	for i, n := range workers {
		setup := loopback.Setup{Kind: loopback.TLS, Mode: loopback.Fast, Workers: n}
		slice := l.throughputSlice + time.Duration(n)*time.Millisecond/2 // long enough for every worker to have some calls
		all, err := compare(ctx, bench, setup, []string{contender.Default, contender.Create}, l.curveRounds, slice)
		if err != nil {
			return t, err
		}
		def, ours := all[0], all[1]
		perSecond[i] = stat.Of(ours.PerSecond).Median
		if perSecond[i] > perSecond[best] {
			best = i
		}
		t.Add(n, fmt.Sprintf("%.0f", stat.Of(def.PerSecond).Median), fmt.Sprintf("%.0f", perSecond[i]),
			stat.Ratio(ours.PerSecond, def.PerSecond), stat.Of(ours.Median), stat.Digits(ours.PerThousand()))
	}
	last := len(workers) - 1
	t.Note = fmt.Sprintf("Throughput is highest at %d workers (%.1f times that of one) and stands at %.0f %% of it at %d.",
		workers[best], perSecond[best]/perSecond[0], 100*perSecond[last]/perSecond[best], workers[last])
	return t, nil
}

func operationsCurve(ctx context.Context, l length) (report.Table, error) {
	t := report.Table{
		Title: "Growth: operations in the document",
		Lead: "Made-up documents, generated with this module's options and built into a program that keeps a parser for every " +
			"operation, as the wrapper does.",
		Head: []string{"operations", "generation, s", "generated lines", "binary, KB (stripped)", "KB an operation", "initialisation, bytes", "allocs"},
	}
	points, err := growth.Measure(ctx, moduleDir, rootDir, l.operations, l.generationRounds)
	if err != nil {
		return t, err
	}
	first, last := points[0], points[len(points)-1]
	for _, p := range points {
		each := "–"
		if p.Operations > first.Operations {
			each = stat.Digits(float64(p.Program.Stripped-first.Program.Stripped) / 1000 / float64(p.Operations-first.Operations))
		}
		sum := importcost.Sum(p.Program.Init)
		t.Add(p.Operations, p.Generation, p.Lines, p.Program.Stripped/1000, each, sum.Bytes, sum.Allocs)
	}
	t.Note = fmt.Sprintf("From %d to %d operations the binary grows by %d KB, initialisation by %d bytes, and generation takes %.1f times as long.",
		first.Operations, last.Operations, (last.Program.Stripped-first.Program.Stripped)/1000,
		importcost.Sum(last.Program.Init).Bytes-importcost.Sum(first.Program.Init).Bytes, last.Generation.Median/first.Generation.Median)
	return t, nil
}
