package portaltest

import (
	"math/big"
	"net/url"
	"regexp"
)

// A session is an open widget, and what its end user is about to do.
type session struct {
	id, external string
	offer        offer
	source       *big.Rat
	wallet       string
	begun        bool // it has its transaction
}

var decimalText = regexp.MustCompile(`^[0-9]{1,40}(\.[0-9]{1,40})?$`)

var sessionCategories = map[string]string{"BUY": onramp, "SELL": offramp, "TRANSFER": transfer}

// createWidget opens a session. Each needs an externalSessionId of its own, if it has one: Meld
// asks for that, so a fake that took a repeat would hide a client that repeats the call blindly.
func (m *Meld) createWidget(c *call) reply {
	body := c.value
	data, _ := body["sessionData"].(object)
	s, problems := newSession(text(body, "sessionType"), data)
	problems = append(problems, c.client.customerProblems(body)...)
	s.external = text(body, "externalSessionId")
	for _, other := range c.client.meld.sessions {
		if s.external != "" && other.external == s.external {
			problems = append(problems, "/externalSessionId: was used before; give a new one on every call")
		}
	}
	if body["bypassKyc"] == true && c.client.meld.customer == nil {
		problems = append(problems, "/bypassKyc: needs a Meld customer")
	}
	if len(problems) > 0 {
		return m.h.badRequest(c.op, problems)
	}
	s.id = m.h.newID(c.client, "session")
	c.client.meld.sessions = append(c.client.meld.sessions, s)
	if !m.h.config.meld.StartedLater {
		m.start(c.client, s)
	}
	token := m.h.newID(c.client, "session token") + m.h.newID(c.client, "session token")
	answer := object{
		"id": s.id, "token": token, "customerId": m.meldCustomerID(c.client),
		"externalCustomerId": m.externalID(c.client),
		"widgetUrl":          "https://widget.example.com/?token=" + url.QueryEscape(token),
	}
	if s.external != "" {
		answer["externalSessionId"] = s.external
	}
	return dataReply(answer)
}

// newSession finds the offer that a session is about, or says what is wrong with its data.
func newSession(kind string, data object) (*session, []string) {
	const at = "/sessionData"
	w := wish{
		category: sessionCategories[kind], country: text(data, "countryCode"), method: text(data, "paymentMethodType"),
		source: text(data, "sourceCurrencyCode"), destination: text(data, "destinationCurrencyCode"),
		providers: []string{text(data, "serviceProvider")},
	}
	s := &session{wallet: text(data, "walletAddress")}
	problems := countryProblems(at+"/countryCode", w.country)
	if w.destination == "" && w.category != transfer {
		problems = append(problems, at+"/destinationCurrencyCode: is missing")
	}
	if !decimalText.MatchString(text(data, "sourceAmount")) {
		return s, append(problems, at+"/sourceAmount: must be a decimal in a string, such as \"50.00\"")
	}
	s.source = amount(text(data, "sourceAmount"))
	if find(providers, w.providers[0]) == nil {
		return s, append(problems, at+"/serviceProvider: is not known; see getMeldServiceProviders")
	}
	if len(problems) > 0 {
		return s, problems
	}
	offered := w.offered()
	if len(offered) == 0 {
		return s, []string{at + ": this provider does not offer that; take a quote of its own, as getMeldRetailQuote answers it"}
	}
	s.offer = offered[0]
	if low, high := s.offer.bounds(); !s.offer.within(s.source) {
		return s, []string{at + "/sourceAmount: must be from " + number(low).String() + " to " + number(high).String()}
	}
	return s, nil
}

// meldCustomerID is the ID that the client's Meld customer has or will have: the widget collects who the
// end user is by itself, so a session does not need a customer that was created before.
func (m *Meld) meldCustomerID(c *client) string {
	if c.meld.customer != nil {
		return c.meld.customer.ID
	}
	if c.meld.customerID == "" {
		c.meld.customerID = m.h.newID(c, "customer")
	}
	return c.meld.customerID
}

// externalID is the client in Portal's terms.
func (m *Meld) externalID(c *client) string {
	if c.meld.customer != nil {
		return c.meld.customer.ExternalID
	}
	return c.id
}
