package contract

import (
	"cmp"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/apicheck"
	"github.com/portalclient/portal-client-go/openapi"
)

type object = map[string]any

// A document is read twice: by the check of requests and replies, and as it stands.
type document struct {
	root  any
	check *apicheck.Document
}

var theDocument = sync.OnceValues(func() (*document, error) {
	root, err := apicheck.DecodeJSON(openapi.Merged)
	if err != nil {
		return nil, err
	}
	check, err := apicheck.Read(openapi.Merged)
	return &document{root, check}, err
})

// at is what lies at a reference such as #/components/schemas/X.
func (d *document) at(ref string) any {
	pointer, err := url.PathUnescape(strings.TrimPrefix(ref, "#"))
	if err != nil {
		return nil
	}
	return atPointer(d.root, pointer)
}

// follow is an object of the document, or the one that it refers to.
func (d *document) follow(v any) object {
	o, _ := v.(object)
	if ref, ok := o["$ref"].(string); ok {
		return d.follow(d.at(ref))
	}
	return o
}

// An operation of the document.
type operation struct {
	*apicheck.Operation
	doc        *document
	parameters []object // those of the path item too
	requests   object   // by media type; nil when it takes no body
	responses  object   // by status: 200, 4XX, default
	needsBody  bool
	effect     string // x-portal-effect
}

func operations(t *testing.T) []*operation {
	t.Helper()
	d, err := theDocument()
	require.NoError(t, err)
	var all []*operation
	for _, checked := range d.check.Operations {
		item := d.follow(d.follow(d.at("#/paths"))[checked.Template])
		raw := d.follow(item[strings.ToLower(checked.Method)])
		op := &operation{Operation: checked, doc: d, responses: d.follow(raw["responses"])}
		op.requests, _ = d.follow(raw["requestBody"])["content"].(object)
		op.needsBody = d.follow(raw["requestBody"])["required"] == true
		op.effect, _ = raw["x-portal-effect"].(string)
		for _, level := range []object{item, raw} { // those of the operation win
			list, _ := level["parameters"].([]any)
			for _, v := range list {
				p := d.follow(v)
				op.parameters = slices.DeleteFunc(op.parameters, func(q object) bool { return q["in"] == p["in"] && q["name"] == p["name"] })
				op.parameters = append(op.parameters, p)
			}
		}
		all = append(all, op)
	}
	slices.SortFunc(all, func(a, b *operation) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// subtest is the name of an operation without what has a meaning in names of tests.
func subtest(op *operation) string { return strings.NewReplacer("/", ".", " ", "_").Replace(op.Name) }

// reads: the operation changes nothing, so it may be repeated.
func (op *operation) reads() bool {
	return op.effect == "read" || op.effect == "" && (op.Method == http.MethodGet || op.Method == http.MethodHead)
}

// statusOf is a status that a key of the replies stands for, and that has no key of its own.
func (op *operation) statusOf(key string) int {
	candidates := map[string][]int{
		"1XX": {102}, "2XX": {202, 203, 206}, "3XX": {300, 305, 303}, "4XX": {422, 418, 429, 404}, "5XX": {503, 500, 502},
		"DEFAULT": {500, 418, 503, 422, 203},
	}[strings.ToUpper(key)]
	for _, status := range candidates {
		code := fmt.Sprint(status)
		byClass := op.responses[code[:1]+"XX"] != nil && !strings.HasSuffix(strings.ToUpper(key), "XX")
		if op.responses[code] == nil && !byClass {
			return status
		}
	}
	status, _ := strconv.Atoi(key) // 0 for none
	return status
}

// success is the first documented 2xx; "" when there is none.
func (op *operation) success() string {
	for _, key := range slices.Sorted(maps.Keys(op.responses)) {
		if key[0] == '2' {
			return key
		}
	}
	return ""
}

// schemaOf is that of the JSON body of a reply; ok is false when it has none.
func (op *operation) schemaOf(key string) (schema any, ok bool) {
	content, _ := op.doc.follow(op.responses[key])["content"].(object)
	for _, mediaType := range slices.Sorted(maps.Keys(content)) {
		if isJSON(mediaType) {
			return op.doc.follow(content[mediaType])["schema"], true
		}
	}
	return nil, false
}

func isJSON(mediaType string) bool {
	base, _, _ := mime.ParseMediaType(mediaType)
	return base == "application/json" || strings.HasSuffix(base, "+json")
}

func isForm(mediaType string) bool {
	base, _, _ := mime.ParseMediaType(mediaType)
	return base == "application/x-www-form-urlencoded"
}
