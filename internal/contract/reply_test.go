package contract

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/contract/instance"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A replySpec is a documented reply in one content type, and what was covered of it.
type replySpec struct {
	key     string // as in the document: 200, 4XX, default
	status  int
	content *content // nil when it has no body
	headers []*replyHeader
	covered int // how often it has come out equal

	sent *instance.Instance // in this call
}

type replyHeader struct {
	name string
	*parameter
}

// replySpecs lists the documented replies of an operation: one for each content type of each status.
func replySpecs(t *testing.T, op *operation, r *rand.Rand) []*replySpec {
	t.Helper()
	var all []*replySpec
	for _, key := range op.statuses() {
		documented := op.spec.Responses.Value(key).Value
		var contents []*content
		for _, mediaType := range slices.Sorted(maps.Keys(documented.Content)) {
			contents = append(contents, newContent(op, mediaType, documented.Content[mediaType], instance.Use{Reply: true}, r))
		}
		if len(contents) == 0 || op.method == http.MethodHead {
			contents = []*content{nil}
		}
		for _, c := range contents {
			spec := &replySpec{key: key, status: op.statusOf(key), content: c}
			for _, name := range slices.Sorted(maps.Keys(documented.Headers)) {
				h := documented.Headers[name].Value
				p := &openapi3.Parameter{Name: name, In: "header", Required: h.Required, Schema: h.Schema, Content: h.Content}
				spec.headers = append(spec.headers, &replyHeader{name, newParameter(t, op, p, r)})
			}
			all = append(all, spec)
		}
	}
	return all
}

func (s *replySpec) done() bool {
	for _, h := range s.headers {
		if !h.done() {
			return false
		}
	}
	return s.covered > 0 && (s.content == nil || s.content.plan.Done())
}

// next makes a reply.
func (s *replySpec) next(t *testing.T, r *rand.Rand, n int) reply {
	t.Helper()
	out := reply{status: s.status, header: http.Header{}}
	for _, h := range s.headers {
		if h.next(t, r, n); h.sent != nil {
			out.header.Set(h.name, h.simple(t))
		}
	}
	if s.content == nil {
		return out
	}
	var err error
	s.sent, err = s.content.plan.Next()
	require.NoError(t, err, "%s %s", s.key, s.content.mediaType)
	out.header.Set("Content-Type", strings.ReplaceAll(s.content.mediaType, "*", "x"))
	if s.content.json {
		out.body = s.sent.Spelled(r)
	} else {
		out.body = []byte(s.sent.Value.(string))
	}
	return out
}

func (s *replySpec) cover() {
	s.covered++
	for _, h := range s.headers {
		h.cover()
	}
	if s.content != nil {
		s.content.plan.Cover(s.sent)
	}
}

// check compares what the client made of a reply with what was sent.
func (s *replySpec) check(t *testing.T, op *operation, sent reply, got reflect.Value, err error, trace string) {
	t.Helper()
	if s.status/100 != 2 && (s.content == nil || !s.content.json) {
		// Nothing that the generated parser could decode: the status arrives as an error.
		s.checkError(t, op, sent, err, trace)
		return
	}
	require.NoError(t, err, "status %d, body %s", sent.status, sent.body)
	require.Equal(t, sent.status, got.FieldByName("HTTPResponse").Interface().(*http.Response).StatusCode)
	require.Equal(t, string(sent.body), string(got.FieldByName("Body").Bytes()))
	s.checkHeaders(t, got)
	s.checkResult(t, op, sent, got, trace)
	if s.content == nil || !s.content.json {
		return
	}
	field := s.decoded(t, got)
	text, err := json.Marshal(field.Interface())
	require.NoError(t, err)
	require.Empty(t, s.sent.Diff(text), "%s decoded %s as %s", op.name(), sent.body, text)
}

// decoded is the one field that the parser has filled.
func (s *replySpec) decoded(t *testing.T, got reflect.Value) reflect.Value {
	t.Helper()
	var filled []string
	var field reflect.Value
	for i := range got.NumField() {
		name, f := got.Type().Field(i).Name, got.Field(i)
		if f.Kind() != reflect.Pointer || f.IsNil() || name == "HTTPResponse" || strings.HasPrefix(name, "Headers") {
			continue
		}
		filled, field = append(filled, name), f
	}
	require.Len(t, filled, 1, "the fields that hold the reply %s %s", s.key, s.content.mediaType)
	suffix := strings.ToUpper(s.key[:1]) + s.key[1:]
	require.True(t, strings.HasSuffix(filled[0], suffix), "%s holds a reply of status %s", filled[0], s.key)
	return field
}

// checkError: an error as complete as any other.
func (s *replySpec) checkError(t *testing.T, op *operation, sent reply, err error, trace string) {
	t.Helper()
	var e *portal.APIError
	require.ErrorAs(t, err, &e, "status %d, body %s", sent.status, sent.body)
	require.Equal(t, sent.status, e.StatusCode)
	require.Equal(t, op.name(), e.Operation)
	require.Equal(t, trace, e.TraceID)
	require.Equal(t, 1, e.Attempts)
	if op.method != http.MethodHead {
		require.Equal(t, string(sent.body), string(e.Body))
	}
	for _, h := range s.headers {
		if h.sent != nil {
			require.Equal(t, h.simple(t), e.Header.Get(h.name))
		}
	}
}

// checkResult sends a generated reply through Result and NoContent.
func (s *replySpec) checkResult(t *testing.T, op *operation, sent reply, got reflect.Value, trace string) {
	t.Helper()
	response := struct {
		HTTPResponse *http.Response
		anyResponse
	}{got.FieldByName("HTTPResponse").Interface().(*http.Response), anyResponse{sent.status, sent.body}}
	noContent := portal.NoContent(response, nil)
	if sent.status/100 == 2 {
		require.NoError(t, noContent)
		return
	}
	s.checkError(t, op, sent, noContent, trace)
	_, err := portal.Result[any](response, nil)
	s.checkError(t, op, sent, err, trace)
}

// anyResponse has the methods of all generated responses.
type anyResponse struct {
	status int
	body   []byte
}

func (r anyResponse) StatusCode() int { return r.status }
func (r anyResponse) GetBody() []byte { return r.body }
func (r anyResponse) GetJSON200() *any {
	return nil
}

// checkHeaders compares the documented headers of a reply with the typed struct that holds them.
func (s *replySpec) checkHeaders(t *testing.T, got reflect.Value) {
	t.Helper()
	if len(s.headers) == 0 {
		return
	}
	holder := got.FieldByName("Headers" + strings.ToUpper(s.key[:1]) + s.key[1:])
	require.True(t, holder.IsValid() && !holder.IsNil(), "no field holds the headers of status %s", s.key)
	for _, h := range s.headers {
		f := holder.Elem().FieldByNameFunc(func(name string) bool { return letters(name) == letters(h.name) })
		require.True(t, f.IsValid(), "no field holds the header %s", h.name)
		if h.sent == nil {
			require.True(t, f.IsZero(), "the header %s was not sent, but came out as %v", h.name, f)
			continue
		}
		text, err := json.Marshal(f.Interface())
		require.NoError(t, err)
		require.Empty(t, h.sent.Diff(text), "header %s", h.name)
	}
}

// letters makes the name of a header and of its Go field comparable.
func letters(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
}
