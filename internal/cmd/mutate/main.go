// Command mutate tells how much of a package its tests would notice: it makes one small change after the other
// (a mutant), and runs the tests with each. A mutant that no test fails with has survived.
//
//	go run ./internal/cmd/mutate [-every 5] [-run retry.go] ./wrapper [arguments of the test binary]
//
// All mutants are compiled into one test binary, which is told by the environment which one to be. The tree is not
// touched.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/go/ast/astutil"
)

// slow are the tests that only a mutant meets which survives all others.
const slow = "Storm|Quota|IsBounded|Panics|Connection|TestSequences$|SequencesOfTwo"

// required is how many mutants of a hundred must not survive.
const required = 95

func main() {
	every := flag.Int("every", 1, "try every nth mutant only")
	only := flag.String("run", "", "try the mutants only whose description matches this `expression`")
	flag.Parse()
	log.SetFlags(0)
	log.SetPrefix("mutate: ")
	if flag.NArg() == 0 {
		log.Fatal("name a package, such as ./wrapper")
	}
	dir := must(os.MkdirTemp("", "mutate"))
	mutants := compile(flag.Arg(0), dir)
	log.Printf("%s has %d mutants", flag.Arg(0), len(mutants))
	test := func(id string) error {
		for _, step := range []string{"-test.skip=" + slow, "-test.run=" + slow} {
			args := append([]string{"-test.failfast", "-test.timeout=40s", step}, flag.Args()[1:]...)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			cmd := exec.CommandContext(ctx, filepath.Join(dir, "test"), args...)
			cmd.Dir = flag.Arg(0)
			cmd.Env = append(os.Environ(), "MUTANT="+id)
			cmd.Stdout = failure(cancel)
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("the tests fail: %w", err)
			}
		}
		return nil
	}
	check(test("none")) // without any mutant they have to pass
	chosen, tried := regexp.MustCompile(*only), 0
	var dead atomic.Int32
	var tests errgroup.Group
	tests.SetLimit(2)
	for i, m := range mutants {
		if i%*every == 0 && chosen.MatchString(m.description) {
			tried++
			tests.Go(func() error {
				if test(m.id) != nil {
					dead.Add(1)
				} else {
					log.Printf("SURVIVED %s\n\t%s", m.description, reason(m.description))
				}
				return nil
			})
		}
	}
	check(tests.Wait())
	check(os.RemoveAll(dir))
	percent := 100 * float64(dead.Load()) / float64(max(1, tried))
	fmt.Printf("%d of %d mutants died, %.1f %%\n", dead.Load(), tried, percent)
	if percent < required {
		log.Fatalf("fewer than %d %% died: the tests do not notice enough", required)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

//go:embed survivors.txt
var survivors string

// reason says whether survivors.txt has one: most that survive are no change that a caller can see.
func reason(description string) string {
	part := strings.SplitN(description, ":", 3) // the second one is the line, which changes
	if strings.Contains(survivors, "\n"+part[0]+":"+part[2]+"\n") {
		return "Why is written in survivors.txt."
	}
	return "Find out why: either a test is missing, or code that does nothing can go, or write the reason into survivors.txt."
}

// A failure is what a test binary prints to: the first test that fails settles a mutant.
type failure func()

func (f failure) Write(output []byte) (int, error) {
	if strings.Contains(string(output), "--- FAIL") {
		f()
	}
	return len(output), nil
}

// A mutant is one change of a function, or of the value of a variable.
type mutant struct{ id, description string }

// compile makes the mutants of the handwritten files of a package, and a test binary in dir with those that compile.
func compile(path, dir string) []mutant {
	pkg := must(build.ImportDir(path, 0))
	for broken := map[string]bool{}; ; {
		replace := map[string]string{}
		write := func(name, code string) {
			replace[filepath.Join(path, name)] = filepath.Join(dir, name)
			check(os.WriteFile(filepath.Join(dir, name), []byte(code), 0o600))
		}
		write("mutant.gen.go", "package "+pkg.Name+"\nimport \"os\"\nvar mutant = os.Getenv(\"MUTANT\")\n")
		var mutants []mutant
		for _, name := range pkg.GoFiles {
			if !strings.HasSuffix(name, ".gen.go") {
				var code string
				code, mutants = mutate(filepath.Join(path, name), mutants, broken)
				write(name, code)
			}
		}
		overlay := filepath.Join(dir, "overlay.json")
		check(os.WriteFile(overlay, must(json.Marshal(map[string]any{"Replace": replace})), 0o600))
		output, err := exec.CommandContext(context.Background(), "go", "test", "-c", "-o", filepath.Join(dir, "test"),
			"-overlay", overlay, "-vet=off", "-gcflags=-e", path).CombinedOutput()
		if err == nil {
			return slices.DeleteFunc(mutants, func(m mutant) bool { return broken[m.id] })
		}
		found := regexp.MustCompile(`mutant(\d+):\d`).FindAllStringSubmatch(string(output), -1)
		if found == nil {
			log.Fatalf("%s does not compile: %v\n%s", path, err, output)
		}
		for _, match := range found {
			broken[match[1]] = true
		}
	}
}

// swaps are operators and truth values, and what takes their place.
var swaps = map[string]string{
	"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "+": "-", "-": "+", "*": "/", "/": "*", "%": "*",
	"&&": "||", "||": "&&", "<<": ">>", ">>": "<<", "true": "false", "false": "true",
}

// mutate adds the mutants of a file, and returns its code with those that are not broken: a function begins with a
// changed copy of its body for each, which is executed when the environment names that mutant.
func mutate(name string, mutants []mutant, broken map[string]bool) (string, []mutant) {
	source := string(must(os.ReadFile(name)))
	fset := token.NewFileSet()
	file := must(parser.ParseFile(fset, name, source, parser.SkipObjectResolution))
	between := func(from, to token.Pos) string { return source[from-file.FileStart : to-file.FileStart] }
	text := func(n ast.Node) string { return between(n.Pos(), n.End()) }
	code, copied := "", file.FileStart
	// addCopies puts a copy of what stands at root at a place of the file, for each change of it, with code around it.
	addCopies := func(root ast.Node, at token.Pos, before, after string) {
		code += between(copied, at)
		copied = at
		changes(root, text, func(n ast.Node, change, replacement string) {
			where, id := fset.Position(n.Pos()), strconv.Itoa(len(mutants)+1)
			line, _, _ := strings.Cut(source[where.Offset-where.Column+1:], "\n")
			description := fmt.Sprintf("%s:%d: %s: %s", filepath.Base(name), where.Line, change, strings.TrimSpace(line))
			mutants = append(mutants, mutant{id, description})
			rest := between(n.End(), root.End())
			if replacement == "" {
				rest = strings.TrimPrefix(rest, ",") // of an element that is left out
			}
			if !broken[id] {
				changed := between(root.Pos(), n.Pos()) + replacement + rest
				code += fmt.Sprintf("\n//line mutant%s:1\n"+before, id, id) + changed + after + "\n"
			}
		})
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if results := decl.Type.Results; results == nil {
				addCopies(decl.Body, decl.Body.Lbrace+1, "if mutant == %q { func() ", "(); return }")
			} else {
				addCopies(decl.Body, decl.Body.Lbrace+1, "if mutant == %q { return func() "+text(results), "() }")
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && len(v.Values) > 0 {
					addCopies(v.Values[0], decl.End(), "func init() { if mutant == %q { "+v.Names[0].Name+" = ", " } }")
				}
			}
		}
	}
	return code + between(copied, file.FileEnd), mutants
}

