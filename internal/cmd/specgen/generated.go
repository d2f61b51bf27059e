package main

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A client is what the generated code of package api declares. Its names are read, instead of repeating the
// generator's naming rules: that stays right whatever the generator does about names that collide.
type client struct {
	scope    *types.Scope
	builders map[route]*builder
	imports  map[string]bool // the packages of the types that were printed
}

// A route is what identifies an operation on the wire. Its path has %s for every parameter.
type route struct{ method, path string }

// A builder is a generated function that makes the request of an operation.
type builder struct {
	name     string // of the operation in Go
	parser   string // of its replies
	path     []*types.Var
	params   types.Type // nil without query and header parameters
	body     types.Type // its JSON body, nil without one
	bodyless bool       // it takes a body of another kind only
	withBody bool       // it has a variant that takes any body
	success  types.Type // the JSON of its first documented 2xx, nil without one
}

func readClient(pattern string) (*client, error) {
	loaded, err := packages.Load(&packages.Config{Mode: packages.NeedTypes | packages.NeedSyntax | packages.NeedImports | packages.NeedTypesInfo | packages.NeedName}, pattern)
	if err != nil {
		return nil, err
	}
	pkg := loaded[0]
	if len(pkg.Errors) > 0 {
		return nil, pkg.Errors[0]
	}
	c := &client{scope: pkg.Types.Scope(), builders: map[route]*builder{}, imports: map[string]bool{}}
	routes := map[string]route{}
	for _, file := range pkg.Syntax {
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Body != nil {
				if r := routeOf(fn); r.method != "" && r.path != "" {
					routes[fn.Name.Name] = r
				}
			}
		}
	}
	for function, r := range routes {
		if op := builderName.FindStringSubmatch(function); op != nil {
			if c.builders[r], err = c.readBuilder(op[1]); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// builderName matches NewXRequest and NewXRequestWithBody.
var builderName = regexp.MustCompile(`^New(\w+?)Request(?:WithBody)?$`)

func (c *client) signature(function string) *types.Signature {
	if object := c.scope.Lookup(function); object != nil {
		return object.Type().(*types.Signature)
	}
	return nil
}

// readBuilder reads the functions of one operation: NewXRequest and NewXRequestWithBody, and ParseXResponse, which has
// a number behind it when the document uses that name otherwise.
func (c *client) readBuilder(name string) (*builder, error) {
	typed, withBody := c.signature("New"+name+"Request"), c.signature("New"+name+"RequestWithBody")
	b := &builder{name: name, withBody: withBody != nil, bodyless: typed == nil}
	if typed == nil {
		typed = withBody
	}
	for i := 1; i < typed.Params().Len(); i++ { // the first is the server
		switch v := typed.Params().At(i); {
		case v.Name() == "params":
			b.params = v.Type().(*types.Pointer).Elem()
		case v.Name() == "body" && !b.bodyless:
			b.body = v.Type()
		case v.Name() == "body" || v.Name() == "contentType":
		default:
			b.path = append(b.path, v)
		}
	}
	for number := range 10 {
		b.parser = "Parse" + name + "Response"
		if number > 0 {
			b.parser += strconv.Itoa(number + 1)
		}
		if parser := c.signature(b.parser); parser != nil {
			b.success = firstSuccess(parser.Results().At(0).Type().(*types.Pointer).Elem())
			return b, nil
		}
	}
	return nil, fmt.Errorf("api: the parser of %s cannot be found", name)
}

// firstSuccess is the type of the JSON of the lowest 2xx that a response struct has a field for.
func firstSuccess(response types.Type) types.Type {
	successes := map[string]types.Type{}
	for field := range response.Underlying().(*types.Struct).Fields() {
		if strings.HasPrefix(field.Name(), "JSON2") {
			successes[field.Name()] = field.Type().(*types.Pointer).Elem()
		}
	}
	for _, name := range slices.Sorted(maps.Keys(successes)) {
		return successes[name]
	}
	return nil
}

// byPointer reports whether values of a type are returned by pointer: those of structs.
func byPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Struct)
	return ok
}

func isText(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Kind() == types.String
}

// print prints a type as other packages write it. An alias of package api is printed as the type that it stands for.
func (c *client) print(t types.Type) string {
	if alias, ok := t.(*types.Alias); ok && alias.Obj().Pkg().Scope() == c.scope {
		if _, unnamed := alias.Rhs().(*types.Struct); !unnamed {
			return c.print(alias.Rhs())
		}
	}
	return types.TypeString(t, func(p *types.Package) string {
		c.imports[p.Path()] = true
		return p.Name()
	})
}

