package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func (a *assessment) line(format string, args ...any) { fmt.Fprintf(a.out, format+"\n", args...) }

// list prints lines below a title; of very many only the first.
func (a *assessment) list(title string, lines []string) {
	const shown = 20
	if len(lines) > 0 {
		a.line("%s", title)
	}
	for _, line := range lines[:min(len(lines), shown)] {
		a.line("     %s", line)
	}
	if more := len(lines) - shown; more > 0 {
		a.line("     and %d more", more)
	}
}

// report writes all for a person to read.
func (a *assessment) report() {
	a.line("           ! breaks   ? may break   + added")
	a.line("\n1. Validity")
	if len(a.Invalid) == 0 {
		a.line("   valid OpenAPI %s", a.Candidate.OpenAPI)
	}
	a.list(" ! not valid OpenAPI "+a.Candidate.OpenAPI+":", a.Invalid)
	a.list("   warnings of single tools, which stop nothing:", a.Warnings)

	a.line("\n2. What it takes over from our additions")
	a.reportTakeover()
	a.line("\n3. The API")
	a.reportChanges()
	a.line("\n4. The Go surface")
	if a.Failed != "" {
		a.line(" ! the candidate cannot be taken as it is:\n     %s", strings.ReplaceAll(a.Failed, "\n", "\n     "))
	} else if len(a.Surface.Incompatible)+len(a.Surface.Compatible) == 0 {
		a.line("   no exported name of api, wrapper and the packages below it changes, and everything compiles")
	}
	for _, message := range a.Surface.Incompatible {
		a.line(" ! %s", message)
	}
	a.list(" + names that are new:", a.Surface.Compatible)
	a.line("\n5. Version step\n   %s", a.step())
}

func (a *assessment) reportTakeover() {
	t := a.Takeover
	if t == nil || len(t.Operations)+len(t.Components)+len(t.Needless) == 0 {
		a.line("   nothing")
		return
	}
	differs := map[string]bool{}
	for _, c := range a.Changes {
		for _, op := range c.Operations {
			differs[op.String()] = true
		}
	}
	for _, op := range slices.Sorted(maps.Keys(t.Operations)) {
		how := "is the same on the wire"
		if differs[op] {
			how = "differs, see 3"
		}
		a.line("   %s: ours goes from %s; the document's %s", op, t.Operations[op], how)
	}
	a.list("   components of the same names, so ours go:", t.Components)
	a.list("   components that nothing of ours refers to any more, so they go:", t.Orphans)
	a.list("   said by ours and not by the document, so it becomes a rule in overlay.yaml:", t.Kept)
	a.list("   rules of overlay.yaml that match or change nothing any more, so they go:", t.Needless)
}

func (a *assessment) reportChanges() {
	if len(a.Changes) == 0 {
		a.line("   nothing that a program notices: words, examples or extensions at most")
	}
	slices.SortStableFunc(a.Changes, func(x, y *change) int { return cmp.Compare(y.Level, x.Level) })
	for _, c := range a.Changes {
		where := "the document as a whole"
		if len(c.Operations) > 0 {
			where = c.Operations[0].String()
			if a.Takeover != nil && a.Takeover.Operations[where] != "" {
				where += " (was ours)"
			}
		}
		if n := len(c.Operations) - 1; n > 0 {
			where += fmt.Sprintf(" and %d more", n)
		}
		a.line(" %s %s: %s", map[level]string{breaks: "!", mayBreak: "?", harmless: " ", added: "+"}[c.Level], where, strings.Join(c.Texts, "; "))
	}
}
