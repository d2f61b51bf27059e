package loopback

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/canned"
)

// The ways to reach the server.
const (
	TLS     = "TLS"            // HTTP/1.1
	HTTP2   = "HTTP/2"         // over TLS
	Limited = "HTTP/2 limited" // with [StreamLimit] streams a connection
	Plain   = "plain"          // HTTP/1.1 without TLS
)

// StreamLimit is how many calls the server accepts at a time on a connection of [Limited].
const StreamLimit = 100

// Delay is how long an answer takes at a base URL with [Slow].
const Delay = 40 * time.Millisecond

// The first path segments of a base URL say how the server answers.
const (
	Fast = "fast" // the customer
	Slow = "slow" // the customer, after Delay
	Echo = "echo" // the customer, with the token as its externalId
)

// hello is what the server says first: where it listens.
type hello struct{ Addresses map[string]string }

// counts is its answer to every line of input: how many connections were opened since it started.
type counts struct{ Connections map[string]int64 }

// Serve listens on loopback with the certificate in dir and talks to the parent over in and out. It returns
// when in ends, so that it never outlives its parent.
func Serve(ctx context.Context, dir string, in io.Reader, out io.Writer) error {
	certificate, err := tls.LoadX509KeyPair(filepath.Join(dir, certFile), filepath.Join(dir, keyFile))
	if err != nil {
		return err
	}
	h := hello{map[string]string{}}
	opened := map[string]*atomic.Int64{}
	var config net.ListenConfig
	for _, kind := range []string{TLS, HTTP2, Limited, Plain} {
		listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		opened[kind] = &atomic.Int64{}
		server := newServer(kind, certificate, opened[kind])
		defer func() { _ = server.Close() }() // the process ends
		go func() {
			if kind == Plain {
				_ = server.Serve(listener) // ends with the process
			} else {
				_ = server.ServeTLS(listener, "", "")
			}
		}()
		h.Addresses[kind] = listener.Addr().String()
	}
	encoder, decoder := json.NewEncoder(out), json.NewDecoder(in)
	if err := encoder.Encode(h); err != nil {
		return err
	}
	for {
		var question struct{}
		if err := decoder.Decode(&question); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		answer := counts{map[string]int64{}}
		for kind, n := range opened {
			answer.Connections[kind] = n.Load()
		}
		if err := encoder.Encode(answer); err != nil {
			return err
		}
	}
}

func newServer(kind string, certificate tls.Certificate, opened *atomic.Int64) *http.Server {
	server := &http.Server{
		Handler:           handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // a client that closes in a handshake is no news
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		Protocols:         new(http.Protocols),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				opened.Add(1)
			}
		},
	}
	switch kind {
	case HTTP2:
		server.Protocols.SetHTTP2(true)
	case Limited:
		server.Protocols.SetHTTP2(true)
		server.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: StreamLimit}
	default:
		server.Protocols.SetHTTP1(true)
	}
	return server
}

func handler() http.Handler {
	mux := http.NewServeMux()
	customer := []byte(canned.Customer)
	mux.HandleFunc("POST /"+Fast+basePath+canned.Path, func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, customer)
	})
	mux.HandleFunc("POST /"+Slow+basePath+canned.Path, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(Delay)
		answer(w, r, customer)
	})
	mux.HandleFunc("POST /"+Echo+basePath+canned.Path, func(w http.ResponseWriter, r *http.Request) {
		body, err := canned.CustomerOf(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, r, body)
	})
	return mux
}

// answer reads the request to its end, so that the connection can be used again.
func answer(w http.ResponseWriter, r *http.Request, body []byte) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for name, values := range canned.Header(len(body)) {
		w.Header()[name] = values
	}
	_, _ = w.Write(body) // a client that is gone does not matter
}

const basePath = "/api/v3"

// baseURL is where a server answers in a mode.
func baseURL(kind, address, mode string) string {
	scheme := "https"
	if kind == Plain {
		scheme = "http"
	}
	return fmt.Sprintf("%s://%s/%s%s", scheme, address, mode, basePath)
}
