package portaltest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/portalclient/portal-client-go/api"
)

// Customers returns the Meld customers that exist, by token: that of a client which has several tokens is there
// for each. Changing the result
// changes nothing in the fake.
func (m *Meld) Customers() map[string]api.MeldCustomer {
	m.h.mu.Lock()
	defer m.h.mu.Unlock()
	all := map[string]api.MeldCustomer{}
	for token, c := range m.h.clients {
		if c.meld.customer != nil {
			all[token] = copyCustomer(*c.meld.customer)
		}
	}
	return all
}

// SeedCustomer gives the client of a token a Meld customer that was there before the test began, and
// returns it: fields that are empty in customer and that every customer has are filled in. A customer that
// the client had is replaced.
func (m *Meld) SeedCustomer(token string, customer api.MeldCustomer) api.MeldCustomer {
	m.h.helper()
	if !m.h.wellFormed("SeedCustomer", token) {
		return customer
	}
	m.h.mu.Lock()
	c := m.h.client(token)
	customer = copyCustomer(customer)
	m.complete(c, &customer)
	problems := m.refused("POST", "/customers", customer)
	if len(problems) == 0 {
		c.meld.customer = &customer
	}
	m.h.mu.Unlock()
	if len(problems) > 0 {
		m.h.complain("SeedCustomer: the document does not allow this customer: " + strings.Join(problems, "; "))
	}
	return copyCustomer(customer)
}

// copyCustomer copies what a caller could change through the value: the two lists.
func copyCustomer(c api.MeldCustomer) api.MeldCustomer {
	c.Addresses = slices.Clone(c.Addresses)
	c.ServiceProviders = slices.Clone(c.ServiceProviders)
	return c
}

// complete fills in what every customer has.
func (m *Meld) complete(c *client, customer *api.MeldCustomer) {
	if customer.ID == "" {
		customer.ID = m.meldCustomerID(c)
	}
	if customer.AccountID == "" {
		customer.AccountID = m.h.uuid("", "account")
	}
	if customer.ExternalID == "" {
		customer.ExternalID = c.id
	}
	if customer.Status == "" {
		customer.Status = api.MeldCustomerStatusActive
	}
	if customer.Addresses == nil {
		customer.Addresses = []api.MeldCustomerAddress{}
	}
	if customer.ServiceProviders == nil {
		customer.ServiceProviders = json.RawMessage("{}")
	}
}

// e164 is the form of a phone number. The document asks for it in words only.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)

// createCustomer makes the one customer that a client can have.
func (m *Meld) createCustomer(c *call) reply {
	customer := sentCustomer(c.value)
	if customer.Phone != "" && !e164.MatchString(customer.Phone) {
		return m.h.badRequest(c.op, []string{"/phone: must be a phone number as in E.164, such as +14155550100"})
	}
	if old := c.client.meld.customer; old != nil {
		return jsonReply(http.StatusConflict, object{
			"error":   "Meld customer already exists for this client",
			"details": object{"meldCustomerId": old.ID},
		})
	}
	m.complete(c.client, &customer)
	c.client.meld.customer = &customer
	return dataReply(customer)
}

// sentCustomer takes from a body what the document names, in just that spelling.
func sentCustomer(body any) api.MeldCustomer {
	sent, _ := body.(object)
	name, _ := sent["name"].(object)
	return api.MeldCustomer{
		Name:        api.MeldCustomerName{FirstName: text(name, "firstName"), LastName: text(name, "lastName")},
		Email:       text(sent, "email"),
		Phone:       text(sent, "phone"),
		DateOfBirth: text(sent, "dateOfBirth"),
		Type:        api.MeldCustomerType(text(sent, "type")),
	}
}

// getCustomer finds the customer of the client.
func (m *Meld) getCustomer(c *call) reply {
	customer := c.client.meld.customer
	switch {
	case customer == nil && (m.h.config.meld.CustomerNotFound || m.h.config.meld.SingleCustomer):
		return m.h.errorReply(c.op, http.StatusNotFound, "No Meld customer exists for this client")
	case customer == nil:
		return dataReply(object{"customers": []any{}, "count": 0, "remaining": 0})
	case m.h.config.meld.SingleCustomer:
		rep := dataReply(*customer)
		rep.like = m.h.doc.At("POST", meldPath+"/customers")
		return rep
	}
	return dataReply(object{"customers": []any{*customer}, "count": 1, "remaining": 0})
}
