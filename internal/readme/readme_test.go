// Package readme keeps the README honest: its tests compile every Go block, run every command, and look up
// every Go name in its prose.
//
// A Go block with a package clause is a file, and compiles as it stands; a program that begins with
// portal.NewFromEnv is run against portaltest. Functions and types are the rest of a file, and all else is
// statements that see ctx, client, token, sessionID, w, r and t, and may return an error. Tests are run.
//
// Each command of an sh block runs by itself, so cd and export have no place in them.
package readme

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// prelude makes every package that a block may name used, so that no block has to import any.
const prelude = `package fragment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/meldwebhook"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

var _ = []any{context.Background, json.Marshal, errors.Is, fmt.Print, log.Print, slog.Info, http.Get, os.Exit, testing.Short,
	time.Now, api.NewClient, portal.New, meldwebhook.Sign, portaltest.NewServer}

`

const statements = `func fragment(ctx context.Context, client *portal.Client, token, sessionID string, w http.ResponseWriter, r *http.Request, t *testing.T) (_ error) {
	{
%s
%s
	}
	return nil
}
`

var (
	readmeBlock = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	declaration = regexp.MustCompile(`(?m)\A(//.*\n)*(func \w|func \(|type |var |const )`)
	declared    = regexp.MustCompile(`(?m)^(\w+(?:, \w+)*) := `)
	testFunc    = regexp.MustCompile(`(?m)^func (Test|Fuzz|Example)`)
)

// A block is a fenced block of the README.
type block struct {
	language, text string
	line           int // of its first line of text
}

func blocks(text string) (all []block) {
	for _, m := range readmeBlock.FindAllStringSubmatchIndex(text, -1) {
		all = append(all, block{text[m[2]:m[3]], text[m[4]:m[5]], 1 + strings.Count(text[:m[4]], "\n")})
	}
	return all
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	require.NoError(t, err)
	return dir
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}

// try runs a command in a folder; its error holds what the command printed. It has no token, since a README
// must not reach the real API.
func try(t *testing.T, dir string, env []string, args ...string) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	ours := slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "PORTAL_") })
	cmd.Dir, cmd.Env = dir, slices.Concat(ours, []string{"GOWORK=off", "GOFLAGS=-mod=mod " + os.Getenv("GOFLAGS")}, env)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, output)
	}
	return nil
}

func TestGoBlocks(t *testing.T) {
	t.Parallel()
	all := blocks(read(t, root(t)+"/README.md"))
	require.NoError(t, tryGo(t, all))
	first := all[slices.IndexFunc(all, func(b block) bool { return b.language == "go" })]
	require.Less(t, strings.Count(first.text, "\n"), 25, "the first program has to be short")
	require.Contains(t, first.text, "package main", "the first Go block has to be a whole program")
}

// tryGo compiles the blocks in a module that may import what the consumer module requires, so that their
// sums are known; then it runs those that can be run. Its error tells lines of README.md.
func tryGo(t *testing.T, all []block) error {
	t.Helper()
	dir, consumer := t.TempDir(), root(t)+"/internal/consumer"
	write(t, dir+"/go.mod", strings.Replace(read(t, consumer+"/go.mod"), "=> ../..", "=> "+root(t), 1))
	write(t, dir+"/go.sum", read(t, consumer+"/go.sum"))
	var programs []string
	for _, b := range all {
		if b.language != "go" {
			continue
		}
		source, name := fmt.Sprintf("//line README.md:%d:1\n%s", b.line, b.text), "block.go"
		switch {
		case regexp.MustCompile(`(?m)^package `).MatchString(b.text):
		case declaration.MatchString(b.text):
			source = prelude + source
		default:
			var uses strings.Builder // of what the statements declare: that need not be used
			for _, m := range declared.FindAllStringSubmatch(b.text, -1) {
				for name := range strings.SplitSeq(m[1], ", ") {
					uses.WriteString("_ = " + name + "\n")
				}
			}
			source = prelude + fmt.Sprintf(statements, source, strings.ReplaceAll(uses.String(), "_ = _\n", ""))
		}
		if testFunc.MatchString(b.text) {
			name = "block_test.go"
		}
		folder := fmt.Sprintf("line%03d", b.line)
		write(t, filepath.Join(dir, folder, name), source)
		if strings.Contains(b.text, "package main") && strings.Contains(b.text, "portal.NewFromEnv(") {
			programs = append(programs, "./"+folder)
		}
	}
	// A block that ends with a return makes what is wrapped around it unreachable.
	if err := try(t, dir, nil, "go", "vet", "-unreachable=false", "./..."); err != nil {
		return err
	}
	problems := []error{try(t, dir, nil, "go", "test", "-vet=off", "./...")}
	fake := httptest.NewServer(portaltest.NewHandler())
	defer fake.Close()
	for _, program := range programs {
		problems = append(problems, try(t, dir, []string{"PORTAL_BASE_URL=" + fake.URL + "/api/v3", "PORTAL_CLIENT_TOKEN=jane"}, "go", "run", program))
	}
	return errors.Join(problems...)
}

