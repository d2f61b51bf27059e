package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/spec"
	"github.com/portalclient/portal-client-go/openapi"
)

// TestVendoredDocument: the document is used byte for byte as it came. An edit by hand fails here; what we
// add belongs into overlay.yaml.
func TestVendoredDocument(t *testing.T) {
	t.Parallel()
	recorded, err := os.ReadFile("../../openapi/client-api.yaml.sha256")
	require.NoError(t, err)
	sum := sha256.Sum256(openapi.Vendored)
	fields := strings.Fields(string(recorded))
	require.NotEmpty(t, fields)
	require.Equal(t, fields[0], hex.EncodeToString(sum[:]),
		"openapi/client-api.yaml was edited: put it back, and write what you want to add into openapi/overlay.yaml; to take a new document, use `make spec-update`")
	_, err = spec.Load(openapi.Vendored)
	require.NoError(t, err)
}

// TestMergedDocument: the merged document is valid, and is what the overlay makes of the vendored one now.
func TestMergedDocument(t *testing.T) {
	t.Parallel()
	sources, err := spec.ReadSources("../../openapi")
	require.NoError(t, err)
	merged, err := sources.Merge()
	require.NoError(t, err)
	require.Equal(t, string(merged), string(openapi.Merged), "openapi/merged.gen.json is stale: run `go generate ./...`")
	doc, err := spec.Load(openapi.Merged)
	require.NoError(t, err)
	require.True(t, doc.IsOpenAPI31OrLater())
}

// TestTableOfOperations: the wrapper's table names exactly the operations of the document.
func TestTableOfOperations(t *testing.T) {
	t.Parallel()
	type entry struct{ id, method, path string }
	want := map[entry]bool{}
	for _, op := range operations(t) {
		want[entry{op.name(), op.method, inBraces.ReplaceAllString(op.template, "{}")}] = true
	}
	got := map[entry]bool{}
	for _, fields := range tableOfOperations(t) {
		path, err := url.PathUnescape(fields["path"]) // it stands there as in a request
		require.NoError(t, err)
		e := entry{fields["id"], fields["method"], path}
		require.False(t, got[e], "%v stands there twice", e)
		got[e] = true
	}
	require.Equal(t, want, got, "wrapper/operations.gen.go is stale: run `go generate ./...`")
}

// tableOfOperations reads the composite literals of the generated file.
func tableOfOperations(t *testing.T) []map[string]string {
	t.Helper()
	file, err := parser.ParseFile(gotoken.NewFileSet(), "../../wrapper/operations.gen.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	var table []map[string]string
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok || literal.Type != nil { // an element of the array has no type of its own
			return true
		}
		fields := map[string]string{}
		for _, element := range literal.Elts {
			pair, ok := element.(*ast.KeyValueExpr)
			require.True(t, ok)
			if value, ok := pair.Value.(*ast.BasicLit); ok && value.Kind == gotoken.STRING {
				fields[pair.Key.(*ast.Ident).Name], err = strconv.Unquote(value.Value)
				require.NoError(t, err)
			}
		}
		table = append(table, fields)
		return false
	})
	return table
}