// changes calls replace for each change of what stands at root.
func changes(root ast.Node, text func(ast.Node) string, replace func(n ast.Node, change, replacement string)) {
	always := func(cond ast.Expr, value, operator string) {
		replace(cond, "always "+value, "("+text(cond)+") "+operator+" "+value)
	}
	value := func(n ast.Node, other string) { replace(n, text(n)+" → "+other, other) }
	astutil.Apply(root, func(c *astutil.Cursor) bool {
		switch n := c.Node().(type) {
		case *ast.KeyValueExpr, *ast.ExprStmt, *ast.AssignStmt, *ast.IncDecStmt, *ast.DeferStmt, *ast.GoStmt, *ast.SendStmt, *ast.BranchStmt:
			if c.Index() >= 0 { // it is one of a list
				replace(n, "left out", "")
			}
		case *ast.IfStmt:
			always(n.Cond, "true", "||")
			always(n.Cond, "false", "&&")
		case *ast.CaseClause:
			for _, cond := range n.List {
				always(cond, "false", "&&")
			}
		case *ast.BinaryExpr:
			if other, ok := swaps[n.Op.String()]; ok {
				replace(n, n.Op.String()+" → "+other, "(("+text(n.X)+") "+other+" ("+text(n.Y)+"))")
			}
		case *ast.UnaryExpr:
			if n.Op == token.NOT {
				replace(n, "without !", text(n.X))
			}
		case *ast.Ident:
			if other, ok := swaps[n.Name]; ok {
				value(n, other)
			}
		case *ast.BasicLit:
			if number, err := strconv.Atoi(n.Value); err == nil {
				value(n, strconv.Itoa(number+1))
			} else if name, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && name != "" && !strings.Contains(name, " ") {
				value(n, strconv.Quote(name+"x")) // texts for people may be worded in many ways
			}
		case *ast.Field:
			return n.Tag == nil // a tag is no such text
		}
		return true
	}, nil)
}
