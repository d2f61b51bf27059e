package readme

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A File is a Go block as a file that compiles.
type File struct {
	Source  string
	Test    bool // it has tests, so its name must end with _test.go
	Program bool // it is a program
	Whole   bool // nothing was wrapped around it, so it has to please go vet as well
}

// imports are the packages that a block without a package clause may use.
var imports = map[string]string{
	"api":         "github.com/portalclient/portal-client-go/api",
	"context":     "context",
	"errors":      "errors",
	"fmt":         "fmt",
	"http":        "net/http",
	"json":        "encoding/json",
	"log":         "log",
	"meldwebhook": "github.com/portalclient/portal-client-go/wrapper/meldwebhook",
	"os":          "os",
	"portal":      "github.com/portalclient/portal-client-go/wrapper",
	"portaltest":  "github.com/portalclient/portal-client-go/wrapper/portaltest",
	"require":     "github.com/stretchr/testify/require",
	"slog":        "log/slog",
	"testing":     "testing",
	"time":        "time",
}

// signature is what statements see.
const signature = "ctx context.Context, client *portal.Client, token, sessionID string, w http.ResponseWriter, r *http.Request, t *testing.T"

var (
	packageClause = regexp.MustCompile(`(?m)^package `)
	testFunction  = regexp.MustCompile(`(?m)^func (Test|Fuzz|Benchmark|Example)`)
)

// NewFile makes a file of a Go block. Its positions, and so the compiler's messages, are those of name.
func NewFile(b Block, name string) (File, error) {
	place := fmt.Sprintf("//line %s:%d:1\n", name, b.Line)
	f := File{Test: testFunction.MatchString(b.Text)}
	if packageClause.MatchString(b.Text) {
		f.Source, f.Whole = place+b.Text, true
		f.Program = strings.HasPrefix(b.Text, "package main")
		return f, nil
	}
	body := place + b.Text
	parsed, err := parse(body)
	if err != nil {
		body, err = statements(body, name)
		if err != nil {
			return f, err
		}
		if parsed, err = parse(body); err != nil {
			return f, err
		}
	}
	f.Source = "package fragment\n\n" + importsOf(parsed) + body
	return f, nil
}

func parse(body string) (*ast.File, error) {
	return parser.ParseFile(token.NewFileSet(), "", "package fragment\n"+body, 0)
}

// importsOf imports what a file uses and does not declare.
func importsOf(f *ast.File) string {
	used := map[string]bool{}
	for _, name := range f.Unresolved {
		if target := imports[name.Name]; target != "" && len(f.Imports) == 0 {
			used[importLine(name.Name, target)] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(used)), "")
}

// importLine says the name where the folder has another one, as that of portal has.
func importLine(name, target string) string {
	if path.Base(target) == name {
		return fmt.Sprintf("import %q\n", target)
	}
	return fmt.Sprintf("import %s %q\n", name, target)
}

// statements wraps a function around statements. They stand in a block of their own, so that they may
// declare names that the function has already.
func statements(body, name string) (string, error) {
	wrap := func(result, after string) string {
		return "func fragment(" + signature + ") " + result + " {\n{\n" + body + "//line " + name + ".go:1\n" + after + "}\n"
	}
	parsed, err := parse(wrap("", "}\n"))
	if err != nil {
		return "", err // it names the line
	}
	function := parsed.Decls[0].(*ast.FuncDecl)
	inner := function.Body.List[0].(*ast.BlockStmt)
	after := useDeclared(inner) + "}\n"
	if returnsNothing(inner) {
		return wrap("", after), nil
	}
	return wrap("error", after+"return nil\n"), nil
}

// useDeclared uses the names that a block's own statements declare.
func useDeclared(block *ast.BlockStmt) string {
	var uses strings.Builder
	for _, statement := range block.List {
		if assign, ok := statement.(*ast.AssignStmt); ok && assign.Tok == token.DEFINE {
			for _, left := range assign.Lhs {
				if name, ok := left.(*ast.Ident); ok && name.Name != "_" {
					uses.WriteString("_ = " + name.Name + "\n")
				}
			}
		}
	}
	return uses.String()
}

// returnsNothing reports whether a block has a return without a value, as in a handler.
func returnsNothing(block *ast.BlockStmt) (bare bool) {
	ast.Inspect(block, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) == 0 {
			bare = true
		}
		return true
	})
	return bare
}
