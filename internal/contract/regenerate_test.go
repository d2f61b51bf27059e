package contract

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/portalclient/portal-client-go/openapi"
)

var documents = flag.String("contract.documents", "", "generate a client from our document with what stands in the files of this `pattern`, and walk through that too")

// TestRegenerate lays a document that came from elsewhere where ours lies: `go generate ./...` is all that happens
// then, `go build ./...` works at once, and all tests of this package and of the wrapper hold for the operations in it. It takes
// minutes, and is run by make check.
func TestRegenerate(t *testing.T) {
	t.Parallel()
	if *documents == "" {
		t.Skip("no -contract.documents")
	}
	files, err := filepath.Glob(*documents)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	combined := readYAML(t, openapi.Vendored)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		combine(t, combined, readYAML(t, text), file)
	}
	operations := 0
	for _, item := range combined["paths"].(object) {
		for _, method := range []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"} {
			if item.(object)[method] != nil {
				operations++
			}
		}
	}
	text, err := json.Marshal(combined) // is YAML too
	require.NoError(t, err)
	dir := copyModule(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "openapi", "client-api.yaml"), text, 0o600))

	run(t, dir, "generate", "./...")
	run(t, dir, "build", "./...")
	out := run(t, dir, "test", "-count=1", "-vet=off", "-v", "./internal/contract", fmt.Sprintf("-contract.seed=%d", *seed))
	run(t, dir, "test", "-count=1", "-vet=off", "./wrapper/...")
	generated, err := os.ReadFile(filepath.Join(dir, "api", "client.gen.go"))
	require.NoError(t, err)
	require.NotContains(t, string(generated), `"<nil>"`, "a constant of a null")
	require.NotRegexp(t, `(xml|yaml)\.Unmarshal`, string(generated), "a decoder that finds no tags of its own")
	require.GreaterOrEqual(t, strings.Count(out, "--- PASS: TestOperations/"), operations)
}

func readYAML(t *testing.T, text []byte) (doc object) {
	t.Helper()
	require.NoError(t, yaml.Unmarshal(text, &doc))
	return doc
}

// combine adds a document to another: its paths, components and tags, and its head where it has a description. So
// the result is what a real one would be: ours, with more in it.
func combine(t *testing.T, into, from object, file string) {
	t.Helper()
	for key, value := range from {
		before, _ := into[key].(object)
		head, _ := value.(object)
		switch key {
		case "info":
			if head["description"] != nil {
				into[key] = value
			}
		case "paths":
			for path, item := range head {
				require.NotContains(t, before, path, file)
				before[path] = item
			}
		case "components":
			for kind, components := range head {
				all, _ := before[kind].(object)
				if all == nil {
					all = object{}
				}
				for name, c := range components.(object) {
					require.True(t, all[name] == nil || fmt.Sprint(all[name]) == fmt.Sprint(c), "%s defines %s in another way", file, name)
				}
				maps.Copy(all, components.(object))
				before[kind] = all
			}
		case "tags":
			list, _ := into[key].([]any)
			into[key] = append(list, value.([]any)...)
		case "servers":
			into[key] = value
		}
	}
}

// copyModule copies what the module is built from into a folder of its own.
func copyModule(t *testing.T) string {
	t.Helper()
	dir, root := t.TempDir(), filepath.Join("..", "..")
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	for _, entry := range entries {
		from, to := filepath.Join(root, entry.Name()), filepath.Join(dir, entry.Name())
		switch {
		case entry.Name()[0] == '.':
		case entry.IsDir():
			require.NoError(t, os.CopyFS(to, os.DirFS(from)))
		default:
			text, err := os.ReadFile(from)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(to, text, 0o600))
		}
	}
	return dir
}

// run runs the go command in a folder. With -trimpath the build cache does not care which one it is, so what did not
// change since the last time is not built again.
func run(t *testing.T, dir string, args ...string) (output string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	start := time.Now()
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath -mod=readonly", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "go %s: %s", args[0], out)
	t.Logf("go %s: %.1f s", args[0], time.Since(start).Seconds())
	return string(out)
}
