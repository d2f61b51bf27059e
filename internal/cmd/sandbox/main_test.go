package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/apicheck"
	"github.com/portalclient/portal-client-go/openapi"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// binary is the command as users build it.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sandbox")
	if err == nil {
		binary = filepath.Join(dir, "sandbox")
		var out []byte
		if out, err = exec.Command("go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput(); err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	stderr *lockedBuffer
}

type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// start runs the command and waits for its line.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, stderr: &lockedBuffer{}}
	p.cmd = exec.Command(binary, append([]string{"-listen", "127.0.0.1:0"}, args...)...)
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, p.stderr.String())
	require.Regexp(t, `^listening on http://127\.0\.0\.1:[1-9][0-9]*/api/v3\n$`, line)
	p.url = strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
	return p
}

// stop sends a signal and returns the exit code.
func (p *process) stop(signal os.Signal) int {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(signal))
	done := make(chan struct{})
	go func() { defer close(done); _ = p.cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		require.Fail(p.t, "it does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) call(ctx context.Context, method, path, token, body string, headers ...string) (*http.Response, string, error) {
	r, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return res, string(text), err
}

func (p *process) status(method, path, token, body string) int {
	p.t.Helper()
	res, _, err := p.call(p.t.Context(), method, path, token, body)
	require.NoError(p.t, err)
	return res.StatusCode
}

const (
	customers = "/clients/me/integrations/meld/customers"
	countries = "/clients/me/integrations/meld/discovery/countries"
)

// operation is what the document calls an operation; a test skips what it lacks.
func operation(t *testing.T, method, path string) string {
	t.Helper()
	d, err := apicheck.Read(openapi.Merged)
	require.NoError(t, err)
	op := d.At(method, path)
	if op == nil {
		t.Skipf("the document lacks %s %s", method, path)
	}
	return op.Name
}

func TestServesLogsAndStops(t *testing.T) {
	t.Parallel()
	create := operation(t, "POST", customers)
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			p := start(t)
			require.Equal(t, 200, p.status("POST", customers, "secret-token", `{"email":"secret@example.com"}`))
			require.Equal(t, 409, p.status("POST", customers, "secret-token", `{"email":"secret@example.com"}`))
			require.Equal(t, 200, p.status("GET", customers, "secret-token", ""))
			require.Equal(t, 404, p.status("GET", "/secret", "secret-token", ""))
			require.Equal(t, 0, p.stop(signal))
			log := p.stderr.String()
			require.Equal(t, 5, strings.Count(log, "\n"), log)
			require.Contains(t, log, "msg=request operation="+create+" method=POST status=409\n")
			require.NotContains(t, log, "secret")
		})
	}
}

func TestStopsWhileARequestWaits(t *testing.T) {
	t.Parallel()
	p := start(t, "-fault", "Silent", "-fault", "Delay(1h)")
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			_, _, err := p.call(context.Background(), "GET", customers, "jane", "")
			assert.Error(t, err)
		})
	}
	require.Eventually(t, func() bool { return strings.Contains(p.stderr.String(), "fault=Silent") }, time.Minute, time.Millisecond)
	began := time.Now()
	require.Equal(t, 0, p.stop(syscall.SIGTERM))
	require.Less(t, time.Since(began), 10*time.Second)
	wg.Wait()
}

func TestFlags(t *testing.T) {
	t.Parallel()
	create := operation(t, "POST", customers)
	p := start(t, "-seed", "7", "-customer-not-found", "-token", "jane", "-token=john",
		"-fault", create+"=Status(503).RetryAfter(2s)", "-fault", create+"=DropAfter")
	res, body, err := p.call(t.Context(), "POST", customers, "jane", "{}")
	require.NoError(t, err)
	require.Equal(t, 503, res.StatusCode)
	require.Equal(t, "2", res.Header.Get("Retry-After"))
	require.JSONEq(t, `{"error":"Service Unavailable"}`, body)
	_, _, err = p.call(t.Context(), "POST", customers, "jane", "{}")
	require.Error(t, err)
	require.Equal(t, 409, p.status("POST", customers, "jane", "{}"))
	require.Equal(t, 404, p.status("GET", customers, "john", ""))
	require.Equal(t, 401, p.status("GET", customers, "nobody", ""))

	p = start(t, "-single-customer", "-random", "1=Status(500)", "-wall-clock")
	require.Equal(t, 500, p.status("GET", customers, "jane", ""))
}

func TestTransactionsMoveWhenRead(t *testing.T) {
	t.Parallel()
	const session = `{"sessionType":"BUY","sessionData":{"countryCode":"US","serviceProvider":"ALPHARAMP","sourceCurrencyCode":"USD","sourceAmount":"200","destinationCurrencyCode":"BTC"}}`
	for flag, want := range map[string]string{"-advance=true": "SETTLED", "-advance=false": "PENDING"} {
		p := start(t, flag)
		_, body, err := p.call(t.Context(), "POST", "/clients/me/integrations/meld/retail/widget", "jane", session)
		require.NoError(t, err)
		id := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(body)[1]
		for range 3 {
			_, body, err = p.call(t.Context(), "GET", "/clients/me/integrations/meld/retail/transactions/sessions/"+id, "jane", "")
			require.NoError(t, err)
		}
		require.Contains(t, body, `"status":"`+want+`"`)
	}
}

// A page of another origin asks first, then sends what the TypeScript SDK sends.
func TestBrowsers(t *testing.T) {
	t.Parallel()
	p := start(t, "-fault", "Status(429).RetryAfter(1s)")
	res, body, err := p.call(t.Context(), "OPTIONS", customers, "", "", "Origin: http://localhost:3000",
		"Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization,content-type,x-portal-trace-id",
		"Access-Control-Request-Private-Network: true")
	require.NoError(t, err)
	require.Equal(t, 204, res.StatusCode)
	require.Empty(t, body)
	require.Equal(t, "http://localhost:3000", res.Header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "authorization,content-type,x-portal-trace-id", res.Header.Get("Access-Control-Allow-Headers"))
	require.Contains(t, res.Header.Get("Access-Control-Allow-Methods"), "POST")
	require.Equal(t, "true", res.Header.Get("Access-Control-Allow-Private-Network"))

	for _, want := range []int{429, 200, 401} {
		token := map[int]string{401: ""}[want]
		if want != 401 {
			token = "jane"
		}
		res, _, err = p.call(t.Context(), "GET", customers, token, "", "Origin: http://localhost:3000",
			"X-Portal-Trace-Id: 6ba7b810-9dad-41d1-80b4-00c04fd430c8")
		require.NoError(t, err)
		require.Equal(t, want, res.StatusCode)
		require.Equal(t, "http://localhost:3000", res.Header.Get("Access-Control-Allow-Origin"))
	}
	// OPTIONS without a preflight's header is a method like any other.
	require.Equal(t, 405, p.status("OPTIONS", customers, "jane", ""))
}

// A page from elsewhere gets in neither by its origin, nor by a name that it made this machine's own.
func TestStrangers(t *testing.T) {
	t.Parallel()
	p := start(t)
	told := start(t, "-allow-host", "Sandbox.Test", "-allow-origin", "https://shop.example.com")
	anybody := start(t, "-allow-origin", "*", "-allow-remote")
	for _, test := range []struct {
		p            *process
		host, origin string
		want         int
	}{
		{p, "localhost:80", "", 200},
		{p, "LOCALHOST", "http://127.0.0.1:5173", 200},
		{p, "[::1]:8080", "http://[::1]", 200},
		{p, "attacker.example.com", "", 403},
		{p, "localhost.attacker.example.com:80", "", 403},
		{p, "", "https://attacker.example.com", 403},
		{p, "", "null", 403},
		{p, "", "https://localhost.attacker.example.com", 403},
		{told, "sandbox.test:8080", "https://shop.example.com", 200},
		{told, "", "https://shop.example.com:444", 403},
		{told, "attacker.example.com", "", 403},
		{anybody, "whoever", "https://attacker.example.com", 200},
	} {
		headers := []string{"Host: " + test.host}
		if test.origin != "" {
			headers = append(headers, "Origin: "+test.origin)
		}
		res, body, err := test.p.call(t.Context(), "GET", customers, "jane", "", headers...)
		require.NoError(t, err)
		require.Equal(t, test.want, res.StatusCode, "%s %s: %s", test.host, test.origin, body)
		if test.want == 403 {
			require.Empty(t, res.Header.Get("Access-Control-Allow-Origin"))
			require.NotContains(t, body, "attacker")
		}
	}
}

// answers writes a file of answers.
func answers(t *testing.T, name, value string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "answers.json")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "{%q: %s}", name, value), 0o600))
	return file
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const value = `{"data":[{"countryCode":"NZ","name":"New Zealand"}]}`
	name := operation(t, "GET", countries)
	p := start(t, "-answers", answers(t, name, value), "-fault", name+"=Status(503)")
	require.Equal(t, 503, p.status("GET", countries, "jane", ""))
	_, body, err := p.call(t.Context(), "GET", countries, "jane", "")
	require.NoError(t, err)
	require.JSONEq(t, value, body)
}

// What the sandbox holds is bounded, whoever comes with whatever.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s, err := parse(nil, io.Discard, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := held()
	name := strings.Repeat("x", 700<<10)
	for i := range 150 {
		r := httptest.NewRequest(http.MethodPost, "/api/v3"+customers, strings.NewReader(`{"name":{"firstName":"`+name+`"}}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", fmt.Sprintf("Bearer %08d%s", i, name[:8000]))
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		require.Equal(t, 200, w.Code)
		r.Header.Set("Authorization", "Bearer "+name)
		w = httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		require.Equal(t, 401, w.Code, "a token of 700 KB is nobody's")
	}
	require.Less(t, held()-before, uint64(memory/2*3), "150 times 700 KB came in")
	runtime.KeepAlive(s.handler)
}

func TestRefusesToStart(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-listen 0.0.0.0:8080":                   "sandbox: -listen 0.0.0.0:8080 is not a loopback address, and the sandbox lets anyone in: listen on 127.0.0.1:8080, or add -allow-remote\n",
		"-listen :8080":                          "sandbox: -listen :8080 is not a loopback address",
		"-listen 192.0.2.1:80":                   "sandbox: -listen 192.0.2.1:80 is not a loopback address",
		"-listen example.com:80":                 "sandbox: -listen example.com:80 is not a loopback address",
		"-listen 8080":                           "sandbox: -listen 8080: address 8080: missing port in address; write it as 127.0.0.1:8080",
		"-what":                                  "sandbox: flag provided but not defined: -what; -h lists what there is",
		"extra":                                  `sandbox: unexpected argument "extra"; everything is a flag, and -h lists them`,
		"-fault makeTea=Pass":                    `sandbox: Fail: there is no operation "makeTea"; the nearest are `,
		"-answers none.json":                     "none.json: no such file",
		"-answers main.go":                       "main.go is not a JSON object",
		"-answers " + answers(t, "makeTea", "1"): `sandbox: Answer: there is no operation "makeTea"; the nearest are `,
		"-answers " + answers(t, operation(t, "POST", customers), `{"data":7}`): ": /data: must be object, not number",
		"-fault Explode":                  `there is no fault or change of one "Explode"; -h lists them`,
		"-fault Status(20)":               "Fail: Status(20): give a status from 200 to 599",
		"-random 0.5":                     "write it as 0.05=DropBefore",
		"-random 2=Pass":                  "WithRandomFault: 2 is not a probability; give a number from 0 to 1",
		"-random 0.6=Pass -random 1=Pass": "sum up to 1.6; keep them at 1 or below",
		"-token ü":                        "WithTokens: a token cannot be sent as a bearer token",
		"-single-customer=maybe":          "invalid boolean value",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			fields := strings.Fields(args)
			if file, ok := strings.CutPrefix(args, "-answers "); ok {
				fields = []string{"-answers", file} // whose folder may have spaces in its name
			}
			cmd := exec.Command(binary, fields...)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			require.Error(t, err)
			require.Equal(t, 2, cmd.ProcessState.ExitCode())
			require.Contains(t, stderr.String(), want)
			require.Equal(t, 1, strings.Count(stderr.String(), "\n"), "one line")
			require.Empty(t, out)
		})
	}
}

func TestAllowRemote(t *testing.T) {
	t.Parallel()
	require.NoError(t, checkAddress("0.0.0.0:80", true))
	require.NoError(t, checkAddress("[::1]:80", false))
	require.NoError(t, checkAddress("localhost:80", false))
}

func TestTakenPort(t *testing.T) {
	t.Parallel()
	p := start(t)
	address := strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), "/api/v3")
	cmd := exec.Command(binary, "-listen", address)
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 1, cmd.ProcessState.ExitCode())
	require.Contains(t, string(out), "address already in use")
}

func TestHelp(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(binary, "-h").Output()
	require.NoError(t, err)
	for _, word := range []string{"-listen", "-allow-remote", "-seed", "-fault", "-random", "DropAfter", "go run ./internal/cmd/sandbox", "-answers", portaltest.CustodianKey} {
		require.Contains(t, string(out), word)
	}
}
