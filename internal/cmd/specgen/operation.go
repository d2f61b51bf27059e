package main

import (
	"cmp"
	"fmt"
	"go/types"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/portalclient/portal-client-go/internal/pathtemplate"
	"github.com/portalclient/portal-client-go/internal/spec"
)

// An operation is what the document and the generated client know of one. The templates use what is exported.
type operation struct {
	*openapi3.Operation
	Method, Template string
	Name             string // in Go
	Parser           string // the generated function that parses its replies
	Receiver         string // what its method is one of

	Iterator *iterator // nil if it does not list page by page
	Guards   []sender  // what sends it, if it might become another operation

	parameters openapi3.Parameters // of the path and of the operation
	path       []*types.Var
	params     types.Type // nil without query and header parameters
	body       types.Type // nil without a body
	success    types.Type // the JSON of its first documented 2xx, nil without one
	bodyless   bool       // it takes a body, but no JSON
	withBody   bool       // its builder has a variant that takes any body
}

// A sender is a method of the generated client that sends the request of an operation.
type sender struct{ Name, Signature, Arguments string }

// operationsOf lists the operations of the document, the most specific path templates first.
func operationsOf(doc *openapi3.T, c *client) ([]*operation, error) {
	var list []*operation
	for template, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			o := &operation{Operation: op, Method: method, Template: template, Receiver: "Client"}
			o.parameters = slices.Concat(item.Parameters, op.Parameters)
			if strings.HasPrefix(template, "/custodians/") {
				o.Receiver = "Custodian"
			}
			// The builders write a path template as a format.
			format := spec.PathParameter.ReplaceAllString(strings.ReplaceAll(template, "%", "%%"), "%s")
			if o.Name = c.names[method+" "+format]; o.Name == "" {
				return nil, fmt.Errorf("%s %s is in the document but not in the generated client: run `go generate ./...`", method, template)
			}
			if err := o.readTypes(c); err != nil {
				return nil, err
			}
			if mark, ok := op.Extensions["x-portal-pages"]; ok {
				var err error
				if o.Iterator, err = o.iterator(mark); err != nil {
					return nil, fmt.Errorf("x-portal-pages of %s: %w", o.ID(), err)
				}
			}
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b *operation) int {
		return cmp.Or(pathtemplate.Compare(a.Template, b.Template), strings.Compare(a.Method, b.Method))
	})
	for _, op := range list {
		if op.collides(list) {
			op.Guards = c.senders(op.Name)
		}
	}
	return list, nil
}

// readTypes reads the functions of an operation: NewXRequest and NewXRequestWithBody, the methods X and XWithBody that send
// what they make, and ParseXResponse, which has a number behind it when the document uses that name otherwise.
func (op *operation) readTypes(c *client) error {
	typed, withBody := c.signature("New"+op.Name+"Request"), c.signature("New"+op.Name+"RequestWithBody")
	op.bodyless, op.withBody = typed == nil, withBody != nil
	builder := cmp.Or(typed, withBody)
	inPath := len(spec.PathParameter.FindAllString(op.Template, -1))
	for i := 1; i < builder.Params().Len(); i++ { // the first is the server, and those of the path come next
		switch v := builder.Params().At(i); {
		case i <= inPath:
			op.path = append(op.path, v)
		case v.Name() == "params":
			op.params = v.Type().(*types.Pointer).Elem()
		case v.Name() == "body":
			op.body = v.Type()
		}
	}
	parser := regexp.MustCompile("^Parse" + op.Name + `Response\d*$`)
	i := slices.IndexFunc(c.pkg.Scope().Names(), func(name string) bool { return parser.MatchString(name) && c.signature(name) != nil })
	if i < 0 {
		return fmt.Errorf("api: the parser of %s cannot be found", op.Name)
	}
	op.Parser = c.pkg.Scope().Names()[i]
	reply := c.signature(op.Parser).Results().At(0).Type().(*types.Pointer).Elem()
	jsonSuccess := regexp.MustCompile(`JSON2(\d\d|XX)$`) // as HALJSON200 for application/hal+json
	for field := range reply.Underlying().(*types.Struct).Fields() {
		if jsonSuccess.MatchString(field.Name()) && op.success == nil {
			op.success = field.Type().(*types.Pointer).Elem()
		}
	}
	return nil
}

func (op *operation) ID() string { return cmp.Or(op.OperationID, op.Method+" "+op.Template) }

func (op *operation) IsRead() bool {
	effect, marked := op.Extensions["x-portal-effect"]
	return effect == "read" || !marked && (op.Method == http.MethodGet || op.Method == http.MethodHead)
}

