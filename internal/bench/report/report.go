// Package report writes what was measured as Markdown.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/portalclient/portal-client-go/internal/bench/stat"
)

// A Table is one result.
type Table struct {
	Title string
	Lead  string // a sentence or two on what is measured, above the table
	Head  []string
	Rows  [][]string
	Note  string // what to make of it, below the table
}

// Add appends a row; each value is written as fmt.Sprint does.
func (t *Table) Add(values ...any) {
	row := make([]string, len(values))
	for i, v := range values {
		row[i] = fmt.Sprint(v)
	}
	t.Rows = append(t.Rows, row)
}

// A Verdict is one target of the project and what was measured of it.
type Verdict struct {
	Target, Measured string
	Met              Met
	Timed            bool // a busy machine may be the reason
}

// Met says whether a target was reached.
type Met string

// What a verdict can be. A timed figure whose target lies between its quartiles is on the edge: the next run
// may fall on either side.
const (
	Yes  Met = "yes"
	Edge Met = "on the edge"
	No   Met = "no"
)

// AtLeast judges a timed figure.
func AtLeast(s stat.Sample, target float64) Met {
	switch {
	case s.Low >= target:
		return Yes
	case s.High >= target:
		return Edge
	}
	return No
}

// AtMost is the opposite of [AtLeast].
func AtMost(s stat.Sample, target float64) Met {
	switch {
	case s.High <= target:
		return Yes
	case s.Low <= target:
		return Edge
	}
	return No
}

// If is Yes or No.
func If(met bool) Met {
	if met {
		return Yes
	}
	return No
}

// A Section is what one part of the benchmark reports.
type Section struct {
	Tables   []Table
	Verdicts []Verdict
}

// Write writes the verdicts of all sections and then their tables.
func Write(w io.Writer, sections []Section) error {
	var b strings.Builder
	targets := Table{Title: "Targets", Head: []string{"target", "measured", "met"}}
	for _, s := range sections {
		for _, v := range s.Verdicts {
			targets.Add(v.Target, v.Measured, v.Met)
		}
	}
	if len(targets.Rows) > 0 {
		targets.write(&b)
	}
	for _, s := range sections {
		for _, t := range s.Tables {
			t.write(&b)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t Table) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n", t.Title)
	paragraph(b, t.Lead)
	if len(t.Head) > 0 {
		b.WriteString("\n")
		line(b, t.Head)
		rule := make([]string, len(t.Head))
		for i := range rule {
			rule[i] = "---:"
		}
		rule[0] = "---"
		line(b, rule)
		for _, row := range t.Rows {
			line(b, row)
		}
	}
	paragraph(b, t.Note)
}

func paragraph(b *strings.Builder, text string) {
	if text != "" {
		fmt.Fprintf(b, "\n%s\n", text)
	}
}

func line(b *strings.Builder, cells []string) {
	escaped := make([]string, len(cells))
	for i, cell := range cells {
		escaped[i] = strings.ReplaceAll(cell, "|", `\|`)
	}
	fmt.Fprintf(b, "| %s |\n", strings.Join(escaped, " | "))
}
