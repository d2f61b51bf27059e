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

	document   *Document
	paths      []string // Template behind the path of each server that it may be on
	parameters func() *parameters
	request    *body            // nil when it takes none
	replies    map[string]*body // by status, in capitals
}

// A body is that of a request, or of a reply; without contents there is none.
type body struct {
	required bool
	contents []*content // JSON first
}

// A content is a body in one media type.
type content struct {
	mediaType string
	json      bool
	node      node
	schema    func() *jsonschema.Schema // nil when anything goes
}

// Read reads a document in JSON.
func Read(text []byte) (*Document, error) {
	root, err := DecodeJSON(text)
	if err != nil {
		return nil, err
	}
	d := &Document{root: root, byName: map[string]*Operation{}}
	if d.compiler, err = newCompiler(root); err != nil {
		return nil, err
	}
	top := node{d, "#", root}
	if top.object() == nil {
		return nil, errors.New("the document is not an object")
	}
	d.Base = top.servers("")[0]
	for template, item := range top.get("paths").children() {
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
		Name: cmp.Or(n.text("operationId"), method+" "+template), Method: method, Template: template,
		document: n.d, replies: map[string]*body{}, Secured: n.secured(), request: n.get("requestBody").body(),
		parameters: sync.OnceValue(func() *parameters { return newParameters(n, item) }),
	}
	names, _ := pathtemplate.Match(template, template)
	for _, name := range names {
		op.PathParameters = append(op.PathParameters, strings.Trim(name, "{}"))
	}
	// Clients of one base URL send everything there, whatever servers an operation names for itself.
	for _, base := range slices.Compact([]string{n.servers(item.servers(n.d.Base)[0])[0], n.d.Base}) {
		op.paths = append(op.paths, base+template)
	}
	for status, r := range n.get("responses").children() {
		op.replies[strings.ToUpper(status)] = r.body()
	}
	return op
}

// servers lists the paths of the servers at a place of the document, and then the one given.
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
	rules, own := n.raw("security").value.([]any)
	if !own {
		rules = listOf(n.d.at("#/security").value)
	}
	return len(rules) > 0 && !slices.ContainsFunc(rules, func(rule any) bool { return len(asObject(rule)) == 0 })
}

// What a media type with wildcards stands for.
var concrete = strings.NewReplacer("*/*", "application/json", "application/*", "application/json", "text/*", "text/plain", "*", "octet-stream")

// body is that of a request or reply; nil when the document has none.
func (n node) body() *body {
	if n.object() == nil {
		return nil
	}
	var others []*content
	b := &body{required: n.object()["required"] == true}
	for mediaType, media := range n.get("content").children() {
		c := &content{strings.ToLower(mediaType), false, media, sync.OnceValue(media.raw("schema").compile)}
		name, _, _ := strings.Cut(concrete.Replace(c.mediaType), ";")
		name = strings.TrimSpace(name)
		if c.json = name == "application/json" || strings.HasSuffix(name, "+json"); c.json {
			b.contents = append(b.contents, c)
		} else {
			others = append(others, c)
		}
	}
	b.contents = append(b.contents, others...)
	return b
}

// header is that of a body.
func (c *content) header() http.Header {
	return http.Header{"Content-Type": {concrete.Replace(c.mediaType)}}
}

// reply is what the document says of a status; nil when it says nothing.
func (op *Operation) reply(status int) *body {
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
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(unlike(a), unlike(b)) })
	return names[:min(3, len(names))]
}
