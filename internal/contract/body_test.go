package contract

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"mime"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/contract/instance"
)

// A content is the body of a request or of a reply in one content type.
type content struct {
	mediaType string
	json      bool
	plan      *instance.Plan
	method    *method // of a request: the one that encodes it, or else the one that takes any body
}

func newContent(op *operation, mediaType string, media *openapi3.MediaType, use instance.Use, r *rand.Rand) *content {
	c := &content{mediaType: mediaType, json: isJSON(mediaType)}
	schema := media.Schema
	if !c.json && !isForm(mediaType) {
		schema = &openapi3.SchemaRef{Value: &openapi3.Schema{Type: &openapi3.Types{"string"}, MinLength: 1}}
	}
	c.plan = instance.NewPlan(schema, use, r, validator(op.doc, schema, use))
	return c
}

func isJSON(mediaType string) bool {
	base, _, _ := mime.ParseMediaType(mediaType)
	return base == "application/json" || strings.HasSuffix(base, "+json")
}

func isForm(mediaType string) bool {
	base, _, _ := mime.ParseMediaType(mediaType)
	return base == "application/x-www-form-urlencoded"
}

// requestContents lists the bodies that an operation takes, each with the method that sends it.
func requestContents(t *testing.T, op *operation, methods []*method, r *rand.Rand) []*content {
	t.Helper()
	if op.spec.RequestBody == nil {
		return nil
	}
	var all []*content
	types := op.spec.RequestBody.Value.Content
	for _, mediaType := range slices.Sorted(maps.Keys(types)) {
		c := newContent(op, mediaType, types[mediaType], instance.Use{}, r)
		base, _, _ := mime.ParseMediaType(mediaType)
		for _, m := range methods {
			if m.anyBody && c.method == nil || m.body != nil && m.contentType == base {
				c.method = m
			}
		}
		require.NotNil(t, c.method, "no method sends a body of type %s", mediaType)
		require.False(t, c.json && c.method.anyBody, "no method encodes a body of type %s", mediaType)
		all = append(all, c)
	}
	return all
}

// encode puts an instance into the arguments of a call: as a Go value if there is a type for it.
func (c *content) encode(t *testing.T, sent *instance.Instance, a *arguments) {
	t.Helper()
	if c.method.anyBody {
		a.contentType = c.mediaType
		a.text, _ = sent.Value.(string)
		return
	}
	a.body = reflect.New(c.method.body).Elem()
	require.NoError(t, json.Unmarshal(sent.JSON(), a.body.Addr().Interface()),
		"%s does not fit into %s", sent.JSON(), c.method.body)
}

// checkArrived compares a body that arrived with the instance.
func (c *content) checkArrived(t *testing.T, sent *instance.Instance, body string) {
	t.Helper()
	switch {
	case c.json:
		require.Empty(t, sent.Diff([]byte(body)), "the body that arrived is another: %s, of %s", body, sent.JSON())
	case isForm(c.mediaType):
		got, err := url.ParseQuery(body)
		require.NoError(t, err)
		require.Equal(t, formOf(t, sent), got)
	default:
		require.Equal(t, sent.Value, body)
	}
}

// formOf is a flat object as a form: lists are repeated.
func formOf(t *testing.T, sent *instance.Instance) url.Values {
	t.Helper()
	form := url.Values{}
	object, _ := instance.Plain(sent.Value).(map[string]any)
	for name, v := range object {
		if list, ok := v.([]any); ok {
			form[name] = texts(t, list)
			continue
		}
		form.Set(name, text(t, v))
	}
	return form
}
