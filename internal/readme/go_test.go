package readme

import (
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

func readmeBlocks(t *testing.T) []Block {
	t.Helper()
	blocks, err := Blocks(read(t, root+"/README.md"))
	require.NoError(t, err, "README.md")
	require.NotEmpty(t, blocks)
	return blocks
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	for _, b := range readmeBlocks(t) {
		if !slices.Contains([]string{"go", "sh", "text", "json", "yaml"}, b.Language) {
			t.Errorf("README.md:%d: the block is marked %q: mark code as go and commands as sh, so that they are tried, and all else as text, json or yaml", b.Line-1, b.Language)
		}
	}
}

func TestFirstProgramIsShort(t *testing.T) {
	t.Parallel()
	first := firstProgram(t)
	if lines := strings.Count(first.Text, "\n"); lines >= 20 {
		t.Errorf("README.md:%d: the first program has %d lines; keep it under 20", first.Line, lines)
	}
}

func firstProgram(t *testing.T) Block {
	t.Helper()
	for _, b := range readmeBlocks(t) {
		if b.Language == "go" {
			require.True(t, strings.HasPrefix(b.Text, "package main"), "README.md:%d: the first Go block must be a whole program", b.Line)
			return b
		}
	}
	t.Fatal("README.md has no Go block")
	return Block{}
}

func TestGoBlocks(t *testing.T) {
	t.Parallel()
	for _, problem := range tryGo(t, readmeBlocks(t)) {
		t.Error(problem)
	}
}

// tryGo compiles all Go blocks, runs those that can be run, and says what is wrong, by line of README.md.
func tryGo(t *testing.T, blocks []Block) (problems []string) {
	t.Helper()
	m := newModule(t)
	var whole, tests, programs []string
	for _, b := range blocks {
		if b.Language != "go" {
			continue
		}
		f, err := NewFile(b, "README.md")
		if err != nil {
			problems = append(problems, "a block does not parse: "+err.Error())
			continue
		}
		folder := "./" + m.add(t, b, f)
		if f.Whole {
			whole = append(whole, folder)
		}
		if f.Test {
			tests = append(tests, folder)
		}
		if f.Program && strings.Contains(b.Text, "portal.NewFromEnv(") {
			programs = append(programs, folder)
		}
	}
	try := func(env []string, args ...string) {
		if err := m.run(t, env, "go", args...); err != nil {
			problems = append(problems, err.Error())
		}
	}
	try(nil, "build", "-o", os.DevNull, "./...")
	if len(whole) > 0 {
		try(nil, append([]string{"vet"}, whole...)...)
	}
	if len(tests) > 0 {
		try(nil, append([]string{"test"}, tests...)...)
	}
	if len(problems) > 0 {
		return problems
	}
	fake := httptest.NewServer(portaltest.NewHandler())
	defer fake.Close()
	for _, program := range programs {
		try([]string{"PORTAL_BASE_URL=" + fake.URL + "/api/v3", "PORTAL_CLIENT_TOKEN=token-of-jane"}, "run", program)
	}
	return problems
}

// The tests above must be able to fail, and then name the line.
func TestBrokenGoBlocks(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"a name that does not exist", "x := 1\nfmt.Println(portal.Nothing, x)\n", "README.md:8:20: undefined: portal.Nothing"},
		{"statements that do not parse", "x := 1\nif {\n", "README.md:8"},
		{"a declaration with a wrong type", "// A comment.\n\nvar x int = \"text\"\n", "README.md:9:13"},
		{"a package that is not known", "fmt.Println(strange.Name)\n", "README.md:7:13: undefined: strange"},
		{"a program", "package main\n\nfunc main() {\n\tnothing()\n}\n", "README.md:10"},
		{"a program that go vet refuses", "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Printf(\"%d\\n\", \"text\")\n}\n", "README.md:12"},
		{"a test that fails", "func TestX(t *testing.T) {\n\tt.Fatal(\"no\")\n}\n", "README.md:8: no"},
		{"a program that fails", "package main\n\nimport (\n\t\"log\"\n\n\tportal \"github.com/portalclient/portal-client-go/wrapper\"\n)\n\n" +
			"func main() {\n\t_, err := portal.NewFromEnv()\n\tlog.Fatal(\"no: \", err)\n}\n", "no: <nil>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			problems := tryGo(t, []Block{{"go", 7, tt.text}})
			require.NotEmpty(t, problems)
			require.Contains(t, strings.Join(problems, "\n"), tt.want)
		})
	}
}
