package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/portalclient/portal-client-go/internal/spec"
)

const modulePath = "github.com/portalclient/portal-client-go"

// An assessment is all that can be said of a candidate, and the worktree in which it was tried.
type assessment struct {
	Candidate, Vendored *document

	Invalid  []string       // what is wrong with the candidate by the OpenAPI specification
	Warnings []string       // what costs it a check, or makes another part of the report say less
	Takeover *spec.Takeover // nil when the additions could not be read
	Needless []string       // targets of actions of overlay.yaml that match or change nothing any more
	Changes  []*change
	Packages []packageChange
	Failed   string // why the candidate cannot be merged, generated or compiled, and what to do
	Unknown  string // why not everything can be told
	Released release

	run   goCommand
	trial *trial
}

// assess tries a candidate in a worktree. The error says why there is nothing to tell. The caller must remove
// the worktree, if there is one.
func assess(ctx context.Context, run goCommand, repo string, candidate *document, say func(string)) (*assessment, error) {
	a := &assessment{run: run, Candidate: candidate, Released: lastRelease(ctx, repo)}
	var err error
	if a.Vendored, err = readDocument(filepath.Join(repo, "openapi", "client-api.yaml")); err != nil || a.identical() {
		return a, err
	}
	if a.Invalid, err = validate(candidate); err != nil {
		return a, err
	}
	if len(a.Invalid) > 0 {
		a.Unknown = "the document is not valid OpenAPI"
	} else {
		a.Warnings = warnings(ctx, candidate)
	}
	say("compare the documents")
	if a.trial, err = newTrial(ctx, repo); err != nil {
		return a, err
	}
	if err := a.merge(ctx); err != nil || a.Failed != "" {
		return a, err
	}
	return a, a.try(ctx, say)
}

// identical tells whether there is nothing to take.
func (a *assessment) identical() bool { return a.Candidate.SHA256 == a.Vendored.SHA256 }

// merge puts the candidate into the worktree, takes out of the additions and rules what it makes needless, and compares
// what comes of it with what was.
func (a *assessment) merge(ctx context.Context) error {
	openapi := a.trial.path("openapi")
	before, err := mergedTree(openapi)
	if err != nil {
		return fmt.Errorf("the documents do not fit together even without the candidate: %w", err)
	}
	if err := os.WriteFile(a.trial.path("openapi/client-api.yaml"), a.Candidate.Text, 0o644); err != nil {
		return err
	}
	var after object
	if a.Takeover, err = spec.TakeOver(openapi); err == nil {
		after, err = mergedTree(openapi)
	}
	// Of those that match nothing the first error tells, of those that change nothing the next.
	for rules := needlessRules(err); len(rules) > 0 && !slices.Contains(a.Needless, rules[0]); rules = needlessRules(err) {
		a.Needless = append(a.Needless, rules...)
		if err = spec.RemoveRules(openapi, rules); err == nil {
			after, err = mergedTree(openapi)
		}
	}
	if err != nil {
		a.Failed = err.Error() + "\nwhat to do: make openapi/additions and openapi/overlay.yaml fit the new document, then run this again"
		a.Warnings = append(a.Warnings, "what is ours does not fit, so section 3 compares the two documents by themselves")
		before, after = a.Vendored.Tree, a.Candidate.Tree
	}
	before, _ = onWire(before, "").(object)
	after, _ = onWire(after, "").(object)
	a.Changes = compare(before, after)
	err = a.run.classify(ctx, a.trial.repo, before, after, a.Changes)
	if failed, ok := errors.AsType[*commandError](err); ok {
		a.Warnings = append(a.Warnings, "oasdiff cannot tell, so every change may break: "+oneLine(failed.output))
		return nil
	}
	return err
}

// mergedTree returns the merged document of a folder.
func mergedTree(openapi string) (object, error) {
	sources, err := spec.ReadSources(openapi)
	if err != nil {
		return nil, err
	}
	text, err := sources.Merge()
	if err != nil {
		return nil, err
	}
	return decode(text)
}

var needless = regexp.MustCompile(`selector ("(?:[^"\\]|\\.)*") did not match|target=(.*?): does nothing`)

// needlessRules returns the targets of overlay.yaml that match or change nothing, according to the error of merging.
func needlessRules(err error) (targets []string) {
	for _, match := range needless.FindAllStringSubmatch(fmt.Sprint(err), -1) {
		target, err := strconv.Unquote(match[1])
		if err != nil {
			target = match[2]
		}
		targets = append(targets, target)
	}
	return targets
}

