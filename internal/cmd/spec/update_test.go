package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/spec"
)

// TestMain keeps away from the repositories of the tests what is set for others: a git hook says where its own one lies, and
// a user may want signatures.
func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "GIT_") {
			_ = os.Unsetenv(name)
		}
	}
	_ = os.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	_ = os.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	os.Exit(m.Run())
}

// gitIn runs git in a folder, for the test.
func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	args = append([]string{"-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)
	output, err := git(t.Context(), dir, args...)
	require.NoError(t, err)
	return output
}

const addition = `openapi: 3.1.0
info: {title: ours, version: '1'}
# What we know of dogs.
paths:
  # The document will have them.
  /dogs:
    get:
      operationId: listDogs
      x-portal-effect: write
      x-portal-provenance: guessed
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Dogs'}}}}

  # A comment that stays.
  /cats:
    get:
      operationId: listCats # and so does this one
      x-portal-provenance: guessed
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Animal'}}}}
components:
  schemas:
    Dogs: {type: array, items: {$ref: '#/components/schemas/Animal'}}
    Animal: {type: object, x-go-name: Beast, properties: {name: {type: string}}}
`

const takenOver = `  /dogs:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object, properties: {dogs: {$ref: '#/components/schemas/Animal'}}}}}}
components:
  schemas:
    Animal: {type: object, properties: {name: {type: string}}}
`

// checkout makes a small repository of the form of ours.
func checkout(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	for name, content := range map[string]string{
		"openapi/client-api.yaml":        pets,
		"openapi/client-api.yaml.sha256": "sum\n",
		"openapi/PROVENANCE.md":          "| date | sha256 | version | source |\n|---|---|---|---|\n",
		"openapi/additions/animals.yaml": addition,
		"openapi/overlay.yaml": "overlay: 1.0.0\nx-speakeasy-jsonpath: rfc9535\ninfo: {title: t, version: '1'}\nactions:\n" +
			"  # Kinds have names.\n  - target: $.components.schemas.Pet.properties.kind\n    update: {x-go-name: Kind}\n" +
			"  # Pets are listed.\n  - target: $.paths['/pets'].get\n    update: {x-go-name: Pets}\n",
		"api/client.gen.go": "package api\n",
		"wrapper/client.go": "package portal\n",
	} {
		write(t, filepath.Join(dir, name), content)
	}
	merged, _, err := spec.Merge(filepath.Join(dir, "openapi"))
	require.NoError(t, err)
	write(t, filepath.Join(dir, "openapi/merged.gen.json"), asJSON(merged))
	gitIn(t, dir, "init", "--quiet")
	gitIn(t, dir, "add", "--all")
	gitIn(t, dir, "commit", "--quiet", "--message", "first")
	gitIn(t, dir, "tag", "v0.3.1")
	return dir
}

// A toolchain stands for the go command, which would take minutes. It generates a file from the documents, and says of
// the rest what it is told to.
type toolchain struct {
	vet, test error
	apidiff   string
	during    func() // what happens while the tests run
}

func (c toolchain) run(ctx context.Context, dir string, args ...string) (string, error) {
	switch line := strings.Join(args, " "); {
	case strings.Contains(line, "oasdiff"):
		return "[]", nil
	case strings.Contains(line, "apidiff -w"):
		return "", nil
	case strings.Contains(line, "apidiff"):
		return c.apidiff, nil
	case args[0] == "generate":
		tree, _, err := spec.Merge(filepath.Join(dir, "openapi"))
		if err != nil {
			return "", err
		}
		return "", os.WriteFile(filepath.Join(dir, "api/client.gen.go"), []byte("package api\n\n// "+asJSON(tree)+"\n"), 0o644)
	case args[0] == "vet":
		if strings.HasSuffix(dir, "tree") { // the worktree
			return "", c.vet
		}
		return "", nil
	case args[0] == "test":
		if c.during != nil {
			c.during()
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", c.test
	}
	return "", os.ErrInvalid
}

// snapshot is every file of a checkout, what git knows of it, and its worktrees.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	all := gitIn(t, dir, "status", "--porcelain") + gitIn(t, dir, "worktree", "list") + gitIn(t, dir, "for-each-ref") + gitIn(t, dir, "stash", "list")
	for name := range strings.FieldsSeq(gitIn(t, dir, "ls-files", "--cached", "--others")) {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		all += name + "\n" + string(content)
	}
	return all
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	dir := checkout(t)
	write(t, filepath.Join(dir, "wrapper/adapted.go"), "package portal // not committed yet\n")
	content := strings.Replace(strings.Replace(pets, "components:\n  schemas:\n", takenOver, 1), "/pets:", "/animals:", 1)
	candidate := write(t, filepath.Join(t.TempDir(), "$(touch made) new.yaml"), content)
	var stdout, stderr bytes.Buffer
	tools := toolchain{apidiff: "Incompatible changes:\n- ./api.ClientInterface.ListDogs: added\n- ./api.Dogs: removed\nCompatible changes:\n- ./api.DogsResponse: added\n"}
	require.Equal(t, exitOK, run(t.Context(), tools.run, dir, []string{"update", "-source", "by mail | from Portal", "--", candidate}, &stdout, &stderr), stderr.String())

	for _, want := range []string{
		"\n1. Validity\n   valid OpenAPI 3.1.0\n",
		"GET /dogs: ours goes from additions/animals.yaml; the document's differs, see 3",
		"#/components/schemas/Animal, from additions/animals.yaml",
		"#/components/schemas/Dogs, from additions/animals.yaml",
		"$['paths']['/dogs']['get']: operationId, x-portal-effect",
		"$['components']['schemas']['Animal']: x-go-name",
		"so they go:\n     $.paths['/pets'].get\n",
		" ! GET /pets: removed\n",
		" + GET /animals: added, with the operationId that GET /pets had\n",
		" ? GET /dogs (was ours): ",
		"\n ! ./api.Dogs: removed\n + names that are new:\n     ./api.DogsResponse: added\n",
		"major, for something breaks or may break",
		"Taken. Left to you:\n  - make check",
	} {
		require.Contains(t, stdout.String(), want)
	}
	require.Contains(t, stderr.String(), "s  go test ./...")

	after := func(name string) string {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return string(content)
	}
	require.Equal(t, content, after("openapi/client-api.yaml"))
	head, rest, _ := strings.Cut(addition, "  # The document will")
	_, rest, _ = strings.Cut(rest, "  # A comment that stays.")
	rest, _, _ = strings.Cut(rest, "components:")
	rest = strings.Replace(rest, "'#/components/schemas/Animal'", "'../client-api.yaml#/components/schemas/Animal'", 1)
	require.Equal(t, head+"  # A comment that stays."+rest, after("openapi/additions/animals.yaml"))
	require.Contains(t, after("openapi/overlay.yaml"), "  # Kinds have names.\n  - target: $.components.schemas.Pet.properties.kind\n    update: {x-go-name: Kind}\n  - target: $['")
	require.NotContains(t, after("openapi/overlay.yaml"), "Pets are listed")
	sum := read(t, content).SHA256
	require.Equal(t, sum+"  client-api.yaml\n", after("openapi/client-api.yaml.sha256"))
	require.Regexp(t, `\n\| \d{4}-\d\d-\d\d \| `+"`"+sum+"`"+` \| 1 \| by mail \\\| from Portal \|\n$`, after("openapi/PROVENANCE.md"))
	require.Contains(t, after("api/client.gen.go"), "listDogs")
	require.Equal(t, "package portal // not committed yet\n", after("wrapper/adapted.go"))
	require.Equal(t, 1, strings.Count(gitIn(t, dir, "worktree", "list"), "\n"))
	require.NoFileExists(t, filepath.Join(dir, "made"))

	gitIn(t, dir, "add", "--all")
	gitIn(t, dir, "commit", "--quiet", "--message", "second")
	require.Equal(t, exitOK, run(t.Context(), tools.run, dir, []string{"update", candidate}, &stdout, &stderr))
	require.Contains(t, stdout.String(), "The candidate is the vendored document, byte for byte.")
}

// What a document needs of ours, as its first run says, can be written before it is taken: it fits nothing without it.
func TestUpdateTakesWhatFitsTheCandidateOnly(t *testing.T) {
	t.Parallel()
	dir := checkout(t)
	rules, err := os.ReadFile(filepath.Join(dir, "openapi/overlay.yaml"))
	require.NoError(t, err)
	write(t, filepath.Join(dir, "openapi/overlay.yaml"), string(rules)+"  - target: $.components.schemas.Client\n    update: {x-go-name: EndUser}\n")
	write(t, filepath.Join(dir, "openapi/additions/animals.yaml"), strings.Replace(addition, "'#/components/schemas/Dogs'", "'../client-api.yaml#/components/schemas/Client'", 1))
	candidate := write(t, filepath.Join(t.TempDir(), "new.yaml"), pets+"    Client: {type: object, properties: {id: {type: string}}}\n")
	var output bytes.Buffer
	require.Equal(t, exitOK, run(t.Context(), toolchain{}.run, dir, []string{"update", candidate}, &output, &output), output.String())
	client, err := os.ReadFile(filepath.Join(dir, "api/client.gen.go"))
	require.NoError(t, err)
	require.Contains(t, string(client), "EndUser")
}

// The document is vendored byte for byte, whatever git is told to do with line ends.
func TestUpdateKeepsLineEnds(t *testing.T) {
	t.Parallel()
	dir := checkout(t)
	attributes, err := os.ReadFile("../../../openapi/.gitattributes")
	require.NoError(t, err)
	write(t, filepath.Join(dir, "openapi/.gitattributes"), string(attributes))
	gitIn(t, dir, "add", "--all")
	gitIn(t, dir, "config", "core.autocrlf", "input")
	content := strings.ReplaceAll(strings.Replace(pets, "title: t", "title: u", 1), "\n", "\r\n")
	candidate := write(t, filepath.Join(t.TempDir(), "new.yaml"), content)
	var output bytes.Buffer
	require.Equal(t, exitOK, run(t.Context(), toolchain{}.run, dir, []string{"update", candidate}, &output, &output), output.String())
	taken, err := os.ReadFile(filepath.Join(dir, "openapi/client-api.yaml"))
	require.NoError(t, err)
	require.Equal(t, content, string(taken))
	gitIn(t, dir, "add", "--all")
	require.Equal(t, content, gitIn(t, dir, "show", ":openapi/client-api.yaml"))
}

// Whatever stops an update, the repository is as it was.
func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reworded := strings.Replace(pets, "title: t", "title: u", 1)
	tests := map[string]struct {
		ctx     context.Context //nolint:containedctx // one test cancels it
		tools   toolchain
		prepare func(t *testing.T, dir string)
		content string
		code    int
		want    string
	}{
		"a Go name that is gone": {tools: toolchain{vet: &commandError{"go vet ./...", "wrapper/client.go:3:9: undefined: api.Pets"}}, code: exitBreaks,
			want: "     wrapper/client.go:3:9: undefined: api.Pets\n     what to do, then run this again:\n       - handwritten code or an example uses a Go name that is gone"},
		"a test that fails": {tools: toolchain{test: &commandError{"go test", "--- FAIL: TestProbe"}}, code: exitBreaks,
			want: "the repository is as it was; these tests fail with it:\n--- FAIL: TestProbe\nwhat to do, then run this again: "},
		"Ctrl-C": {ctx: ctx, tools: toolchain{during: cancel}, code: exitUnknown, want: "interrupted; the repository is as it was"},
		"work in a generated file": {code: exitUnknown, want: "commit or undo them first:\n M api/client.gen.go",
			prepare: func(t *testing.T, dir string) {
				t.Helper()
				write(t, filepath.Join(dir, "api/client.gen.go"), "package api // mine\n")
			}},
		"a document that is not valid": {content: strings.Replace(pets, "type: string", "type: sting", 1), code: exitUnknown, want: "could not tell: the document is not valid OpenAPI"},
		"an addition that refers to what is gone": {content: strings.NewReplacer("    Pet:", "    Pot:", "schemas/Pet'", "schemas/Pot'").Replace(pets), code: exitBreaks,
			want: "additions/animals.yaml refers to ../client-api.yaml#/components/schemas/Pet, which is not there",
			prepare: func(t *testing.T, dir string) {
				t.Helper()
				write(t, filepath.Join(dir, "openapi/additions/animals.yaml"), strings.Replace(addition, "'#/components/schemas/Dogs'", "'../client-api.yaml#/components/schemas/Pet'", 1))
			}},
		"no git": {code: exitUnknown, want: "this must be a git checkout",
			prepare: func(t *testing.T, dir string) {
				t.Helper()
				require.NoError(t, os.RemoveAll(filepath.Join(dir, ".git")))
			}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := checkout(t)
			if test.prepare != nil {
				test.prepare(t, dir)
			}
			if test.ctx == nil {
				test.ctx = t.Context()
			}
			if test.content == "" {
				test.content = reworded
			}
			before := ""
			if name != "no git" {
				before = snapshot(t, dir)
			}
			candidate := write(t, filepath.Join(t.TempDir(), "new.yaml"), test.content)
			var output bytes.Buffer
			require.Equal(t, test.code, run(test.ctx, test.tools.run, dir, []string{"update", candidate}, &output, &output), output.String())
			require.Contains(t, output.String(), test.want)
			if name != "no git" {
				require.Equal(t, before, snapshot(t, dir))
			}
		})
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for line, test := range map[string]struct {
		code int
		want string
	}{
		"":               {exitUnknown, "usage:"},
		"dif x":          {exitUnknown, "usage:"},
		"diff -x":        {exitUnknown, "-x"},
		"diff -h":        {exitOK, "usage:"},
		"diff":           {exitUnknown, "name one document, as in: make spec-diff SPEC="},
		"diff a b":       {exitUnknown, "name one document"},
		"diff -- -x":     {exitUnknown, "-x is not a file"},
		"update nowhere": {exitUnknown, "nowhere is not a file"},
	} {
		var stderr bytes.Buffer
		require.Equal(t, test.code, run(t.Context(), nil, t.TempDir(), strings.Fields(line), &stderr, &stderr), line)
		require.Contains(t, stderr.String(), test.want)
	}
}

// The tools are those of internal/tools, and what they print is understood.
func TestSurface(t *testing.T) {
	t.Parallel()
	tools := newTools(t)
	require.NoError(t, tools.export(t.Context()))
	same, err := tools.changedSince(t.Context(), tools.repo)
	require.NoError(t, err)
	require.Equal(t, surface{}, same)
	require.NoError(t, os.Rename(filepath.Join(tools.temporary, "api"), filepath.Join(tools.temporary, "wrapper")))
	changed, err := tools.changedSince(t.Context(), tools.repo)
	require.NoError(t, err)
	require.NotEmpty(t, changed.Incompatible)
	require.Contains(t, changed.Compatible, "package "+modulePath+"/wrapper/portaltest: added")
}
