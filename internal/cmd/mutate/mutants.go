package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A pkg is a package with its mutants.
type pkg struct {
	dir, name string
	fset      *token.FileSet
	files     []*file
	mutants   []*mutant
	broken    map[int]bool // mutants that do not compile
}

// A file is a source file, and what is added to it.
type file struct {
	name       string
	source     []byte
	copies     []copied
	dispatches []dispatch
}

// A copied function or value is the text of a mutant.
type copied struct {
	id   int
	text string
}

// A dispatch is where a function of the source decides which copy of it is called.
type dispatch struct {
	offset    int
	call      string // with %d for the mutant
	ids       []int
	noResults bool
}

// text is the file with the mutants that compile.
func (f *file) text(broken map[int]bool) []byte {
	var out bytes.Buffer
	from := 0
	for _, d := range f.dispatches {
		out.Write(f.source[from:d.offset])
		from = d.offset
		out.WriteString(" switch mutant { ")
		for _, id := range d.ids {
			switch call := fmt.Sprintf(d.call, id); {
			case broken[id]:
			case d.noResults:
				fmt.Fprintf(&out, "case %d: %s; return; ", id, call)
			default:
				fmt.Fprintf(&out, "case %d: return %s; ", id, call)
			}
		}
		out.WriteString("}; ")
	}
	out.Write(f.source[from:])
	for _, c := range f.copies {
		if !broken[c.id] {
			fmt.Fprintf(&out, "\n//line mutant%d:1\n%s\n", c.id, c.text)
		}
	}
	return out.Bytes()
}

// mutate makes the mutants of a file.
func (p *pkg) mutate(name string) error {
	source, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(p.fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	f := &file{name: name, source: source}
	p.files = append(p.files, f)
	text := func(n ast.Node) string {
		return string(source[p.fset.Position(n.Pos()).Offset:p.fset.Position(n.End()).Offset])
	}
	for _, decl := range parsed.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Body == nil || decl.Name.Name == "init" {
				continue
			}
			d := dispatch{offset: p.fset.Position(decl.Body.Lbrace).Offset + 1, call: callOf(decl, text), noResults: decl.Type.Results == nil}
			original := decl.Name.Name
			p.sites(f, decl.Body, func(id int) string {
				decl.Name.Name = fmt.Sprintf("mutant%d%s", id, original) // which nobody finds by reflection
				defer func() { decl.Name.Name = original }()
				d.ids = append(d.ids, id)
				return p.print(decl)
			})
			f.dispatches = append(f.dispatches, d)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				v, ok := spec.(*ast.ValueSpec)
				if !ok || decl.Tok != token.VAR || len(v.Values) != 1 {
					continue
				}
				p.sites(f, &ast.ParenExpr{X: v.Values[0]}, func(id int) string {
					return fmt.Sprintf("func init() { if mutant == %d { %s = %s } }", id, v.Names[0].Name, p.print(v.Values[0]))
				})
			}
		}
	}
	return nil
}

func (p *pkg) print(n ast.Node) string {
	var out bytes.Buffer
	if err := format.Node(&out, p.fset, n); err != nil {
		panic(err)
	}
	return out.String()
}

// callOf is a call of a copy of fn, with the arguments that fn has.
func callOf(fn *ast.FuncDecl, text func(ast.Node) string) string {
	var args []string
	each := func(fields *ast.FieldList, add func(arg string)) {
		for _, field := range fields.List {
			for _, name := range field.Names {
				if name.Name != "_" {
					add(name.Name)
				}
			}
			if len(field.Names) == 0 || field.Names[0].Name == "_" {
				add("*new(" + text(field.Type) + ")") // nobody reads it
			}
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				args[len(args)-1] += "..."
			}
		}
	}
	call := "mutant%d" + fn.Name.Name
	if fn.Recv != nil {
		each(fn.Recv, func(receiver string) { call = "(" + receiver + ")." + call })
	}
	if fn.Type.TypeParams != nil {
		each(fn.Type.TypeParams, func(arg string) { args = append(args, arg) })
		call += "[" + strings.Join(args, ", ") + "]"
		args = nil
	}
	each(fn.Type.Params, func(arg string) { args = append(args, arg) })
	return call + "(" + strings.Join(args, ", ") + ")"
}