// takeImports are the imports of the types that were printed since the last time, and of what code names besides.
func (c *client) takeImports(code string) (lines string) {
	for _, path := range []string{"context", "iter", "net/http", "github.com/portalclient/portal-client-go/api"} {
		if strings.Contains(code, filepath.Base(path)+".") {
			c.imports[path] = true
		}
	}
	others := "\n"
	for _, path := range slices.Sorted(maps.Keys(c.imports)) {
		if strings.Contains(path, ".") {
			others += strconv.Quote(path) + "\n"
		} else {
			lines += strconv.Quote(path) + "\n"
		}
	}
	clear(c.imports)
	return "import (\n" + lines + others + ")\n\n"
}

// pathValues prints the path parameters as texts.
func (c *client) pathValues(b *builder) (texts []string) {
	for _, v := range b.path {
		switch {
		case !isText(v.Type()):
			texts = append(texts, "pathValue("+v.Name()+")")
		case c.print(v.Type()) != "string":
			texts = append(texts, "string("+v.Name()+")")
		default:
			texts = append(texts, v.Name())
		}
	}
	return texts
}

// call prints the call that builds a request with these path and query parameters.
func (b *builder) call() string {
	arguments := []string{`""`}
	for _, v := range b.path {
		arguments = append(arguments, v.Name())
	}
	arguments = append(arguments, "params")
	if b.withBody {
		return "api.New" + b.name + "RequestWithBody(" + strings.Join(append(arguments, `""`, "nil"), ", ") + ")"
	}
	return "api.New" + b.name + "Request(" + strings.Join(arguments, ", ") + ")"
}

// routeOf reads the method and the path that a builder uses; they are empty for another function.
func routeOf(fn *ast.FuncDecl) (r route) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		call, isCall := n.(*ast.CallExpr)
		if !isCall || len(call.Args) == 0 {
			return true
		}
		switch types.ExprString(call.Fun) {
		case "fmt.Sprintf":
			if lit, isLit := call.Args[0].(*ast.BasicLit); isLit && r.path == "" {
				if path, err := strconv.Unquote(lit.Value); err == nil && strings.HasPrefix(path, "/") {
					r.path = path
				}
			}
		case "http.NewRequest":
			r.method = strings.ToUpper(strings.TrimPrefix(types.ExprString(call.Args[0]), "http.Method"))
		}
		return true
	})
	return r
}

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// formatOf is a path template as the builders write it.
func formatOf(template string) string {
	return pathParameter.ReplaceAllString(strings.ReplaceAll(template, "%", "%%"), "%s")
}

// member finds a member of a struct by its path in the JSON. It returns how Go writes it, and its type; "" when there
// is none, or a pointer stands before its end.
func member(t types.Type, path string) (selector string, _ types.Type) {
	var names []string
	for _, name := range strings.Split(path, ".") {
		s, ok := t.Underlying().(*types.Struct)
		if !ok {
			return "", nil
		}
		found := false
		for i := range s.NumFields() {
			if tag, _, _ := strings.Cut(reflect.StructTag(s.Tag(i)).Get("json"), ","); tag == name {
				names, t, found = append(names, s.Field(i).Name()), s.Field(i).Type(), true
				break
			}
		}
		if !found {
			return "", nil
		}
	}
	return strings.Join(names, "."), t
}

// A sender is a method of the generated client that sends the request of an operation.
type sender struct{ name, parameters, arguments string }

func (c *client) senders(operation string) (list []sender) {
	methods := c.scope.Lookup("ClientInterface").Type().Underlying().(*types.Interface)
	for method := range methods.Methods() {
		if name := method.Name(); name != operation && name != operation+"WithBody" {
			continue
		}
		signature := method.Type().(*types.Signature)
		var parameters, arguments []string
		for i := range signature.Params().Len() {
			v := signature.Params().At(i)
			if goType := c.print(v.Type()); i < signature.Params().Len()-1 {
				parameters, arguments = append(parameters, v.Name()+" "+goType), append(arguments, v.Name())
			} else { // the editors
				parameters, arguments = append(parameters, v.Name()+" ..."+strings.TrimPrefix(goType, "[]")), append(arguments, v.Name()+"...")
			}
		}
		list = append(list, sender{method.Name(), strings.Join(parameters, ", "), strings.Join(arguments, ", ")})
	}
	return list
}

var handwrittenMethod = regexp.MustCompile(`(?m)^func \(\w+ \*(Client|Custodian)\) (\w+)\(`)

// readHandwritten lists the methods that are written by hand, such as "Client.CreateMeldCustomer", and whether they
// call the operation of their name.
func readHandwritten(dir string) (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	methods := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, ".gen.go") || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, m := range handwrittenMethod.FindAllStringSubmatch(string(text), -1) {
			methods[m[1]+"."+m[2]] = regexp.MustCompile(`&op` + m[2] + `\b`).Match(text)
		}
	}
	return methods, nil
}
