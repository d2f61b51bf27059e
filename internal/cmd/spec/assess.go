package main

import (
	"context"
	_ "embed" // advice.txt
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/portalclient/portal-client-go/internal/spec"
)

const modulePath = "github.com/portalclient/portal-client-go"

// An assessment is all that can be said of a candidate, and the worktree in which it was tried.
type assessment struct {
	Candidate, Vendored *document

	Invalid  []string       // what is wrong with the candidate by the OpenAPI specification
	Warnings []string       // what costs it a check, or makes another part of the report say less
	Takeover *spec.Takeover // nil when the additions could not be read
	Changes  []*change
	Surface  surface
	Failed   string // why the candidate cannot be merged, generated or compiled, and what to do

	run           goCommand
	trial         *trial // nil until there is one, which the caller must remove
	out, progress io.Writer
	begin         time.Time
}

func (a *assessment) say(what string) {
	fmt.Fprintf(a.progress, "%4.0f s  %s\n", time.Since(a.begin).Seconds(), what)
}

// examine tries a candidate in a worktree and reports on it. The error says why there is nothing to tell, or not enough.
func (a *assessment) examine(ctx context.Context, folder, name string) (code int, err error) {
	if a.Candidate, err = readDocument(name); err != nil {
		return exitUnknown, err
	}
	repo, err := git(ctx, folder, "rev-parse", "--show-toplevel")
	if err != nil {
		return exitUnknown, fmt.Errorf("this must be a git checkout of %s: %w", modulePath, err)
	}
	repo = filepath.FromSlash(strings.TrimSpace(repo))
	if a.Vendored, err = readDocument(filepath.Join(repo, "openapi", "client-api.yaml")); err != nil {
		return exitUnknown, err
	}
	a.line("candidate  %s\nvendored   %s", a.Candidate, a.Vendored)
	if a.Candidate.SHA256 == a.Vendored.SHA256 {
		a.line("\nThe candidate is the vendored document, byte for byte.")
		return exitOK, nil
	}
	if a.Invalid, err = validate(a.Candidate); err != nil {
		return exitUnknown, err
	}
	if a.trial, err = newTrial(ctx, a.run, repo); err != nil {
		return exitUnknown, err
	}
	if err = a.merge(ctx); err == nil && a.Failed == "" {
		err = a.generate(ctx)
	}
	if err != nil {
		return exitUnknown, err
	}
	a.report()
	switch {
	case len(a.Invalid) > 0:
		return exitUnknown, errors.New("could not tell: the document is not valid OpenAPI")
	case a.breaks():
		return exitBreaks, nil
	}
	return exitOK, nil
}

// merge puts the candidate into the worktree, takes out of the additions and rules what it makes needless, and compares
// what comes of it with what was.
func (a *assessment) merge(ctx context.Context) error {
	a.say("compare the documents")
	openapi := a.trial.path("openapi")
	generated, err := readDocument(a.trial.path("openapi/merged.gen.json")) // what is ours may fit the candidate only
	if err != nil {
		return err
	}
	if err := os.WriteFile(a.trial.path("openapi/client-api.yaml"), a.Candidate.Text, 0o644); err != nil {
		return err
	}
	invalid, warnings, err := a.trial.findings(ctx, a.Candidate)
	if err != nil {
		return err
	}
	a.Invalid, a.Warnings = append(a.Invalid, invalid...), append(a.Warnings, warnings...)
	before, after := generated.Tree, spec.Object(nil)
	if a.Takeover, err = spec.TakeOver(openapi); err == nil {
		after, _, err = spec.Merge(openapi)
	}
	if err != nil {
		a.Failed = err.Error() + "\nwhat to do: make openapi/additions and openapi/overlay.yaml fit the new document, then run this again"
		a.Warnings = append(a.Warnings, "what is ours does not fit, so section 3 compares the two documents by themselves")
		before, after = a.Vendored.Tree, a.Candidate.Tree
	}
	onWire(before)
	onWire(after)
	a.Changes = compare(before, after)
	err = a.trial.judge(ctx, before, after, a.Changes)
	if failed, ok := errors.AsType[*commandError](err); ok {
		a.Warnings = append(a.Warnings, "oasdiff cannot tell, so every change may break: "+oneLine(failed.output))
		return nil
	}
	return err
}

// generate generates and compiles in the worktree, and compares the exported names.
func (a *assessment) generate(ctx context.Context) (err error) {
	a.say("compile the public packages as they are")
	if err := a.trial.export(ctx); err != nil {
		return fmt.Errorf("the repository does not compile without the candidate: %w", err)
	}
	for _, verb := range []string{"generate", "vet"} {
		a.say("go " + verb + " ./..., with the new document")
		_, err := a.run(ctx, a.trial.dir, verb, "./...")
		if failed, ok := errors.AsType[*commandError](err); ok {
			a.Failed = failed.Error() + "\n" + strings.TrimSpace(advice)
			break
		} else if err != nil {
			return err
		}
	}
	a.say("compare the exported names")
	a.Surface, err = a.trial.changedSince(ctx, a.trial.dir)
	return err
}

//go:embed advice.txt
var advice string

// breaks tells whether the candidate breaks something or may.
func (a *assessment) breaks() bool {
	return a.Failed != "" || len(a.Surface.Incompatible) > 0 ||
		slices.ContainsFunc(a.Changes, func(c *change) bool { return c.Level > harmless })
}

// step is the step of semantic versioning that the candidate means.
func (a *assessment) step() string {
	switch {
	case a.breaks():
		return "major, for something breaks or may break; before 1.0.0 a break raises the minor number by custom"
	case len(a.Surface.Compatible) > 0 || slices.ContainsFunc(a.Changes, func(c *change) bool { return c.Level == added }):
		return "minor, for something is new and nothing breaks"
	}
	return "patch, for nothing is new or breaks"
}
