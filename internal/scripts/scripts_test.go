//go:build unix

// Package scripts tests the commands that are no Go: the Makefile and .github/release-check.
package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func run(t *testing.T, dir string, args ...string) (output string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = dir
	// A git hook says in the environment where its repository lies: that is not the one of the test.
	ours := slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "GIT_") })
	cmd.Env = slices.Concat(ours, []string{"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "MAKEFLAGS=", "GNUMAKEFLAGS="})
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// A path that a user passes to make is data, however it is written and whether it comes as an argument or
// from the environment.
func TestSpecIsData(t *testing.T) {
	hostile := "a b$(shell touch made)`touch made`$(touch made)\"'; touch made #*.go"
	for name, args := range map[string][]string{
		"argument":    {"make", "-s", "spec-diff", "SPEC=" + hostile, "SOURCE=" + hostile, "SPECTOOL=printf '<%s>'"},
		"environment": {"env", "SPEC=" + hostile, "SOURCE=" + hostile, "make", "-s", "spec-update", "SPECTOOL=printf '<%s>'"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			makefile, err := filepath.Abs("../../Makefile")
			require.NoError(t, err)
			require.NoError(t, os.Symlink(makefile, filepath.Join(dir, "Makefile")))
			output, err := run(t, dir, args...)
			require.NoError(t, err, output)
			require.True(t, strings.HasSuffix(output, "<"+hostile+">"), output)
			require.NoFileExists(t, filepath.Join(dir, "made"))
		})
	}
}

// release-check needs git, a changelog and the version in the code; the rest of the tree only once there is
// an API to compare.
func TestReleaseCheck(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	script, err := os.ReadFile("../../.github/release-check")
	require.NoError(t, err)
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), mode))
	}
	git := func(args ...string) {
		output, err := run(t, dir, append([]string{"git", "-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
		require.NoError(t, err, output)
	}
	release := func(version string) {
		write("wrapper/version.go", "const version = \""+version+"\"\n", 0o644)
		write("CHANGELOG.md", "## ["+version+"]\n", 0o644)
		git("add", ".")
		git("commit", "-q", "-m", version)
	}
	check := func(tag, want string, ok bool) {
		output, err := run(t, dir, ".github/release-check", tag)
		require.Contains(t, output, want)
		require.Equal(t, ok, err == nil, output)
	}
	write(".github/release-check", string(script), 0o755)
	git("init", "-q", "-b", "main")
	release("0.2.0")
	check("0.2.0", "is not a version", false)
	check("v0.3.0", "wrapper/version.go does not say 0.3.0", false)
	check("v0.2.0", "is the first release", true)
	write("CHANGELOG.md", "", 0o644)
	check("v0.2.0", "CHANGELOG.md has no section [0.2.0]", false)
	git("tag", "v0.2.0")
	release("0.1.9")
	check("v0.1.9", "goes backwards", false)
	git("switch", "-q", "-c", "aside")
	release("0.3.0")
	git("tag", "v0.3.0")
	check("v0.3.0", "is not on main", false)
}
