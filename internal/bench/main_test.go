package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/bench/report"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	chosen, err := choose([]string{"growth", "memory"})
	require.NoError(t, err)
	require.Equal(t, []string{"growth", "memory"}, []string{chosen[0].name, chosen[1].name})
	_, err = choose([]string{"nothing"})
	require.ErrorContains(t, err, "memory")
}

func TestOnlyExactTargetsFailTheRun(t *testing.T) {
	t.Parallel()
	verdict := func(met report.Met, timed bool) []report.Section {
		return []report.Section{{Verdicts: []report.Verdict{{Met: met, Timed: timed}}}}
	}
	require.True(t, missed(verdict(report.No, false)))
	require.False(t, missed(verdict(report.No, true)))
	require.False(t, missed(verdict(report.Yes, false)))
}

func TestSave(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "results.md")
	require.NoError(t, save(path, []byte("text")))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "text", string(text))
}
