package portaltest_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every exported function and method has an example that runs, so that none is without one for long.
func TestEveryEntryPointHasAnExample(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		f, err := parser.ParseFile(set, name, text, parser.ParseComments)
		require.NoError(t, err)
		if strings.HasSuffix(name, "_test.go") == (f.Name.Name == "portaltest_test") { // not the inner tests
			files = append(files, f)
		}
	}
	pkg, err := doc.NewFromFiles(set, files, "portaltest")
	require.NoError(t, err)
	check := func(name string, examples []*doc.Example) {
		require.NotEmpty(t, examples, "%s has no example", name)
		for _, e := range examples {
			require.NotEmpty(t, e.Output, "the example of %s says no output", name)
		}
	}
	entries := 0
	for _, f := range pkg.Funcs {
		check(f.Name, f.Examples)
		entries++
	}
	for _, typ := range pkg.Types {
		for _, f := range typ.Funcs {
			check(f.Name, f.Examples)
			entries++
		}
		for _, m := range typ.Methods {
			check(typ.Name+"."+m.Name, m.Examples)
			entries++
		}
	}
	require.Greater(t, entries, 40)
}
