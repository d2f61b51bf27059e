package report_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/bench/report"
	"github.com/portalclient/portal-client-go/internal/bench/stat"
)

func TestWritePutsAllTargetsFirst(t *testing.T) {
	t.Parallel()
	table := report.Table{Title: "Sizes", Lead: "How large.", Head: []string{"what", "bytes"}, Note: "That is all."}
	table.Add("a|b", 12)
	var b strings.Builder
	require.NoError(t, report.Write(&b, []report.Section{
		{Tables: []report.Table{table}},
		{Verdicts: []report.Verdict{{Target: "small", Measured: "12", Met: report.Yes}}},
	}))
	require.Equal(t, `
## Targets

| target | measured | met |
| --- | ---: | ---: |
| small | 12 | yes |

## Sizes

How large.

| what | bytes |
| --- | ---: |
| a\|b | 12 |

That is all.
`, b.String())
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	s := stat.Sample{Low: 4, Median: 5, High: 6}
	for target, want := range map[float64]report.Met{4: report.Yes, 5: report.Edge, 6: report.Edge, 7: report.No} {
		require.Equal(t, want, report.AtLeast(s, target))
	}
	for target, want := range map[float64]report.Met{3: report.No, 4: report.Edge, 5: report.Edge, 6: report.Yes} {
		require.Equal(t, want, report.AtMost(s, target))
	}
}
