package portal_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A faultServer speaks HTTP/1.1 over bare connections, so that a test decides about every byte of a reply and
// about the way a connection ends.
type faultServer struct {
	listener net.Listener
	tls      *tls.Config           // nil for plain HTTP
	greet    func(net.Conn) bool   // before the first request, if set; false ends the connection
	serve    func(*exchange) bool  // answers a request; false ends the connection
	done     chan struct{}         // closed when everything has ended
	conns    sync.WaitGroup        // one for each of open
	opened   atomic.Int64          // connections accepted
	mu       sync.Mutex            // guards the rest
	forgets  bool                  // it does not keep requests
	requests []received            // in the order of their arrival
	works    int                   // requests that were carried out
	exists   bool                  // the customer
	sent     map[string]sentReply  // the last reply to each method
	open     map[net.Conn]struct{} // connections that have not ended
}

// sentReply is a body as it was meant, and whether all of it was sent.
type sentReply struct {
	body string
	cut  bool
}

// An exchange is one request and the connection that it came on.
type exchange struct {
	received
	*faultServer
	conn net.Conn // decrypted
}

func newFaultServer(t testing.TB, serve func(*exchange) bool) *faultServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return &faultServer{
		listener: listener, serve: serve, done: make(chan struct{}),
		sent: map[string]sentReply{}, open: map[net.Conn]struct{}{},
	}
}

// start accepts connections until close.
func (s *faultServer) start() *faultServer {
	go func() {
		defer close(s.done)
		defer s.conns.Wait()
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.opened.Add(1)
			s.conns.Add(1)
			go s.handle(conn)
		}
	}()
	return s
}

func (s *faultServer) url() string {
	scheme := "http://"
	if s.tls != nil {
		scheme = "https://"
	}
	return scheme + s.listener.Addr().String() + "/api/v3"
}

// close waits until every connection has ended. One that the client has not closed by then, although its
// idle connections are closed, is left open by a mistake.
func (s *faultServer) close(t testing.TB) {
	t.Helper()
	_ = s.listener.Close()
	select {
	case <-s.done:
		return
	case <-time.After(2 * time.Minute):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Errorf("the client has left %d connections open", len(s.open))
	for conn := range s.open {
		_ = conn.Close()
	}
}

func (s *faultServer) handle(conn net.Conn) {
	defer s.conns.Done()
	s.mu.Lock()
	s.open[conn] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.open, conn)
		s.mu.Unlock()
		_ = conn.Close()
	}()
	if s.greet != nil && !s.greet(conn) {
		return
	}
	plain := conn
	if s.tls != nil {
		plain = tls.Server(conn, s.tls)
	}
	reader := bufio.NewReader(plain)
	for {
		req, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		x := &exchange{
			received:    received{req.Method, req.URL.EscapedPath(), req.URL.RawQuery, req.Header, string(body)},
			faultServer: s, conn: plain,
		}
		s.mu.Lock()
		if !s.forgets {
			s.requests = append(s.requests, x.received)
		}
		s.mu.Unlock()
		if !s.serve(x) {
			return
		}
	}
}

// work does what was asked for: create or 409, or a search. There is one customer at most.
func (x *exchange) work() (status int, body string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.works++
	switch {
	case x.method == http.MethodGet:
		return http.StatusOK, `{"data":{"customers":[{"id":"cus_1","accountId":"acc_1","externalId":"ext_1"}],"count":1,"remaining":0,"id":"cus_1"}}`
	case x.exists:
		return http.StatusConflict, `{"error":"exists","details":{"meldCustomerId":"cus_1"}}`
	}
	x.exists = true
	return http.StatusOK, `{"data":{"id":"cus_1","accountId":"acc_1","externalId":"ext_1"}}`
}

const jsonType = "Content-Type: application/json\r\n"

// reply sends a whole answer with more header lines, and keeps the connection.
func (x *exchange) reply(status int, header, body string) bool {
	x.sends(body, false)
	return x.write(head(status, header, len(body)) + body)
}

func (x *exchange) sends(body string, cut bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.sent[x.method] = sentReply{body, cut}
}

func head(status int, header string, length int) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\n%sContent-Length: %d\r\n\r\n", status, http.StatusText(status), header, length)
}

// write sends bytes as they are, and reports whether the client took them.
func (x *exchange) write(s string) bool {
	_, err := io.WriteString(x.conn, s)
	return err == nil
}

// reset ends the connection with a RST, as a crash or a firewall does.
func (x *exchange) reset() bool {
	conn := x.conn
	if encrypted, ok := conn.(*tls.Conn); ok {
		conn = encrypted.NetConn()
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
	return false
}

// hang says nothing more until the client ends the connection.
func (x *exchange) hang() bool {
	_, _ = io.Copy(io.Discard, x.conn)
	return false
}

// endless sends the same again and again until the client ends the connection.
func (x *exchange) endless(s string) bool {
	for s = strings.Repeat(s, 1+4096/len(s)); x.write(s); {
	}
	return false
}

// drip sends one byte after another, slowly, until the client ends the connection.
func (x *exchange) drip(s string) bool {
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for i := 0; x.write(s[i%len(s) : i%len(s)+1]); i++ {
		<-ticker.C
	}
	return false
}

// status200 is the answer to a search that has found a customer.
func (x *exchange) status200() (status int, header, body string) {
	return http.StatusOK, jsonType, `{"data":{"customers":[{"id":"cus_1"}],"id":"cus_1"}}`
}
