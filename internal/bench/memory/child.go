package memory

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/contender"
)

// childArg makes this program measure and print the figures as JSON: see [Child].
const childArg = "child-memory"

// Child measures all contenders on all cases when args ask for it. It is a process of its own so that a
// build with another JSON package can be measured in the same way.
func Child(ctx context.Context, args []string) (ok bool, err error) {
	if len(args) != 3 || args[0] != childArg {
		return false, nil
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return true, err
	}
	slice, err := time.ParseDuration(args[2])
	if err != nil {
		return true, err
	}
	all, err := Measure(ctx, Cases(), contender.All(), Rounds{N: n, Slice: slice})
	if err != nil {
		return true, err
	}
	return true, json.NewEncoder(os.Stdout).Encode(all)
}

// Run measures in a child process, which is the program at path.
func Run(ctx context.Context, path string, rounds Rounds) ([]Series, error) {
	cmd := exec.CommandContext(ctx, path, childArg, strconv.Itoa(rounds.N), rounds.Slice.String())
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("measure in a child process: %w", err)
	}
	var all []Series
	return all, json.Unmarshal(text, &all)
}
