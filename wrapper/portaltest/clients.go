package portaltest

import (
	"container/list"
	"slices"
)

// A client is what the fake knows of one Portal client. Values in it are replaced, never changed, so that
// a reply may be encoded after the lock is given back.
type client struct {
	id     string // as Portal calls it
	name   string // the first token that it came with, from which its IDs are made
	tokens []string
	made   map[string]int // how many IDs of each kind it has
	meld   meldState
	custody

	place *list.Element // among those used recently
	bytes int           // roughly, of what is kept for it
}

// What is kept for a client is counted so, beside its tokens and the bodies that it sent.
const (
	bytesPerClient = 2 << 10
	bytesPerChange = 4 << 10
)

// client returns the client of a token and makes it if need be. It is called locked.
func (h *Handler) client(token string) *client {
	c := h.clients[token]
	if c == nil {
		c = &client{name: token, made: map[string]int{}}
		c.id = h.uuid(token, "client")
		c.place = h.recent.PushFront(c)
		h.keep(c, bytesPerClient)
		h.addToken(c, token)
	}
	h.recent.MoveToFront(c.place)
	return c
}

// addToken lets a client have one more token. It is called locked.
func (h *Handler) addToken(c *client, token string) {
	c.tokens = append(c.tokens, token)
	h.clients[token] = c
	h.keep(c, 2*len(token))
}

// keep counts what is kept for a client, and forgets those that were idle the longest when it is too much. It
// is called locked.
func (h *Handler) keep(c *client, bytes int) {
	c.bytes += bytes
	h.stored += bytes
	for h.config.memoryLimit > 0 && h.stored > h.config.memoryLimit && h.recent.Len() > 0 {
		oldest, _ := h.recent.Remove(h.recent.Back()).(*client)
		h.stored -= oldest.bytes
		oldest.bytes = 0
		for _, token := range oldest.tokens {
			delete(h.clients, token)
			delete(h.expired, token)
		}
		h.Clients.forget(oldest)
	}
}

// ExpireToken makes every later request with this token a 401. What its client has stays, for
// [Handler.RotateToken].
func (h *Handler) ExpireToken(token string) {
	h.helper()
	if !h.wellFormed("ExpireToken", token) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expired[token] = true
}

// RotateToken gives a client a new token, as a back end does when a Client Session Token runs out: the old
// one is expired, and the new one finds everything that the old one made.
func (h *Handler) RotateToken(oldToken, newToken string) {
	h.helper()
	if !h.wellFormed("RotateToken", oldToken) || !h.wellFormed("RotateToken", newToken) {
		return
	}
	if oldToken == newToken {
		h.complain("RotateToken: the two tokens are the same; give a new one")
		return
	}
	h.mu.Lock()
	c, taken := h.client(oldToken), h.clients[newToken] != nil
	if !taken {
		delete(h.clients, oldToken)
		c.tokens = slices.DeleteFunc(c.tokens, func(token string) bool { return token == oldToken })
		delete(h.expired, newToken)
		h.expired[oldToken] = true
		h.addToken(c, newToken)
	}
	h.mu.Unlock()
	if taken {
		h.complain("RotateToken: the new token belongs to a client already; give one that nobody has used")
	}
}

func (h *Handler) wellFormed(method, token string) bool {
	h.helper()
	if bearerToken.MatchString(token) && len(token) <= maxTokenBytes && token != CustodianKey {
		return true
	}
	h.complain(method + ": the token is empty or cannot be sent as a bearer token of an end user; use letters, digits and -._~+/ only")
	return false
}
