package main

import (
	"context"
	"errors"
	"fmt"
)

// A goReport is what the candidate does to the code.
type goReport struct {
	Generate string          `json:"generateError,omitempty"`
	Build    string          `json:"buildError,omitempty"`
	Advice   []string        `json:"advice,omitempty"` // what to do about the two
	Packages []packageChange `json:"packages,omitempty"`
	// Committed is true when the last commit stands for what was before, since the files as they lie there do
	// not compile without the candidate.
	Committed bool `json:"comparedWithCommit,omitempty"`
}

// tryCode generates and builds in the copy, with the parts of the overlay that fit.
func (a *assessment) tryCode(ctx context.Context) error {
	was, err := a.surfaceBefore(ctx)
	if err != nil {
		return err
	}
	if err := a.work.write(documentFile, a.Candidate.text); err != nil {
		return err
	}
	if len(a.fitting.Misfits()) > 0 {
		if err := a.work.write(overlayFile, a.fitting.Overlay); err != nil {
			return err
		}
	}
	if err := goCommand(ctx, a.work.dir, "generate", "./..."); err != nil {
		return a.generateFailed(ctx, err)
	}
	var failed *commandError
	if err := compile(ctx, a.work.dir); errors.As(err, &failed) {
		a.Go.Build, a.Go.Advice = failed.output, advice(failed.output)
		if a.Go.Committed {
			return &uncertainError{"the code compiles neither without the candidate nor with it:\n" + failed.output}
		}
	} else if err != nil {
		return err
	}
	is, err := loadSurface(ctx, a.work.dir)
	if err != nil {
		return err
	}
	a.Go.Packages = compareSurfaces(was, is)
	return nil
}

// surfaceBefore loads what the candidate is compared with: the repository as it lies there, in whose own
// folder everything is in Go's cache, and nothing of this writes there. Code that has been adapted to the
// candidate already does not compile without it; then the last commit stands for it.
func (a *assessment) surfaceBefore(ctx context.Context) (*surface, error) {
	a.Go = &goReport{}
	var failed *commandError
	err := compile(ctx, a.repo)
	if err == nil {
		return loadSurface(ctx, a.repo)
	}
	if !errors.As(err, &failed) {
		return nil, err
	}
	a.Go.Committed = true
	commit, err := newCommitCopy(ctx, a.repo)
	if err != nil {
		return nil, &uncertainError{fmt.Sprintf("the repository does not compile without the candidate, and there is no commit to compare with (%v):\n%s", err, failed.output)}
	}
	defer func() { _ = commit.remove() }()
	if err := compile(ctx, commit.dir); errors.As(err, &failed) {
		return nil, &uncertainError{"the repository does not compile without the candidate, and neither does the last commit:\n" + failed.output}
	} else if err != nil {
		return nil, err
	}
	return loadSurface(ctx, commit.dir)
}

// generateFailed finds out whether it is the candidate's fault.
func (a *assessment) generateFailed(ctx context.Context, err error) error {
	var failed *commandError
	if !errors.As(err, &failed) {
		return err
	}
	a.Go.Generate, a.Go.Advice = failed.output, advice(failed.output)
	// An overlay that has been adapted to the candidate already must not be blamed either.
	if err := errors.Join(a.work.write(documentFile, a.original), a.work.write(overlayFile, a.base.Overlay)); err != nil {
		return err
	}
	err = goCommand(ctx, a.work.dir, "generate", "./...")
	if errors.As(err, &failed) {
		return &uncertainError{"the code cannot be generated as it is, without the candidate: " + err.Error()}
	}
	return err
}
