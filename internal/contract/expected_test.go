package contract

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/contract/instance"
	"github.com/portalclient/portal-client-go/openapi"
)

type object = map[string]any

// A lister finds the properties below a schema in the text of the document, without kin-openapi and without
// the generator of instances. What those forget, they would not miss.
type lister struct {
	root  object
	reply bool
	found map[string]bool
}

func (l *lister) at(pointer string) object {
	var v any = l.root
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "#/"), "/") {
		v = v.(object)[strings.NewReplacer("~1", "/", "~0", "~").Replace(token)]
	}
	o, _ := v.(object)
	return o
}

func (l *lister) list(v any, at string, refs []string) {
	schema, ok := v.(object)
	if !ok {
		return
	}
	if ref, ok := schema["$ref"].(string); ok && !slices.Contains(refs, ref) {
		l.list(l.at(ref), at, append(slices.Clone(refs), ref))
	}
	properties, _ := schema["properties"].(object)
	for name, p := range properties {
		hidden := "readOnly"
		if l.reply {
			hidden = "writeOnly"
		}
		if inner, ok := p.(object); ok && inner[hidden] == true {
			continue
		}
		l.found[at+"."+name] = true
		l.list(p, at+"."+name, refs)
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

var branch = regexp.MustCompile(`<\d+>`)

// places are those that a plan wants to see something at.
func places(p *instance.Plan) map[string]bool {
	all := map[string]bool{}
	for _, m := range p.Expected() {
		if m.State == instance.Present && m.Place != "" {
			all[branch.ReplaceAllString(m.Place, "")] = true
		}
	}
	return all
}

// TestNoPropertyIsForgotten: the plans of the walk want to see every property that stands in the document.
func TestNoPropertyIsForgotten(t *testing.T) {
	t.Parallel()
	var root object
	require.NoError(t, json.Unmarshal(openapi.Merged, &root))
	check := func(t *testing.T, content any, plans map[string]*instance.Plan, reply bool) {
		t.Helper()
		types, _ := content.(object)
		for mediaType, media := range types {
			if !isJSON(mediaType) {
				continue
			}
			l := &lister{root: root, reply: reply, found: map[string]bool{}}
			l.list(media.(object)["schema"], "", nil)
			require.NotNil(t, plans[mediaType])
			require.Equal(t, slices.Sorted(maps.Keys(l.found)), slices.Sorted(maps.Keys(places(plans[mediaType]))))
		}
	}
	for _, op := range operations(t) {
		t.Run(subtest(op), func(t *testing.T) {
			t.Parallel()
			l := &lister{root: root}
			raw := root["paths"].(object)[op.template].(object)[strings.ToLower(op.method)].(object)
			if body := l.follow(raw["requestBody"]); body != nil {
				plans := map[string]*instance.Plan{}
				for mediaType, media := range op.spec.RequestBody.Value.Content {
					plans[mediaType] = newContent(op, mediaType, media, instance.Use{}, random(t)).plan
				}
				check(t, body["content"], plans, false)
			}
			for key, reply := range raw["responses"].(object) {
				plans := map[string]*instance.Plan{}
				for mediaType, media := range op.spec.Responses.Value(key).Value.Content {
					plans[mediaType] = newContent(op, mediaType, media, instance.Use{Reply: true}, random(t)).plan
				}
				if op.method != http.MethodHead {
					check(t, l.follow(reply)["content"], plans, true)
				}
			}
		})
	}
}

func (l *lister) follow(v any) object {
	o, _ := v.(object)
	if ref, ok := o["$ref"].(string); ok {
		return l.at(ref)
	}
	return o
}
