package importcost

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/portalclient/portal-client-go/internal/bench/report"
)

// The budget of importing the wrapper into a program that uses net/http already.
const (
	SizeBudget = 250_000 // bytes more than the floor, both stripped
	InitBudget = 1_000   // bytes of heap more than the floor before main
)

// own is this module; allowed are those that may be linked with it: package runtime, and what it imports.
// Package runtime, and with it go-jsonmerge, is there as soon as an operation has a parameter.
const own = "github.com/portalclient/portal-client-go"

var allowed = []string{
	"github.com/apapsch/go-jsonmerge/v2",
	"github.com/google/uuid",
	"github.com/oapi-codegen/runtime",
}

// Check builds the floor, the default generated client and the wrapper, each in a program that makes one
// call, and compares them.
func Check(ctx context.Context, moduleDir string) (s report.Section, err error) {
	dir, err := os.MkdirTemp("", "portal-bench-size-")
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var programs []Program
	for _, name := range []string{"floor", "generated", "wrapper"} {
		p, err := Build(ctx, moduleDir, "./size/"+name, dir)
		if err != nil {
			return s, err
		}
		programs = append(programs, p)
	}
	return compare(programs[0], programs), nil
}

func compare(floor Program, programs []Program) report.Section {
	t := report.Table{
		Title: "Importing",
		Lead: "Three programs that make one call each: with net/http alone (floor), with oapi-codegen's default client " +
			"(generated), with this module (wrapper). Initialisation is what a program does before main, by GODEBUG=inittrace=1.",
		Head: []string{"program", "stripped, KB", "more than floor", "as built, KB", "more than floor", "modules", "initialisation beyond the floor's packages"},
	}
	for _, p := range programs {
		more := Beyond(p, floor)
		sum := Sum(more)
		t.Add(p.Name, p.Stripped/1000, (p.Stripped-floor.Stripped)/1000, p.Size/1000, (p.Size-floor.Size)/1000,
			modules(p), fmt.Sprintf("%d bytes, %d allocs, %.3f ms: %s", sum.Bytes, sum.Allocs, sum.Clock, packages(more)))
	}
	ours := programs[len(programs)-1]
	extra, bytes := ours.Stripped-floor.Stripped, Sum(Beyond(ours, floor)).Bytes
	return report.Section{
		Tables: []report.Table{t},
		Verdicts: []report.Verdict{
			{
				Target:   fmt.Sprintf("binary at most %d KB larger than the floor's (stripped)", SizeBudget/1000),
				Measured: fmt.Sprintf("%d KB", extra/1000),
				Met:      report.If(extra <= SizeBudget),
			},
			{
				Target:   "no module linked beyond oapi-codegen/runtime and what it imports",
				Measured: modules(ours),
				Met:      report.If(len(foreign(ours)) == 0),
			},
			{
				Target:   fmt.Sprintf("at most %d bytes at package initialisation", InitBudget),
				Measured: fmt.Sprintf("%d bytes", bytes),
				Met:      report.If(bytes <= InitBudget),
			},
		},
	}
}

// foreign lists the modules that have no business in p.
func foreign(p Program) []string {
	return slices.DeleteFunc(slices.Clone(p.Modules), func(m string) bool { return m == own || slices.Contains(allowed, m) })
}

func modules(p Program) string {
	others := slices.DeleteFunc(slices.Clone(p.Modules), func(m string) bool { return m == own })
	if len(others) == 0 {
		return "none"
	}
	return strings.Join(others, ", ")
}

func packages(inits []Init) string {
	if len(inits) == 0 {
		return "none"
	}
	names := make([]string, len(inits))
	for i, init := range inits {
		names[i] = fmt.Sprintf("%s %d", init.Package, init.Bytes)
	}
	return strings.Join(names, ", ")
}
