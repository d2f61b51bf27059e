package importcost

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/bench/report"
)

func TestParseInit(t *testing.T) {
	t.Parallel()
	got, err := parseInit([]byte("init errors @0.57 ms, 0.006 ms clock, 0 bytes, 0 allocs\n" +
		"init net/http @3.5 ms, 0.057 ms clock, 4872 bytes, 50 allocs\nPORTAL_CLIENT_TOKEN is not set\n"))
	require.NoError(t, err)
	require.Equal(t, []Init{{"errors", 0.006, 0, 0}, {"net/http", 0.057, 4872, 50}}, got)
	require.Equal(t, Init{"", 0.063, 4872, 50}, Sum(got))

	_, err = parseInit([]byte("no trace"))
	require.Error(t, err, "a program that was not traced must not count as free")
}

func TestCompareFindsEachExcess(t *testing.T) {
	t.Parallel()
	floor := Program{Name: "floor", Stripped: 6_000_000, Init: []Init{{Package: "net/http", Bytes: 4872}}}
	within := Program{
		Name: "wrapper", Stripped: 6_250_000, Modules: []string{own, "github.com/google/uuid"},
		Init: []Init{{Package: "net/http", Bytes: 9999}, {Package: own + "/wrapper", Bytes: 1000}},
	}
	for _, test := range []struct {
		name   string
		change func(*Program)
		want   []report.Met // size, modules, initialisation
	}{
		{"within", func(*Program) {}, []report.Met{report.Yes, report.Yes, report.Yes}},
		{"size", func(p *Program) { p.Stripped++ }, []report.Met{report.No, report.Yes, report.Yes}},
		{"module", func(p *Program) { p.Modules = []string{"example.com/more"} }, []report.Met{report.Yes, report.No, report.Yes}},
		{"initialisation", func(p *Program) { p.Init[1].Bytes++ }, []report.Met{report.Yes, report.Yes, report.No}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := within
			p.Init = append([]Init{}, within.Init...)
			test.change(&p)
			var got []report.Met
			for _, v := range compare(floor, []Program{floor, p}).Verdicts {
				got = append(got, v.Met)
			}
			require.Equal(t, test.want, got)
		})
	}
}
