package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// updateCommand takes a candidate. Everything is done and tested in a copy of the repository; only when all
// of it has succeeded are the changed files put into the repository, all of them or none.
func updateCommand(ctx context.Context, o options, out io.Writer) (code int, err error) {
	p := &printer{out: out}
	repo, err := findRepo(o.repo)
	if err != nil {
		return exitUncertain, err
	}
	if err := refuseUncommitted(ctx, repo, []string{documentFile, sumFile, provenanceFile, "api"}); err != nil {
		return exitUncertain, err // soon, instead of after a minute; the whole list is checked below
	}
	p.line("examine  %s as spec diff does", o.candidate)
	a, err := assess(ctx, o)
	defer func() { err = errors.Join(err, a.close()) }()
	if err != nil {
		return exitUncertain, err
	}
	if err := a.refusal(); err != nil {
		return a.ExitCode, errors.Join(a.print(out), err)
	}
	if a.Identical {
		p.line("nothing to do: %s is the vendored document already", o.candidate)
		return exitOK, p.err
	}
	files, err := a.stage(ctx, o.source, time.Now())
	if err != nil {
		return exitUncertain, err
	}
	names := slices.Sorted(maps.Keys(files))
	if err := refuseUncommitted(ctx, repo, names); err != nil {
		return exitUncertain, err
	}
	p.line("test     go test %s, with the new document", o.tests)
	prose, err := a.test(ctx, o.tests)
	var failed *commandError
	if errors.As(err, &failed) {
		return exitBreaks, fmt.Errorf("not taken, the repository is as it was: %w", err)
	}
	if err != nil {
		return exitUncertain, err
	}
	p.line("write    %s", strings.Join(names, ", "))
	if p.err != nil {
		return exitUncertain, p.err
	}
	if err := install(ctx, repo, files); err != nil {
		return exitUncertain, err
	}
	a.printLeft(p, o, prose)
	return exitOK, p.err
}

// refusal is why a candidate cannot be taken. That a change breaks callers is none: the API is what it is.
func (a *assessment) refusal() error {
	switch {
	case a.Uncertain != "":
		return errors.New("not taken: " + a.Uncertain)
	case len(a.fitting.Misfits()) > 0:
		return errors.New("not taken: adapt openapi/overlay.yaml as section 4 says, then run this again")
	case len(a.InvalidMerged) > 0:
		return errors.New("not taken: the document is not valid with the overlay, see section 1")
	case a.Go == nil: // the document is the same
	case a.Go.Generate != "":
		return errors.New("not taken: the code cannot be generated from it, see section 3")
	case a.Go.Build != "":
		return errors.New("not taken: adapt the handwritten code to what section 3 says, then run this again")
	}
	return nil
}

// refuseUncommitted returns an error when files that are to be overwritten hold work that is not committed.
func refuseUncommitted(ctx context.Context, repo string, files []string) error {
	args := append([]string{"-C", repo, "--no-optional-locks", "status", "--porcelain", "--untracked-files=all", "--"}, files...)
	status, err := exec.CommandContext(ctx, "git", args...).Output()
	if err != nil {
		return fmt.Errorf("ask Git what is not committed (the repository must be a Git checkout): %w", err)
	}
	if len(status) > 0 {
		return fmt.Errorf("these files would be overwritten and have changes that are not committed; commit or undo them first:\n%s",
			strings.TrimRight(string(status), "\n"))
	}
	return nil
}

// stage writes the sum and the line of provenance into the copy, and returns what each file that is now
// different was and is.
func (a *assessment) stage(ctx context.Context, source string, now time.Time) (map[string]replacement, error) {
	provenance, err := readRepoFile(a.repo, provenanceFile)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(string(provenance), "\n") {
		provenance = append(provenance, '\n')
	}
	line := fmt.Sprintf("| %s | `%s` | %s | %s |\n", now.UTC().Format(time.DateOnly), a.Candidate.SHA256,
		cell(a.Candidate.Version), cell(source))
	err = errors.Join(
		a.work.write(provenanceFile, append(provenance, line...)),
		a.work.write(sumFile, []byte(a.Candidate.SHA256+"  client-api.yaml\n")))
	if err != nil {
		return nil, err
	}
	return a.work.replacements(ctx, a.repo)
}

