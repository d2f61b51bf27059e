package portaltest

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/portalclient/portal-client-go/api"
)

// Customers returns the Meld customers that exist, by the token of their client. Changing the result
// changes nothing in the fake.
func (h *Handler) Customers() map[string]api.MeldCustomer {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[string]api.MeldCustomer{}
	for token, c := range h.clients {
		if c.customer != nil {
			all[token] = copyCustomer(*c.customer)
		}
	}
	return all
}

// SeedCustomer gives the client of a token a Meld customer that was there before the test began, and
// returns it: fields that are empty in customer and that every customer has are filled in. A customer that
// the client had is replaced.
func (h *Handler) SeedCustomer(token string, customer api.MeldCustomer) api.MeldCustomer {
	h.helper()
	if !h.wellFormed("SeedCustomer", token) {
		return customer
	}
	h.mu.Lock()
	c := h.client(token)
	customer = copyCustomer(customer)
	h.complete(c, &customer)
	rep := dataReply(customer)
	problems := h.encode(h.doc.byID["createMeldCustomer"], &rep)
	if len(problems) == 0 {
		c.customer = &customer
	}
	h.mu.Unlock()
	if len(problems) > 0 {
		h.complain("SeedCustomer: the document does not allow this customer: " + strings.Join(problems, "; "))
	}
	return copyCustomer(customer)
}

// copyCustomer copies what a caller could change through the value: the list and the map.
func copyCustomer(c api.MeldCustomer) api.MeldCustomer {
	c.Addresses = slices.Clone(c.Addresses)
	c.ServiceProviders = maps.Clone(c.ServiceProviders)
	return c
}

// complete fills in what every customer has.
func (h *Handler) complete(c *client, customer *api.MeldCustomer) {
	if customer.ID == "" {
		customer.ID = h.meldCustomerID(c)
	}
	if customer.AccountID == "" {
		customer.AccountID = h.uuid(nil, "account")
	}
	if customer.ExternalID == "" {
		customer.ExternalID = h.uuid(c, "client")
	}
	if customer.Status == "" {
		customer.Status = api.MeldCustomerStatusActive
	}
	if customer.Addresses == nil {
		customer.Addresses = []api.MeldCustomerAddress{}
	}
	if customer.ServiceProviders == nil {
		customer.ServiceProviders = map[string]api.RawJSON{}
	}
}

// e164 is the form of a phone number. The document asks for it in words only.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)

// createMeldCustomer makes the one customer that a client can have.
func (h *Handler) createMeldCustomer(c *call) reply {
	customer := sentCustomer(c.value)
	if customer.Phone != "" && !e164.MatchString(customer.Phone) {
		return badRequest([]string{"/phone: must be a phone number as in E.164, such as +14155550100"})
	}
	if old := c.client.customer; old != nil {
		return jsonReply(http.StatusConflict, object{
			"error":   "Meld customer already exists for this client",
			"details": object{"meldCustomerId": old.ID},
		})
	}
	h.complete(c.client, &customer)
	c.client.customer = &customer
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

// getMeldCustomer finds the customer of the client.
func (h *Handler) getMeldCustomer(c *call) reply {
	customer := c.client.customer
	switch {
	case customer == nil && h.config.noneIsMissing:
		return errorReply(http.StatusNotFound, "No Meld customer exists for this client")
	case customer == nil:
		return dataReply(object{"customers": []any{}, "count": 0, "remaining": 0})
	case h.config.single:
		rep := dataReply(*customer)
		rep.like = "createMeldCustomer"
		return rep
	}
	return dataReply(object{"customers": []any{*customer}, "count": 1, "remaining": 0})
}
