package portaltest

import (
	"net/http"
	"sync"
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
	doc       *document
	config    config
	semantics map[string]work // by operationId

	complain func(sentence string) // a wrong argument
	bug      func(sentence string) // a fault of this package
	helper   func()                // testing.TB.Helper, so that a complaint names the caller's line

	mu       sync.Mutex
	clients  map[string]*client // by token
	expired  map[string]bool    // tokens
	requests []*Request
	script   map[string][]*step // by operationId, or AnyOperation
	draws    map[string]uint64  // how often the dice were thrown, by operation and token
	ticks    int                // of the default clock
}

var _ http.Handler = (*Handler)(nil)

// NewHandler returns the fake API with nothing in it. It panics when an option is not valid, with a
// sentence that says what to do. In a Go test, [NewServer] is shorter and fails the test instead.
func NewHandler(opts ...Option) *Handler {
	c, err := newConfig(opts)
	if err != nil {
		panic("portaltest: " + err.Error())
	}
	if c.memory {
		panic("portaltest: NewHandler: WithMemoryNetwork is for NewServer; a Handler has no network of its own")
	}
	return newHandler(theDocument(), c)
}

func newHandler(doc *document, c config) *Handler {
	return &Handler{
		doc:       doc,
		config:    c,
		semantics: semantics,
		complain:  func(sentence string) { panic("portaltest: " + sentence) },
		bug:       func(string) {},
		helper:    func() {},
		clients:   map[string]*client{},
		expired:   map[string]bool{},
		script:    map[string][]*step{},
		draws:     map[string]uint64{},
	}
}

// ServeHTTP answers one request: it takes it in, lets a fault have it if one is due, and otherwise checks
// it, does the work and checks the reply.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := h.receive(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the client left in the middle of its request
	}
	f, faulty := h.admit(c)
	if !faulty {
		rep := h.answer(c)
		h.sending(r.Context(), c, rep.status)
		rep.write(w)
		return
	}
	h.play(f, c, w, r)
}

// answer does what the real API would do: refuse or work.
func (h *Handler) answer(c *call) reply {
	switch {
	case c.op == nil && len(c.allow) > 0:
		rep := errorReply(http.StatusMethodNotAllowed, "this path does not know the method %s", quoteName(c.Method))
		rep.header.Set("Allow", c.allow)
		return rep
	case c.op == nil:
		return errorReply(http.StatusNotFound, "no operation of the document has this path")
	}
	if problem := h.authenticate(c); problem != "" {
		rep := errorReply(http.StatusUnauthorized, "Authorization: %s", problem)
		rep.header.Set("WWW-Authenticate", "Bearer")
		return h.checked(c.op, rep)
	}
	if c.tooLarge {
		return errorReply(http.StatusRequestEntityTooLarge, "body: is larger than %d bytes", maxRequestBytes)
	}
	if problems := c.check(); len(problems) > 0 {
		return h.checked(c.op, badRequest(problems))
	}
	do := h.semantics[c.op.id]
	if do == nil {
		return errorReply(http.StatusNotImplemented, "portaltest has no semantics for %s yet; the request is valid", c.op.id)
	}
	return h.checked(c.op, h.locked(c, do))
}

// work is what an operation does. It runs with the state locked, and its request is valid.
type work func(*Handler, *call) reply

func (h *Handler) locked(c *call, do work) reply {
	h.mu.Lock()
	defer h.mu.Unlock()
	c.client = h.client(c.Token)
	return do(h, c)
}

// semantics says what each operation does. One that is missing here is validated and answered with a 501.
var semantics = map[string]work{
	"createMeldCustomer":                (*Handler).createMeldCustomer,
	"getMeldCustomer":                   (*Handler).getMeldCustomer,
	"getMeldServiceProviders":           (*Handler).getMeldServiceProviders,
	"getMeldCountries":                  (*Handler).getMeldCountries,
	"getMeldFiatCurrencies":             (*Handler).getMeldFiatCurrencies,
	"getMeldCryptoCurrencies":           (*Handler).getMeldCryptoCurrencies,
	"getMeldPaymentMethods":             (*Handler).getMeldPaymentMethods,
	"getMeldDefaults":                   (*Handler).getMeldDefaults,
	"getMeldBuyLimits":                  (*Handler).getMeldBuyLimits,
	"getMeldSellLimits":                 (*Handler).getMeldSellLimits,
	"getMeldKycLimits":                  (*Handler).getMeldKycLimits,
	"getMeldRetailQuote":                (*Handler).getMeldRetailQuote,
	"createMeldRetailWidget":            (*Handler).createMeldRetailWidget,
	"searchMeldRetailTransactions":      (*Handler).searchMeldRetailTransactions,
	"getMeldRetailTransaction":          (*Handler).getMeldRetailTransaction,
	"getMeldRetailTransactionBySession": (*Handler).getMeldRetailTransactionBySession,
}
