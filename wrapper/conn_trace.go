package portal

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// A connTrace is the context of an attempt, and watches how far it gets, beside the trace that the call's context may
// have already. What was seen on the wire outranks what an error looks like.
type connTrace struct {
	context.Context
	trace, outer            *httptrace.ClientTrace
	asked, connected, wrote atomic.Bool
}

var noTrace httptrace.ClientTrace

func newConnTrace(ctx context.Context) *connTrace {
	t := &connTrace{Context: ctx, outer: httptrace.ContextClientTrace(ctx)}
	if t.outer == nil {
		t.outer = &noTrace
	}
	trace := *t.outer
	trace.GetConn = func(hostPort string) {
		t.asked.Store(true)
		if t.outer.GetConn != nil {
			t.outer.GetConn(hostPort)
		}
	}
	trace.GotConn = func(info httptrace.GotConnInfo) {
		t.connected.Store(true)
		if t.outer.GotConn != nil {
			t.outer.GotConn(info)
		}
	}
	// The end of a request may be reported later than the reply to it arrives; its headers are reported before they go.
	trace.WroteHeaders = func() {
		t.wrote.Store(true)
		if t.outer.WroteHeaders != nil {
			t.outer.WroteHeaders()
		}
	}
	trace.WroteRequest = func(info httptrace.WroteRequestInfo) {
		t.wrote.Store(info.Err == nil)
		if t.outer.WroteRequest != nil {
			t.outer.WroteRequest(info)
		}
	}
	t.trace = &trace
	return t
}

// Value gives net/http the trace. Should its key not be known, the round tripper is one that reports nothing.
func (t *connTrace) Value(key any) any {
	if key != nil && key == clientTraceKey() {
		return t.trace
	}
	return t.Context.Value(key)
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
