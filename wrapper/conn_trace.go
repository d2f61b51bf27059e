package portal

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// A connTrace is the context that an attempt is sent with, and watches how far it gets, beside the trace that the call's
// context may have already. What was seen on the wire outranks what an error looks like.
type connTrace struct {
	context.Context
	made                    sync.Once
	trace                   httptrace.ClientTrace
	asked, connected, wrote atomic.Bool

	stop                    func()      // ends the attempt; set for a write that net/http may send again by itself
	stopped, http2, replied atomic.Bool // with stop only: it was called; the last connection speaks HTTP/2, a reply began on it
}

// Value gives net/http the trace, which is made when it is first asked for. Should its key not be known, the round
// tripper is one that reports nothing.
func (t *connTrace) Value(key any) any {
	if key != nil && key == clientTraceKey() {
		t.made.Do(t.watch)
		return &t.trace
	}
	return t.Context.Value(key)
}

// watch makes the trace: that of the call's context, if there is one, and before each step of it a note of ours.
func (t *connTrace) watch() {
	var outer httptrace.ClientTrace
	if trace := httptrace.ContextClientTrace(t.Context); trace != nil {
		outer = *trace
	}
	t.trace = outer
	t.trace.GetConn = func(hostPort string) {
		t.asked.Store(true)
		if outer.GetConn != nil {
			outer.GetConn(hostPort)
		}
	}
	t.trace.GotConn = func(info httptrace.GotConnInfo) {
		t.connected.Store(true)
		if t.stop != nil {
			t.sendOnce(info.Conn)
		}
		if outer.GotConn != nil {
			outer.GotConn(info)
		}
	}
	if t.stop != nil {
		t.trace.GotFirstResponseByte = func() {
			t.replied.Store(true)
			if outer.GotFirstResponseByte != nil {
				outer.GotFirstResponseByte()
			}
		}
	}
	// The end of a request may be reported later than the reply to it arrives; its headers are reported before they go.
	t.trace.WroteHeaders = func() {
		t.wrote.Store(true)
		if outer.WroteHeaders != nil {
			outer.WroteHeaders()
		}
	}
	t.trace.WroteRequest = func(info httptrace.WroteRequestInfo) {
		t.wrote.Store(info.Err == nil)
		if outer.WroteRequest != nil {
			outer.WroteRequest(info)
		}
	}
}

// clientTraceKey is the key under which net/http looks for a trace in a context, nil if it cannot be found out.
// [httptrace.WithClientTrace] knows it, and links 28 KB of reflection into every program to call two traces.
var clientTraceKey = sync.OnceValue(func() any {
	asked := &askedContext{Context: context.Background()}
	httptrace.ContextClientTrace(asked)
	return asked.key
})

// An askedContext notes the key that it is asked for.
type askedContext struct {
	context.Context
	key any
}

func (c *askedContext) Value(key any) any {
	c.key = key
	return nil
}

// sendOnce keeps net/http from sending the request again on conn when it may have been carried out already. Over HTTP/2
// it may not: there it is sent again only when the server says so. Once a reply has begun, it is not net/http that sends
// again. A trace cannot refuse a connection, so this one is closed, as the other end may do at any time, and the attempt is
// ended, or else the next one would be tried.
func (t *connTrace) sendOnce(conn net.Conn) {
	if !t.replied.Swap(false) && t.wrote.Load() && !t.http2.Load() {
		t.stopped.Store(true)
		t.stop()
		defer func() { _ = recover() }() // what a round tripper for HTTP/3 shows as a connection panics
		_ = conn.Close()
	}
	secure, ok := conn.(*tls.Conn)
	t.http2.Store(ok && secure.ConnectionState().NegotiatedProtocol == "h2")
}

// unsent reports whether err came before anything of the request was sent: no connection was there, or one was and
// a further one could not be made. A round tripper that reports nothing is believed when it fails to dial.
func (t *connTrace) unsent(err error) bool {
	var op *net.OpError
	dialFailed := errors.As(err, &op) && op.Op == "dial"
	if t.connected.Load() {
		return dialFailed && !t.wrote.Load()
	}
	return t.asked.Load() || dialFailed
}
