package main

import (
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A client is what the generated code of package api declares. Its names are read, instead of repeating the
// generator's naming rules: that stays right whatever the generator does about names that collide.
type client struct {
	pkg   *types.Package
	names map[string]string // the Go names of the operations, by method and path; that has %s for every parameter
}

// builderRoute finds in the functions NewXRequest and NewXRequestWithBody, of which the first may call the second, the
// path and the method that they use.
var builderRoute = regexp.MustCompile(`(?s)\nfunc New(\w+?)Request(?:WithBody)?\(` +
	`.*?fmt\.Sprintf\(("/.*?")[,)]` + `.*?http\.NewRequest\(http\.Method(\w+)`)

func readClient() (*client, error) {
	mode := packages.NeedTypes | packages.NeedSyntax | packages.NeedImports | packages.NeedTypesInfo | packages.NeedName
	loaded, err := packages.Load(&packages.Config{Mode: mode}, "./api")
	if err != nil {
		return nil, err
	}
	if len(loaded[0].Errors) > 0 {
		return nil, fmt.Errorf("the generated client does not compile; give what collides another name in Go "+
			"with an action of openapi/overlay.yaml that sets x-go-name or operationId: %w", loaded[0].Errors[0])
	}
	text, err := os.ReadFile("api/client.gen.go")
	if err != nil {
		return nil, err
	}
	c := &client{loaded[0].Types, map[string]string{}}
	for _, match := range builderRoute.FindAllStringSubmatch(string(text), -1) {
		path, err := strconv.Unquote(match[2])
		if err != nil {
			return nil, err
		}
		c.names[strings.ToUpper(match[3])+" "+path] = match[1]
	}
	return c, nil
}

// signature is that of a function, nil when there is none.
func (c *client) signature(function string) *types.Signature {
	if f, ok := c.pkg.Scope().Lookup(function).(*types.Func); ok {
		return f.Signature()
	}
	return nil
}

// senders lists the methods X and XWithBody of an operation X.
func (c *client) senders(operation string) (list []sender) {
	for method := range c.pkg.Scope().Lookup("ClientInterface").Type().Underlying().(*types.Interface).Methods() {
		if name := method.Name(); name == operation || name == operation+"WithBody" {
			var arguments []string
			for v := range method.Signature().Params().Variables() {
				arguments = append(arguments, v.Name())
			}
			signature := strings.TrimPrefix(goType(method.Signature()), "func")
			list = append(list, sender{name, signature, strings.Join(arguments, ", ") + "..."}) // the editors are variadic
		}
	}
	return list
}

// goType prints a type as other packages write it. An alias of package api is printed as the type that it stands for.
func goType(t types.Type) string {
	if t == nil {
		return ""
	}
	if alias, ok := t.(*types.Alias); ok && alias.Obj().Pkg().Name() == "api" {
		if _, unnamed := alias.Rhs().(*types.Struct); !unnamed {
			return goType(alias.Rhs())
		}
	}
	return types.TypeString(t, (*types.Package).Name)
}

func isText(t types.Type) bool { return t.Underlying() == types.Typ[types.String] }

// member finds a member of a struct by its path in the JSON. It returns how Go writes it, and its type; "" when there
// is none, or a pointer stands before its end.
func member(t types.Type, path string) (selector string, _ types.Type) {
	var names []string
	for _, name := range strings.Split(path, ".") {
		s, ok := t.Underlying().(*types.Struct)
		i := 0
		for ok && i < s.NumFields() && !strings.HasPrefix(reflect.StructTag(s.Tag(i)).Get("json")+",", name+",") {
			i++
		}
		if !ok || i == s.NumFields() {
			return "", nil
		}
		names, t = append(names, s.Field(i).Name()), s.Field(i).Type()
	}
	return strings.Join(names, "."), t
}

var handwrittenMethod = regexp.MustCompile(`(?m)^func \(\w+ \*(Client|Custodian)\) (\w+)\(`)

// withoutHandwritten drops the operations that have a method written by hand, which calls them, or no typed body.
func withoutHandwritten(operations []*operation, dir string) (rest []*operation, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	calls := map[string]bool{} // of a method such as Client.CreateMeldCustomer, whether it calls the operation of its name
	for _, file := range files {
		if strings.HasSuffix(file, ".gen.go") || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, m := range handwrittenMethod.FindAllStringSubmatch(string(text), -1) {
			calls[m[1]+"."+m[2]] = regexp.MustCompile(`&op` + m[2] + `\b`).Match(text)
		}
	}
	for _, op := range operations {
		called, exists := calls[op.Receiver+"."+op.Name]
		if exists && !called {
			return nil, fmt.Errorf("the operation %s would be the method %s.%s, which has another meaning: give it another name in Go with an action of openapi/overlay.yaml that sets x-go-name or operationId", op.ID(), op.Receiver, op.Name)
		}
		if !exists && !op.bodyless {
			rest = append(rest, op)
		}
	}
	return rest, nil
}