// swaps are operators, and what takes their place.
var swaps = map[token.Token]token.Token{
	token.EQL: token.NEQ, token.NEQ: token.EQL, token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
	token.LAND: token.LOR, token.LOR: token.LAND, token.SHL: token.SHR, token.SHR: token.SHL,
}

// sites changes the tree below root in one place after the other, and has it printed each time.
func (p *pkg) sites(f *file, root ast.Node, show func(id int) string) {
	try := func(n ast.Node, change string, apply, undo func()) {
		m := &mutant{id: len(p.mutants) + 1, where: p.fset.Position(n.Pos()), change: change}
		line := f.source[m.where.Offset-m.where.Column+1:]
		m.source = string(bytes.TrimSpace(bytes.SplitN(line, []byte("\n"), 2)[0]))
		p.mutants = append(p.mutants, m)
		apply()
		f.copies = append(f.copies, copied{m.id, show(m.id)})
		undo()
	}
	constant := func(cond *ast.Expr, op token.Token, value string) {
		was := *cond
		try(was, "always "+value, func() {
			*cond = &ast.BinaryExpr{X: &ast.ParenExpr{X: was}, Op: op, Y: ast.NewIdent(value)}
		}, func() { *cond = was })
	}
	literal := func(lit *ast.BasicLit, value string) {
		was := lit.Value
		try(lit, was+" → "+value, func() { lit.Value = value }, func() { lit.Value = was })
	}
	statements := func(list []ast.Stmt) {
		for i, stmt := range list {
			if assign, ok := stmt.(*ast.AssignStmt); ok && assign.Tok == token.DEFINE {
				continue
			}
			switch stmt.(type) {
			case *ast.ExprStmt, *ast.AssignStmt, *ast.IncDecStmt, *ast.DeferStmt, *ast.GoStmt, *ast.SendStmt, *ast.BranchStmt:
				try(stmt, "left out", func() { list[i] = &ast.EmptyStmt{} }, func() { list[i] = stmt })
			}
		}
	}
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			statements(n.List)
		case *ast.CaseClause:
			statements(n.Body)
		case *ast.CommClause:
			statements(n.Body)
		case *ast.IfStmt:
			constant(&n.Cond, token.LOR, "true")
			constant(&n.Cond, token.LAND, "false")
		case *ast.SwitchStmt:
			for _, clause := range n.Body.List {
				for i := range clause.(*ast.CaseClause).List {
					if n.Tag == nil {
						constant(&clause.(*ast.CaseClause).List[i], token.LAND, "false")
					}
				}
			}
		case *ast.BinaryExpr:
			if swap, ok := swaps[n.Op]; ok {
				was := n.Op
				try(n, was.String()+" → "+swap.String(), func() { n.Op = swap }, func() { n.Op = was })
			}
		case *ast.UnaryExpr:
			if x := n.X; n.Op == token.NOT {
				try(n, "without !", func() { n.X = &ast.UnaryExpr{Op: token.NOT, X: x} }, func() { n.X = x })
			}
		case *ast.CompositeLit:
			for i, element := range n.Elts {
				if pair, ok := element.(*ast.KeyValueExpr); ok {
					was := n.Elts
					try(pair, "left out", func() { n.Elts = slices.Delete(slices.Clone(was), i, i+1) }, func() { n.Elts = was })
				}
			}
		case *ast.Ident:
			if other, ok := map[string]string{"true": "false", "false": "true"}[n.Name]; ok {
				was := n.Name
				try(n, was+" → "+other, func() { n.Name = other }, func() { n.Name = was })
			}
		case *ast.BasicLit:
			if value, err := strconv.Atoi(n.Value); err == nil {
				literal(n, strconv.Itoa(value+1))
			} else if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && text != "" && !strings.Contains(text, " ") {
				literal(n, strconv.Quote(text+"x")) // a name; texts for people may be worded in many ways
			}
		case *ast.Field:
			return n.Tag == nil // without its tag
		}
		return true
	})
}
