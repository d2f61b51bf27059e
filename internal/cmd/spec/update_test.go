package main_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// checkout is a clone that a test may change.
func checkout(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "repo")
	git(t, "clone", "-q", shared, dir)
	return dir
}

func git(t *testing.T, args ...string) string {
	t.Helper()
	output, err := exec.Command("git", args...).CombinedOutput()
	require.NoError(t, err, "%s", output)
	return string(output)
}

// commitTest makes a package with one test, and nothing else, in a checkout.
func commitTest(t *testing.T, repo, name, body string) {
	t.Helper()
	dir := filepath.Join(repo, name)
	require.NoError(t, os.RemoveAll(dir))
	require.NoError(t, os.MkdirAll(dir, 0o755))
	text := "package probe\n\nimport (\n\t\"os\"\n\t\"strings\"\n\t\"testing\"\n\t\"time\"\n)\n\nvar _, _ = time.Now, strings.Contains\n\nfunc TestProbe(t *testing.T) {\n" + body + "}\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "probe_test.go"), []byte(text), 0o644))
	git(t, "-C", repo, "add", "-A")
	git(t, "-C", repo, "commit", "-q", "-m", "Work")
}

func TestUpdateTakes(t *testing.T) {
	t.Parallel()
	repo := checkout(t)
	// The tests run with everything new in place.
	commitTest(t, repo, "internal/probe", `	for name, part := range map[string]string{
		"openapi/client-api.yaml": "getWalletAssets",
		"openapi/PROVENANCE.md":   "by mail",
		"api/client.gen.go":       "GetWalletAssets",
	} {
		text, err := os.ReadFile("../../" + name)
		if err != nil || !strings.Contains(string(text), part) {
			t.Errorf("%s: no %s (%v)", name, part, err)
		}
	}
`)
	// What is wrong with the README is for a person to mend, and stops nothing.
	commitTest(t, repo, "internal/readme", "t.Error(\"\\n\\tMessages:   \\tadd a row\")\n_ = os.Args\n")
	spec := candidate(t, "adds-operation.yaml")
	got := run(t, "update", "-repo", repo, "-source", "by mail | from\nPortal", "-tests", "./internal/probe ./internal/readme", spec)
	require.Equal(t, 0, got.code, got.stdout+got.stderr)
	require.Empty(t, got.stderr)
	require.Contains(t, got.stdout, "Taken. Left for a person:")
	require.Contains(t, got.stdout, "bring README.md up to date, until go test ./internal/readme passes:\n      --- FAIL: TestProbe (0.00s)\n      add a row\n")
	require.Contains(t, got.stdout, "GET /clients/me/chains/{chain}/assets")
	require.Contains(t, got.stdout, "the next version: v0.3.1 -> v0.4.0 (a minor step)")
	require.NotContains(t, got.stdout, "say in openapi/PROVENANCE.md")

	want, err := os.ReadFile(spec)
	require.NoError(t, err)
	vendored, err := os.ReadFile(filepath.Join(repo, "openapi/client-api.yaml"))
	require.NoError(t, err)
	require.Equal(t, string(want), string(vendored))

	check := exec.Command("sha256sum", "--check", "--strict", "client-api.yaml.sha256")
	check.Dir = filepath.Join(repo, "openapi")
	output, err := check.CombinedOutput()
	require.NoError(t, err, "%s", output)

	sum, err := os.ReadFile(filepath.Join(repo, "openapi/client-api.yaml.sha256"))
	require.NoError(t, err)
	provenance, err := os.ReadFile(filepath.Join(repo, "openapi/PROVENANCE.md"))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(provenance)), "\n")
	require.Regexp(t, `^\| \d{4}-\d\d-\d\d \| `+"`"+string(sum[:64])+"`"+` \| 3\.0 \| by mail \\\| from Portal \|$`, lines[len(lines)-1])

	changed := git(t, "-C", repo, "status", "--porcelain")
	require.Contains(t, changed, " M api/client.gen.go")
	require.NotContains(t, changed, "??")
	generate := exec.Command("go", "generate", "./...")
	generate.Dir = repo
	output, err = generate.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Equal(t, changed, git(t, "-C", repo, "status", "--porcelain"))

	again := run(t, "update", "-repo", repo, spec)
	require.Equal(t, 2, again.code)
	require.Contains(t, again.stderr, "changes that are not committed; commit or undo them first:\n M api/client.gen.go")
}

// Code that was adapted to the candidate first, as a refusal asks for, compiles only with it.
func TestUpdateAfterAdapting(t *testing.T) {
	t.Parallel()
	repo := checkout(t)
	require.NoError(t, os.WriteFile(filepath.Join(repo, "wrapper/assets.go"), []byte(
		"package portal\n\nimport \"github.com/portalclient/portal-client-go/api\"\n\n// Assets is new.\ntype Assets = api.WalletAssets\n"), 0o644))
	got := run(t, "update", "-repo", repo, "-tests", "./api", candidate(t, "adds-operation.yaml"))
	require.Equal(t, 0, got.code, got.stdout+got.stderr)
	require.Contains(t, got.stdout, "say in openapi/PROVENANCE.md where the document came from")
	require.Contains(t, git(t, "-C", repo, "status", "--porcelain"), "?? wrapper/assets.go")
}

