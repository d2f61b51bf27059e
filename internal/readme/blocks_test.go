package readme

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBlocks(t *testing.T) {
	t.Parallel()
	got, err := Blocks("# Title\n\n```go\na\n\nb\n```\n\n- in a list\n  ```sh\n  make test\n    more\n  ```\n```\n``` x\n```\n")
	require.NoError(t, err)
	require.Equal(t, []Block{
		{"go", 4, "a\n\nb\n"},
		{"sh", 11, "make test\n  more\n"},
		{"", 15, "``` x\n"},
	}, got)

	_, err = Blocks("text\n```go\nx := 1\n")
	require.EqualError(t, err, "line 2: the block has no end")
}

func TestNewFile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       File
	}{
		{"program", "package main\n\nfunc main() {}\n", File{
			Source: "//line x.md:3:1\npackage main\n\nfunc main() {}\n", Program: true, Whole: true,
		}},
		{"test file", "package a_test\n\nfunc TestA(t *testing.T) {}\n", File{
			Source: "//line x.md:3:1\npackage a_test\n\nfunc TestA(t *testing.T) {}\n", Test: true, Whole: true,
		}},
		{"declarations", "type a struct{ c *portal.Client }\n\nfunc (a) f() { fmt.Println(slog.Default()) }\n", File{
			Source: "package fragment\n\nimport \"fmt\"\nimport \"log/slog\"\nimport portal \"github.com/portalclient/portal-client-go/wrapper\"\n" +
				"//line x.md:3:1\ntype a struct{ c *portal.Client }\n\nfunc (a) f() { fmt.Println(slog.Default()) }\n",
		}},
		{"test function", "func TestA(t *testing.T) {}\n", File{
			Source: "package fragment\n\nimport \"testing\"\n//line x.md:3:1\nfunc TestA(t *testing.T) {}\n", Test: true,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := NewFile(Block{"go", 3, tt.text}, "x.md")
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

// Statements may declare what the function around them has, leave things unused, and return in two ways.
func TestStatements(t *testing.T) {
	t.Parallel()
	var blocks []Block
	for i, text := range []string{
		"x := 1\n",
		"client, err := portal.New(portal.StaticToken(token))\n",
		"_, err := client.GetMeldCustomer(ctx)\n",
		"ctx, cancel := context.WithTimeout(ctx, time.Second)\ndefer cancel()\n",
		"customer, err := client.GetMeldCustomer(ctx)\nif err != nil {\n\treturn err\n}\n",
		"if token == \"\" {\n\thttp.Error(w, \"no\", 400)\n\treturn\n}\n",
		"err := func() error { return nil }()\nif err != nil {\n\treturn\n}\n",
		"fake := portaltest.NewServer(t)\nfake.ExpireToken(token)\n",
		"return nil\n",
	} {
		blocks = append(blocks, Block{"go", 10*i + 1, text})
	}
	require.Empty(t, tryGo(t, blocks))
}

// The demo talks to the real API when it finds a token.
func TestEnvironmentHasNoToken(t *testing.T) {
	t.Setenv("PORTAL_CLIENT_TOKEN", "token-of-jane")
	require.NotContains(t, strings.Join(environment("A=b"), "\n"), "PORTAL_CLIENT_TOKEN")
	require.Contains(t, environment("A=b"), "A=b")
}
