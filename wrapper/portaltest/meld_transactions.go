package portaltest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/portalclient/portal-client-go/api"
	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// transaction is one that is stored. It is replaced, never changed.
type transaction = api.MeldTransaction

// nextStatus is the usual way of a transaction.
var nextStatus = map[string]string{
	"PENDING_CREATED": "PENDING",
	"PENDING":         "SETTLING",
	"SETTLING":        "SETTLED",
}

// Transactions returns the transactions of a token's client, the oldest first. Changing the result changes
// nothing in the fake.
func (m *Meld) Transactions(token string) []api.MeldTransaction {
	m.h.mu.Lock()
	defer m.h.mu.Unlock()
	all := []api.MeldTransaction{}
	if c := m.h.clients[token]; c != nil {
		for _, t := range c.meld.transactions {
			all = append(all, copyTransaction(t))
		}
	}
	return all
}

// SeedTransaction gives the client of a token a transaction without a widget session, and returns it:
// fields that are empty and that every transaction has are filled in.
func (m *Meld) SeedTransaction(token string, t api.MeldTransaction) api.MeldTransaction {
	m.h.helper()
	if !m.h.wellFormed("SeedTransaction", token) {
		return t
	}
	m.h.mu.Lock()
	problem := m.seed(m.h.client(token), &t)
	m.h.mu.Unlock()
	if problem != "" {
		m.h.complain("SeedTransaction: " + problem)
	}
	return t
}

func (m *Meld) seed(c *client, t *transaction) (problem string) {
	fill := func(field *string, value func() string) {
		if *field == "" {
			*field = value()
		}
	}
	is := func(s string) func() string { return func() string { return s } }
	fill(&t.ID, func() string { return m.h.newID(c, "transaction") })
	fill(&t.SessionID, func() string { return m.h.newID(c, "session") })
	fill(&t.Status, is("PENDING"))
	fill(&t.TransactionType, is("CRYPTO_PURCHASE"))
	fill(&t.ServiceProvider, is(providers[0].code))
	fill(&t.CreatedAt, m.h.tick)
	fill(&t.UpdatedAt, is(t.CreatedAt))
	if t.Key == nil {
		t.Key = ptr(m.h.newID(c, "key"))
	}
	if _, err := time.Parse(time.RFC3339, t.CreatedAt); err != nil {
		return "createdAt must be a time as in RFC 3339, such as 2026-01-01T00:00:00Z"
	}
	if _, old := m.transaction(t.ID); old != nil {
		return "there is a transaction with this ID already; leave ID empty for a new one"
	}
	if problems := m.refused("GET", "/retail/transactions/{id}", object{"transaction": *t}); len(problems) > 0 {
		return "the document does not allow this transaction: " + strings.Join(problems, "; ")
	}
	stored := copyTransaction(t)
	c.meld.transactions = append(c.meld.transactions, &stored)
	return ""
}

// SetTransactionStatus moves a transaction to a status, whichever: FAILED, ERROR, or one that nobody has
// heard of.
func (m *Meld) SetTransactionStatus(id, status string) api.MeldTransaction {
	m.h.helper()
	if status == "" {
		m.h.complain("SetTransactionStatus: the status is empty; give one such as FAILED")
		return api.MeldTransaction{}
	}
	return m.move(id, func(string) string { return status })
}

// AdvanceTransaction moves a transaction one step on its usual way, PENDING, SETTLING, SETTLED.
func (m *Meld) AdvanceTransaction(id string) api.MeldTransaction {
	m.h.helper()
	return m.move(id, func(old string) string { return nextStatus[old] })
}

func (m *Meld) move(id string, to func(old string) string) api.MeldTransaction {
	m.h.helper()
	m.h.mu.Lock()
	c, t := m.transaction(id)
	status := ""
	if t != nil {
		if status = to(t.Status); status != "" {
			t = m.setStatus(c, t, status)
		}
	}
	m.h.mu.Unlock()
	switch {
	case t == nil:
		m.h.complain(fmt.Sprintf("there is no transaction %q; see Transactions for those that exist", id))
		return api.MeldTransaction{}
	case status == "":
		m.h.complain(fmt.Sprintf("AdvanceTransaction: %s is not on the usual way; use SetTransactionStatus", t.Status))
	}
	return copyTransaction(t)
}

// setStatus replaces a transaction by one that has moved. It is called locked.
func (m *Meld) setStatus(c *client, t *transaction, status string) *transaction {
	moved := *t
	moved.Status, moved.UpdatedAt = status, m.h.tick()
	if status == "SETTLED" && moved.CryptoPurchaseDetails != nil {
		hash := m.h.derive("blockchain", t.ID)
		moved.CryptoPurchaseDetails = maps.Clone(moved.CryptoPurchaseDetails)
		moved.CryptoPurchaseDetails["blockchainTransactionId"] = raw(fmt.Sprintf("0x%x", hash))
	}
	for i := range c.meld.transactions {
		if c.meld.transactions[i].ID == t.ID {
			c.meld.transactions[i] = &moved
		}
	}
	return &moved
}

