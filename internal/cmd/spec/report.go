package main

import (
	"fmt"
	"io"
	"strings"
)

// A printer prints lines.
type printer struct{ out io.Writer }

func (p printer) line(format string, args ...any) { fmt.Fprintf(p.out, format+"\n", args...) }

// list prints lines below a title; of very many only the first.
func (p printer) list(title, indent string, lines []string) {
	const shown = 20
	for i, line := range lines {
		switch {
		case i == shown && len(lines) > shown+1:
			p.line("%sand %d more", indent, len(lines)-shown)
			return
		case i == 0 && title != "":
			p.line("%s", title)
		}
		p.line("%s%s", indent, line)
	}
}

// print writes the report for a person to read.
func (a *assessment) print(p printer) {
	p.line("candidate  %s", a.Candidate)
	p.line("vendored   %s", a.Vendored)
	if a.identical() {
		p.line("\nThe candidate is the vendored document, byte for byte.")
		return
	}
	p.line("           ! breaks   ? may break   + added")
	p.line("\n1. Validity")
	if len(a.Invalid) == 0 {
		p.line("   valid OpenAPI %s", a.Candidate.OpenAPI)
	}
	p.list(" ! not valid OpenAPI "+a.Candidate.OpenAPI+":", "     ", a.Invalid)
	p.list("   warnings, which stop nothing:", "     ", a.Warnings)
	p.line("\n2. What it takes over from our additions")
	a.printTakeover(p)
	a.printChanges(p)
	p.line("\n4. The Go surface")
	if a.Failed != "" {
		p.line(" ! the candidate cannot be taken as it is:\n     %s", strings.ReplaceAll(a.Failed, "\n", "\n     "))
	} else if len(a.Packages) == 0 {
		p.line("   no exported name of api, wrapper and the packages below it changes, and everything compiles")
	}
	for _, c := range a.Packages {
		p.line("   package %s", c.Package)
		for _, message := range c.Incompatible {
			p.line("     ! %s", message)
		}
		p.list("", "     + ", c.Compatible)
	}
	p.line("\n5. Version step\n   %s", advise(a.Released, a.step()))
	p.line("\nResult: %s (exit code %d)", []string{"nothing breaks", "something breaks or may break", "could not tell"}[a.exitCode()], a.exitCode())
	p.list("", "   ! ", a.breaking())
}

func (a *assessment) printTakeover(p printer) {
	t := a.Takeover
	if t == nil || len(t.Taken)+len(a.Needless) == 0 {
		p.line("   nothing")
		return
	}
	differs := map[string]bool{}
	for _, c := range a.Changes {
		for _, op := range c.Operations {
			differs[op.String()] = true
		}
	}
	var components []string
	for _, taken := range t.Taken {
		name, from, _ := strings.Cut(taken, ", from ")
		switch {
		case strings.HasPrefix(name, "#/"):
			components = append(components, taken)
		case differs[name]:
			p.line("   %s: ours goes from %s; the document's differs, see 3", name, from)
		default:
			p.line("   %s: ours goes from %s; the document's is the same on the wire", name, from)
		}
	}
	p.list("   components of the same names, so ours go:", "     ", components)
	p.list("   components that nothing of ours refers to any more, so they go:", "     ", t.Orphans)
	p.list("   said by ours and not by the document, so it becomes a rule in overlay.yaml:", "     ", t.Kept)
	p.list("   rules of overlay.yaml that match or change nothing any more, so they go:", "     ", a.Needless)
}

func (a *assessment) printChanges(p printer) {
	p.line("\n3. The API")
	if len(a.Changes) == 0 {
		p.line("   nothing that a program notices: words, examples or extensions at most")
	}
	var added []string
	for _, l := range []level{breaks, mayBreak, harmless} {
		for _, c := range a.Changes {
			where := "the document as a whole"
			if len(c.Operations) > 0 {
				where = c.Operations[0].String()
				if a.Takeover != nil && a.Takeover.Operations[where] {
					where += " (was ours)"
				}
			}
			if n := len(c.Operations); n > 1 {
				where += " and " + plural(n-1, "other operation", "other operations")
			}
			switch {
			case c.Level != l:
			case c.added:
				added = append(added, where)
			default:
				p.line(" %s %s: %s", []string{" ", "?", "!"}[l], where, strings.Join(c.Texts, "; "))
			}
		}
	}
	p.list("", " + ", added)
}
