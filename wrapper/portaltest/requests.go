package portaltest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
)

// A Request is what arrived, and what became of it.
type Request struct {
	Operation string // operationId, or method and path template without one; empty when the document has neither
	Method    string
	Path      string // as it was sent, without the /api/v3 before it
	Query     url.Values
	Token     string // the bearer token; empty when there was none that could be one
	Header    http.Header
	Body      []byte
	Status    int    // what was answered; 0 while there is no answer, and when a fault sent none
	Fault     string // the fault that it met, as [Fault.String] writes it; empty when there was none

	path map[string]string
}

// PathValue is the value of a path parameter, unescaped; empty when the operation has no such parameter.
func (r Request) PathValue(name string) string { return r.path[name] }

func (r *Request) clone() Request {
	c := *r
	c.Header = c.Header.Clone()
	c.Query = url.Values(http.Header(c.Query).Clone())
	c.Body = slices.Clone(c.Body)
	return c
}

// Requests returns what arrived so far, in the order of arrival: everything, or only what called one of the
// named operations. A request counts from the moment its last byte was read. Changing the result changes
// nothing in the fake.
func (h *Handler) Requests(operations ...string) []Request {
	h.helper()
	for _, id := range operations {
		if h.operation("Requests", id) == nil {
			return nil
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]Request, 0, len(h.requests))
	for _, r := range h.requests {
		if len(operations) > 0 && !slices.Contains(operations, r.Operation) {
			continue
		}
		all = append(all, r.clone())
	}
	return all
}

// record keeps a request, and lets the oldest go when there are more than the history takes. It is called
// locked.
func (h *Handler) record(r *Request) {
	limit := h.config.history
	if limit == 0 {
		return
	}
	if limit > 0 && len(h.requests) >= limit {
		h.requests = append(h.requests[:0], h.requests[len(h.requests)-limit+1:]...)
	}
	h.requests = append(h.requests, r)
}

// sending notes the status before its first byte leaves, so that a client that has the reply also finds
// it in Requests.
func (h *Handler) sending(ctx context.Context, c *call, status int) {
	h.mu.Lock()
	c.Status = status
	fault := c.Fault
	h.mu.Unlock()
	if h.config.logger != nil {
		h.log(ctx, c, status, fault)
	}
}
