package portaltest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// CustodianKey is the API key that the fake takes for a custodian's: on the paths below /custodians, where no
// end user's token is taken, and nowhere else.
const CustodianKey = "custodian-api-key"

// Clients is the part of the fake that a custodian uses: it makes clients and their session tokens. It is
// reached as the field Clients of a [Server] or [Handler]; [Server.Custodian] makes a custodian of package
// portal for it. The tokens that it hands out are honoured as those of end users, and all of one client, its
// client API key included, see the same state.
type Clients struct {
	h       *Handler
	maker   *client   // whom the IDs of clients are made for
	clients []*client // in the order in which they were made
}

// custody is what a custodian knows of a client.
type custody struct {
	createdAt  string // "" when no custodian has made it
	abstracted bool
	sessions   []string // tokens
}

const custodianPath = "/custodians/me/clients"

func newClients(h *Handler) *Clients {
	s := &Clients{h: h, maker: &client{name: CustodianKey, made: map[string]int{}}}
	h.serve("POST", custodianPath, s.create)
	h.serve("GET", custodianPath, s.list)
	h.serve("GET", custodianPath+"/{clientId}", s.get)
	h.serve("POST", custodianPath+"/{clientId}/sessions", s.createSession)
	h.serve("GET", "/clients/me", s.me)
	return s
}

// custodial reports whether an operation is a custodian's.
func custodial(op *apicheck.Operation) bool { return strings.HasPrefix(op.Template, "/custodians/") }

// refuseCustodian says what is wrong with the token of a request that a custodian's key or path has part in.
func refuseCustodian(op *apicheck.Operation, token string) string {
	switch {
	case !custodial(op):
		return "a custodian's API key is not the token of an end user"
	case token != CustodianKey:
		return "the token is not the custodian's API key, portaltest.CustodianKey"
	}
	return ""
}

// ExpireSessions makes every later request with a session token that the client has so far a 401, as after
// the 24 hours that Portal lets one live unused. The client API key stays valid, and new sessions find what the
// old ones made.
func (s *Clients) ExpireSessions(clientID string) {
	s.h.helper()
	s.h.mu.Lock()
	c := s.find(clientID)
	if c != nil {
		for _, token := range c.sessions {
			s.h.expired[token] = true
		}
		c.sessions = nil
	}
	s.h.mu.Unlock()
	if c == nil {
		s.h.complain(fmt.Sprintf("ExpireSessions: there is no client %q that the custodian has made", clientID))
	}
}

// IDs lists the clients that the custodian has made, the oldest first.
func (s *Clients) IDs() []string {
	s.h.mu.Lock()
	defer s.h.mu.Unlock()
	ids := make([]string, len(s.clients))
	for i, c := range s.clients {
		ids[i] = c.id
	}
	return ids
}

func (s *Clients) find(id string) *client {
	i := slices.IndexFunc(s.clients, func(c *client) bool { return c.id == id })
	if i < 0 {
		return nil
	}
	return s.clients[i]
}

// forget drops a client that was idle for long.
func (s *Clients) forget(c *client) {
	if c.createdAt != "" {
		s.clients = slices.DeleteFunc(s.clients, func(other *client) bool { return other == c })
	}
}

// create makes a client with its API key and a first session.
func (s *Clients) create(c *call) reply {
	key := s.h.newID(s.maker, "client API key")
	made := s.h.client(key)
	made.id = "clt" + s.h.newID(s.maker, "client")
	made.createdAt = s.h.tick()
	made.abstracted, _ = c.value["isAccountAbstracted"].(bool)
	s.clients = append(s.clients, made)
	return s.reply(c.op, s.newSession(made), object{"clientApiKey": key})
}

func (s *Clients) createSession(c *call) reply {
	of := s.find(c.pathValue(0))
	if of == nil {
		return s.h.errorReply(c.op, http.StatusNotFound, "Client not found")
	}
	s.h.recent.MoveToFront(of.place)
	return s.reply(c.op, s.newSession(of), nil)
}

// newSession gives a client one more token and returns the fields of its reply.
func (s *Clients) newSession(c *client) object {
	token := s.h.newID(c, "session token")
	c.sessions = append(c.sessions, token)
	s.h.addToken(c, token)
	return object{"id": c.id, "clientSessionToken": token, "isAccountAbstracted": c.abstracted}
}

func (s *Clients) get(c *call) reply {
	found := s.find(c.pathValue(0))
	if found == nil {
		return s.h.errorReply(c.op, http.StatusNotFound, "Client not found")
	}
	return s.reply(c.op, found.details(), nil)
}

// me tells an end user of the client that the token belongs to.
func (s *Clients) me(c *call) reply { return s.reply(c.op, c.client.details(), nil) }

func (c *client) details() object {
	details := object{"id": c.id}
	if c.createdAt != "" {
		details["createdAt"], details["isAccountAbstracted"] = c.createdAt, c.abstracted
	}
	return details
}

// list pages through the clients: take many at most, after the one that cursor names.
func (s *Clients) list(c *call) reply {
	take, err := strconv.Atoi(c.Query.Get("take"))
	if err != nil || take < 1 {
		take = 100
	}
	first := 0
	if cursor := c.Query.Get("cursor"); cursor != "" {
		i := slices.IndexFunc(s.clients, func(c *client) bool { return c.id == cursor })
		if i < 0 {
			return s.h.badRequest(c.op, []string{"query cursor: is not the ID of a client"})
		}
		first = i + 1
	}
	last := min(first+take, len(s.clients))
	var cursor any
	if last < len(s.clients) {
		cursor = s.clients[last-1].id
	}
	results := []any{}
	one := s.h.doc.At("GET", custodianPath+"/{clientId}")
	for _, c := range s.clients[first:last] {
		results = append(results, s.body(one, c.details()))
	}
	return jsonReply(0, object{"results": results, "metadata": object{"cursor": cursor, "take": take, "total": len(s.clients)}})
}

// reply answers with what the document says of a success, but with these fields.
func (s *Clients) reply(op *apicheck.Operation, fields ...object) reply {
	return jsonReply(0, s.body(op, fields...))
}

func (s *Clients) body(op *apicheck.Operation, fields ...object) object {
	var body object
	if op != nil {
		v, _ := apicheck.DecodeJSON(s.h.example(op, op.Success()).body) // one that is not an object says nothing here
		body, _ = v.(object)
	}
	inner := body
	if data, ok := body["data"].(object); ok {
		inner = data
	}
	if inner == nil {
		body = object{}
		inner = body
	}
	for _, more := range fields {
		for name, v := range more {
			inner[name] = v
		}
	}
	return body
}
