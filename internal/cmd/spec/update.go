package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// take tests a candidate that has been tried, and puts what it changes into the repository: all of it, or nothing.
func (a *assessment) take(ctx context.Context, source string) (int, error) {
	if a.Failed != "" {
		return exitBreaks, errors.New("not taken, the repository is as it was; section 4 says what to do")
	}
	if err := a.record(source, time.Now()); err != nil {
		return exitUnknown, err
	}
	changes, err := a.changes(ctx)
	if err != nil {
		return exitUnknown, err
	}
	a.say("go test ./..., as make test does")
	_, err = a.run(ctx, a.trial.dir, "test", "-timeout=30m", "./...")
	if failed, ok := errors.AsType[*commandError](err); ok {
		return exitBreaks, fmt.Errorf("not taken, the repository is as it was; these tests fail with it:\n%s\n"+
			"what to do, then run this again: adapt the code or the tests that say otherwise than the new document", failed.output)
	} else if err != nil {
		return exitUnknown, err
	}
	a.say("write it into the repository")
	// It takes a moment, and is not interrupted: what is ignored here is ignored by git, too.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	defer signal.Reset(os.Interrupt, syscall.SIGTERM)
	_, err = command(context.WithoutCancel(ctx), a.trial.repo, changes, "LC_ALL=C", "git", "apply", "--whitespace=nowarn", "-")
	if err != nil {
		return exitUnknown, fmt.Errorf("the repository has changed meanwhile, and is as it was: %w", err)
	}
	a.line("\nTaken. Left to you:")
	a.line("  - make check: the race detector, the other Go line, the budgets, the linters and the modules below internal")
	a.line("  - read what changed and commit it: git diff --stat, then git diff openapi wrapper")
	if a.breaks() {
		a.line("  - tell the callers in CHANGELOG.md what sections 3 and 4 mark with ! and ?")
	}
	return exitOK, nil
}

// record writes the sum of the document and where it came from.
func (a *assessment) record(source string, now time.Time) error {
	cell := strings.NewReplacer("|", `\|`, "`", "'", "\n", " ", "\r", " ").Replace
	day := now.UTC().Format(time.DateOnly)
	row := fmt.Sprintf("| %s | `%s` | %s | %s |\n", day, a.Candidate.SHA256, cell(a.Candidate.Version), cell(source))
	provenance, err := os.OpenFile(a.trial.path("openapi/PROVENANCE.md"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = provenance.WriteString(row)
	return errors.Join(err, provenance.Close(),
		os.WriteFile(a.trial.path("openapi/client-api.yaml.sha256"), []byte(a.Candidate.SHA256+"  client-api.yaml\n"), 0o644))
}

// changes returns what was changed in the worktree, as a patch. Files with work that is not committed are not to be
// written: it could not be told from the update any more.
func (a *assessment) changes(ctx context.Context) (string, error) {
	if _, err := git(ctx, a.trial.dir, "add", "--all"); err != nil {
		return "", err
	}
	names, err := git(ctx, a.trial.dir, "diff", "--cached", "--name-only", "-z")
	if err != nil {
		return "", err
	}
	args := []string{"--no-optional-locks", "--literal-pathspecs", "status", "--porcelain", "--untracked-files=all", "--"}
	args = append(args, strings.Split(strings.TrimRight(names, "\x00"), "\x00")...)
	if status, err := git(ctx, a.trial.repo, args...); err != nil || status != "" {
		return "", errors.Join(err, errors.New("not taken: these files would be written, and have changes that are not committed; "+
			"commit or undo them first:\n"+strings.TrimRight(status, "\n")))
	}
	return git(ctx, a.trial.dir, "diff", "--cached", "--binary", "--no-ext-diff", "--no-textconv", "--no-color",
		"--src-prefix=a/", "--dst-prefix=b/")
}