// The test above has to be able to fail, and then to name the line.
func TestBrokenGoBlocks(t *testing.T) {
	t.Parallel()
	err := tryGo(t, []block{
		{"go", "x := 1\nfmt.Println(portal.Nothing, x)\n", 7},
		{"go", "// A comment.\nfunc f() int { return \"\" }\n", 27},
		{"go", "package main\n\nfunc main() {\n\tnothing()\n}\n", 47},
	})
	require.ErrorContains(t, err, "README.md:8:20: undefined: portal.Nothing")
	require.ErrorContains(t, err, "README.md:28:")
	require.ErrorContains(t, err, "README.md:50:")
	err = tryGo(t, []block{
		{"go", "func TestX(t *testing.T) {\n\tt.Fatal(\"no\")\n}\n", 7},
		{"go", "package main\n\nimport portal \"github.com/portalclient/portal-client-go/wrapper\"\n\n" +
			"func main() {\n\t_, err := portal.NewFromEnv()\n\tpanic(err)\n}\n", 27},
	})
	require.ErrorContains(t, err, "README.md:8: no")
	require.ErrorContains(t, err, "panic called with nil")
}

// Whoever follows the README from the top has a program that builds, and every later command works.
func TestCommands(t *testing.T) {
	t.Parallel()
	all := blocks(read(t, root(t)+"/README.md"))
	shop := t.TempDir() + "/shop" // a user's module, with the clone beside it
	write(t, shop+"/main.go", all[slices.IndexFunc(all, func(b block) bool { return b.language == "go" })].text)
	write(t, shop+"/go.sum", read(t, root(t)+"/internal/consumer/go.sum")) // so that nobody asks sum.golang.org
	require.NoError(t, os.Symlink(root(t), shop+"/../portal-client-go"))
	for _, b := range all {
		require.Contains(t, []string{"go", "sh", "text", "json", "yaml"}, b.language, "README.md:%d: mark code as go and commands as sh, so that they are tried", b.line)
		if b.language != "sh" {
			continue
		}
		for i, command := range strings.Split(strings.TrimSpace(b.text), "\n") {
			dir := root(t)
			switch {
			case strings.HasPrefix(command, "#"):
				continue
			case strings.HasPrefix(command, "go get github.com/portalclient/"): // not published yet
				continue
			case strings.HasPrefix(command, "go mod "):
				dir = shop
			case strings.HasPrefix(command, "make"):
				command += " --dry-run"
			case strings.HasPrefix(command, "go run ./internal/cmd/sandbox"):
				command += " -h" // it would serve without end
			case strings.HasPrefix(command, "go run "), strings.HasPrefix(command, "go generate "):
			default:
				t.Errorf("README.md:%d: %q is no command that is tried", b.line+i, command)
				continue
			}
			require.NoError(t, try(t, dir, nil, "bash", "-euo", "pipefail", "-c", command), "README.md:%d", b.line+i)
		}
	}
	require.NoError(t, try(t, shop, nil, "go", "build", "-o", os.DevNull, "."), "after the commands that install the module")
}

// What the prose calls by a Go name has to exist: the compiler does not read it.
func TestNamesInProse(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, folder := range []string{"api", "wrapper", "wrapper/portaltest", "wrapper/meldwebhook"} {
		files, err := filepath.Glob(filepath.Join(root(t), folder, "*.go"))
		require.NoError(t, err)
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			ast.Inspect(parsed, func(n ast.Node) bool {
				if name, ok := n.(*ast.Ident); ok && !strings.HasSuffix(file, "_test.go") {
					names[name.Name] = true
				}
				return true
			})
		}
	}
	goName := regexp.MustCompile("`\\*?(?:portal\\.|api\\.)?([A-Z]\\w*[a-z]\\w*)(?:\\.(\\w+))?(?:\\(.*?\\))?`")
	prose := readmeBlock.ReplaceAllString(read(t, root(t)+"/README.md"), "")
	found := map[string]bool{}
	for _, m := range goName.FindAllStringSubmatch(prose, -1) {
		found[m[1]] = true
	}
	require.NotEmpty(t, found)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if !names[name] {
			t.Errorf("README.md: there is no %s in package portal, api, portaltest or meldwebhook", name)
		}
	}
}
