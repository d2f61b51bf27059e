package spec_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/speakeasy-api/openapi/overlay"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/portalclient/portal-client-go/internal/spec"
)

// Whoever applies the overlay strictly, as the generator does, gets the other document.
func TestOverlay(t *testing.T) {
	t.Parallel()
	vendored, err := os.ReadFile("../../openapi/client-api.yaml")
	require.NoError(t, err)
	tree, alone, err := spec.Merge("../../openapi")
	require.NoError(t, err)
	require.Equal(t, must(spec.Decode(vendored))(t), alone)
	merged, err := json.Marshal(tree)
	require.NoError(t, err)
	for name, tt := range map[string]struct{ before, after string }{
		"ours":             {string(vendored), string(merged)},
		"back":             {string(merged), string(vendored)},
		"the same":         {`{"a":[1]}`, `{"a":[1]}`},
		"a list":           {`{"a":{"b":[1,2],"c":1}}`, `{"a":{"b":[2,1],"c":1}}`},
		"another type":     {`{"a":{"b":1},"c":[]}`, `{"a":[],"c":{"b":null}}`},
		"null and nothing": {`{"a":null,"b":1}`, `{"b":null,"c":{}}`},
		"an odd name":      {`{"it's":{"a\\b":{"x":1}},"/a/{b}":{"x":1}}`, `{"it's":{"a\\b":{"x":2}},"/a/{b}":{"y":1}}`},
		"digits":           {`{"a":1}`, `{"a":1.0,"b":123456789012345678901234567890}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := must(spec.Decode([]byte(tt.before)))(t), must(spec.Decode([]byte(tt.after)))(t)
			text, err := json.Marshal(spec.Overlay(before, after))
			require.NoError(t, err)
			var o overlay.Overlay
			require.NoError(t, yaml.Unmarshal(text, &o))
			var root yaml.Node
			require.NoError(t, yaml.Unmarshal([]byte(tt.before), &root))
			if len(o.Actions) > 0 { // the library asks for one
				require.NoError(t, o.Validate())
				_, err = o.ApplyToStrict(&root)
				require.NoError(t, err)
			}
			text, err = yaml.Marshal(&root)
			require.NoError(t, err)
			require.Equal(t, after, must(spec.Decode(text))(t))
		})
	}
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		require.NoError(t, err)
		return value
	}
}