// Whatever stops an update, the repository is as it was.
func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		patch   string
		prepare func(t *testing.T, repo string)
		code    int
		want    string
		report  map[string][]string // in each section
	}{
		"an overlay that no longer fits": {patch: "defines-get-customers.yaml", code: 1,
			want: "not taken: adapt openapi/overlay.yaml as section 4 says",
			report: map[string][]string{
				"2": {"(getMeldCustomer): now defined by the document itself, otherwise than ours was"},
				"3": {"! GetMeldCustomerResponse.JSON200: changed from *MeldCustomerSearchResponse to *MeldCustomerResponse"},
				"4": {
					"merges into the document's own: GET /clients/me/integrations/meld/customers",
					"target:      $.paths['/clients/me/integrations/meld/customers']",
					"description: The 409 of createMeldCustomer",
					"the overlay says #/components/schemas/MeldCustomerSearchResponse, the document #/components/schemas/MeldCustomerResponse",
					"delete get from the action's update",
					"unused: schema MeldCustomerSearchResponse",
				},
			}},
		"a wrapper that no longer compiles": {patch: "renames-id.yaml", code: 1,
			want: "not taken: adapt the handwritten code to what section 3 says",
			report: map[string][]string{
				"3": {
					"! the code does not compile", "# github.com/portalclient/portal-client-go/wrapper\n",
					"wrapper/meld_customer.go:", ".ID undefined", "package api\n     ! MeldCustomer.ID: removed",
				},
			}},
		"an invalid document": {patch: "invalid.yaml", code: 2,
			want: "not taken: "},
		"a test that fails": {patch: "rewords.yaml", code: 1,
			prepare: func(t *testing.T, repo string) {
				t.Helper()
				commitTest(t, repo, "internal/probe", "t.Fatal(\"the probe fails\")\n_ = os.Args\n")
			},
			want: "not taken, the repository is as it was: go test failed:\n--- FAIL: TestProbe"},
		"work in a generated file": {patch: "rewords.yaml", code: 2,
			prepare: func(t *testing.T, repo string) {
				t.Helper()
				f, err := os.OpenFile(filepath.Join(repo, "wrapper/operations.gen.go"), os.O_APPEND|os.O_WRONLY, 0)
				require.NoError(t, err)
				_, err = f.WriteString("\n// A note of mine.\n")
				require.NoError(t, errors.Join(err, f.Close()))
			},
			want: "changes that are not committed; commit or undo them first:\n M wrapper/operations.gen.go"},
		"work in the provenance": {patch: "rewords.yaml", code: 2,
			prepare: func(t *testing.T, repo string) {
				t.Helper()
				require.NoError(t, os.WriteFile(filepath.Join(repo, "openapi/PROVENANCE.md"), []byte("mine\n"), 0o644))
			},
			want: "changes that are not committed; commit or undo them first:\n M openapi/PROVENANCE.md"},
		"no Git": {patch: "rewords.yaml", code: 2,
			prepare: func(t *testing.T, repo string) {
				t.Helper()
				require.NoError(t, os.RemoveAll(filepath.Join(repo, ".git")))
			},
			want: "the repository must be a Git checkout"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repo := checkout(t)
			if test.prepare != nil {
				test.prepare(t, repo)
			}
			before := treeSum(t, repo)
			got := run(t, "update", "-repo", repo, "-tests", "./internal/probe", candidate(t, test.patch))
			require.Contains(t, got.stderr, test.want)
			require.Equal(t, test.code, got.code)
			for number, parts := range test.report {
				for _, part := range parts {
					require.Contains(t, section(t, got.stdout, number), part)
				}
			}
			require.Equal(t, before, treeSum(t, repo), "the repository has changed")
		})
	}
}

func TestUpdateInterrupted(t *testing.T) {
	t.Parallel()
	repo := checkout(t)
	marker := filepath.Join(t.TempDir(), "running")
	commitTest(t, repo, "internal/probe", "	if err := os.WriteFile(\""+marker+"\", nil, 0o644); err != nil { t.Fatal(err) }\n	time.Sleep(5 * time.Minute)\n")
	before := treeSum(t, repo)
	cmd, temporary := start(t, "update", "-repo", repo, "-tests", "./internal/probe", candidate(t, "rewords.yaml"))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { _, err := os.Stat(marker); return err == nil }, 2*time.Minute, 20*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	got := finish(t, cmd.Wait(), temporary, &stdout, &stderr)
	require.Equal(t, 2, got.code)
	require.Equal(t, "spec update: interrupted; the repository is as it was\n", got.stderr)
	require.Equal(t, before, treeSum(t, repo))
}
