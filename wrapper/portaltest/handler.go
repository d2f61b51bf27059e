package portaltest

import (
	"container/list"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/portalclient/portal-client-go/internal/apicheck"
	"github.com/portalclient/portal-client-go/openapi"
)

// A Handler is the fake Portal API as an http.Handler. It serves the paths below /api/v3, so it can stand
// at the root of any server. It is safe for concurrent use, and two handlers share nothing.
//
// Its state is read and arranged with its methods while it serves. A wrong argument to one of them, such as
// a fault for an operation that does not exist, panics with a sentence that says what to do; on a [Server]
// it fails the test instead.
//
// A reply of its own that breaks the document is a bug in this package: it is answered with a 500 that
// names the rule. Scripted and random faults are exempt, they break the document on purpose.
type Handler struct {
	Meld    *Meld    // customers, quotes and transactions
	Clients *Clients // the clients that a custodian has made

	doc      *apicheck.Document
	config   config
	handlers map[*apicheck.Operation]work // operations that have a meaning beyond their document

	complain func(sentence string) // a wrong argument
	bug      func(sentence string) // a reply that breaks the document
	helper   func()                // testing.TB.Helper, so that a complaint names the caller's line

	examples sync.Map // replies out of the document, by operation and status

	mu       sync.Mutex
	answers  map[*apicheck.Operation]answer
	clients  map[string]*client // by token
	recent   *list.List         // clients, the one used last in front
	stored   int                // bytes, roughly, of all clients
	expired  map[string]bool    // tokens
	requests []*Request
	script   map[string][]*step  // by name of operation, or AnyOperation
	draws    map[[32]byte]uint64 // how often the dice were thrown, by operation and token
	ticks    int                 // of the default clock
}

var _ http.Handler = (*Handler)(nil)

// work is what an operation does. It runs with the state locked, and its request is valid.
type work func(*call) reply

// NewHandler returns the fake API with nothing in it. It panics when an option is not valid, with a
// sentence that says what to do. In a Go test, [NewServer] is shorter and fails the test instead.
func NewHandler(opts ...Option) *Handler {
	doc := theDocument()
	c, err := newConfig(doc, opts)
	if err != nil {
		panic("portaltest: " + err.Error())
	}
	if c.memory {
		panic("portaltest: NewHandler: WithMemoryNetwork is for NewServer; a Handler has no network of its own")
	}
	return newHandler(doc, c)
}

// theDocument is the vendored document with all additions. It is read when the first handler is made.
var theDocument = sync.OnceValue(func() *apicheck.Document {
	d, err := apicheck.Read(openapi.Merged)
	if err != nil {
		panic(fmt.Sprintf("portaltest: the document built into this module is not usable: %v", err))
	}
	return d
})

func newHandler(doc *apicheck.Document, c config) *Handler {
	h := &Handler{
		doc:      doc,
		config:   c,
		handlers: map[*apicheck.Operation]work{},
		complain: func(sentence string) { panic("portaltest: " + sentence) },
		bug:      func(string) {},
		helper:   func() {},
		answers:  map[*apicheck.Operation]answer{},
		clients:  map[string]*client{},
		recent:   list.New(),
		expired:  map[string]bool{},
		script:   map[string][]*step{},
		draws:    map[[32]byte]uint64{},
	}
	h.Meld = newMeld(h)
	h.Clients = newClients(h)
	return h
}

// serve gives an operation a meaning, if the document has it.
func (h *Handler) serve(method, template string, do work) {
	if op := h.doc.At(method, template); op != nil {
		h.handlers[op] = do
	}
}

// ServeHTTP answers one request: it takes it in, lets a fault have it if one is due, and otherwise checks
// it, does the work and checks the reply.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := h.receive(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the client left in the middle of its request
	}
	h.play(h.admit(c), c, w, r)
}

// answer does what the real API would do: refuse or work.
func (h *Handler) answer(c *call) reply {
	switch {
	case c.op == nil && len(c.allow) > 0:
		rep := h.errorReply(nil, http.StatusMethodNotAllowed, "this path does not know the method %q", quoteMethod(c.Method))
		rep.header.Set("Allow", strings.Join(c.allow, ", "))
		return rep
	case c.op == nil:
		return h.errorReply(nil, http.StatusNotFound, "no operation of the document has this path")
	}
	if problem := h.authenticate(c); problem != "" {
		rep := h.errorReply(c.op, http.StatusUnauthorized, "Authorization: %s", problem)
		rep.header.Set("WWW-Authenticate", "Bearer")
		return rep
	}
	if c.tooLarge {
		return h.errorReply(nil, http.StatusRequestEntityTooLarge, "body: is larger than %d bytes", maxRequestBytes)
	}
	value, problems := c.op.CheckRequest(c.values, c.rawQuery, c.Header, c.Body)
	if len(problems) > 0 {
		return h.badRequest(c.op, problems)
	}
	c.value, _ = value.(object)
	return h.work(c)
}

// work does what a valid request asks for: as the test says, or as the operation means, or else as the example
// of the document has it.
func (h *Handler) work(c *call) reply {
	h.mu.Lock()
	set, ok := h.answers[c.op]
	do := h.handlers[c.op]
	h.mu.Unlock()
	switch {
	case ok:
		return set(c)
	case do != nil:
		return h.checked("bug in portaltest", c.op, h.locked(c, do))
	}
	return h.example(c.op, c.op.Success())
}

func (h *Handler) locked(c *call, do work) reply {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !custodial(c.op) {
		c.client = h.client(c.Token)
		if c.Method != http.MethodGet {
			h.keep(c.client, len(c.Body)+bytesPerChange)
		}
	}
	return do(c)
}
