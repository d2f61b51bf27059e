package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/portalclient/portal-client-go/internal/overlaycheck"
)

// A report is all that can be said about a candidate.
type report struct {
	Candidate     *document              `json:"candidate"`
	Vendored      *document              `json:"vendored"`
	Identical     bool                   `json:"identical"`
	Invalid       []string               `json:"invalid,omitempty"`       // what is wrong with the candidate
	InvalidMerged []string               `json:"invalidMerged,omitempty"` // what is wrong once the overlay is applied
	Overlay       []overlaycheck.Finding `json:"overlay,omitempty"`
	Changes       *changeSet             `json:"changes,omitempty"`
	Go            *goReport              `json:"go,omitempty"`
	Version       *versionAdvice         `json:"version,omitempty"`
	Breaks        []string               `json:"breaks,omitempty"`    // why the exit code is 1
	Uncertain     string                 `json:"uncertain,omitempty"` // why the exit code is 2
	ExitCode      int                    `json:"exitCode"`
}

// An assessment is a report, and the copy of the repository in which the candidate has been tried.
type assessment struct {
	report
	repo     string
	original []byte               // the vendored document
	base     *overlaycheck.Result // the overlay on the vendored document
	fitting  *overlaycheck.Result // and on the candidate
	work     *workcopy
}

// assess finds out what taking a candidate would do. The error says why there is no report at all. The
// caller must close the assessment.
func assess(ctx context.Context, o options) (*assessment, error) {
	a := &assessment{}
	var err error
	if a.repo, err = findRepo(o.repo); err != nil {
		return nil, err
	}
	current, err := releasedVersion(ctx, a.repo, o.version)
	if err != nil {
		return nil, err
	}
	candidate, err := readCandidate(o.repo, o.candidate)
	if err != nil {
		return nil, err
	}
	if a.original, err = readRepoFile(a.repo, documentFile); err != nil {
		return nil, err
	}
	overlay, err := readRepoFile(a.repo, overlayFile)
	if err != nil {
		return nil, err
	}
	if a.Vendored, err = readDocument(documentFile, a.original); err != nil {
		return nil, err
	}
	if a.Candidate, err = readDocument(o.candidate, candidate); err != nil {
		return nil, err
	}
	a.Identical = a.Candidate.SHA256 == a.Vendored.SHA256
	a.Invalid = validate(ctx, a.Candidate.doc)
	if a.base, err = overlaycheck.Check(a.original, overlay, nil); err != nil {
		return nil, err
	}
	if a.fitting, err = overlaycheck.Check(candidate, overlay, a.original); err != nil {
		return nil, err
	}
	a.Overlay = a.fitting.Findings

	err = a.try(ctx)
	var uncertain *uncertainError
	switch {
	case errors.As(err, &uncertain):
		a.Uncertain = uncertain.reason
	case err != nil:
		return a, err
	}
	a.judge(current)
	return a, nil
}

// close removes the copy of the repository.
func (a *assessment) close() error {
	if a == nil || a.work == nil {
		return nil
	}
	return a.work.remove()
}

// An uncertainError is a reason why the rest cannot be told.
type uncertainError struct{ reason string }

func (e *uncertainError) Error() string { return e.reason }

// try compares the documents, and generates and builds the code from the candidate.
func (a *assessment) try(ctx context.Context) error {
	if a.Identical {
		return nil
	}
	if len(a.Invalid) > 0 {
		return &uncertainError{fmt.Sprintf("%s is not valid OpenAPI %s: %s", a.Candidate.Path, a.Candidate.OpenAPI, first(a.Invalid))}
	}
	before, err := readDocument("the vendored document with the overlay", a.base.Merged)
	if err != nil {
		return err
	}
	after, err := readDocument("the candidate with the overlay", a.fitting.Merged)
	if err != nil {
		return &uncertainError{err.Error()}
	}
	a.InvalidMerged = validate(ctx, after.doc)
	if a.Changes, err = compare(a.Vendored.doc, a.Candidate.doc, before.doc, after.doc); err != nil {
		return &uncertainError{err.Error()}
	}
	if a.work, err = newWorkcopy(ctx, a.repo); err != nil {
		return err
	}
	return a.tryCode(ctx)
}

// judge says what breaks, and what it means for the version. An overlay that no longer fits is work for us,
// and nothing that the users of this module notice.
func (a *assessment) judge(current string) {
	ours := &tally{}
	ours.add(len(a.fitting.Misfits()), "an action of the overlay no longer fits", "%d actions of the overlay no longer fit")
	ours.add(len(a.InvalidMerged), "the document is not valid with the overlay", "%d things are not valid with the overlay")
	theirs, additions := &tally{}, false
	if a.Changes != nil {
		theirs.add(a.Changes.count(breaks), "a change of the API breaks", "%d changes of the API break")
		theirs.add(a.Changes.count(mayBreak), "a change of the API may break", "%d changes of the API may break")
	}
	if a.Go != nil {
		theirs.addIf(a.Go.Generate != "", "the code cannot be generated any more")
		theirs.addIf(a.Go.Build != "", "the code does not compile any more")
		for _, p := range a.Go.Packages {
			theirs.add(len(p.Incompatible), "a change of package "+p.Package+" breaks", "%d changes of package "+p.Package+" break")
			additions = additions || len(p.Compatible)+len(p.Grown) > 0
		}
	}
	a.Breaks = slices.Concat(ours.lines, theirs.lines)
	switch {
	case a.Uncertain != "":
		a.ExitCode = exitUncertain
		return // no advice without all the facts
	case len(a.Breaks) > 0:
		a.ExitCode = exitBreaks
	}
	advice := advise(current, len(theirs.lines) > 0, additions, !a.Identical)
	a.Version = &advice
}

// A tally is a list of sentences that count things.
type tally struct{ lines []string }

func (t *tally) add(n int, one, many string) {
	switch {
	case n == 1:
		t.lines = append(t.lines, one)
	case n > 1:
		t.lines = append(t.lines, fmt.Sprintf(many, n))
	}
}

func (t *tally) addIf(condition bool, line string) {
	if condition {
		t.lines = append(t.lines, line)
	}
}

func first(problems []string) string {
	if len(problems) == 1 {
		return problems[0]
	}
	return fmt.Sprintf("%s (and %d more)", problems[0], len(problems)-1)
}
