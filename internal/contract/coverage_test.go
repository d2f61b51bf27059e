package contract

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A table says what was covered: operation by operation, status by status, property by property.
type table struct {
	mu   sync.Mutex
	rows map[string][]string
}

func (tb *table) add(w *walk) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	var rows []string
	for _, p := range w.parameters {
		rows = append(rows, fmt.Sprintf("%s parameter %s: present %d, absent %d", p.in, p.name, p.present, p.absent))
	}
	for _, c := range w.requests {
		if c != nil {
			rows = append(rows, "request "+c.mediaType+": "+describe(c.plan))
		}
	}
	for _, s := range w.replies {
		row := fmt.Sprintf("%s: %d times", s.key, s.covered)
		if s.content != nil {
			row = s.key + " " + s.content.mediaType + ": " + describe(s.content.plan)
		}
		rows = append(rows, row)
	}
	if tb.rows == nil {
		tb.rows = map[string][]string{}
	}
	tb.rows[w.op.Name] = rows
}

// describe sums up the states of the properties, and tells how often each was there and how often not.
func describe(p *plan) string {
	var names []string
	counts := map[string][2]int{}
	for _, m := range p.Expected {
		i := slices.Index([]string{present, absent}, m.State)
		if i < 0 {
			continue
		}
		both, known := counts[m.Place]
		if !known {
			names = append(names, m.Place)
		}
		both[i] = p.Seen[m]
		counts[m.Place] = both
	}
	text := fmt.Sprintf("%d states, %d missing", len(p.Expected), len(p.Missing()))
	for i, name := range names {
		text += map[bool]string{true: "\n     ", false: ""}[i%6 == 0] + fmt.Sprintf(" %s %d/%d", strings.TrimPrefix(name, "."), counts[name][0], counts[name][1])
	}
	return text
}

// String is the table for people, with present/absent counts.
func (tb *table) String() string {
	var b strings.Builder
	b.WriteString("covered, as present/absent\n")
	for _, name := range slices.Sorted(maps.Keys(tb.rows)) {
		fmt.Fprintf(&b, "%s\n   %s\n", name, strings.Join(tb.rows[name], "\n   "))
	}
	return b.String()
}

// forgetsNothing: the plans of the walk have met every property that stands in the document.
func (w *walk) forgetsNothing(t *testing.T) {
	t.Helper()
	check := func(documented object, contents []*content, reply bool) {
		for _, c := range contents {
			if c == nil || !c.json {
				continue
			}
			l := &lister{doc: w.op.doc, reply: reply, found: map[string]bool{}}
			l.list(w.op.doc.follow(documented[c.mediaType])["schema"], "", nil)
			met := map[string]bool{}
			for _, m := range c.plan.Expected {
				if m.State == present {
					met[branches.ReplaceAllString(m.Place, "")] = true
				}
			}
			for place := range l.found {
				require.True(t, met[place], "nothing was made for %s", place)
			}
		}
	}
	check(w.op.requests, w.requests, false)
	for _, s := range w.replies {
		types, _ := w.op.doc.follow(w.op.responses[s.key])["content"].(object)
		check(types, []*content{s.content}, true)
	}
}

var branches = regexp.MustCompile(`<\w+>`)

// A lister finds the properties below a schema in the text of the document, without the builder of instances.
// What that forgets, it would not miss.
type lister struct {
	doc   *document
	reply bool
	found map[string]bool
}

func (l *lister) list(v any, at string, refs []string) {
	schema, ok := v.(object)
	if !ok {
		return
	}
	if ref, ok := schema["$ref"].(string); ok {
		if slices.Contains(refs, ref) {
			return
		}
		refs = append(slices.Clone(refs), ref)
		l.list(l.doc.at(ref), at, refs)
	}
	properties, _ := schema["properties"].(object)
	for name, p := range properties {
		if inner, _ := p.(object); inner[map[bool]string{true: "writeOnly", false: "readOnly"}[l.reply]] != true {
			l.found[at+"."+name] = true
			l.list(p, at+"."+name, refs)
		}
	}
	l.list(schema["items"], at+"[]", refs)
	if more, given := schema["additionalProperties"]; given && more != false {
		l.found[at+"{}"] = true
		l.list(more, at+"{}", refs)
	}
	for _, key := range []string{"allOf", "oneOf", "anyOf"} {
		members, _ := schema[key].([]any)
		for _, member := range members {
			l.list(member, at, refs)
		}
	}
}
