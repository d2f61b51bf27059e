package readme

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/openapi"
)

var (
	code   = regexp.MustCompile("`([^`]+)`")
	goName = regexp.MustCompile(`^\*?(?:portal\.)?([A-Z][a-z]\w*|API\w*)(?:\.\w+)?(?:\(.*\))?$`)
	row    = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (?:document|overlay) \\|")
)

// What the prose calls by a Go name has to exist: the compiler does not read it.
func TestNamesInProse(t *testing.T) {
	t.Parallel()
	names := exportedNames(t)
	for i, line := range strings.Split(withoutBlocks(t), "\n") {
		for _, found := range unknownNames(line, names) {
			t.Errorf("README.md:%d: there is no %s in package portal, portaltest or meldwebhook", i+1, found)
		}
	}
	require.Equal(t, []string{"WithNothing", "portal.Nothing(x)"},
		unknownNames("`WithRetry`, `WithNothing`, `portal.Nothing(x)` and `APIError.Body`; `Retry-After`", names))
}

// withoutBlocks blanks the blocks out, so that lines keep their numbers.
func withoutBlocks(t *testing.T) string {
	t.Helper()
	lines := strings.Split(read(t, root+"/README.md"), "\n")
	for _, b := range readmeBlocks(t) {
		for i := range strings.Count(b.Text, "\n") {
			lines[b.Line-1+i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

func unknownNames(line string, names map[string]bool) (unknown []string) {
	for _, span := range code.FindAllStringSubmatch(line, -1) {
		if m := goName.FindStringSubmatch(span[1]); m != nil && !names[m[1]] {
			unknown = append(unknown, span[1])
		}
	}
	return unknown
}

// exportedNames are those of the packages that users import, methods and fields included.
func exportedNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, folder := range []string{"wrapper", "wrapper/portaltest", "wrapper/meldwebhook"} {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		require.NoError(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			ast.Inspect(parsed, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					names[n.Name.Name] = true
					return false
				case *ast.TypeSpec:
					names[n.Name.Name] = true
				case *ast.ValueSpec:
					for _, name := range n.Names {
						names[name.Name] = true
					}
				case *ast.Field:
					for _, name := range n.Names {
						names[name.Name] = true
					}
				}
				return true
			})
		}
	}
	return names
}

// The list of operations is that of the document.
func TestOperations(t *testing.T) {
	t.Parallel()
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(openapi.Merged, &document))
	var want, got []string
	for _, methods := range document.Paths {
		for _, raw := range methods {
			var operation struct {
				OperationID string `json:"operationId"`
			}
			if json.Unmarshal(raw, &operation) == nil && operation.OperationID != "" {
				want = append(want, operation.OperationID)
			}
		}
	}
	for _, m := range row.FindAllStringSubmatch(read(t, root+"/README.md"), -1) {
		got = append(got, m[1])
	}
	require.ElementsMatch(t, want, got, "the table of operations in README.md is not that of openapi/merged.gen.json: add or take away rows")
}
