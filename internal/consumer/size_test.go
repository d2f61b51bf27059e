package main

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sizeBudget is how much larger, stripped, the consumer may be than the plain program. Most of it is the
// generated client: an interface holds it together, so whoever calls API() links all of its operations.
// What a program pays that does not is measured in internal/bench.
const sizeBudget = 400_000

// linkable are the modules that a program with this client links: the generator's runtime, and its own.
var linkable = []string{
	"github.com/apapsch/go-jsonmerge/v2",
	"github.com/google/uuid",
	"github.com/oapi-codegen/runtime",
	"github.com/portalclient/portal-client-go",
}

// A test and not a script, so that `go test ./...` guards it: neither kin-openapi nor testify nor a tool
// reaches a user's program.
func TestWhatIsLinked(t *testing.T) {
	t.Parallel()
	consumer, modules := build(t, ".")
	plain, none := build(t, "./plain")
	t.Logf("go version -m lists %s", strings.Join(modules, ", "))
	t.Logf("stripped: consumer %d bytes, plain %d bytes, %d more", consumer, plain, consumer-plain)
	require.Empty(t, none, "the plain program is the standard library alone")
	require.Subset(t, linkable, modules, "a module is linked that no user asked for: `go list -deps` tells which package imports it; "+
		"move that import out of api and wrapper")
	require.LessOrEqual(t, consumer-plain, int64(sizeBudget), "the client has grown: if new operations did it, raise the budget; else `go tool nm -size -sort size` on both binaries tells what did")
}

// build builds a program and returns its stripped size and the modules that are linked into it.
func build(t *testing.T, folder string) (size int64, modules []string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "program")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, folder)
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", output)
	info, err := buildinfo.ReadFile(binary)
	require.NoError(t, err)
	for _, dep := range info.Deps {
		modules = append(modules, dep.Path)
	}
	file, err := os.Stat(binary)
	require.NoError(t, err)
	return file.Size(), modules
}
