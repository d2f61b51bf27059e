package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A content is the body of a request or of a reply in one media type, and what was covered of it.
type content struct {
	mediaType string
	json      bool
	plan      *plan
	sent      *instance // in this call
	minimal   *instance // the smallest that was sent so far
}

// contents lists the bodies of a request or reply, as they stand in the document.
func contents(op *operation, documented object, goes string, r *rand.Rand) []*content {
	var all []*content
	for _, mediaType := range slices.Sorted(maps.Keys(documented)) {
		c := &content{mediaType: mediaType, json: isJSON(mediaType)}
		schema := op.doc.follow(documented[mediaType])["schema"]
		if !c.json && !isForm(mediaType) {
			schema = object{"type": "string", "minLength": json.Number("1")}
		}
		c.plan = newPlan(op.doc, schema, goes, r)
		all = append(all, c)
	}
	return all
}

func (c *content) next(t *testing.T) {
	t.Helper()
	var err error
	c.sent, err = c.plan.Next()
	require.NoError(t, err, c.mediaType)
	if c.minimal == nil || len(c.sent.JSON()) < len(c.minimal.JSON()) {
		c.minimal = c.sent
	}
}

// text is the body as it is sent.
func (c *content) text() []byte {
	if text, ok := c.sent.Value.(string); ok && !c.json {
		return []byte(text)
	}
	return c.sent.JSON()
}

// fits: the method sends a body of this kind; c is nil for none.
func (c *content) fits(m *method, all []*method) bool {
	switch {
	case c == nil:
		return m.body == nil && !m.anyBody
	case m.anyBody: // for what no other method encodes
		return !slices.ContainsFunc(all, func(other *method) bool { return other.api && !other.anyBody && c.fits(other, nil) })
	}
	base, _, _ := mime.ParseMediaType(c.mediaType)
	return m.body != nil && (m.contentType == base || !m.api && c.json)
}

// encode puts the body into the arguments of a call: as a Go value if there is a type for it.
func (c *content) encode(t *testing.T, m *method, a *arguments) {
	t.Helper()
	if m.anyBody {
		a.contentType, a.text = c.mediaType, string(c.text())
		return
	}
	require.NoError(t, json.Unmarshal(c.sent.JSON(), a.body.Addr().Interface()), "%s does not fit into %s", c.sent.JSON(), m.body)
}

// checkArrived compares a body that arrived with the one that was sent.
func (c *content) checkArrived(t *testing.T, body string) {
	t.Helper()
	switch {
	case c.json:
		require.Empty(t, c.sent.Diff("", []byte(body)), "the body that arrived is another: %s, of %s", body, c.sent.JSON())
	case isForm(c.mediaType):
		got, err := url.ParseQuery(body)
		require.NoError(t, err)
		want := url.Values{}
		for name, v := range c.sent.Value.(object) {
			want[name] = texts(t, v)
		}
		require.Equal(t, want, got)
	default:
		require.Equal(t, c.sent.Value, body)
	}
}

// A documentedReply is a reply of the document in one media type, and what was covered of it.
type documentedReply struct {
	key     string // as in the document: 200, 4XX, default
	status  int
	content *content // nil when it has no body
	headers []*parameter
	covered int
}

// replies lists the documented replies of an operation: one for each media type of each status.
func replies(t *testing.T, op *operation, r *rand.Rand) []*documentedReply {
	t.Helper()
	var all []*documentedReply
	for _, key := range slices.Sorted(maps.Keys(op.responses)) {
		documented := op.doc.follow(op.responses[key])
		types, _ := documented["content"].(object)
		found := contents(op, types, inReply, r)
		if len(found) == 0 || op.Method == http.MethodHead {
			found = []*content{nil}
		}
		for _, c := range found {
			s := &documentedReply{key: key, status: op.statusOf(key), content: c}
			headers, _ := documented["headers"].(object)
			for _, name := range slices.Sorted(maps.Keys(headers)) {
				h := maps.Clone(op.doc.follow(headers[name]))
				h["name"], h["in"] = name, "header"
				s.headers = append(s.headers, newParameter(op, h, r))
			}
			all = append(all, s)
		}
	}
	return all
}

func (s *documentedReply) done() bool {
	return s.covered > 0 && (s.content == nil || s.content.plan.Done()) && !slices.ContainsFunc(s.headers, func(h *parameter) bool { return !h.done() })
}

func (s *documentedReply) next(t *testing.T, n int) reply {
	t.Helper()
	made := reply{status: s.status, header: http.Header{}}
	for _, h := range s.headers {
		if h.next(t, n); h.sent != nil {
			made.header.Set(h.name, h.simple(t))
		}
	}
	if s.content != nil {
		s.content.next(t)
		made.header.Set("Content-Type", strings.ReplaceAll(s.content.mediaType, "*", "x"))
		made.body = s.content.text()
	}
	return made
}

func (s *documentedReply) cover() {
	s.covered++
	for _, h := range s.headers {
		h.cover()
	}
	if s.content != nil {
		s.content.plan.Cover(s.content.sent)
	}
}

// parts goes through the types inside a type, from the outside in, each with a JSON pointer that leads to it: by
// fields, and by the first item of lists. It looks no further into a type for which visit returns false.
func parts(whole reflect.Type, visit func(part reflect.Type, pointer string) bool) {
	type part struct {
		reflect.Type
		pointer string
	}
	seen := map[reflect.Type]bool{}
	for all := []part{{whole, ""}}; len(all) > 0; all = all[1:] {
		p := all[0]
		for p.Kind() == reflect.Pointer {
			p.Type = p.Elem()
		}
		if seen[p.Type] || !visit(p.Type, p.pointer) {
			continue
		}
		seen[p.Type] = true
		switch {
		case p.Kind() == reflect.Slice:
			all = append(all, part{p.Elem(), p.pointer + "/0"})
		case p.Kind() == reflect.Struct:
			for f := range p.Fields() {
				if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
					all = append(all, part{f.Type, p.pointer + "/" + name})
				}
			}
		}
	}
}

// partOf finds where in a type another one lies.
func partOf(whole, wanted reflect.Type) (pointer string, ok bool) {
	parts(whole, func(part reflect.Type, at string) bool {
		if part == wanted && !ok {
			pointer, ok = at, true
		}
		return !ok
	})
	return pointer, ok
}

func texts(t *testing.T, v any) []string {
	t.Helper()
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	all := []string{}
	for _, item := range list {
		switch item.(type) {
		case string, json.Number, bool:
			all = append(all, fmt.Sprint(item))
		default:
			require.Fail(t, "teach the test parameters of this kind", "%T", item)
		}
	}
	return all
}
