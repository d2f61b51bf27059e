// Command spec answers what a new version of the Portal Client API's document would do to this module, and takes it.
//
//	spec diff SPEC                   tells what taking SPEC would change and break; changes nothing
//	spec update [-source text] SPEC  takes SPEC: vendors it, removes what it makes needless, regenerates, builds, tests
//
// Exit codes: 0 nothing breaks (update: taken), 1 something breaks or may break (update: not taken), 2 could not tell;
// the reason is then on stderr. SPEC is a file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Exit codes.
const exitOK, exitBreaks, exitUnknown = 0, 1, 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, runGo, ".", os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run runs one command line in a folder of the repository.
func run(ctx context.Context, goRun goCommand, folder string, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("spec", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, "usage:\n  spec diff SPEC\n  spec update [-source text] SPEC\n") }
	source := flags.String("source", "not stated", "where the document came from, for PROVENANCE.md")
	if len(args) == 0 || args[0] != "diff" && args[0] != "update" {
		flags.Usage()
		return exitUnknown
	}
	if err := flags.Parse(args[1:]); errors.Is(err, flag.ErrHelp) {
		return exitOK
	} else if err != nil {
		return exitUnknown // the flag package has said why
	}
	if flags.NArg() != 1 || flags.Arg(0) == "" {
		fmt.Fprintf(stderr, "spec %s: name one document, as in: make spec-%[1]s SPEC=path/to/client-api.yaml\n", args[0])
		return exitUnknown
	}
	a := &assessment{run: goRun, out: stdout, progress: stderr, begin: time.Now()}
	defer func() {
		if err := a.trial.remove(ctx); err != nil {
			fmt.Fprintln(stderr, err)
		}
	}()
	code, err := a.examine(ctx, folder, flags.Arg(0))
	if err == nil && args[0] == "update" && a.trial != nil {
		code, err = a.take(ctx, *source)
	}
	if ctx.Err() != nil && code != exitOK {
		err, code = errors.New("interrupted; the repository is as it was"), exitUnknown
	}
	if err != nil {
		fmt.Fprintf(stderr, "spec %s: %v\n", args[0], err)
	}
	return code
}
