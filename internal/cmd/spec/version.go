package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/mod/semver"
)

// A step is how far the next version is from the last.
type step string

// The steps of semantic versioning.
const (
	stepNone  step = "none"
	stepPatch step = "patch"
	stepMinor step = "minor"
	stepMajor step = "major"
)

// A versionAdvice is the step that a change means, and the number that it leads to.
type versionAdvice struct {
	Step    step   `json:"step"`              // as if 1.0.0 were out: major when something breaks
	Current string `json:"current,omitempty"` // empty when nothing is released
	Next    string `json:"next,omitempty"`
}

// advise returns the step for what was found. Before 1.0.0 semver promises nothing; as is the custom for
// Go modules, a break then raises the minor number.
func advise(current string, breaks, additions, changed bool) versionAdvice {
	a := versionAdvice{Step: stepNone, Current: current}
	switch {
	case breaks:
		a.Step = stepMajor
	case additions:
		a.Step = stepMinor
	case changed:
		a.Step = stepPatch
	}
	if current != "" {
		a.Next = next(current, a.Step)
	}
	return a
}

func next(current string, s step) string {
	var n [3]int
	core, _, _ := strings.Cut(strings.TrimPrefix(semver.Canonical(current), "v"), "-")
	for i, part := range strings.SplitN(core, ".", 3) {
		n[i], _ = strconv.Atoi(part) // semver.Canonical has left nothing but digits
	}
	if s == stepMajor && n[0] == 0 {
		s = stepMinor
	}
	switch s {
	case stepMajor:
		n = [3]int{n[0] + 1, 0, 0}
	case stepMinor:
		n = [3]int{n[0], n[1] + 1, 0}
	case stepPatch:
		n[2]++
	case stepNone:
	}
	return fmt.Sprintf("v%d.%d.%d", n[0], n[1], n[2])
}

func (a versionAdvice) String() string {
	switch {
	case a.Step == stepNone:
		return "none: nothing changes for the users of this module"
	case a.Current == "":
		return string(a.Step) + "; no version is tagged yet, so the first one may hold it"
	case strings.HasPrefix(a.Current, "v0.") && a.Step == stepMajor:
		return fmt.Sprintf("%s -> %s (a major step; before 1.0.0 semver promises nothing, and by custom a break raises the minor number)",
			a.Current, a.Next)
	default:
		return fmt.Sprintf("%s -> %s (a %s step)", a.Current, a.Next, a.Step)
	}
}

// releasedVersion returns the newest version tag of the checkout, previews aside, or the version that the
// user named. It is empty when there is neither.
func releasedVersion(ctx context.Context, repo, named string) (string, error) {
	if named != "" {
		if !semver.IsValid(named) {
			return "", fmt.Errorf("-version %s is no version of the form v1.2.3", named)
		}
		return named, nil
	}
	tags, err := exec.CommandContext(ctx, "git", "-C", repo, "tag", "--list", "v*", "--merged", "HEAD").Output()
	if err != nil {
		return "", nil // not a checkout, or one without commits
	}
	newest := ""
	for tag := range strings.FieldsSeq(string(tags)) {
		if semver.IsValid(tag) && semver.Prerelease(tag) == "" && semver.Compare(tag, newest) > 0 {
			newest = tag
		}
	}
	return newest, nil
}