// cell makes a text fit into one cell of a Markdown table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`).Replace(oneSpaced(text))
}

// prosePackage tests the README against the documents. Its sentences are for a person to write, so what it
// finds is left to one, and stops nothing.
const prosePackage = "internal/readme"

// test runs the tests in the copy. What is wrong with the prose is no error.
func (a *assessment) test(ctx context.Context, patterns string) (prose string, err error) {
	listed, err := goOutput(ctx, a.work.dir, append([]string{"list"}, strings.Fields(patterns)...)...)
	if err != nil {
		return "", err
	}
	packages := strings.Fields(listed)
	code := slices.DeleteFunc(slices.Clone(packages), func(p string) bool { return p == modulePath+"/"+prosePackage })
	if len(code) > 0 {
		if err := goCommand(ctx, a.work.dir, append([]string{"test"}, code...)...); err != nil {
			return "", readable(err)
		}
	}
	if len(code) == len(packages) {
		return "", nil
	}
	err = goCommand(ctx, a.work.dir, "test", "./"+prosePackage)
	var failed *commandError
	if errors.As(err, &failed) {
		return summary(failed.output), nil
	}
	return "", err
}

// readable leaves out of a failure of go test which packages passed, and their list from the command.
func readable(err error) error {
	var failed *commandError
	if !errors.As(err, &failed) {
		return err
	}
	var lines []string
	for line := range strings.SplitSeq(failed.output, "\n") {
		if !strings.HasPrefix(line, "ok  \t") && !strings.HasPrefix(line, "?   \t") {
			lines = append(lines, line)
		}
	}
	return &commandError{"go test", strings.Join(lines, "\n")}
}

// summary is what failed, and the words of the tests that say why.
func summary(output string) string {
	var lines []string
	for line := range strings.SplitSeq(output, "\n") {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(text, "--- FAIL: ") || strings.HasPrefix(text, "Messages:") {
			lines = append(lines, oneSpaced(strings.TrimPrefix(text, "Messages:")))
		}
	}
	if len(lines) == 0 {
		return output
	}
	return strings.Join(lines, "\n")
}

// printLeft says what no program can decide.
func (a *assessment) printLeft(p *printer, o options, prose string) {
	p.line("")
	p.line("Taken. Left for a person:")
	p.line("  - read the difference and commit it: git diff --stat, then git diff api openapi")
	if o.tests != "./..." {
		p.line("  - only the tests of %s ran: run make check", o.tests)
	} else {
		p.line("  - make check, for what is not a test of this module: the linters and the modules below it")
	}
	if len(a.Breaks) > 0 {
		p.line("  - tell the callers in CHANGELOG.md what to change:")
		for _, b := range a.Breaks {
			p.line("      %s", b)
		}
		for _, pkg := range a.Go.Packages {
			for _, message := range pkg.Incompatible {
				p.line("      %s: %s", pkg.Package, message)
			}
		}
	}
	if prose != "" {
		p.line("  - bring README.md up to date, until go test ./%s passes:", prosePackage)
		p.block("      ", prose)
	}
	var news []string
	for _, op := range a.Changes.Operations {
		if op.State == added {
			news = append(news, op.Operation)
		}
	}
	if len(news) > 0 {
		p.line("  - decide which of the new operations deserve a method of their own; API() has them all:")
		for _, op := range news {
			p.line("      %s", op)
		}
	}
	for _, f := range a.Overlay {
		p.line("  - tidy the overlay: %s", strings.ReplaceAll(f.String(), "\n", "\n    "))
	}
	if o.source == "not stated" {
		p.line("  - say in %s where the document came from (SOURCE=… does it next time)", provenanceFile)
	}
	p.line("  - the next version: %s", a.Version)
}
