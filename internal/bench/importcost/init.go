package importcost

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

// An Init is what a package did at the start of a program.
type Init struct {
	Package string
	Clock   float64 // milliseconds
	Bytes   int64   // of heap
	Allocs  int64
}

// initLine is a line of GODEBUG=inittrace=1. Packages without work have none.
var initLine = regexp.MustCompile(`(?m)^init (\S+) @[\d.]+ ms, ([\d.]+) ms clock, (\d+) bytes, (\d+) allocs$`)

// traceInit starts a program without a token, so that it ends at once, and reads what it did before main.
func traceInit(ctx context.Context, path string) ([]Init, error) {
	cmd := exec.CommandContext(ctx, path)
	cmd.Env = []string{"GODEBUG=inittrace=1"}
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	return parseInit(text)
}

func parseInit(text []byte) ([]Init, error) {
	var all []Init
	for _, m := range initLine.FindAllSubmatch(text, -1) {
		clock, err := strconv.ParseFloat(string(m[2]), 64)
		if err != nil {
			return nil, err
		}
		bytes, err := strconv.ParseInt(string(m[3]), 10, 64)
		if err != nil {
			return nil, err
		}
		allocs, err := strconv.ParseInt(string(m[4]), 10, 64)
		if err != nil {
			return nil, err
		}
		all = append(all, Init{string(m[1]), clock, bytes, allocs})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no trace of initialisation in %q", text)
	}
	return all, nil
}

// Beyond lists what p initialises and floor does not.
func Beyond(p, floor Program) []Init {
	known := map[string]bool{}
	for _, i := range floor.Init {
		known[i.Package] = true
	}
	var more []Init
	for _, i := range p.Init {
		if !known[i.Package] {
			more = append(more, i)
		}
	}
	return more
}

// Sum adds up.
func Sum(all []Init) Init {
	var sum Init
	for _, i := range all {
		sum.Clock += i.Clock
		sum.Bytes += i.Bytes
		sum.Allocs += i.Allocs
	}
	return sum
}
