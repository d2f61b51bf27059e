package portaltest

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/portalclient/portal-client-go/openapi"
)

// A document is what the fake needs of an OpenAPI document: its operations, and the schemas of their
// parameters, bodies and replies. All handlers of a process share one.
type document struct {
	base       string // path of the server URL, such as /api/v3
	operations []*operation
	byID       map[string]*operation
	errorShape *schema // of errors that no operation declares, such as a 404 for an unknown path
	schemas    []*schema
}

type operation struct {
	id       string
	method   string
	template string
	segments []string // of template; one in braces is a parameter
	params   []*parameter
	freeForm bool // a query parameter takes every name
	secured  bool
	body     *requestBody
	replies  map[string]*replySpec // by status: 200, 4XX, DEFAULT
}

type requestBody struct {
	required bool
	content  map[string]*schema // by media type
}

type replySpec struct {
	content map[string]*schema
}

// theDocument is the vendored document with the overlay applied. It is read when the first handler is made.
var theDocument = sync.OnceValue(func() *document {
	d, err := readDocument(openapi.Merged)
	if err != nil {
		panic(fmt.Sprintf("portaltest: the document built into this module is not usable: %v", err))
	}
	return d
})

var httpMethods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// readDocument reads an OpenAPI 3.1 document in JSON.
func readDocument(text []byte) (*document, error) {
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	root, _ := tree.(object)
	r := &reader{root: root, compiler: &compiler{tree: tree}}
	d := &document{base: r.base(), byID: map[string]*operation{}}
	paths := r.at("#/paths")
	for template := range paths.value {
		item := paths.child(template)
		for _, method := range httpMethods {
			if _, ok := item.value[method].(object); !ok {
				continue
			}
			op, err := r.operation(template, method, item)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, template, err)
			}
			if d.byID[op.id] != nil {
				return nil, fmt.Errorf("two operations are called %s", op.id)
			}
			d.byID[op.id] = op
			d.operations = append(d.operations, op)
		}
	}
	slices.SortFunc(d.operations, moreSpecific)
	d.errorShape = r.schema("#/components/schemas/ErrorResponse")
	d.schemas = r.schemas
	return d, nil
}

// moreSpecific orders literal segments before parameters, so that the first match is the right one.
func moreSpecific(a, b *operation) int {
	key := func(op *operation) string {
		s := slices.Clone(op.segments)
		for i := range s {
			if isParam(s[i]) {
				s[i] = "\xff" + s[i]
			}
		}
		return strings.Join(s, "\x00") + "\x00" + op.method
	}
	return strings.Compare(key(a), key(b))
}

func isParam(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}")
}

// operationIDs lists the operations by name.
func (d *document) operationIDs() []string {
	ids := make([]string, 0, len(d.byID))
	for id := range d.byID {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// reply finds what the document says of a reply with this status; nil when it says nothing.
func (op *operation) reply(status int) *replySpec {
	code := strconv.Itoa(status)
	for _, key := range []string{code, code[:1] + "XX", "DEFAULT"} {
		if spec := op.replies[key]; spec != nil {
			return spec
		}
	}
	return nil
}

// base is the path of the document's first server.
func (r *reader) base() string {
	servers, _ := r.root["servers"].([]any)
	if len(servers) == 0 {
		return ""
	}
	server, _ := servers[0].(object)
	text, _ := server["url"].(string)
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(u.Path, "/")
}