// transaction finds one among all clients. It is called locked.
func (m *Meld) transaction(id string) (*client, *transaction) {
	for _, c := range m.h.clients {
		for _, t := range c.meld.transactions {
			if t.ID == id {
				return c, t
			}
		}
	}
	return nil, nil
}

// StartTransaction lets the end user of a widget session begin; see MeldOptions.StartedLater.
func (m *Meld) StartTransaction(sessionID string) api.MeldTransaction {
	m.h.helper()
	m.h.mu.Lock()
	var started *transaction
	known := false
	for _, c := range m.h.clients {
		for _, s := range c.meld.sessions {
			if s.id == sessionID {
				if known = true; !s.begun {
					started = m.start(c, s)
				}
			}
		}
	}
	m.h.mu.Unlock()
	switch {
	case !known:
		m.h.complain(fmt.Sprintf("StartTransaction: there is no widget session %q", sessionID))
	case started == nil:
		m.h.complain("StartTransaction: the session has its transaction already; MeldOptions.StartedLater lets it wait")
	default:
		return copyTransaction(started)
	}
	return api.MeldTransaction{}
}

// start makes the transaction of a session. It is called locked.
func (m *Meld) start(c *client, s *session) *transaction {
	s.begun = true
	from, to := s.offer.currencies()
	now := m.h.tick()
	t := &transaction{
		ID: m.h.newID(c, "transaction"), Key: ptr(m.h.newID(c, "key")), SessionID: s.id,
		ExternalCustomerID: ptr(m.externalID(c)), Status: "PENDING", ServiceProvider: s.offer.provider.code,
		TransactionType: "CRYPTO_TRANSFER", CreatedAt: now, UpdatedAt: now,
		SourceCurrencyCode: &from, SourceAmount: ptr(number(s.source)),
		DestinationCurrencyCode: &to, DestinationAmount: ptr(number(s.source)),
		CryptoPurchaseDetails:  map[string]api.RawJSON{"blockchainTransactionId": raw(nil), "chainCode": raw(s.offer.crypto.chain)},
		ServiceProviderDetails: map[string]api.RawJSON{},
	}
	if s.external != "" {
		t.ExternalSessionID = &s.external
	}
	if s.wallet != "" && s.offer.category != offramp {
		t.DestinationWalletAddress = &s.wallet
	}
	if p, ok := s.price(); ok {
		t.TransactionType = map[string]string{onramp: "CRYPTO_PURCHASE", offramp: "CRYPTO_SELL"}[s.offer.category]
		t.PaymentMethodType = &s.offer.method.code
		t.DestinationAmount = ptr(number(p.destination))
		for name, fee := range map[string]any{
			"totalFee": number(p.totalFee()), "transactionFee": number(p.own), "networkFee": number(p.network),
			"partnerFee": number(p.partner), "exchangeRate": number(p.rate),
		} {
			t.CryptoPurchaseDetails[name] = raw(fee)
		}
	}
	c.meld.transactions = append(c.meld.transactions, t)
	return t
}

// price is that of the session; a transfer has none.
func (s *session) price() (price, bool) {
	if s.offer.category == transfer {
		return price{}, false
	}
	return s.offer.price(s.source)
}

// getTransaction finds a transaction of the client.
func (m *Meld) getTransaction(c *call) reply {
	return m.oneTransaction(c, func(t *transaction) bool { return t.ID == c.pathValue(0) })
}

func (m *Meld) getTransactionBySession(c *call) reply {
	return m.oneTransaction(c, func(t *transaction) bool { return t.SessionID == c.pathValue(0) })
}

func (m *Meld) oneTransaction(c *call, wanted func(*transaction) bool) reply {
	for _, t := range c.client.meld.transactions {
		if wanted(t) {
			if next := nextStatus[t.Status]; next != "" && m.h.config.meld.AutoAdvance {
				m.setStatus(c.client, t, next)
			}
			return dataReply(object{"transaction": *t})
		}
	}
	return m.h.errorReply(c.op, http.StatusNotFound, "Transaction not found")
}

func copyTransaction(t *transaction) api.MeldTransaction {
	var c api.MeldTransaction
	text, err := json.Marshal(t)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return *t // it was encoded when it came in, so this does not happen
	}
	return c
}

func ptr[T any](v T) *T { return &v }

func raw(v any) api.RawJSON {
	text, err := apicheck.EncodeJSON(v)
	if err != nil {
		panic(err) // of a text, a number or null
	}
	return text
}
