package readme

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// A module is a new module in a temporary folder, with a replace to this tree. What it may import is what
// the consumer module requires, so its sums are known and no network is needed.
type module struct {
	dir string
	env []string
}

var modulePath = regexp.MustCompile(`(?m)^module .*$`)

func newModule(t *testing.T) module {
	t.Helper()
	tree, err := filepath.Abs(root)
	require.NoError(t, err)
	mod := read(t, root+"/internal/consumer/go.mod")
	mod = modulePath.ReplaceAllString(mod, "module readme.example")
	mod = strings.Replace(mod, "=> ../..", "=> "+tree, 1)
	m := module{dir: t.TempDir(), env: environment("GOFLAGS=-mod=mod")}
	m.write(t, "go.mod", mod)
	m.write(t, "go.sum", read(t, root+"/internal/consumer/go.sum")+read(t, root+"/go.sum"))
	return m
}

// environment is ours with more, and without a token: what a README shows must not reach the real API.
func environment(more ...string) []string {
	ours := slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "PORTAL_") })
	return slices.Concat(ours, []string{"GOWORK=off"}, more)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

func (m module) write(t *testing.T, name, text string) {
	t.Helper()
	name = filepath.Join(m.dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}

// add writes a block into a folder of its own and returns that folder.
func (m module) add(t *testing.T, b Block, f File) string {
	t.Helper()
	folder := fmt.Sprintf("line%03d", b.Line)
	name := "block.go"
	if f.Test {
		name = "block_test.go"
	}
	m.write(t, folder+"/"+name, f.Source)
	return folder
}

// run runs a command. Its error holds what the command printed.
func (m module) run(t *testing.T, env []string, name string, args ...string) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = m.dir, slices.Concat(m.env, env)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, output)
	}
	return nil
}
