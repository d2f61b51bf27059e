package apicheck

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/portalclient/portal-client-go/internal/pathtemplate"
)

// A Document is an OpenAPI document that was read. It is safe for concurrent use.
type Document struct {
	Base       string       // path of the first server's URL, such as /api/v3
	Operations []*Operation // those with the most specific paths first

	root     any
	byName   map[string]*Operation
	compiler *jsonschema.Compiler
	mu       sync.Mutex // guards compiler and warnings
	warnings []string
}

// An Operation is a method of a path.
type Operation struct {
	Name     string // operationId, or method and path template when there is none
	Method   string
	Template string
	Secured  bool // it needs credentials

	PathParameters []string // names, in the order of the path template

	document   *Document
	paths      []string // Template behind the path of each server that it may be on
	parameters []*parameter
	body       *body // nil when it takes none
	replies    map[string]*reply
}

type body struct {
	required bool
	contents []*content
}

// A reply is what the document says of a status; without contents it has no body.
type reply struct{ contents []*content }

// A content is a body in one media type.
type content struct {
	mediaType string
	json      bool
	node      node
	schema    *schema // nil when anything goes
}

var methods = []string{"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"}

// Read reads a document in JSON.
func Read(text []byte) (*Document, error) {
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	d := &Document{root: root, byName: map[string]*Operation{}}
	if d.compiler, err = d.newCompiler(root); err != nil {
		return nil, err
	}
	top := node{d, "#", root}
	if top.object() == nil {
		return nil, errors.New("the document is not an object")
	}
	d.Base = top.servers("")[0]
	for template, item := range top.get("paths").children() {
		for _, method := range methods {
			n := item.get(strings.ToLower(method))
			if n.object() == nil {
				continue
			}
			op := newOperation(method, template, item, n)
			if d.byName[op.Name] != nil {
				d.warn("two operations are called %s", op.Name)
				op.Name = method + " " + template
			}
			d.byName[op.Name] = op
			d.Operations = append(d.Operations, op)
		}
	}
	slices.SortFunc(d.Operations, func(a, b *Operation) int {
		return cmp.Or(pathtemplate.Compare(a.Template, b.Template), cmp.Compare(a.Method, b.Method))
	})
	return d, nil
}

func newOperation(method, template string, item, n node) *Operation {
	op := &Operation{
		Name: cmp.Or(n.text("operationId"), method+" "+template), Method: method, Template: template,
		document: n.d, replies: map[string]*reply{}, Secured: n.secured(),
	}
	names, _ := pathtemplate.Match(template, template)
	for _, name := range names {
		op.PathParameters = append(op.PathParameters, strings.Trim(name, "{}"))
	}
	// Clients of one base URL send everything there, whatever servers an operation names for itself.
	bases := n.servers(item.servers(n.d.Base)[0])
	for _, base := range slices.Compact([]string{bases[0], n.d.Base}) {
		op.paths = append(op.paths, base+template)
	}
	for _, in := range []node{item, n} { // those of the operation win
		for _, p := range in.get("parameters").children() {
			q := newParameter(p)
			op.parameters = slices.DeleteFunc(op.parameters, func(r *parameter) bool { return r.in == q.in && r.name == q.name })
			// What these headers must be is said elsewhere: OpenAPI ignores such parameters.
			if q.in != "header" || !slices.Contains([]string{"Accept", "Content-Type", "Authorization"}, http.CanonicalHeaderKey(q.name)) {
				op.parameters = append(op.parameters, q)
			}
		}
	}
	if b := n.get("requestBody"); b.object() != nil {
		op.body = &body{b.object()["required"] == true, b.contents()}
	}
	for status, r := range n.get("responses").children() {
		op.replies[strings.ToUpper(status)] = &reply{r.contents()}
	}
	return op
}

