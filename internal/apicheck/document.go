package apicheck

import (
	"cmp"
	"errors"
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

	root      any
	byName    map[string]*Operation
	compiling sync.Mutex
	compiler  *jsonschema.Compiler
}

// An Operation is a method of a path.
type Operation struct {
	Name     string // operationId, or method and path template when there is none
	Method   string
	Template string
	Secured  bool // it needs credentials

	PathParameters []string // names, in the order of the path template

	path       string // the base and the template
	node       node
	parameters func() *parameters
}

// A content is a body in one media type.
type content struct {
	node
	mediaType string
	json      bool
}

// Read reads a document in JSON.
func Read(text []byte) (*Document, error) {
	root, err := DecodeJSON(text)
	if err != nil {
		return nil, err
	}
	d := &Document{root: root, byName: map[string]*Operation{}}
	if d.compiler, err = NewCompiler(root); err != nil {
		return nil, err
	}
	if asObject(root) == nil {
		return nil, errors.New("the document is not an object")
	}
	d.Base = d.base()
	for template, item := range d.at("#/paths").children() {
		for _, method := range []string{"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"} {
			n := item.get(strings.ToLower(method))
			if n.object() == nil {
				continue
			}
			op := newOperation(method, template, item, n)
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
		Name: cmp.Or(n.text("operationId"), method+" "+template), Method: method, Template: template, Secured: n.secured(),
		path: n.d.Base + template, node: n, parameters: sync.OnceValue(func() *parameters { return newParameters(n, item) }),
	}
	names, _ := pathtemplate.Match(template, template)
	for _, name := range names {
		op.PathParameters = append(op.PathParameters, strings.Trim(name, "{}"))
	}
	return op
}

// base is the path of the first server. Clients send everything there, whatever servers an operation has of its own.
func (d *Document) base() string {
	server := d.at("#/servers/0")
	text := server.text("url")
	for name, v := range server.get("variables").children() {
		text = strings.ReplaceAll(text, "{"+name+"}", v.text("default"))
	}
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(u.Path, "/")
}

// secured reports whether an operation needs credentials: by its own rule, else by the document's.
func (n node) secured() bool {
	rules, own := n.raw("security").value.([]any)
	if !own {
		rules = listOf(n.d.at("#/security").value)
	}
	return len(rules) > 0 && !slices.ContainsFunc(rules, func(rule any) bool { return len(asObject(rule)) == 0 })
}

// What a media type with wildcards stands for.
var concrete = strings.NewReplacer("*/*", "application/json", "application/*", "application/json",
	"text/*", "text/plain", "*", "octet-stream")

// contents lists the bodies that a request or reply can have, JSON first.
func (n node) contents() []*content {
	var all, others []*content
	for mediaType, media := range n.get("content").children() {
		c := &content{node: media, mediaType: strings.ToLower(mediaType)}
		name, _, _ := strings.Cut(concrete.Replace(c.mediaType), ";")
		name = strings.TrimSpace(name)
		if c.json = name == "application/json" || strings.HasSuffix(name, "+json"); c.json {
			all = append(all, c)
		} else {
			others = append(others, c)
		}
	}
	return append(all, others...)
}

// header is that of a body.
func (c *content) header() http.Header {
	return http.Header{"Content-Type": {concrete.Replace(c.mediaType)}}
}

// reply is what the document says of a status, and whether it says something.
func (op *Operation) reply(status int) (r node, declared bool) {
	code := strconv.Itoa(status)
	for _, key := range []string{code, code[:1] + "XX", "default"} {
		if r = op.node.get("responses").get(key); r.object() != nil {
			return r, true
		}
	}
	return r, false
}

// Success is the status of the operation's success: the first 2xx of the document.
func (op *Operation) Success() int {
	for key := range op.node.get("responses").children() {
		if status, err := strconv.Atoi(key); err == nil && status/100 == 2 {
			return status
		}
	}
	if _, declared := op.reply(200); !declared {
		return 204 // only failures are documented
	}
	return 200
}

// Route finds the operation of a request and the escaped values of its path parameters; without one, the
// methods that the path does have.
func (d *Document) Route(method, escapedPath string) (op *Operation, values, allow []string) {
	for _, op := range d.Operations {
		values, ok := pathtemplate.Match(op.path, escapedPath)
		switch {
		case ok && op.Method == method:
			return op, values, nil
		case ok && !slices.Contains(allow, op.Method):
			allow = append(allow, op.Method)
		}
	}
	return nil, nil, allow
}

// Operation finds one by its name; nil when there is none.
func (d *Document) Operation(name string) *Operation { return d.byName[name] }

// At finds an operation by its method and path template, in which the names of parameters do not matter; nil
// when there is none.
func (d *Document) At(method, template string) *Operation {
	op, values, _ := d.Route(method, d.Base+template)
	if slices.ContainsFunc(values, func(value string) bool { return value[0] != '{' }) {
		return nil
	}
	return op
}

// Nearest lists the names of the operations that resemble a name the most: which have the most of its pairs of
// letters, and the least beside them.
func (d *Document) Nearest(name string) []string {
	unlike := func(other string) int {
		rest := len(other)
		for i := range len(name) - 1 {
			if strings.Contains(strings.ToLower(other), strings.ToLower(name[i:i+2])) {
				rest -= 2
			}
		}
		return rest
	}
	names := slices.Sorted(maps.Keys(d.byName))
	slices.SortStableFunc(names, func(a, b string) int { return unlike(a) - unlike(b) })
	return names[:min(3, len(names))]
}
