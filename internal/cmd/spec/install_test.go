package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInstall(t *testing.T) {
	t.Parallel()
	repo := t.TempDir()
	old, script := filepath.Join(repo, "old"), filepath.Join(repo, "script")
	require.NoError(t, os.WriteFile(old, []byte("1"), 0o644))
	require.NoError(t, os.WriteFile(script, []byte("1"), 0o755))
	require.NoError(t, install(t.Context(), repo, map[string]replacement{
		"old":     {was: []byte("1")},
		"script":  {was: []byte("1"), is: []byte("2")},
		"sub/new": {is: []byte{}},
	}))
	require.NoFileExists(t, old)
	require.FileExists(t, filepath.Join(repo, "sub/new"))
	text, err := os.ReadFile(script)
	require.NoError(t, err)
	require.Equal(t, "2", string(text))
	info, err := os.Stat(script)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), info.Mode())
}

// All of it or nothing, whichever file the trouble is with.
func TestInstallRollsBack(t *testing.T) {
	t.Parallel()
	good := map[string]replacement{
		"a": {was: []byte("1"), is: []byte("2")},
		"b": {was: []byte("1")},
		"c": {is: []byte("2")},
	}
	ended, end := context.WithCancel(context.Background())
	end()
	tests := map[string]struct {
		ctx  context.Context
		name string
		bad  replacement
		want string
	}{
		"a file in the way of a folder": {t.Context(), "a/below", replacement{is: []byte("2")}, "a"},
		"a file changed meanwhile":      {t.Context(), "d", replacement{was: []byte("other"), is: []byte("2")}, "d has been changed while this was running"},
		"interrupted":                   {ended, "d", replacement{was: []byte("1"), is: []byte("2")}, "canceled"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 20 { // the order of a map is another one each time
				repo := t.TempDir()
				for _, name := range []string{"a", "b", "d"} {
					require.NoError(t, os.WriteFile(filepath.Join(repo, name), []byte("1"), 0o644))
				}
				files := map[string]replacement{test.name: test.bad}
				for name, r := range good {
					files[name] = r
				}
				require.ErrorContains(t, install(test.ctx, repo, files), test.want)
				entries, err := os.ReadDir(repo)
				require.NoError(t, err)
				require.Len(t, entries, 3)
				for _, entry := range entries {
					text, err := os.ReadFile(filepath.Join(repo, entry.Name()))
					require.NoError(t, err)
					require.Equal(t, "1", string(text))
				}
			}
		})
	}
}
