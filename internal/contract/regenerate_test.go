package contract

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/portalclient/portal-client-go/internal/spec"
	"github.com/portalclient/portal-client-go/openapi"
)

// A sample is a document made for the purpose. It is as if it had come from the API: ours with more in it.
type sample struct {
	name       string
	text       []byte
	operations []string // as subtests are called, for regular expressions
	expect     string   // x-expect: what the go command says when it gives up
}

func samplesIn(t *testing.T, folder string) []*sample {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
	require.NoError(t, err)
	var all []*sample
	for _, file := range files {
		s := &sample{name: strings.TrimSuffix(filepath.Base(file), ".yaml")}
		s.text, err = os.ReadFile(file)
		require.NoError(t, err)
		doc, err := spec.Load(s.text)
		require.NoError(t, err, "%s", file)
		for template, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				s.operations = append(s.operations, regexp.QuoteMeta(subtest(newOperation(doc, item, op, method, template))))
			}
		}
		var extra struct {
			Expect string `yaml:"x-expect"`
		}
		require.NoError(t, yaml.Unmarshal(s.text, &extra))
		s.expect = extra.Expect
		all = append(all, s)
	}
	return all
}

// TestRegenerate puts the documents of testdata/documents where ours lies, with ours inside: `go generate
// ./...` is all that happens then, `go build ./...` works at once, and the walk goes through every operation
// that they define. Together they make one document; with CONTRACT_EACH=1 each is taken by itself.
func TestRegenerate(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and builds another client")
	}
	t.Parallel()
	samples := samplesIn(t, "documents")
	require.NotEmpty(t, samples)
	if os.Getenv("CONTRACT_EACH") == "" {
		problem := regenerate(t, samples...)
		require.Empty(t, problem, "run it again with CONTRACT_EACH=1 to see which document it is")
		return
	}
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, regenerate(t, s))
		})
	}
}

// TestRefused: some documents must not pass, and some do not pass yet. Those in testdata/refused are rightly
// refused. Those in testdata/limits are valid, and what stops them is a fault of ours or of the generator:
// once one passes, its test fails here, and it belongs into testdata/documents.
func TestRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and builds other clients")
	}
	t.Parallel()
	for _, folder := range []string{"refused", "limits"} {
		for _, s := range samplesIn(t, folder) {
			t.Run(folder+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				require.NotEmpty(t, s.expect, "say in x-expect how it fails")
				require.Contains(t, regenerate(t, s), s.expect)
			})
		}
	}
}

// noise is what go test says of tests that begin, wait and pass.
var noise = regexp.MustCompile(`(?m)^(=== | *--- PASS).*\n`)

// regenerate returns what the first go command that fails has to say, or "".
func regenerate(t *testing.T, samples ...*sample) (problem string) {
	t.Helper()
	combined, names := openapi.Vendored, []string{}
	for _, s := range samples {
		var err error
		combined, err = combine(combined, s.text)
		require.NoError(t, err, "%s", s.name)
		names = append(names, s.operations...)
	}
	m := copyModule(t)
	m.write(t, "openapi/client-api.yaml", combined)

	only := "^(" + strings.Join(names, "|") + ")$"
	for _, args := range [][]string{
		{"generate", "./..."},
		{"build", "./..."},
		{"test", "-count=1", "-vet=off", "-v", "./internal/contract",
			"-run", "^TestTableOfOperations$|^TestMergedDocument$|^(TestOperations|TestUnsetParameters|TestNoPropertyIsForgotten)$/" + only},
	} {
		out, err := m.run(t, args...)
		if err != nil {
			return strings.Join(args[:2], " ") + ": " + noise.ReplaceAllString(out, "")
		}
		for _, name := range names {
			if args[0] == "test" {
				require.Regexp(t, `--- PASS: TestOperations/`+name+` `, out)
			}
		}
	}
	return ""
}
