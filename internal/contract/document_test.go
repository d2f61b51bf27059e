package contract

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/spec"
	"github.com/portalclient/portal-client-go/openapi"
)

// basePath stands before every path, as in the real API.
const basePath = "/api/v3"

// An operation is one of the document.
type operation struct {
	doc        *openapi3.T
	item       *openapi3.PathItem
	spec       *openapi3.Operation
	method     string
	template   string
	parameters []*openapi3.Parameter // those of the path item too
	pattern    *regexp.Regexp        // of the escaped path, with a group for each parameter in it
	inPath     []string              // names of those groups
}

var document = sync.OnceValues(func() (*openapi3.T, error) { return spec.Load(openapi.Merged) })

func operations(t *testing.T) []*operation {
	t.Helper()
	doc, err := document()
	require.NoError(t, err)
	var all []*operation
	for template, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			all = append(all, newOperation(doc, item, op, method, template))
		}
	}
	slices.SortFunc(all, func(a, b *operation) int {
		return cmp.Or(cmp.Compare(a.template, b.template), cmp.Compare(a.method, b.method))
	})
	return all
}

var inBraces = regexp.MustCompile(`\{([^}]*)\}`)

func newOperation(doc *openapi3.T, item *openapi3.PathItem, spec *openapi3.Operation, method, template string) *operation {
	op := &operation{doc: doc, item: item, spec: spec, method: method, template: template}
	for _, ref := range item.Parameters {
		if spec.Parameters.GetByInAndName(ref.Value.In, ref.Value.Name) == nil {
			op.parameters = append(op.parameters, ref.Value)
		}
	}
	for _, ref := range spec.Parameters {
		op.parameters = append(op.parameters, ref.Value)
	}
	pattern, rest := "^", template
	for _, m := range inBraces.FindAllStringSubmatch(template, -1) {
		before, after, _ := strings.Cut(rest, m[0])
		pattern += literal(before) + "([^/]+?)"
		op.inPath = append(op.inPath, m[1])
		rest = after
	}
	op.pattern = regexp.MustCompile(pattern + literal(rest) + "$")
	return op
}

// literal is a piece of a template as it arrives in a URL. The door escapes every colon of a path.
func literal(s string) string {
	escaped := (&url.URL{Path: s}).EscapedPath()
	return strings.ReplaceAll(regexp.QuoteMeta(escaped), ":", "(?::|%3A)")
}

// name is what errors call the operation.
func (op *operation) name() string {
	return cmp.Or(op.spec.OperationID, op.method+" "+op.template)
}

// pathValues takes the path of a request apart.
func (op *operation) pathValues(r *http.Request) (map[string]string, error) {
	escaped, ok := strings.CutPrefix(r.URL.EscapedPath(), basePath)
	m := op.pattern.FindStringSubmatch(escaped)
	if !ok || m == nil || r.Method != op.method {
		return nil, fmt.Errorf("%s %s arrived, which is not %s %s", r.Method, r.URL.EscapedPath(), op.method, op.template)
	}
	values := map[string]string{}
	for i, name := range op.inPath {
		v, err := url.PathUnescape(m[i+1])
		if err != nil {
			return nil, err
		}
		values[name] = v
	}
	return values, nil
}

// statuses lists the keys of the documented replies: 200, 4XX, default.
func (op *operation) statuses() []string {
	return slices.Sorted(maps.Keys(op.spec.Responses.Map()))
}

// statusOf is a status that a key stands for, and that has no key of its own.
func (op *operation) statusOf(key string) int {
	candidates := map[string][]int{
		"1XX": {102}, "2XX": {202, 203, 206}, "3XX": {300, 305, 303}, "4XX": {422, 418, 429, 404}, "5XX": {503, 500, 502},
		"DEFAULT": {500, 418, 503, 422, 203},
	}[strings.ToUpper(key)]
	for _, status := range candidates {
		code := fmt.Sprint(status)
		byClass := op.spec.Responses.Value(code[:1]+"XX") != nil && !strings.HasSuffix(strings.ToUpper(key), "XX")
		if op.spec.Responses.Value(code) == nil && !byClass {
			return status
		}
	}
	status, _ := strconv.Atoi(key) // 0 for none
	return status
}
