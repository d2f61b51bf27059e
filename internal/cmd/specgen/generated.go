package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A client is what the generated code of package api declares. Its names are read, instead of repeating the
// generator's naming rules: that stays right whatever the generator does about names that collide.
type client struct {
	types    map[string]*ast.TypeSpec
	builders map[route]*builder
	methods  map[string]*ast.FuncType // of ClientInterface
}

// A route is what identifies an operation on the wire. Its path has %s for every parameter.
type route struct{ method, path string }

// A builder is a generated function that makes the request of an operation.
type builder struct {
	name      string // of the operation in Go
	parser    string // of its replies
	path      []pathArg
	params    string // its type, "" without query and header parameters
	body      string // the type of its JSON body, "" without one
	bodyless  bool   // it takes a body of another kind only
	withBody  bool   // it has a variant that takes any body
	success   string // the type of the JSON of its first documented 2xx, "" without one
	byPointer bool   // success is returned by pointer
}

type pathArg struct {
	name, goType string
	text         string // as a text, in Go
}

func readClient(file string) (*client, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	c := &client{types: map[string]*ast.TypeSpec{}, builders: map[route]*builder{}, methods: map[string]*ast.FuncType{}}
	functions := map[string]*ast.FuncDecl{}
	for _, decl := range parsed.Decls {
		switch decl := decl.(type) {
		case *ast.GenDecl:
			for _, s := range decl.Specs {
				if t, ok := s.(*ast.TypeSpec); ok {
					c.types[t.Name.Name] = t
				}
			}
		case *ast.FuncDecl:
			if decl.Recv == nil {
				functions[decl.Name.Name] = decl
			}
		}
	}
	if t := c.types["ClientInterface"]; t != nil {
		for _, m := range t.Type.(*ast.InterfaceType).Methods.List {
			c.methods[m.Names[0].Name] = m.Type.(*ast.FuncType)
		}
	}
	for name := range functions {
		if op := builderName.FindStringSubmatch(name); op != nil {
			if err := c.addBuilder(op[1], functions); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// builderName matches NewXRequest and NewXRequestWithBody.
var builderName = regexp.MustCompile(`^New(\w+?)Request(?:WithBody)?$`)

// addBuilder reads the functions of one operation: NewXRequest and NewXRequestWithBody, and ParseXResponse, which has
// a number behind it when the document uses that name otherwise.
func (c *client) addBuilder(name string, functions map[string]*ast.FuncDecl) error {
	typed, withBody := functions["New"+name+"Request"], functions["New"+name+"RequestWithBody"]
	number := 1
	b := &builder{name: name, withBody: withBody != nil, bodyless: typed == nil}
	low := withBody
	if typed == nil {
		typed = withBody
	}
	if low == nil {
		low = typed
	}
	r, ok := routeOf(low)
	if !ok {
		return fmt.Errorf("api: the route of New%sRequest cannot be read", name)
	}
	for _, field := range typed.Type.Params.List[1:] { // the first is the server
		argName := field.Names[0].Name
		switch {
		case argName == "params":
			b.params = c.print(c.resolve(field.Type.(*ast.StarExpr).X))
		case argName == "body" && !b.bodyless:
			b.body = c.print(c.resolve(field.Type))
		case argName == "body" || argName == "contentType":
		default:
			b.path = append(b.path, c.pathArgument(argName, field.Type))
		}
	}
	b.parser = "Parse" + name + "Response"
	for functions[b.parser] == nil || c.types[strings.TrimPrefix(b.parser, "Parse")] == nil {
		number++
		b.parser = fmt.Sprintf("Parse%sResponse%d", name, number)
		if number > 9 {
			return fmt.Errorf("api: the parser of %s cannot be found", name)
		}
	}
	result := functions[b.parser].Type.Results.List[0].Type.(*ast.StarExpr).X.(*ast.Ident)
	if success := c.firstSuccess(c.types[result.Name]); success != nil {
		b.success = c.print(c.resolve(success))
		_, b.byPointer = c.underlying(success).(*ast.StructType)
	}
	c.builders[r] = b
	return nil
}

// pathArgument is a path parameter, with the expression that makes a text of it.
func (c *client) pathArgument(name string, t ast.Expr) pathArg {
	resolved := c.resolve(t)
	a := pathArg{name: name, goType: c.print(resolved), text: "pathValue(" + name + ")"}
	if kind, ok := c.underlying(t).(*ast.Ident); ok && kind.Name == "string" {
		if a.text = name; a.goType != "string" {
			a.text = "string(" + name + ")"
		}
	}
	return a
}

func (b *builder) pathValues() (texts []string) {
	for _, a := range b.path {
		texts = append(texts, a.text)
	}
	return texts
}

// call prints the call that builds a request with these path and query parameters.
func (b *builder) call() string {
	arguments := []string{`""`}
	for _, a := range b.path {
		arguments = append(arguments, a.name)
	}
	arguments = append(arguments, "params")
	if b.withBody {
		return "api.New" + b.name + "RequestWithBody(" + strings.Join(append(arguments, `""`, "nil"), ", ") + ")"
	}
	return "api.New" + b.name + "Request(" + strings.Join(arguments, ", ") + ")"
}

// routeOf reads the method and the path that a builder uses.
func routeOf(fn *ast.FuncDecl) (r route, ok bool) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		call, isCall := n.(*ast.CallExpr)
		if !isCall || len(call.Args) == 0 {
			return true
		}
		fun, isSelector := call.Fun.(*ast.SelectorExpr)
		if !isSelector {
			return true
		}
		switch pkg, _ := fun.X.(*ast.Ident); {
		case pkg == nil:
		case pkg.Name == "fmt" && fun.Sel.Name == "Sprintf" && r.path == "":
			if lit, isLit := call.Args[0].(*ast.BasicLit); isLit {
				r.path, _ = strconv.Unquote(lit.Value)
			}
		case pkg.Name == "http" && fun.Sel.Name == "NewRequest":
			if method, isSelector := call.Args[0].(*ast.SelectorExpr); isSelector {
				r.method = strings.ToUpper(strings.TrimPrefix(method.Sel.Name, "Method"))
			}
		}
		return true
	})
	return r, r.method != "" && strings.HasPrefix(r.path, "/")
}

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// formatOf is a path template as the builders write it.
func formatOf(template string) string {
	return pathParameter.ReplaceAllString(strings.ReplaceAll(template, "%", "%%"), "%s")
}

