package main_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/speakeasy-api/openapi/overlay"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// What all tests share: the program, and a commit of the repository as it lies here.
var (
	program string
	shared  string // a checkout that no test may change
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "spec-test-")
		if err == nil {
			defer func() { _ = os.RemoveAll(dir) }()
			err = prepare(dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

func prepare(dir string) error {
	program, shared = filepath.Join(dir, "spec"), filepath.Join(dir, "repo")
	// Git of its own accord tidies up behind a commit, in the background. Nothing but the program may change a
	// checkout whose sum a test has taken.
	config := filepath.Join(dir, "gitconfig")
	text := "[user]\n\tname = t\n\temail = t@example.com\n[maintenance]\n\tauto = false\n[gc]\n\tauto = 0\n"
	err := errors.Join(os.WriteFile(config, []byte(text), 0o644), os.Setenv("GIT_CONFIG_GLOBAL", config), os.Setenv("GIT_CONFIG_NOSYSTEM", "1"))
	if err != nil {
		return err
	}
	if err := copyTree("../../..", shared); err != nil {
		return err
	}
	commands := [][]string{
		{"go", "build", "-o", program, "."},
		{"git", "-C", shared, "init", "-q"},
		{"git", "-C", shared, "add", "-A"},
		{"git", "-C", shared, "commit", "-q", "-m", "Work"},
		{"git", "-C", shared, "tag", "v0.3.1"},
	}
	for _, command := range commands {
		if output, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%q: %w\n%s", command, err, output)
		}
	}
	return nil
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case entry.Name() == ".git":
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // somebody's temporary file
		}
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), text, 0o644)
	})
}

// treeSum is the sum of every file below a folder, with its name and mode, Git's own included.
func treeSum(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(h, path, info.Mode())
		if !entry.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		h.Write(text)
		return err
	}))
	return hex.EncodeToString(h.Sum(nil))
}

// candidate makes a document of the vendored one, by a patch in testdata. Patches stay small, say only what
// they are about, and fit the next vendored document as well.
func candidate(t *testing.T, patch string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(shared, "openapi/client-api.yaml"))
	require.NoError(t, err)
	var doc yaml.Node
	require.NoError(t, yaml.Unmarshal(text, &doc))
	o, err := overlay.Parse(filepath.Join("testdata", patch))
	require.NoError(t, err)
	_, err = o.ApplyToStrict(&doc)
	require.NoError(t, err)
	text, err = yaml.Marshal(&doc)
	require.NoError(t, err)
	return writeFile(t, "client-api.yaml", string(text))
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// A result is what the program left behind.
type result struct {
	code           int
	stdout, stderr string
}

// start prepares the program with a temporary folder of its own.
func start(t *testing.T, args ...string) (cmd *exec.Cmd, temporary string) {
	t.Helper()
	temporary = t.TempDir()
	cmd = exec.Command(program, args...)
	// Without paths in them, packages that no test changes are compiled once for all copies of the repository.
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary, "GOFLAGS=-mod=readonly -trimpath")
	return cmd, temporary
}

// finish waits for nothing: it reads the result, and sees that the temporary folder was cleared.
func finish(t *testing.T, err error, temporary string, stdout, stderr *bytes.Buffer) result {
	t.Helper()
	r := result{stdout: stdout.String(), stderr: stderr.String()}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		r.code = exit.ExitCode()
	} else {
		require.NoError(t, err)
	}
	left, err := filepath.Glob(filepath.Join(temporary, "portal-spec-*"))
	require.NoError(t, err)
	require.Empty(t, left, "temporary files are left behind")
	return r
}

func run(t *testing.T, args ...string) result {
	t.Helper()
	cmd, temporary := start(t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	return finish(t, cmd.Run(), temporary, &stdout, &stderr)
}

// section is the part of a report under a numbered title.
func section(t *testing.T, report, number string) string {
	t.Helper()
	_, rest, found := strings.Cut(report, "\n"+number+". ")
	require.True(t, found, "no section %s in:\n%s", number, report)
	text, _, _ := strings.Cut(rest, "\n\n")
	return text
}
