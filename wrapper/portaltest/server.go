package portaltest

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Server is a [Handler] that listens for one test: real HTTP over a loopback port, or over memory with
// [WithMemoryNetwork]. All of the handler's methods are the server's too.
//
// When the test ends, the server closes, after all cleanups that were registered later than it. It then
// fails the test if a scripted fault never happened or if a reply broke the document, and if the test
// failed, the log says the seed. A wrong argument to a method ends the test at once, so call them from the
// test's own goroutine.
type Server struct {
	*Handler
	t        testing.TB
	url      string
	client   *http.Client
	closeAll func()

	bugs sync.Mutex // guards ended
	over bool       // the test has ended: t must not be used any more
}

// NewServer starts a fake API for a test. It fails the test at once when an option is not valid, with a
// sentence that says what to do.
func NewServer(tb testing.TB, opts ...Option) *Server {
	tb.Helper()
	doc := theDocument()
	c, err := newConfig(doc, opts)
	if err != nil {
		tb.Fatalf("portaltest: %v", err)
	}
	s := &Server{Handler: newHandler(doc, c), t: tb}
	s.helper = tb.Helper
	s.complain = func(sentence string) { tb.Helper(); tb.Fatalf("portaltest: %s", sentence) }
	s.bug = s.report
	if err := s.listen(); err != nil {
		tb.Fatalf("portaltest: NewServer cannot listen: %v; WithMemoryNetwork needs no port", err)
	}
	tb.Cleanup(s.end)
	return s
}

// URL is the base URL of the server, with /api/v3: what portal.WithBaseURL takes.
func (s *Server) URL() string { return s.url }

// HTTPClient returns a client that reaches the server, and follows no redirect. Its transport is closed
// with the server. It adds no credentials.
func (s *Server) HTTPClient() *http.Client { return s.client }

// Close stops the server before the test ends: connections break, and new ones are refused. It may be
// called more than once.
func (s *Server) Close() { s.closeAll() }

func (s *Server) listen() error {
	ctx, cancel := context.WithCancel(context.Background())
	var listener net.Listener
	transport := &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute}
	if s.config.memory {
		m := newMemoryListener()
		transport.DialContext = m.dial
		listener = m
	} else {
		var err error
		if listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			cancel()
			return err
		}
	}
	var busy gate
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !busy.enter() {
				panic(http.ErrAbortHandler)
			}
			defer busy.leave()
			s.ServeHTTP(w, r)
		}),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	s.url = "http://" + listener.Addr().String() + s.doc.Base
	s.client = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	s.closeAll = sync.OnceFunc(func() {
		cancel()
		_ = server.Close()
		serving.Wait()
		busy.close()
		transport.CloseIdleConnections()
	})
	return nil
}

// report fails the test for a bug of this package. It runs on the server's goroutines, which must neither
// end the test nor touch it when it is over.
func (s *Server) report(sentence string) {
	s.bugs.Lock()
	defer s.bugs.Unlock()
	if !s.over {
		s.t.Errorf("%s", sentence)
	}
}

func (s *Server) end() {
	s.closeAll()
	s.bugs.Lock()
	s.over = true
	s.bugs.Unlock()
	if pending := s.PendingFaults(); len(pending) > 0 {
		text := "portaltest: scripted faults that never happened: " + strings.Join(pending, "; ")
		if s.t.Failed() {
			s.t.Log(text)
		} else {
			s.t.Errorf("%s. The code under test made fewer requests than the script says: shorten the script, or find out why.", text)
		}
	}
	if s.t.Failed() {
		s.t.Logf("portaltest: the seed was %d; portaltest.WithSeed(%d) repeats its IDs and random faults", s.config.seed, s.config.seed)
	}
}

// A gate counts the requests that are being served, and lets none in once it is closed.
type gate struct {
	mu     sync.Mutex
	closed bool
	inside sync.WaitGroup
}

func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.inside.Add(1)
	}
	return !g.closed
}

func (g *gate) leave() { g.inside.Done() }

// close waits until the last one has left.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.inside.Wait()
}
