package portal_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// A streamFault is what happens to one stream of an HTTP/2 connection, or to the whole connection.
type streamFault struct {
	name   string
	noWork bool
	serve  func(w http.ResponseWriter, r *http.Request, status int, body string)
}

var streamFaults = []streamFault{
	{"stream reset before the work", true, abort},
	{"stream reset after the work", false, abort},
	{"body cut", false, func(w http.ResponseWriter, r *http.Request, status int, body string) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		say(w, status, body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		abort(w, r, status, body)
	}},
	{"body empty", false, func(w http.ResponseWriter, _ *http.Request, status int, _ string) { say(w, status, "") }},
	{"body garbage", false, func(w http.ResponseWriter, _ *http.Request, status int, _ string) { say(w, status, "\x00\xff{") }},
	{"body endless", false, func(w http.ResponseWriter, _ *http.Request, status int, _ string) {
		w.WriteHeader(status)
		for pad := strings.Repeat(" ", 4096); ; {
			if _, err := io.WriteString(w, pad); err != nil {
				return
			}
		}
	}},
	{"1xx first", false, func(w http.ResponseWriter, _ *http.Request, status int, body string) {
		w.WriteHeader(http.StatusEarlyHints)
		say(w, status, body)
	}},
	{"silent before the work", true, func(_ http.ResponseWriter, r *http.Request, _ int, _ string) { <-r.Context().Done() }},
	{"silent after the work", false, func(_ http.ResponseWriter, r *http.Request, _ int, _ string) { <-r.Context().Done() }},
	{"silent body", false, func(w http.ResponseWriter, r *http.Request, status int, _ string) {
		w.WriteHeader(status)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}},
	{"307", true, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) {
		w.Header().Set("Location", "/api/v3/elsewhere")
		say(w, 307, "")
	}},
	{"401", true, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) { say(w, 401, `{"error":"no"}`) }},
	{"429", true, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) { say(w, 429, `{"error":"no"}`) }},
	{"500 after the work", false, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) { say(w, 500, "oh") }},
	{"503", true, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) { say(w, 503, "") }},
}

func say(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func abort(http.ResponseWriter, *http.Request, int, string) { panic(http.ErrAbortHandler) }

type connKey struct{}

// wholeConnectionFaults strike all the calls on a connection, so they are seldom: after each, net/http dials as
// many connections anew as calls are waiting.
var wholeConnectionFaults = []streamFault{
	{"connection lost after the work", false, func(w http.ResponseWriter, r *http.Request, _ int, _ string) {
		_ = r.Context().Value(connKey{}).(*tls.Conn).NetConn().Close()
		abort(w, r, 0, "")
	}},
	{"going away", false, func(w http.ResponseWriter, _ *http.Request, status int, body string) {
		w.Header().Set("Connection", "close")
		say(w, status, body)
	}},
}

// TestStormHTTP2 is TestStorm over HTTP/2, where one connection carries the calls of all.
func TestStormHTTP2(t *testing.T) {
	world, calls := setUpStorm(t, 6)
	goroutines := runtime.NumGoroutine()
	var protocols counts
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		protocols.add(r.Proto)
		u, random := world.arrive(r.Method, r.Header, string(body))
		f := streamFault{serve: func(w http.ResponseWriter, _ *http.Request, status int, body string) { say(w, status, body) }}
		if random.IntN(10) < 3 {
			f = streamFaults[random.IntN(len(streamFaults))]
		}
		if random.IntN(200) == 0 {
			f = wholeConnectionFaults[random.IntN(len(wholeConnectionFaults))]
		}
		if f.name != "" {
			world.kinds.add(f.name)
		}
		w.Header().Set("Content-Type", "application/json")
		if f.noWork {
			f.serve(w, r, 0, "")
			return
		}
		status, answer := u.work(r.Method)
		f.serve(w, r, status, answer)
	}))
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Config.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, conn)
	}
	var opened atomic.Int64
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	srv.StartTLS()
	transport, open := stormTransport(world)
	transport.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig
	client := newClient(t, portal.StaticToken("nobody"), stormOptions(srv.URL+"/api/v3", transport)...)

	start := time.Now()
	result := runStorm(t, world, client, calls, min(32, *stormWorkers))
	duration := time.Since(start).Round(time.Millisecond)
	transport.CloseIdleConnections()
	srv.Close()
	requireGoroutines(t, goroutines)
	require.Zero(t, open.Load(), "connections left")

	result.log(t, world, calls, min(32, *stormWorkers), opened.Load(), duration)
	result.require(t, world)
	require.Equal(t, fmt.Sprintf("HTTP/2.0 %d", world.requests.Load()), protocols.String())
}