// servers lists the paths of the servers at a place of the document, or the one given when it names none.
func (n node) servers(otherwise string) []string {
	var bases []string
	for _, s := range n.get("servers").children() {
		text := s.text("url")
		for name, v := range s.get("variables").children() {
			text = strings.ReplaceAll(text, "{"+name+"}", v.text("default"))
		}
		if u, err := url.Parse(text); err == nil {
			bases = append(bases, strings.TrimSuffix(u.Path, "/"))
		}
	}
	return append(bases, otherwise)
}

// secured reports whether an operation needs credentials: by its own rule, else by the document's.
func (n node) secured() bool {
	rules := n.get("security")
	if rules.value == nil {
		rules = n.d.at("#/security")
	}
	list := listOf(rules.value)
	return len(list) > 0 && !slices.ContainsFunc(list, func(rule any) bool { return len(asObject(rule)) == 0 })
}

// contents lists the bodies of a request or reply, JSON first.
func (n node) contents() (all []*content) {
	for _, json := range []bool{true, false} {
		for mediaType, c := range n.get("content").children() {
			if isJSON(mediaType) == json {
				all = append(all, &content{strings.ToLower(mediaType), json, c, c.schema("schema")})
			}
		}
	}
	return all
}

// reply finds what the document says of a status; nil when it says nothing.
func (op *Operation) reply(status int) *reply {
	code := strconv.Itoa(status)
	return cmp.Or(op.replies[code], op.replies[code[:1]+"XX"], op.replies["DEFAULT"])
}

// Success is the status of the operation's success: the first 2xx of the document.
func (op *Operation) Success() int {
	for _, key := range slices.Sorted(maps.Keys(op.replies)) {
		if status, err := strconv.Atoi(key); err == nil && status/100 == 2 {
			return status
		}
	}
	if len(op.replies) > 0 && op.reply(200) == nil {
		return 204 // only failures are documented
	}
	return 200
}

// Route finds the operation of a request and the escaped values of its path parameters; without one, the
// methods that the path does have.
func (d *Document) Route(method, escapedPath string) (op *Operation, values, allow []string) {
	for _, op := range d.Operations {
		for _, path := range op.paths {
			values, ok := pathtemplate.Match(path, escapedPath)
			switch {
			case !ok:
			case op.Method == method:
				return op, values, nil
			case !slices.Contains(allow, op.Method):
				allow = append(allow, op.Method)
			}
		}
	}
	return nil, nil, allow
}

// Operation finds one by its name; nil when there is none.
func (d *Document) Operation(name string) *Operation { return d.byName[name] }

// At finds an operation by its method and path template, in which the names of parameters do not matter; nil
// when there is none.
func (d *Document) At(method, template string) *Operation {
	for _, op := range d.Operations {
		values, ok := pathtemplate.Match(op.Template, template)
		literal := func(value string) bool { return value[0] != '{' }
		if ok && op.Method == method && !slices.ContainsFunc(values, literal) {
			return op
		}
	}
	return nil
}

// Nearest lists the names of the operations that resemble a name the most: which have the most of its pairs of
// letters, and the least beside them.
func (d *Document) Nearest(name string) []string {
	unlike := func(op *Operation) int {
		all, same := strings.ToLower(op.Name), 0
		for i := range len(name) - 1 {
			if strings.Contains(all, strings.ToLower(name[i:i+2])) {
				same++
			}
		}
		return len(all) - 2*same
	}
	var names []string
	for _, op := range slices.SortedFunc(slices.Values(d.Operations), func(a, b *Operation) int {
		return cmp.Or(cmp.Compare(unlike(a), unlike(b)), cmp.Compare(a.Name, b.Name))
	}) {
		names = append(names, op.Name)
	}
	return names[:min(3, len(names))]
}

// Warnings tells what of the document could not be checked so far. Schemas are read when they are needed.
func (d *Document) Warnings() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.warnings)
}

func (d *Document) warn(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(d.warnings, text) {
		d.warnings = append(d.warnings, text)
	}
}
