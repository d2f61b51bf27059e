package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/portalclient/portal-client-go/internal/bench/contender"
	"github.com/portalclient/portal-client-go/internal/bench/memory"
	"github.com/portalclient/portal-client-go/internal/bench/report"
	"github.com/portalclient/portal-client-go/internal/bench/stat"
)

// The exact budgets, in allocations a call; alloc_test.go holds them too.
const (
	createBudget = 120 // CreateMeldCustomer on 200
	ensureBudget = 65  // EnsureMeldCustomer on 409
)

func memoryPart(ctx context.Context, l length) (report.Section, error) {
	self, err := os.Executable()
	if err != nil {
		return report.Section{}, err
	}
	all, err := memory.Run(ctx, self, l.memory)
	if err != nil {
		return report.Section{}, err
	}
	s := memorySection("In memory", "", all)
	for _, b := range []struct {
		answer, contender string
		budget            float64
	}{{"200", contender.Create, createBudget}, {"409", contender.Ensure, ensureBudget}} {
		allocs := find(all, b.answer, b.contender).Allocs
		s.Verdicts = append(s.Verdicts, report.Verdict{
			Target:   fmt.Sprintf("%s on %s: at most %.0f allocations", b.contender, b.answer, b.budget),
			Measured: fmt.Sprintf("%.0f", allocs),
			Met:      report.If(allocs < b.budget+0.5), // the runtime's own now and then are in it
		})
	}
	return s, nil
}

// jsonv2Part is the same with the JSON package that a later Go will make the default.
func jsonv2Part(ctx context.Context, l length) (s report.Section, err error) {
	dir, err := os.MkdirTemp("", "portal-bench-jsonv2-")
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "bench")
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", path, ".")
	cmd.Env = append(os.Environ(), "GOEXPERIMENT=jsonv2")
	if text, err := cmd.CombinedOutput(); err != nil {
		return s, fmt.Errorf("build with GOEXPERIMENT=jsonv2: %w\n%s", err, text)
	}
	all, err := memory.Run(ctx, path, l.memory)
	if err != nil {
		return s, err
	}
	return memorySection("In memory, with GOEXPERIMENT=jsonv2", ", with jsonv2", all), nil
}

// memorySection compares every contender with the floor and with the default client.
func memorySection(title, suffix string, all []memory.Series) report.Section {
	t := report.Table{
		Title: title,
		Lead: "One call with a transport that answers from memory. The time is that of the caller; CPU is that of all threads, " +
			"so garbage collection beside the call counts too. \"" + contender.Package + "\" is this module's generated package " +
			"without the door, to tell their shares apart.",
		Head: []string{"answer", "contender", "time, × floor", "time, × default", "CPU, × floor", "ns", "allocs", "bytes"},
	}
	s := report.Section{}
	for _, x := range all {
		floor, def := find(all, x.Case, contender.Floor), find(all, x.Case, contender.Default)
		toDefault := stat.Ratio(x.Wall, def.Wall)
		t.Add(x.Case, x.Contender, stat.Ratio(x.Wall, floor.Wall), toDefault, stat.Ratio(x.CPU, floor.CPU),
			fmt.Sprintf("%.0f", stat.Of(x.Wall).Median), fmt.Sprintf("%.0f", x.Allocs), fmt.Sprintf("%.0f", x.Bytes))
		if x.Case == "200" && x.Contender == contender.Create || x.Case == "409" && x.Contender == contender.Ensure {
			s.Verdicts = append(s.Verdicts, report.Verdict{
				Target:   fmt.Sprintf("%s on %s: at most 1.0 × default in memory%s", x.Contender, x.Case, suffix),
				Measured: toDefault.String(),
				Met:      report.AtMost(toDefault, 1),
				Timed:    true,
			})
		}
	}
	s.Tables = []report.Table{t}
	return s
}

func find(all []memory.Series, answer, name string) memory.Series {
	for _, s := range all {
		if s.Case == answer && s.Contender == name {
			return s
		}
	}
	return memory.Series{}
}
