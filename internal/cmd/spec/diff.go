package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/portalclient/portal-client-go/internal/overlaycheck"
)

// diffCommand tells what taking a candidate would change and break.
func diffCommand(ctx context.Context, o options, out io.Writer) (code int, err error) {
	a, err := assess(ctx, o)
	defer func() { err = errors.Join(err, a.close()) }()
	if err != nil {
		return exitUncertain, err
	}
	if o.json {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(a.report)
	} else {
		err = a.print(out)
	}
	if err == nil && a.Uncertain != "" {
		err = errors.New("could not tell: " + a.Uncertain)
	}
	return a.ExitCode, err
}

// overlayCheckCommand tells whether the overlay fits the vendored document, or a candidate.
func overlayCheckCommand(_ context.Context, o options, out io.Writer) (code int, err error) {
	repo, err := findRepo(o.repo)
	if err != nil {
		return exitUncertain, err
	}
	overlay, err := readRepoFile(repo, overlayFile)
	if err != nil {
		return exitUncertain, err
	}
	name := documentFile
	text, err := readRepoFile(repo, documentFile)
	if o.candidate != "" {
		name = o.candidate
		text, err = readCandidate(o.repo, o.candidate)
	}
	if err != nil {
		return exitUncertain, err
	}
	result, err := overlaycheck.Check(text, overlay, nil)
	if err != nil {
		return exitUncertain, err
	}
	misfits := result.Misfits()
	for _, f := range result.Findings {
		if !f.Misfit {
			fmt.Fprintf(out, "%s: note: %s\n", overlayFile, f)
		}
	}
	if len(misfits) == 0 {
		fmt.Fprintf(out, "%s fits %s\n", overlayFile, name)
		return exitOK, nil
	}
	for _, f := range misfits {
		fmt.Fprintf(out, "%s: error: %s\n", overlayFile, f)
	}
	return exitBreaks, fmt.Errorf("%s no longer fits %s: see the %d above", overlayFile, name, len(misfits))
}
