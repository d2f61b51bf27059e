package contract

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/portalclient/portal-client-go/internal/contract/instance"
)

// A table says what was covered: operation by operation, status by status, property by property.
type table struct {
	mu   sync.Mutex
	rows []row
}

// A row is one side of one operation: its parameters, a request body, a reply.
type row struct{ operation, part, text string }

func (tb *table) add(w *walk) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	name := w.op.name()
	if len(w.parameters) > 0 {
		var texts []string
		for _, p := range w.parameters {
			absent := "–"
			if !p.Required {
				absent = fmt.Sprint(p.absent)
			}
			texts = append(texts, fmt.Sprintf("%s:%s %d/%s", p.In, p.Name, p.present, absent))
		}
		tb.rows = append(tb.rows, row{name, "parameters", "   " + strings.Join(texts, ", ")})
	}
	for _, c := range w.requests {
		tb.rows = append(tb.rows, row{name, "request " + c.mediaType, describe(c.plan)})
	}
	for _, s := range w.replies {
		part, text := s.key+" without a body", fmt.Sprintf("   %d times", s.covered)
		if s.content != nil {
			part, text = s.key+" "+s.content.mediaType, describe(s.content.plan)
		}
		for _, h := range s.headers {
			text += fmt.Sprintf(", header:%s %d/%d", h.name, h.present, h.absent)
		}
		tb.rows = append(tb.rows, row{name, part, text})
	}
}

// describe lists every property with how often it was there and how often not, and sums up the other states.
func describe(p *instance.Plan) string {
	expected := p.Expected()
	var names []string
	present, absent := map[string]int{}, map[string]string{}
	states, covered := 0, 0
	for _, m := range expected {
		states++
		if p.Count(m) > 0 {
			covered++
		}
		switch m.State {
		case instance.Present:
			if m.Place != "" {
				names = append(names, m.Place)
				present[m.Place] = p.Count(m)
			}
		case instance.Absent:
			absent[m.Place] = fmt.Sprint(p.Count(m))
		}
	}
	text := fmt.Sprintf("   %d properties, %d of %d states", len(names), covered, states)
	if missing := p.Missing(); len(missing) > 0 {
		text += fmt.Sprintf("; MISSING: %v", missing)
	}
	for i, name := range names {
		if i%6 == 0 {
			text += "\n     "
		}
		text += fmt.Sprintf(" %s %d/%s", strings.TrimPrefix(name, "."), present[name], cmp.Or(absent[name], "–"))
	}
	return text
}

// String is the table for people: present/absent counts, – where a property cannot be absent.
func (tb *table) String() string {
	slices.SortStableFunc(tb.rows, func(a, b row) int { return cmp.Compare(a.operation, b.operation) })
	var b strings.Builder
	b.WriteString("covered, as present/absent; – means required\n")
	last := ""
	for _, r := range tb.rows {
		if r.operation != last {
			fmt.Fprintf(&b, "%s\n", r.operation)
		}
		last = r.operation
		fmt.Fprintf(&b, "  %s\n%s\n", r.part, r.text)
	}
	return b.String()
}
