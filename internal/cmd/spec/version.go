package main

import (
	"context"
	"fmt"
	"slices"
)

// The steps of semantic versioning, as if 1.0.0 were out, by the place of the number that they raise.
const (
	major = iota
	minor
	patch
	none
)

// A release is a version of the module, nil when there is none.
type release []int

func (r release) String() string { return fmt.Sprintf("v%d.%d.%d", r[0], r[1], r[2]) }

// lastRelease returns the last version tag before HEAD, previews aside.
func lastRelease(ctx context.Context, repo string) release {
	tag, err := git(ctx, repo, "describe", "--tags", "--abbrev=0", "--match=v[0-9]*", "--exclude=*-*")
	r := make(release, 3)
	if n, _ := fmt.Sscanf(tag, "v%d.%d.%d", &r[major], &r[minor], &r[patch]); err != nil || n != len(r) {
		return nil
	}
	return r
}

// advise says which version comes next. Before 1.0.0 semver promises nothing; as is the custom for Go modules, a break
// then raises the minor number.
func advise(released release, step int) string {
	name := []string{"major", "minor", "patch", "none"}[step]
	switch {
	case step == none:
		return "none: nothing changes for the users of this module"
	case released == nil:
		return name + "; no version is tagged yet, so the first one may hold it"
	}
	next, remark := slices.Clone(released), ""
	if step == major && released[major] == 0 {
		step, remark = minor, "; before 1.0.0 semver promises nothing, and by custom a break raises the minor number"
	}
	next[step]++
	clear(next[step+1:])
	return fmt.Sprintf("%s -> %s (a %s step%s)", released, next, name, remark)
}