// firstSuccess is the type of the JSON of the lowest 2xx that a response struct has a field for.
func (c *client) firstSuccess(response *ast.TypeSpec) (t ast.Expr) {
	fields := map[string]ast.Expr{}
	for _, field := range response.Type.(*ast.StructType).Fields.List {
		if name := field.Names[0].Name; strings.HasPrefix(name, "JSON2") {
			fields[name] = field.Type.(*ast.StarExpr).X
		}
	}
	for _, name := range slices.Sorted(mapKeys(fields)) {
		return fields[name]
	}
	return nil
}

// resolve follows aliases, which stand for another type without being one.
func (c *client) resolve(t ast.Expr) ast.Expr {
	if ident, ok := t.(*ast.Ident); ok {
		if s := c.types[ident.Name]; s != nil && s.Assign.IsValid() {
			if _, isStruct := s.Type.(*ast.StructType); !isStruct {
				return c.resolve(s.Type)
			}
		}
	}
	return t
}

// underlying follows all names to the kind of a type.
func (c *client) underlying(t ast.Expr) ast.Expr {
	if ident, ok := t.(*ast.Ident); ok {
		if s := c.types[ident.Name]; s != nil {
			return c.underlying(s.Type)
		}
	}
	return t
}

// print prints a type as other packages write it.
func (c *client) print(t ast.Expr) string {
	var out bytes.Buffer
	_ = printer.Fprint(&out, token.NewFileSet(), c.qualified(t)) // writing to memory does not fail
	return out.String()
}

// qualified puts "api." before the names that package api declares.
func (c *client) qualified(t ast.Expr) ast.Expr {
	switch t := t.(type) {
	case *ast.Ident:
		if c.types[t.Name] != nil {
			return ast.NewIdent("api." + t.Name)
		}
	case *ast.ArrayType:
		return &ast.ArrayType{Len: t.Len, Elt: c.qualified(t.Elt)}
	case *ast.MapType:
		return &ast.MapType{Key: c.qualified(t.Key), Value: c.qualified(t.Value)}
	case *ast.StarExpr:
		return &ast.StarExpr{X: c.qualified(t.X)}
	case *ast.Ellipsis:
		return &ast.Ellipsis{Elt: c.qualified(t.Elt)}
	case *ast.StructType:
		fields := &ast.FieldList{}
		for _, f := range t.Fields.List {
			fields.List = append(fields.List, &ast.Field{Names: f.Names, Type: c.qualified(f.Type), Tag: f.Tag})
		}
		return &ast.StructType{Fields: fields}
	}
	return t
}

// textField finds the field of a params struct for a parameter, "" when Go does not hold it as a text.
func (c *client) textField(params, parameter string) string {
	s := c.types[strings.TrimPrefix(params, "api.")]
	if s == nil {
		return ""
	}
	for _, field := range s.Type.(*ast.StructType).Fields.List {
		if field.Tag == nil || !strings.Contains(field.Tag.Value, `json:"`+parameter+`"`) {
			continue
		}
		if kind, ok := c.underlying(field.Type).(*ast.Ident); ok && kind.Name == "string" {
			return field.Names[0].Name
		}
	}
	return ""
}

// A sender is a method of the generated client that sends the request of an operation.
type sender struct{ name, parameters, arguments string }

func (c *client) senders(name string) (list []sender) {
	for _, name := range []string{name, name + "WithBody"} {
		fn := c.methods[name]
		if fn == nil {
			continue
		}
		s := sender{name: name}
		var parameters, arguments []string
		for _, field := range fn.Params.List {
			goType := c.print(field.Type)
			argument := field.Names[0].Name
			parameters = append(parameters, argument+" "+goType)
			if strings.HasPrefix(goType, "...") {
				argument += "..."
			}
			arguments = append(arguments, argument)
		}
		s.parameters, s.arguments = strings.Join(parameters, ", "), strings.Join(arguments, ", ")
		list = append(list, s)
	}
	return list
}

// readHandwritten lists the methods of a package that are written by hand, as "Client.CreateMeldCustomer", with
// the names that each refers to.
func readHandwritten(dir string) (map[string]map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	methods := map[string]map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, ".gen.go") || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range parsed.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv == nil {
				continue
			}
			receiver, ok := fn.Recv.List[0].Type.(*ast.StarExpr)
			if !ok {
				continue
			}
			names := map[string]bool{}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if ident, ok := n.(*ast.Ident); ok {
					names[ident.Name] = true
				}
				return true
			})
			methods[receiver.X.(*ast.Ident).Name+"."+fn.Name.Name] = names
		}
	}
	return methods, nil
}

func mapKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }
