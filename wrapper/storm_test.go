package portal_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

var (
	stormSeed    = flag.Uint64("storm.seed", 0, "seed of the storm; 0 draws one")
	stormCalls   = flag.Int("storm.calls", 0, "calls of the storm; 0 is a slice of it")
	stormTokens  = flag.Int("storm.tokens", 0, "end users of the storm; 0 is a tenth of the calls")
	stormWorkers = flag.Int("storm.workers", 128, "goroutines of the storm")
)

// stormFaults strike three requests in ten. Each is as likely as another.
var stormFaults = []struct {
	name  string
	serve func(*exchange, *stormUser) bool
}{
	{"reset before the work", func(x *exchange, _ *stormUser) bool { return x.reset() }},
	{"closed before the work", func(*exchange, *stormUser) bool { return false }},
	{"reset after the work", worked(func(x *exchange, _ int, _ string) bool { return x.reset() })},
	{"closed after the work", worked(func(*exchange, int, string) bool { return false })},
	{"closed after the answer", worked(func(x *exchange, status int, body string) bool { x.reply(status, jsonType, body); return false })},
	{"head cut", worked(func(x *exchange, _ int, _ string) bool { x.write("HTTP/1.1 200 OK\r\nContent-"); return false })},
	{"another protocol", worked(func(x *exchange, _ int, _ string) bool { x.write("\x15\x03\x01\x00\x02\x02\x16"); return false })},
	{"endless head", worked(func(x *exchange, _ int, _ string) bool {
		return x.endless(earlyHints)
	})},
	{"body cut", worked(func(x *exchange, status int, body string) bool { return cut(status)(x, body) })},
	{"body empty", worked(func(x *exchange, status int, _ string) bool { return x.reply(status, jsonType, "") })},
	{"body garbage", worked(func(x *exchange, status int, _ string) bool { return x.reply(status, jsonType, "\x00\xff{") })},
	{"body without ID", worked(func(x *exchange, status int, _ string) bool {
		return x.reply(status, jsonType, `{"data":{},"details":{}}`)
	})},
	{"body endless", worked(func(x *exchange, status int, _ string) bool {
		x.write(fmt.Sprintf("HTTP/1.1 %d X\r\n%s\r\n", status, jsonType))
		return x.endless(" ")
	})},
	{"body dripping", worked(func(x *exchange, status int, _ string) bool {
		x.write(head(status, jsonType, 1<<20))
		return x.drip(" ")
	})},
	{"gzip bomb", worked(func(x *exchange, status int, _ string) bool {
		return x.reply(status, jsonType+"Content-Encoding: gzip\r\n", gzipBomb())
	})},
	{"HTML", worked(func(x *exchange, status int, body string) bool {
		return x.reply(status, "Content-Type: text/html\r\n", body)
	})},
	{"1xx first", worked(func(x *exchange, status int, body string) bool {
		x.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
		return x.reply(status, jsonType, body)
	})},
	{"silent before the work", func(x *exchange, _ *stormUser) bool { return x.hang() }},
	{"silent after the work", worked(func(x *exchange, _ int, _ string) bool { return x.hang() })},
	{"101", answered(101, "Connection: Upgrade\r\nUpgrade: echo\r\n")},
	{"307", answered(307, "Location: /api/v3/elsewhere\r\n")},
	{"401", answered(401, "")},
	{"403", answered(403, "")},
	{"429", answered(429, "")},
	{"429 with Retry-After 0", answered(429, "Retry-After: 0\r\n")},
	{"429 with Retry-After soon", answered(429, "Retry-After: soon\r\n")},
	{"429 with Retry-After 120", answered(429, "Retry-After: 120\r\n")},
	{"500", answered(500, "")},
	{"500 after the work", worked(func(x *exchange, _ int, _ string) bool { return x.reply(500, jsonType, `{"error":"oh"}`) })},
	{"502 after the work", worked(func(x *exchange, _ int, _ string) bool { return x.reply(502, "Content-Type: text/html\r\n", "<html>") })},
	{"503", answered(503, "")},
	{"503 with Retry-After 0", answered(503, "Retry-After: 0\r\n")},
	{"503 with a past date", answered(503, "Retry-After: Sat, 01 Jan 2000 00:00:00 GMT\r\n")},
	{"504 after the work", worked(func(x *exchange, _ int, _ string) bool { return x.reply(504, "", "") })},
}

func worked(serve func(x *exchange, status int, body string) bool) func(*exchange, *stormUser) bool {
	return func(x *exchange, u *stormUser) bool {
		status, body := u.work(x.method)
		return serve(x, status, body)
	}
}

func answered(status int, header string) func(*exchange, *stormUser) bool {
	return func(x *exchange, _ *stormUser) bool { return x.reply(status, jsonType+header, `{"error":"no"}`) }
}

// TestStorm calls EnsureMeldCustomer from many goroutines for many end users, each of whom several callers
// share, while three requests in ten meet a fault. Whoever gets an error calls again.
//
//	go test ./wrapper -run TestStorm -v -storm.calls 200000 -storm.tokens 20000 -storm.seed 1
func TestStorm(t *testing.T) {
	world, calls := setUpStorm(t, 1)
	goroutines := runtime.NumGoroutine()
	s := newFaultServer(t, func(x *exchange) bool {
		u, random := world.arrive(x.method, x.header, x.body)
		if random.IntN(10) < 3 {
			f := stormFaults[random.IntN(len(stormFaults))]
			world.kinds.add(f.name)
			return f.serve(x, u)
		}
		status, body := u.work(x.method)
		return x.reply(status, jsonType, body)
	})
	s.forgets = true
	s.start()
	transport, open := stormTransport(world)
	client := newClient(t, portal.StaticToken("nobody"), stormOptions(s.url(), transport)...)

	start := time.Now()
	result := runStorm(t, world, client, calls, *stormWorkers)
	duration := time.Since(start).Round(time.Millisecond)
	transport.CloseIdleConnections()
	s.close(t)
	require.Zero(t, open.Load(), "connections left")
	requireGoroutines(t, goroutines)

	result.log(t, world, calls, *stormWorkers, s.opened.Load(), duration)
	result.require(t, world)
}

// requireGoroutines gives those that have been told to end the time to do so.
func requireGoroutines(t *testing.T, most int) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); runtime.NumGoroutine() > most; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), most, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// setUpStorm reads the flags. Without any, it makes a slice of a storm, or a part of that.
func setUpStorm(t *testing.T, part int) (world *stormWorld, calls int) {
	seed, calls, users := *stormSeed, *stormCalls, *stormTokens
	if seed == 0 {
		seed = rand.Uint64()
	}
	if calls == 0 {
		calls = 3000 / part
		if testing.Short() {
			calls /= 4
		}
	}
	if users == 0 {
		users = max(1, calls/10)
	}
	t.Logf("storm: rerun with -storm.seed %d -storm.calls %d -storm.tokens %d", seed, calls, users)
	return newStormWorld(seed, users), calls
}

// stormPatience is the time of an attempt, which ends those that nobody answers.
const stormPatience = 500 * time.Millisecond

func stormOptions(url string, transport http.RoundTripper) []portal.Option {
	return []portal.Option{
		portal.WithBaseURL(url),
		portal.WithHTTPClient(&http.Client{Transport: transport}),
		portal.WithMaxResponseBytes(64 << 10),
		portal.WithAttemptTimeout(stormPatience),
		portal.WithRetry(portal.RetryPolicy{MaxAttempts: 4, BaseDelay: time.Millisecond, MaxDelay: 4 * time.Millisecond, MaxRetryAfter: time.Second}),
	}
}

// stormTransport refuses one dial in ten and counts the connections that are open.
func stormTransport(world *stormWorld) (*http.Transport, *atomic.Int64) {
	var dials, open atomic.Int64
	transport := portal.NewTransport()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if world.random(fmt.Sprint("dial", dials.Add(1))).IntN(10) == 0 {
			world.kinds.add("refused")
			addr = "127.0.0.1:1"
		}
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		open.Add(1)
		return &countedConn{Conn: conn, closed: sync.OnceFunc(func() { open.Add(-1) })}, nil
	}
	return transport, &open
}

type countedConn struct {
	net.Conn
	closed func()
}

func (c *countedConn) Close() error {
	c.closed()
	return c.Conn.Close()
}

// stormResult is what the callers saw.
type stormResult struct {
	ids     []atomic.Value // the ID of each user, as the first caller got it
	creates []atomic.Int64 // how many callers of each user were told that they created it
	errors  counts
	lost    atomic.Int64 // calls without an ID in the end, or with another one than the callers before
}

func runStorm(t *testing.T, world *stormWorld, client *portal.Client, calls, goroutines int) *stormResult {
	result := &stormResult{ids: make([]atomic.Value, len(world.users)), creates: make([]atomic.Int64, len(world.users))}
	clients := make([]*portal.Client, len(world.users))
	for i := range clients {
		clients[i] = client.WithTokenSource(portal.CachedTokenSource(&world.users[i]))
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range goroutines {
		workers.Go(func() {
			for call := next.Add(1) - 1; call < int64(calls); call = next.Add(1) - 1 {
				user := int(call) * len(clients) / calls // neighbours share a user
				result.call(t.Context(), clients[user], user, int(call))
			}
		})
	}
	workers.Wait()
	return result
}

// call calls until it has the ID.
func (r *stormResult) call(ctx context.Context, client *portal.Client, user, call int) {
	req := &api.MeldCreateCustomerRequest{Email: fmt.Sprintf("u%d@storm.invalid", user)}
	for round := range 100 {
		// On a busy machine, the time of an attempt may be up before it has got anywhere: the next round has more.
		patient, err := client.With(portal.WithAttemptTimeout(stormPatience << min(round, 8)))
		if err != nil {
			break
		}
		ensured, err := patient.EnsureMeldCustomer(portal.WithTraceID(ctx, fmt.Sprintf("u%d-c%d-r%d", user, call, round)), req)
		if err != nil {
			r.errors.add(kindOf(err))
			continue
		}
		if ensured.Created {
			r.creates[user].Add(1)
		}
		if !r.ids[user].CompareAndSwap(nil, ensured.ID) && r.ids[user].Load() != ensured.ID {
			r.lost.Add(1)
		}
		return
	}
	r.lost.Add(1)
}

func (r *stormResult) log(t *testing.T, world *stormWorld, calls, goroutines int, connections int64, duration time.Duration) {
	t.Logf("storm: seed %d: %d calls of %d tokens by %d goroutines in %v; %d requests on %d connections, %d faults; %d errors, each called again; %d customers, %d lost, %d duplicated, %d wrong tokens",
		world.seed, calls, len(world.users), goroutines, duration, world.requests.Load(), connections, world.kinds.total(),
		r.errors.total(), world.created.Load(), r.lost.Load(), world.created.Load()-int64(len(world.users)), world.wrong.Load())
	t.Logf("faults: %v", &world.kinds)
	t.Logf("errors: %v", &r.errors)
}

func (r *stormResult) require(t *testing.T, world *stormWorld) {
	require.Zero(t, r.lost.Load(), "calls without the one ID of their user")
	require.Zero(t, world.wrong.Load(), "requests with something of another user")
	require.EqualValues(t, len(world.users), world.created.Load(), "one customer for each user")
	for i := range world.users {
		require.Equal(t, 1, world.users[i].creations)
		require.Equal(t, world.users[i].id, r.ids[i].Load())
		require.LessOrEqual(t, r.creates[i].Load(), int64(1), "only one caller has created it")
	}
	for kind := range r.errors.m {
		require.False(t, strings.HasPrefix(kind, "untyped"), kind)
	}
	require.NotZero(t, world.kinds.total())
}
