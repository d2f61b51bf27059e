// Package bench measures the client against what people would use instead, and holds it to budgets: of
// allocations for a call, of size for a program, of work before main.
//
//	make bench              the benchmarks on both Go lines, as in RESULTS.md
//	make check-budgets      the budgets on both Go lines
package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// goLine is the line of Go that runs the test, one of those that have budgets.
func goLine(t *testing.T) string {
	t.Helper()
	line := regexp.MustCompile(`^go1\.\d+`).FindString(runtime.Version())
	if line != "go1.26" && line != "go1.27" {
		t.Skipf("no budget is known for %s: measure it and add it", runtime.Version())
	}
	return line
}

// A program that makes one call by hand.
const plainProgram = `package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	payload, _ := json.Marshal(map[string]string{"email": "jane@example.com"})
	req, err := http.NewRequest("POST", os.Getenv("PORTAL_BASE_URL")+"/clients/me/integrations/meld/customers", bytes.NewReader(payload))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+os.Getenv("PORTAL_CLIENT_TOKEN"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(err)
	}
	var reply struct{ Data struct{ ID string } }
	fmt.Println(json.Unmarshal(body, &reply), reply.Data.ID, resp.Status)
}
`

// clientProgram is one that makes calls with the client; %s stands for them.
const clientProgram = `package main

import (
	"context"
	"fmt"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

var ctx = context.Background()

var _ api.MeldCustomer

func main() {
	client, err := portal.NewFromEnv()
	if err != nil {
		panic(err)
	}
	%s
}
`

// TestPrograms weighs programs against the plain one, and looks at what they do before main.
func TestPrograms(t *testing.T) {
	needBudgets(t)
	t.Parallel()
	line := goLine(t)
	plainSize, plainInit := weigh(t, plainProgram)
	for _, program := range []struct {
		name    string
		calls   string
		budgets map[string]int64 // KB of 1,024 bytes more than the plain program, both stripped, by Go line
	}{
		{"EnsureMeldCustomer", `fmt.Println(client.EnsureMeldCustomer(ctx, nil))`, map[string]int64{"go1.26": 200, "go1.27": 200}},
		{"one generated method with a query", `fmt.Println(client.GetWalletBalances(ctx, "eip155:1", nil))`, map[string]int64{"go1.26": 260, "go1.27": 250}},
		{"five generated methods", `fmt.Println(client.GetWalletBalances(ctx, "eip155:1", nil))
	fmt.Println(client.GetMeldCountries(ctx, nil))
	fmt.Println(client.GetLifiQuote(ctx, &api.LifiQuoteRequest{}))
	fmt.Println(client.GetMeldRetailQuote(ctx, &api.MeldQuoteRequest{}))
	fmt.Println(client.GetMeldRetailTransaction(ctx, "id"))`, map[string]int64{"go1.26": 400, "go1.27": 400}},
		{"API()", `fmt.Println(client.API().GetMeldCountriesWithResponse(ctx, nil))`, map[string]int64{"go1.26": 1000, "go1.27": 1000}},
	} {
		t.Run(program.name, func(t *testing.T) {
			t.Parallel()
			size, inits := weigh(t, fmt.Sprintf(clientProgram, program.calls))
			before := 0 // bytes allocated before main, by packages that the plain program does not have
			for name, bytes := range inits {
				if _, both := plainInit[name]; !both {
					before += bytes
				}
			}
			more := (size - plainSize) / 1024
			t.Logf("%d KB more than by hand, %d bytes allocated before main", more, before)
			require.LessOrEqual(t, more, program.budgets[line],
				"the program has grown: `go tool nm -size -sort size` tells what is linked, `go list -deps` which package imports it")
			require.LessOrEqual(t, before, 1024, "GODEBUG=inittrace=1 tells which package works before main")
		})
	}
}

var initLine = regexp.MustCompile(`(?m)^init (\S+) @.* ms clock, (\d+) bytes`)

// weigh builds a program and returns its stripped size, and the bytes that each package allocates before main.
func weigh(t *testing.T, source string) (size int64, inits map[string]int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.go")
	binary := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, file)
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	info, err := os.Stat(binary)
	require.NoError(t, err)

	run := exec.CommandContext(t.Context(), binary)
	run.Env = []string{"GODEBUG=inittrace=1"} // without a token, so that it ends at once
	trace, err := run.CombinedOutput()
	require.Error(t, err, "%s", trace)
	inits = map[string]int{}
	for _, m := range initLine.FindAllSubmatch(trace, -1) {
		inits[string(m[1])], err = strconv.Atoi(string(m[2]))
		require.NoError(t, err)
	}
	require.Contains(t, inits, "net/http", "a program that was not traced must not count as free")
	return info.Size(), inits
}
