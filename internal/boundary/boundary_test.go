// Package boundary holds what a program links with this module to a short list: everything else is for
// tests and tools. Package portaltest is for tests, and so is exempt.
package boundary

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/portalclient/portal-client-go/"

// generatorRuntime is what generated code cannot do without: the generator's runtime, and what that imports.
var generatorRuntime = []string{
	"github.com/apapsch/go-jsonmerge/v2",
	"github.com/google/uuid",
	"github.com/oapi-codegen/runtime",
	"github.com/oapi-codegen/runtime/internal/jsoncodec",
	"github.com/oapi-codegen/runtime/types",
}

// A rule says what a package may link beside the standard library. Data flows one way: wrapper to api to net/http.
var rules = []struct {
	folder, name string
	allowed      []string
}{
	{"api", "api", generatorRuntime},
	{"wrapper", "portal", append([]string{module + "api", module + "internal/pathtemplate"}, generatorRuntime...)},
	{"wrapper/meldwebhook", "meldwebhook", nil},
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, r := range rules {
		for _, system := range []string{"linux", "darwin", "windows"} { // a file may be there for one system only
			require.Subset(t, append(r.allowed, module+r.folder), linked(t, system, r.folder),
				"on %s, every program that imports %s would link more than the rules of this test allow: `go list -deps` and "+
					"`go mod why` tell who imports it. Move that into a _test.go file, into wrapper/portaltest or below internal/; "+
					"if users have to link it, add it to the rules, with the reason", system, r.folder)
		}
	}
}

// The test above has to be able to fail: an import of each kind, laid over the tree, is listed.
func TestIntruderIsFound(t *testing.T) {
	t.Parallel()
	for _, r := range rules {
		for _, intruder := range []string{module + "openapi", "github.com/stretchr/testify/require", "github.com/getkin/kin-openapi/openapi3"} {
			dir := t.TempDir()
			source := filepath.Join(dir, "intruder.go")
			require.NoError(t, os.WriteFile(source, fmt.Appendf(nil, "package %s\n\nimport _ %q\n", r.name, intruder), 0o600))
			place, err := filepath.Abs(filepath.Join("..", "..", r.folder, "intruder.go"))
			require.NoError(t, err)
			overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{place: source}})
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(dir+"/overlay.json", overlay, 0o600))
			require.NotContains(t, r.allowed, intruder)
			require.Contains(t, linked(t, "linux", r.folder, "-overlay="+dir+"/overlay.json"), intruder)
		}
	}
}

// linked lists what a package links, itself included and the standard library aside; its tests are not looked at.
func linked(t *testing.T, system, folder string, flags ...string) []string {
	t.Helper()
	args := append([]string{"list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}"}, flags...)
	cmd := exec.CommandContext(t.Context(), "go", append(args, module+folder)...)
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	require.NoError(t, err)
	all := strings.Fields(string(output))
	require.Contains(t, all, module+folder)
	return all
}
