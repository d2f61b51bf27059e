package portaltest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// play lets a request meet a fault: wait, work if the fault lets it, wait again, spoil the reply, send it
// or not.
func (h *Handler) play(f Fault, c *call, w http.ResponseWriter, r *http.Request) {
	hold(r.Context(), f.before)
	if f.expire {
		h.mu.Lock()
		if h.client(c.Token); c.Token != "" {
			h.expired[c.Token] = true
		}
		h.mu.Unlock()
	}
	var rep reply
	if f.work {
		rep = h.answer(c)
	}
	hold(r.Context(), f.after)
	rep = f.spoil(rep)
	if f.delivery == dropped || f.delivery == silent {
		h.sending(r.Context(), c, 0)
	} else {
		h.sending(r.Context(), c, rep.status)
	}
	f.deliver(rep, w, r.Context())
}

// hold goes through waits. When the client leaves meanwhile, there is nobody to serve any more.
func hold(ctx context.Context, waits []wait) {
	for _, wait := range waits {
		if !wait(ctx) {
			panic(http.ErrAbortHandler)
		}
	}
}

// spoil puts the fault's own status, headers and body into a reply.
func (f Fault) spoil(rep reply) reply {
	if f.status != 0 {
		rep.status, rep.header = f.status, http.Header{}
	}
	for name, values := range f.header {
		rep.header[name] = values
	}
	if f.replaced {
		rep.body = f.body
	}
	return rep
}

func (f Fault) deliver(rep reply, w http.ResponseWriter, ctx context.Context) {
	out := http.NewResponseController(w)
	switch f.delivery {
	case dropped:
		reset(out)
	case silent:
		<-ctx.Done()
		panic(http.ErrAbortHandler)
	case cut:
		rep.writeHeader(w)
		_, _ = w.Write(rep.body[:min(f.size, max(len(rep.body)-1, 0))])
		_ = out.Flush()
		panic(http.ErrAbortHandler) // closes the connection with bytes still owed
	case endless:
		for name, values := range rep.header {
			w.Header()[name] = values
		}
		w.WriteHeader(rep.status)
		pour(ctx, w)
	case dripped:
		rep.writeHeader(w)
		drip(ctx, w, rep.body, f.every)
	default:
		rep.write(w)
	}
}

// reset breaks the connection so that the client sees a reset, not an orderly end. Where there is no
// connection to take, as with HTTP/2 or a recorder, the handler is aborted, which comes close.
func reset(out *http.ResponseController) {
	conn, _, err := out.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// pour writes a JSON string without an end until the client leaves or the server closes.
func pour(ctx context.Context, w http.ResponseWriter) {
	_, err := w.Write([]byte(`{"data":{"id":"`))
	for chunk := bytes.Repeat([]byte("x"), 32<<10); err == nil && ctx.Err() == nil; {
		_, err = w.Write(chunk)
	}
	panic(http.ErrAbortHandler)
}

// drip writes a body byte by byte.
func drip(ctx context.Context, w http.ResponseWriter, body []byte, every time.Duration) {
	out := http.NewResponseController(w)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for i := range body {
		if i > 0 {
			select {
			case <-ticker.C:
			case <-ctx.Done():
				panic(http.ErrAbortHandler)
			}
		}
		if _, err := w.Write(body[i : i+1]); err != nil {
			panic(http.ErrAbortHandler)
		}
		if err := out.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
			panic(http.ErrAbortHandler)
		}
	}
}

// log writes one line for a reply. What it names is known from the document, not from the client.
func (h *Handler) log(ctx context.Context, c *call, status int, fault string) {
	attrs := []slog.Attr{slog.String("operation", c.Operation), slog.String("method", quoteMethod(c.Method))}
	if status != 0 {
		attrs = append(attrs, slog.Int("status", status))
	}
	if fault != "" {
		attrs = append(attrs, slog.String("fault", fault))
	}
	h.config.logger.LogAttrs(ctx, slog.LevelInfo, "request", attrs...)
}
