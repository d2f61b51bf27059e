package contract

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A module is a copy of ours in a folder of its own, with another document in it.
type module struct{ dir string }

// copyModule copies what the module is built from: no tests but those of this package, and no modules or
// folders inside it that have nothing to do with the document.
func copyModule(t *testing.T) *module {
	t.Helper()
	m := &module{dir: t.TempDir()}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || rel == "." {
			return err
		}
		if d.IsDir() {
			_, nested := os.Stat(filepath.Join(path, "go.mod"))
			if strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || nested == nil {
				return fs.SkipDir
			}
			return os.Mkdir(filepath.Join(m.dir, rel), 0o755)
		}
		isTest := strings.HasSuffix(path, "_test.go") && !strings.HasPrefix(rel, filepath.Join("internal", "contract"))
		if strings.HasPrefix(d.Name(), ".") || isTest || !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(m.dir, rel), text, 0o644)
	})
	require.NoError(t, err)
	return m
}

func (m *module) write(t *testing.T, name string, text []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(m.dir, filepath.FromSlash(name)), text, 0o644))
}

// run runs the go command in the copy. With -trimpath the build cache does not care where the copy lies, so
// what did not change since the last time is not built again.
func (m *module) run(t *testing.T, args ...string) (output string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	start := time.Now()
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath -mod=readonly", "GOWORK=off", noTable+"=1")
	out, err := cmd.CombinedOutput()
	t.Logf("go %s: %.1f s", strings.Join(args[:min(len(args), 2)], " "), time.Since(start).Seconds())
	return string(out), err
}