func (op *operation) NeedsBody() bool {
	return op.RequestBody != nil && op.RequestBody.Value != nil && op.RequestBody.Value.Required
}

// IsEnvelope reports whether the JSON of the first documented 2xx has a member "data".
func (op *operation) IsEnvelope() bool {
	replies := op.Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(replies)) {
		if reply := replies[status].Value; strings.HasPrefix(status, "2") && reply != nil {
			if content := reply.Content.Get("application/json"); content != nil && content.Schema != nil {
				return hasMember(content.Schema, "data")
			}
		}
	}
	return false
}

// hasMember reports whether an object schema documents a member, itself or in a part of it.
func hasMember(schema *openapi3.SchemaRef, name string) bool {
	if schema.Value == nil {
		return false
	}
	parts := slices.Concat(schema.Value.AllOf, schema.Value.AnyOf, schema.Value.OneOf)
	return schema.Value.Properties[name] != nil ||
		slices.ContainsFunc(parts, func(part *openapi3.SchemaRef) bool { return hasMember(part, name) })
}

// IsStruct reports whether the value of a success is returned by pointer.
func (op *operation) IsStruct() bool {
	_, ok := op.success.Underlying().(*types.Struct)
	return ok
}

func (op *operation) Params() string  { return goType(op.params) }
func (op *operation) Body() string    { return goType(op.body) }
func (op *operation) Success() string { return goType(op.success) }

// PathParameters prints the path parameters as those of a function.
func (op *operation) PathParameters() (list string) {
	for _, v := range op.path {
		list += ", " + v.Name() + " " + goType(v.Type())
	}
	return list
}

// PathNames prints the path parameters as arguments of a call.
func (op *operation) PathNames() (list string) {
	for _, v := range op.path {
		list += v.Name() + ", "
	}
	return list
}

// PathValues prints the path parameters as texts.
func (op *operation) PathValues() string {
	var texts []string
	for _, v := range op.path {
		switch {
		case !isText(v.Type()):
			texts = append(texts, "pathValue("+v.Name()+")")
		case goType(v.Type()) != "string":
			texts = append(texts, "string("+v.Name()+")")
		default:
			texts = append(texts, v.Name())
		}
	}
	return strings.Join(texts, ", ")
}

// RequiredParams are the required query and header parameters.
func (op *operation) RequiredParams() (names []string) {
	for _, ref := range op.parameters {
		if p := ref.Value; p != nil && p.Required && p.In != "path" && !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

// RequiredChecks prints, for each required parameter that Go holds as a text, whether it is empty.
func (op *operation) RequiredChecks() string {
	var checks []string
	for _, name := range op.RequiredParams() {
		if field, t := member(op.params, name); field != "" && isText(t) {
			checks = append(checks, fmt.Sprintf("{%q, params.%s == \"\"}", name, field))
		}
	}
	return strings.Join(checks, ", ")
}

// Input prints the input of a call, but for its query and header parameters.
func (op *operation) Input() string {
	var members []string
	if len(op.path) > 0 {
		members = append(members, "path: []string{"+op.PathValues()+"}")
	}
	if op.body != nil {
		members = append(members, "body: body")
	}
	return "input{" + strings.Join(members, ", ") + "}"
}

// Builder prints the call that builds a request with these path and query parameters.
func (op *operation) Builder() string {
	if op.withBody {
		return "api.New" + op.Name + `RequestWithBody("", ` + op.PathNames() + `params, "", nil)`
	}
	return "api.New" + op.Name + `Request("", ` + op.PathNames() + "params)"
}

// collides reports whether "." or ".." as path parameters, resolved as the generated client does, may lead to another
// operation, whatever the other parameters are. At the end of a path they leave a slash, which no path template has.
func (op *operation) collides(operations []*operation) bool {
	resolved := []string{"/"} // the beginnings of the path, with every choice of dots; the first one is without
	segments := strings.Split(op.Template, "/")
	for i, segment := range segments {
		choices := []string{segment}
		if strings.Contains(segment, "{") && i < len(segments)-1 {
			choices = append(choices, ".", "..")
		}
		var longer []string
		for _, beginning := range resolved {
			for _, choice := range choices {
				longer = append(longer, path.Join(beginning, choice))
			}
		}
		resolved = longer
	}
	return slices.ContainsFunc(operations, func(other *operation) bool {
		return other.Method == op.Method && other != op && slices.ContainsFunc(resolved[1:], func(path string) bool {
			return slices.EqualFunc(strings.Split(path, "/"), strings.Split(other.Template, "/"), func(a, b string) bool {
				return a == b || strings.Contains(a+b, "{")
			})
		})
	})
}
