// Command bench measures the client against what people would use instead, and writes what it found as
// Markdown. Every figure is a ratio of things that were measured in turns, in the same run.
//
//	go -C internal/bench run .                  everything, into RESULTS.md
//	go -C internal/bench run . -quick           everything, only long enough to see that it works
//	go -C internal/bench run . -parts import    one part
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/loopback"
	"github.com/portalclient/portal-client-go/internal/bench/memory"
	"github.com/portalclient/portal-client-go/internal/bench/report"
)

// A part is one chapter of the benchmark.
type part struct {
	name string
	run  func(context.Context, length) (report.Section, error)
}

var parts = []part{
	{"memory", memoryPart},
	{"jsonv2", jsonv2Part},
	{"throughput", throughputPart},
	{"tokens", tokensPart},
	{"stall", stallPart},
	{"import", importPart},
	{"growth", growthPart},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// errMissed is what a run ends with when a target that is not timed was missed.
var errMissed = errors.New("a target was missed, see above")

func run(ctx context.Context, args []string) error {
	for _, child := range []func(context.Context, []string) (bool, error){loopback.Child, memory.Child} {
		if ok, err := child(ctx, args); ok {
			return err
		}
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "measure only long enough to see that everything works")
	only := flags.String("parts", strings.Join(names(), ","), "what to measure, separated by commas")
	stall := flags.Duration("stall", 0, "how long the stall test lasts (default 60s, with -quick 3s)")
	out := flags.String("out", "", "file to write, - for standard output (default RESULTS.md, with -quick or -parts -)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	l, path := full, "RESULTS.md"
	if *quick {
		l = short
	}
	if *quick || *only != strings.Join(names(), ",") {
		path = "-"
	}
	if *out != "" {
		path = *out
	}
	if *stall > 0 {
		l.stall = *stall
	}
	chosen, err := choose(strings.Split(*only, ","))
	if err != nil {
		return err
	}
	return measure(ctx, chosen, l, path, "go -C internal/bench run . "+strings.Join(args, " "))
}

func measure(ctx context.Context, chosen []part, l length, out, command string) error {
	var sections []report.Section
	begin := time.Now()
	for _, p := range chosen {
		start := time.Now()
		section, err := p.run(ctx, l)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		sections = append(sections, section)
		fmt.Fprintf(os.Stderr, "%s: %.0f s\n", p.name, time.Since(start).Seconds())
	}
	var b bytes.Buffer
	head(&b, strings.TrimSpace(command), begin)
	if err := report.Write(&b, sections); err != nil {
		return err
	}
	if err := save(out, b.Bytes()); err != nil {
		return err
	}
	if missed(sections) {
		return errMissed
	}
	return nil
}

func save(path string, text []byte) error {
	if path == "-" {
		_, err := os.Stdout.Write(text)
		return err
	}
	return os.WriteFile(path, text, 0o644) //nolint:gosec // a document for everyone to read
}

// missed reports a target without a spread that was not reached: those that are timed are for a reader to
// judge, who knows how busy the machine was.
func missed(sections []report.Section) bool {
	return slices.ContainsFunc(sections, func(s report.Section) bool {
		return slices.ContainsFunc(s.Verdicts, func(v report.Verdict) bool { return !v.Timed && v.Met == report.No })
	})
}

func names() []string {
	var all []string
	for _, p := range parts {
		all = append(all, p.name)
	}
	return all
}

func choose(wanted []string) ([]part, error) {
	var chosen []part
	for _, name := range wanted {
		i := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no part %q, only %s", name, strings.Join(names(), ", "))
		}
		chosen = append(chosen, parts[i])
	}
	return chosen, nil
}
