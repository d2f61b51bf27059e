package bench

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// BenchmarkLoopback makes calls from many workers to a real server over TLS, with the transports that the
// client and the generated client come with: their only change is whose certificate they trust. One
// iteration is a slice of time for each.
func BenchmarkLoopback(b *testing.B) {
	for _, workers := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			server := startServer(b)
			stock := http.DefaultTransport.(*http.Transport).Clone() // what a nil Transport is
			client := newClient(b, server.URL, server.trusted(portal.NewTransport()))
			generated := newAlone(b, server.URL, server.trusted(stock))
			with := func(ctx context.Context) (string, error) { return create(ctx, client) }
			alone := func(ctx context.Context) (string, error) { return createAlone(ctx, generated) }
			var withRate, aloneRate, withNew, aloneNew []float64
			slice(b, workers, with) // opens the connections that are then kept
			slice(b, workers, alone)
			for b.Loop() {
				before := server.opened.Load()
				withRate = append(withRate, slice(b, workers, with))
				between := server.opened.Load()
				aloneRate = append(aloneRate, slice(b, workers, alone))
				withNew = append(withNew, float64(between-before))
				aloneNew = append(aloneNew, float64(server.opened.Load()-between))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(withRate, nil), "client-calls/s")
			b.ReportMetric(median(withRate, aloneRate), "×generated")
			b.ReportMetric(median(withNew, nil), "client-new-conns")
			b.ReportMetric(median(aloneNew, nil), "generated-new-conns")
		})
	}
}

// BenchmarkTokenSources makes calls for 10,000 end users over one client, in turns with calls for a single one.
func BenchmarkTokenSources(b *testing.B) {
	const users, workers = 10_000, 16
	server := startServer(b)
	client := newClient(b, server.URL, server.trusted(portal.NewTransport()))
	before := heap()
	clients := make([]*portal.Client, users)
	for i := range clients {
		clients[i] = client.WithTokenSource(portal.StaticToken(fmt.Sprintf("%s-%06d", token, i)))
	}
	each := (heap() - before) / users
	var next atomic.Int64
	single := func(ctx context.Context) (string, error) { return create(ctx, client) }
	many := func(ctx context.Context) (string, error) {
		i := next.Add(1) % users
		created, err := clients[i].CreateMeldCustomer(ctx, jane())
		if err != nil {
			return "", err
		}
		if want := fmt.Sprintf("%s-%06d", token, i); created.ExternalID != want {
			return "", fmt.Errorf("the server saw %s instead of %s", created.ExternalID, want)
		}
		return created.ID, nil
	}
	var manyRate, singleRate []float64
	for b.Loop() {
		manyRate = append(manyRate, slice(b, workers, many))
		singleRate = append(singleRate, slice(b, workers, single))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(each, "heap-B/user")
	b.ReportMetric(median(manyRate, singleRate), "×single-user")
	b.ReportMetric(float64(server.opened.Load()), "conns-in-all")
	runtime.KeepAlive(clients)
}

// A server answers every request with the customer, whose externalId is the token of the request.
type server struct {
	*httptest.Server
	opened atomic.Int64 // connections
}

func startServer(b *testing.B) *server {
	s, body := &server{}, string(newCanned(b, &comparisons[0]).body)
	_, rest, _ := strings.Cut(body, `"externalId":"`)
	externalID, _, _ := strings.Cut(rest, `"`)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		sent := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		_, _ = io.WriteString(w, strings.Replace(body, externalID, sent, 1))
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.opened.Add(1)
		}
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that leave in the middle of a handshake
	s.StartTLS()
	b.Cleanup(s.Close)
	return s
}

// trusted makes a transport trust the server.
func (s *server) trusted(transport *http.Transport) *http.Transport {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return transport
}

// slice makes calls from all workers for a while and returns how many a second.
func slice(b *testing.B, workers int, call call) float64 {
	const length = 250 * time.Millisecond
	var calls atomic.Int64
	var wait sync.WaitGroup
	start := time.Now()
	for range workers {
		wait.Go(func() {
			for time.Since(start) < length {
				if _, err := call(b.Context()); err != nil {
					b.Error(err)
					return
				}
				calls.Add(1)
			}
		})
	}
	wait.Wait()
	return float64(calls.Load()) / time.Since(start).Seconds()
}

// heap is what is in use once all garbage is gone.
func heap() float64 {
	runtime.GC()
	runtime.GC() // the second one frees what the first only emptied
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
