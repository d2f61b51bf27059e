// Package boundary holds what a program links with this module to a short list: everything else is for
// tests and tools.
package boundary

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/portalclient/portal-client-go"

// generatorRuntime is what generated code cannot do without: the generator's runtime and what that one imports.
var generatorRuntime = []string{
	"github.com/apapsch/go-jsonmerge/v2",
	"github.com/google/uuid",
	"github.com/oapi-codegen/runtime",
	"github.com/oapi-codegen/runtime/types",
}

// A rule says what a package may link beside the standard library and itself.
type rule struct {
	folder  string
	name    string // of the package
	allowed []string
}

// Data flows one way: wrapper to api to net/http.
var rules = []rule{
	{"api", "api", generatorRuntime},
	{"wrapper", "portal", append([]string{module + "/api"}, generatorRuntime...)},
	{"wrapper/meldwebhook", "meldwebhook", nil},
}

func (r rule) root() string { return module + "/" + r.folder }

// A file may be there for one system only.
var systems = []string{"linux", "darwin", "windows"}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, r := range rules {
		for _, goos := range systems {
			t.Run(r.folder+" on "+goos, func(t *testing.T) {
				t.Parallel()
				for _, chain := range r.violations(dependencies(t, goos, r.root())) {
					t.Error(advice(chain))
				}
			})
		}
	}
}

// The test above must be able to fail: each of these imports, laid over the tree, is found.
func TestIntruderIsFound(t *testing.T) {
	t.Parallel()
	intruders := map[string][]string{
		"api": {
			module + "/wrapper/meldwebhook", // wrapper itself would be a cycle, which does not compile
			module + "/openapi",
			"github.com/stretchr/testify/require",
		},
		"wrapper": {
			module + "/openapi",
			"github.com/getkin/kin-openapi/openapi3",
			"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen",
		},
		"wrapper/meldwebhook": {
			module + "/api",
			"github.com/google/uuid",
		},
	}
	for _, r := range rules {
		for _, intruder := range intruders[r.folder] {
			t.Run(r.folder+" imports "+intruder, func(t *testing.T) {
				t.Parallel()
				found := r.violations(dependencies(t, "linux", r.root(), r.overlay(t, intruder)))
				require.Contains(t, found, []string{r.root(), intruder})
			})
		}
	}
}

// overlay is the flag of go list that adds a file with one import to a package without writing it there.
func (r rule) overlay(t *testing.T, intruder string) string {
	t.Helper()
	dir := t.TempDir()
	source := filepath.Join(dir, "intruder.go")
	require.NoError(t, os.WriteFile(source, fmt.Appendf(nil, "package %s\n\nimport _ %q\n", r.name, intruder), 0o600))
	place, err := filepath.Abs(filepath.Join("..", "..", r.folder, "intruder.go"))
	require.NoError(t, err)
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{place: source}})
	require.NoError(t, err)
	file := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(file, list, 0o600))
	return "-overlay=" + file
}

// A pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

// dependencies lists what a package links, itself included; its tests are not looked at.
func dependencies(t *testing.T, goos, root string, flags ...string) map[string]pkg {
	t.Helper()
	args := append([]string{"list", "-deps", "-json=ImportPath,Standard,Imports"}, flags...)
	cmd := exec.CommandContext(t.Context(), "go", append(args, root)...)
	cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "%v\n%s", cmd, &stderr)
	all := map[string]pkg{}
	for decoder := json.NewDecoder(&stdout); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		all[p.ImportPath] = p
	}
	require.Contains(t, all, root)
	require.Contains(t, all, "net/http", "a package that sends or receives HTTP links it, so the list is not whole")
	return all
}

// violations returns, for each package that is linked and must not be, the shortest chain of imports from
// the rule's to it. What a forbidden package imports in turn is not listed.
func (r rule) violations(all map[string]pkg) [][]string {
	var found [][]string
	root := r.root()
	seen := map[string]bool{root: true}
	for queue := [][]string{{root}}; len(queue) > 0; queue = queue[1:] {
		chain := queue[0]
		for _, path := range all[chain[len(chain)-1]].Imports {
			if seen[path] || all[path].Standard {
				continue
			}
			seen[path] = true
			longer := append(slices.Clone(chain), path)
			if slices.Contains(r.allowed, path) {
				queue = append(queue, longer)
			} else {
				found = append(found, longer)
			}
		}
	}
	return found
}

func advice(chain []string) string {
	return fmt.Sprintf("%s would be linked into every program that imports %s:\n\t%s\n"+
		"Move the code that needs it into a _test.go file, into wrapper/portaltest or below internal/. "+
		"If users have to link it, add it to the rules in internal/boundary/boundary_test.go, with the reason.",
		chain[len(chain)-1], chain[0], strings.Join(chain, "\n\t\timports "))
}
