package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/portalclient/portal-client-go/internal/overlaycheck"
)

// shown is how many additions a list shows; -json has them all. What breaks is never cut.
const shown = 12

// A printer keeps the first error of many lines.
type printer struct {
	out io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// block prints a text of several lines, indented.
func (p *printer) block(indent, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		p.line("%s%s", indent, line)
	}
}

// print writes the report for a person to read.
func (r *report) print(out io.Writer) error {
	p := &printer{out: out}
	p.line("candidate  %s", r.Candidate)
	p.line("vendored   %s", r.Vendored)
	p.line("           ! breaks   ? may break   + added")
	r.printValidity(p)
	if r.Changes != nil {
		r.printChanges(p)
	}
	if r.Go != nil {
		r.printGo(p)
	}
	r.printOverlay(p)
	if r.Version != nil {
		p.line("")
		p.line("5. Version step")
		p.line("   %s", r.Version)
	}
	p.line("")
	switch {
	case r.ExitCode == exitUncertain:
		p.line("Result: could not tell (exit code %d)", r.ExitCode) // the reason goes to stderr
	case len(r.Breaks) == 0:
		p.line("Result: nothing breaks (exit code %d)", r.ExitCode)
	default:
		p.line("Result: something breaks (exit code %d)", r.ExitCode)
	}
	for _, b := range r.Breaks {
		p.line("   ! %s", b)
	}
	return p.err
}

func (d *document) String() string {
	return fmt.Sprintf("%s: OpenAPI %s, version %s, %s, sha256 %s…", d.Path, d.OpenAPI, d.Version,
		plural(d.Operations, "operation"), d.SHA256[:12])
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (r *report) printValidity(p *printer) {
	p.line("")
	p.line("1. Validity")
	if r.Identical {
		p.line("   the candidate is the vendored document, byte for byte; there is nothing to compare")
	}
	list := func(what string, problems []string) {
		if len(problems) == 0 {
			p.line("   %s: valid OpenAPI %s", what, r.Candidate.OpenAPI)
			return
		}
		p.line(" ! %s: not valid", what)
		for i, problem := range problems {
			if i == shown && len(problems) > shown+1 {
				p.line("     and %d more", len(problems)-shown)
				break
			}
			p.line("     %s", problem)
		}
	}
	list("the candidate as it is", r.Invalid)
	if r.Changes != nil {
		list("with the overlay applied"+r.reduced(), r.InvalidMerged)
	}
}

// reduced says that the overlay was not used whole.
func (r *report) reduced() string {
	if slices.ContainsFunc(r.Overlay, func(f overlaycheck.Finding) bool { return f.Misfit }) {
		return " (with what still fits of the overlay, see 4)"
	}
	return ""
}

func mark(l level) string {
	switch l {
	case breaks:
		return "!"
	case mayBreak:
		return "?"
	default:
		return " "
	}
}

func (r *report) printChanges(p *printer) {
	p.line("")
	p.line("2. The API, by operation%s", r.reduced())
	if r.Changes.empty() {
		p.line("   nothing changed")
		return
	}
	origin := r.originShown(p)
	for _, op := range r.Changes.Operations {
		r.printOperation(p, op, origin)
	}
	list := func(title string, changes []change) {
		if len(changes) > 0 {
			p.line("   %s", title)
		}
		for _, c := range changes {
			p.line("     %s %s%s", mark(c.Level), strings.TrimSpace(c.operation+" "+c.Text), origin(c))
		}
	}
	list("the document as a whole", r.Changes.General)
	list("changed in the document, but the overlay says otherwise", r.Changes.Hidden)
	if r.Changes.Wording {
		p.line("   only the head of the document, or what no operation uses")
	}
}

func (r *report) printOperation(p *printer, op operationChange, origin func(change) string) {
	id := ""
	if op.ID != "" {
		id = " (" + op.ID + ")"
	}
	switch op.State {
	case added:
		p.line("   + %s%s: added%s", op.Operation, id, origin(op.Changes[0]))
		return
	case removed:
		p.line("   ! %s%s: removed%s", op.Operation, id, origin(op.Changes[0]))
		return
	case wording:
		if op.Adopted {
			p.line("     %s%s: now defined by the document itself, as ours was", op.Operation, id)
			return
		}
		p.line("     %s%s: only descriptions, examples or extensions", op.Operation, id)
		return
	}
	if op.Adopted {
		p.line("     %s%s: now defined by the document itself, otherwise than ours was", op.Operation, id)
	} else {
		p.line("     %s%s: changed", op.Operation, id)
	}
	for _, c := range op.Changes {
		p.line("     %s %s%s", mark(c.Level), c.Text, origin(c))
	}
}

// originShown tells where the changes come from: once when all come from the document, else with each.
func (r *report) originShown(p *printer) func(change) string {
	total, ofDocument := 0, 0
	count := func(changes []change) {
		for _, c := range changes {
			total++
			if c.Origin == fromDocument {
				ofDocument++
			}
		}
	}
	for _, op := range r.Changes.Operations {
		count(op.Changes)
	}
	count(r.Changes.General)
	if total == ofDocument {
		p.line("   all of it comes from the document itself")
		return func(change) string { return "" }
	}
	p.line("   %d of %d changes are in the document itself, those marked [overlay] only in what the overlay adds to it", ofDocument, total)
	return func(c change) string {
		if c.Origin == fromOverlay {
			return " [overlay]"
		}
		return ""
	}
}

func (r *report) printGo(p *printer) {
	p.line("")
	p.line("3. The Go surface, regenerated%s", r.reduced())
	if r.Go.Committed {
		p.line("   compared with the last commit: the files as they lie here do not compile without the candidate")
	}
	if r.Go.Generate != "" {
		p.line(" ! go generate ./... fails:")
		p.block("     ", r.Go.Generate)
		p.advice(r.Go.Advice)
		return
	}
	if r.Go.Build != "" {
		p.line(" ! the code does not compile; nothing can be said of the packages that fail:")
		p.block("     ", r.Go.Build)
		p.advice(r.Go.Advice)
	}
	for _, c := range r.Go.Packages {
		p.line("   package %s", c.Package)
		for _, message := range c.Incompatible {
			p.line("     ! %s", message)
		}
		p.additions(c.Compatible)
		if n := len(c.Grown); n > 0 {
			p.line("     + the interfaces of the client grow by %s (a break only for whoever implements them)", plural(n, "method"))
		}
	}
	if len(r.Go.Packages) == 0 && r.Go.Build == "" {
		p.line("   api, wrapper and the packages below it: no exported name changes, and everything compiles")
	}
}

func (p *printer) advice(lines []string) {
	for _, line := range lines {
		p.line("     what to do: %s", line)
	}
}

func (p *printer) additions(messages []string) {
	for i, message := range messages {
		if i == shown && len(messages) > shown+1 {
			p.line("     + and %d more (-json lists them)", len(messages)-shown)
			return
		}
		p.line("     + %s", message)
	}
}

func (r *report) printOverlay(p *printer) {
	p.line("")
	p.line("4. The overlay")
	if len(r.Overlay) == 0 {
		p.line("   every action still fits, and none is superfluous")
	}
	for _, f := range r.Overlay {
		m := " "
		if f.Misfit {
			m = "!"
		}
		text := strings.Split(f.String(), "\n")
		p.line("   %s %s", m, text[0])
		p.block("     ", strings.Join(text[1:], "\n"))
	}
}
