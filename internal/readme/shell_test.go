//go:build unix

package readme

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// unpublished are the commands that cannot run yet, by their beginning. A block that replaces the module by
// a folder runs them all the same.
var unpublished = map[string]string{
	"go get github.com/portalclient/portal-client-go": "the module is not published under this path yet",
}

// nested keeps a command that runs these tests from running itself without end.
const nested = "README_NESTED"

func TestCommands(t *testing.T) {
	t.Parallel()
	if os.Getenv(nested) != "" {
		t.Skip("a command of the README runs this test")
	}
	s := newShell(t, root)
	for _, b := range readmeBlocks(t) {
		if b.Language == "sh" {
			s.block(t, b)
		}
	}
	for _, problem := range s.problems {
		t.Error(problem)
	}
}

// The test above must be able to fail, and then name the line.
func TestBrokenCommands(t *testing.T) {
	t.Parallel()
	tree := t.TempDir()
	module{dir: tree}.write(t, "Makefile", "there:\n\techo made > made\n")
	tests := []struct{ name, text, want string }{
		{"make knows it", "make there\n", ""},
		{"make does not", "make there\nmake nothing\n", "README.md:8: bash -euo pipefail -c make -n nothing"},
		{"a command that fails", "# why\nfalse | cat\n", "README.md:8"},
		{"a command that works", "test ! -e made && echo hello\n", ""},
		{"a folder for the next line", "cd there\n", "README.md:7: \"cd there\" cannot be tried"},
		{"not published", "go get github.com/portalclient/portal-client-go/wrapper\n", ""},
		{"replaced, but nothing required", "go mod edit -replace github.com/portalclient/portal-client-go=../portal-client-go\n",
			"README.md:7: after these commands the first program does not build"},
		{"a server that is none", "go run ./internal/cmd/sandbox\n", "README.md:7: go run ./internal/cmd/sandbox: it does not say where it listens"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, tree)
			s.block(t, Block{"sh", 7, tt.text})
			if tt.want == "" {
				require.Empty(t, s.problems)
				return
			}
			require.NotEmpty(t, s.problems)
			require.Contains(t, s.problems[0], tt.want)
		})
	}
}

// A shell runs the commands of a README.
type shell struct {
	tree     module // a copy of the tree
	user     module // a user's module beside it, which holds the first program
	problems []string
}

func newShell(t *testing.T, tree string) *shell {
	t.Helper()
	dir := t.TempDir()
	env := environment(nested + "=1")
	s := &shell{
		tree: module{filepath.Join(dir, "portal-client-go"), env},
		user: module{filepath.Join(dir, "shop"), env},
	}
	s.user.write(t, "go.mod", "module example.com/shop\n\ngo 1.25.0\n")
	s.user.write(t, "main.go", firstProgram(t).Text)
	copyTree(t, tree, s.tree.dir)
	return s
}

func (s *shell) fail(line int, format string, args ...any) {
	s.problems = append(s.problems, fmt.Sprintf("README.md:%d: %s", line, fmt.Sprintf(format, args...)))
}

// block runs the commands of a block, line by line.
func (s *shell) block(t *testing.T, b Block) {
	t.Helper()
	m := s.tree
	if strings.HasPrefix(b.Text, "go mod ") || strings.HasPrefix(b.Text, "go get ") {
		m = s.user
	}
	replaced := strings.Contains(b.Text, "-replace")
	for i, command := range strings.Split(b.Text, "\n") {
		command = strings.TrimSpace(command)
		line := b.Line + i
		word, _, _ := strings.Cut(command, " ")
		reason := unpublishedReason(command)
		switch {
		case command == "" || strings.HasPrefix(word, "#"):
		case word == "cd" || word == "export" || strings.HasSuffix(command, "\\"):
			s.fail(line, "%q cannot be tried, for each line runs by itself: use -C, or VARIABLE=value before the command", command)
		case reason != "" && !replaced:
			t.Logf("README.md:%d: %q was not run: %s", line, command, reason)
		case word == "make":
			s.run(t, m, line, "make -n"+strings.TrimPrefix(command, "make"))
		case strings.HasPrefix(command, "go run ./internal/cmd/sandbox"):
			defer s.serve(t, m, line, command)()
		default:
			s.run(t, m, line, command)
		}
	}
	if replaced {
		s.build(t, b.Line)
	}
}

func unpublishedReason(command string) string {
	for prefix, reason := range unpublished {
		if strings.HasPrefix(command, prefix) {
			return reason
		}
	}
	return ""
}

func (s *shell) run(t *testing.T, m module, line int, command string) {
	t.Helper()
	if err := m.run(t, nil, "bash", "-euo", "pipefail", "-c", command); err != nil {
		s.fail(line, "%v", err)
	}
}

// build builds the user's program, as a reader does after the commands that install the module.
func (s *shell) build(t *testing.T, line int) {
	t.Helper()
	if err := s.user.run(t, nil, "go", "build", "-o", os.DevNull, "."); err != nil {
		s.fail(line, "after these commands the first program does not build: %v", err)
	}
}

var listenFlag = regexp.MustCompile(`(-listen[ =]\S+:)\d+`)

// serve starts a server on a free port, and returns what stops it as Ctrl-C does.
func (s *shell) serve(t *testing.T, m module, line int, command string) (stop func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-c", "exec "+listenFlag.ReplaceAllString(command, "${1}0"))
	cmd.Dir, cmd.Env = m.dir, m.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal sends Ctrl-C to the whole group
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	output := bufio.NewReader(stdout)
	first, _ := output.ReadString('\n')
	baseURL, ok := strings.CutPrefix(strings.TrimSpace(first), "listening on ")
	if !ok {
		s.fail(line, "%s: it does not say where it listens, but %q", command, first)
	} else if status := ask(t, baseURL+"/clients/me/integrations/meld/customers"); status != http.StatusUnauthorized {
		s.fail(line, "%s: a request without credentials got %d", command, status)
	}
	return func() {
		signal := func(number syscall.Signal) { _ = syscall.Kill(-cmd.Process.Pid, number) }
		signal(syscall.SIGINT)
		impatient := time.AfterFunc(10*time.Second, func() { signal(syscall.SIGKILL) })
		defer impatient.Stop()
		_, _ = io.Copy(io.Discard, output) // until the last of the group has ended
		var exit *exec.ExitError
		// go run itself ends with 1 after Ctrl-C, whatever its program says.
		if err := cmd.Wait(); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
			s.fail(line, "%s: it does not end after Ctrl-C: %v\n%s", command, err, &stderr)
		}
	}
}

func ask(t *testing.T, url string) (status int) {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	return resp.StatusCode
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		switch {
		case err != nil:
			return err
		case entry.Name() == ".git" && entry.IsDir():
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o755) // a script has to stay one
	}))
}
