// Command spec answers what a new version of the Portal Client API's document would do to this module,
// and takes it.
//
//	spec diff [-json] SPEC         tells what taking SPEC would change and break; writes nothing
//	spec update [-source …] SPEC   takes SPEC: vendor, regenerate, build, test
//	spec overlay-check [SPEC]      tells whether the overlay fits the vendored document, or SPEC
//
// Exit codes: 0 nothing breaks (update: taken), 1 something breaks (update: not taken), 2 could not tell;
// the reason is then on stderr. SPEC is a file; a relative path starts at the folder given with -repo.
//
// It is a module of its own, so that oasdiff and its dependencies stay out of the client's go.mod.
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
)

// Exit codes.
const (
	exitOK        = 0
	exitBreaks    = 1
	exitUncertain = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

const usage = `usage:
  spec diff [-repo dir] [-json] [-version v1.2.3] SPEC
  spec update [-repo dir] [-version v1.2.3] [-source text] [-tests packages] SPEC
  spec overlay-check [-repo dir] [SPEC]
`

// options are the flags and the argument of all commands.
type options struct {
	repo, version, source, tests string
	json                         bool
	candidate                    string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return exitUncertain
	}
	commands := map[string]func(context.Context, options, io.Writer) (int, error){
		"diff":          diffCommand,
		"update":        updateCommand,
		"overlay-check": overlayCheckCommand,
	}
	command, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(stderr, "spec: there is no command %q\n%s", args[0], usage)
		return exitUncertain
	}
	o, err := parseOptions(args[0], args[1:], stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		return exitUncertain // the flag package has said why
	}
	if o.candidate == "" && args[0] != "overlay-check" {
		fmt.Fprintf(stderr, "spec %s: name one document, as in: make spec-%[1]s SPEC=path/to/client-api.yaml\n", args[0])
		return exitUncertain
	}
	code, err := command(ctx, o, stdout)
	if ctx.Err() != nil && code != exitOK {
		err, code = errors.New("interrupted; the repository is as it was"), exitUncertain
	}
	if err != nil {
		fmt.Fprintf(stderr, "spec %s: %v\n", args[0], err)
	}
	return code
}

func parseOptions(command string, args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("spec "+command, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	flags.StringVar(&o.repo, "repo", ".", "a `folder` in the repository; a relative SPEC starts here")
	if command == "diff" {
		flags.BoolVar(&o.json, "json", false, "print the report as JSON")
	}
	if command != "overlay-check" {
		flags.StringVar(&o.version, "version", "", "the released `version` to step from (default: the newest tag)")
	}
	if command == "update" {
		flags.StringVar(&o.source, "source", "not stated", "where the document came from, for PROVENANCE.md")
		flags.StringVar(&o.tests, "tests", "./...", "the `packages` whose tests must pass")
	}
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 1 {
		err := fmt.Errorf("one document, not %d: %q", flags.NArg(), flags.Args())
		fmt.Fprintf(stderr, "spec %s: %v\n", command, err)
		return o, err
	}
	o.candidate = flags.Arg(0)
	return o, nil
}