// try generates and compiles in the worktree, and compares the exported names.
func (a *assessment) try(ctx context.Context, say func(string)) error {
	exports, err := os.MkdirTemp("", "portal-spec-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(exports) //nolint:errcheck // a folder below the temporary one, and nothing can be done about it
	say("compile the public packages as they are")
	before, err := a.run.surface(ctx, a.trial.repo, exports)
	if failed, ok := errors.AsType[*commandError](err); ok {
		a.Unknown = "the repository does not compile without the candidate:\n" + failed.output
	} else if err != nil {
		return err
	}
	for _, stage := range []struct{ say, verb string }{
		{"go generate ./..., with the new document", "generate"},
		{"go vet ./..., which compiles tests and examples too", "vet"},
	} {
		say(stage.say)
		_, err := a.run(ctx, a.trial.dir, stage.verb, "./...")
		if failed, ok := errors.AsType[*commandError](err); ok {
			a.Failed = failed.Error() + "\nwhat to do: " + advice(failed.output) + "; then run this again"
			if _, err := a.run(ctx, a.trial.repo, "vet", "./..."); err != nil && ctx.Err() == nil {
				a.Unknown = "the repository does not compile even without the candidate: run go vet ./..."
			}
			break
		} else if err != nil {
			return err
		}
	}
	if a.Unknown == "" || len(a.Invalid) > 0 {
		say("compare the exported names")
		a.Packages, err = a.run.changedSince(ctx, a.trial.dir, before)
	}
	return err
}

// advice tells what to do about what the generator and the compiler commonly say of a new document.
func advice(output string) string {
	for _, hint := range []struct{ when, then string }{
		{`expected fragment prefix`, "the generator follows no reference to an $anchor, before any overlay is applied; ask for a document that refers by place"},
		{`invalid recursive type`, "a schema contains itself, and a Go struct cannot; in openapi/overlay.yaml, give an optional property of the circle x-go-type-skip-optional-pointer: false"},
		{`\.gen\.go:.*(redeclared|already declared|duplicate method)`, "two names become one in Go; in openapi/overlay.yaml, give an operation another operationId, or a schema, property or parameter an x-go-name"},
		{`\.gen\.go:.*cannot use`, "the generator makes constants of values that Go cannot hold; in openapi/overlay.yaml, give that schema an x-go-type, as json.RawMessage"},
		{`undefined|has no field or method|cannot use |unknown field|not enough arguments|too many arguments`, "handwritten code or an example uses a Go name that is gone or has changed; adapt it, or keep the name with an operationId or x-go-name in openapi/overlay.yaml"},
	} {
		if regexp.MustCompile(hint.when).MatchString(output) {
			return hint.then
		}
	}
	return "say in openapi/overlay.yaml how the generator should read it, or adapt the code"
}

// breaking lists why the exit code is 1.
func (a *assessment) breaking() (lines []string) {
	count := map[level]int{}
	for _, c := range a.Changes {
		count[c.Level]++
	}
	add := func(n int, one, many string) {
		if n > 0 {
			lines = append(lines, plural(n, one, many))
		}
	}
	if a.Failed != "" {
		lines = append(lines, "it cannot be taken as it is, see section 4")
	}
	add(count[breaks], "breaking change of the API", "breaking changes of the API")
	add(count[mayBreak], "change of the API that may break", "changes of the API that may break")
	for _, p := range a.Packages {
		add(len(p.Incompatible), "breaking change of package "+p.Package, "breaking changes of package "+p.Package)
	}
	return lines
}

// step is the step of the version that the candidate means.
func (a *assessment) step() int {
	added := func(p packageChange) bool { return len(p.Compatible) > 0 }
	switch {
	case a.identical():
		return none
	case len(a.breaking()) > 0:
		return major
	case slices.ContainsFunc(a.Packages, added) || slices.ContainsFunc(a.Changes, func(c *change) bool { return c.added }):
		return minor
	}
	return patch
}

// exitCode is 2 when not everything can be told, 1 when something breaks or may break, else 0.
func (a *assessment) exitCode() int {
	switch {
	case a.Unknown != "":
		return exitUnknown
	case len(a.breaking()) > 0:
		return exitBreaks
	}
	return exitOK
}
