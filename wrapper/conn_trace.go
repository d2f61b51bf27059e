package portal

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// A connTrace watches how far an attempt gets. What was seen on the wire outranks what an error looks like.
type connTrace struct{ asked, connected, wrote atomic.Bool }

// watch returns a context whose request is watched, by the trace that ctx has already as well.
func (t *connTrace) watch(ctx context.Context) context.Context {
	key := clientTraceKey()
	if key == nil {
		return ctx // the round tripper is then one that reports nothing
	}
	var outer, trace httptrace.ClientTrace
	if known := httptrace.ContextClientTrace(ctx); known != nil {
		outer, trace = *known, *known
	}
	trace.GetConn = func(hostPort string) {
		t.asked.Store(true)
		if outer.GetConn != nil {
			outer.GetConn(hostPort)
		}
	}
	trace.GotConn = func(info httptrace.GotConnInfo) {
		t.connected.Store(true)
		if outer.GotConn != nil {
			outer.GotConn(info)
		}
	}
	// The end of a request may be reported later than the reply to it arrives; its headers are reported before they go.
	trace.WroteHeaders = func() {
		t.wrote.Store(true)
		if outer.WroteHeaders != nil {
			outer.WroteHeaders()
		}
	}
	trace.WroteRequest = func(info httptrace.WroteRequestInfo) {
		t.wrote.Store(info.Err == nil)
		if outer.WroteRequest != nil {
			outer.WroteRequest(info)
		}
	}
	return context.WithValue(ctx, key, &trace)
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
