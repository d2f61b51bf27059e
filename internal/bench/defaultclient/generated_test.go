package defaultclient_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClientIsCurrent regenerates beside the tree: the default client is what the vendored document and the
// pinned generator give.
func TestClientIsCurrent(t *testing.T) {
	t.Parallel()
	fresh := filepath.Join(t.TempDir(), "client.gen.go")
	cmd := exec.Command("go", "tool", "oapi-codegen", "-config", "internal/bench/defaultclient/oapi-codegen.yaml", "-o", fresh, "openapi/client-api.yaml")
	cmd.Dir = filepath.Join("..", "..", "..")
	text, err := cmd.CombinedOutput()
	require.NoError(t, err, string(text))
	want, err := os.ReadFile(fresh)
	require.NoError(t, err)
	got, err := os.ReadFile("client.gen.go")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run go generate ./defaultclient")
}
