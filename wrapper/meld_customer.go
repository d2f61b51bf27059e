package portal

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"unicode"

	"github.com/oapi-codegen/runtime/types"

	"github.com/portalclient/portal-client-go/api"
)

// CreateMeldCustomer registers the end user of this client as a customer of Meld (createMeldCustomer,
// POST /clients/me/integrations/meld/customers). All fields are optional, and a nil req is a valid call.
//
// It is sent again only when it was surely, or by convention, not carried out: no connection, 429, 503 with
// Retry-After, and once after a 401 if the token source is an [Invalidator].
//
// Errors: [ErrInvalidRequest] for a field that the document does not allow; [ErrConflict] when the end user
// is a customer already, see [ExistingMeldCustomerID]; [ErrOutcomeUnknown] when the reply was lost;
// [ErrUnusableResponse] for a 200 without a customer; otherwise those of [APIError].
func (c *Client) CreateMeldCustomer(ctx context.Context, req *api.MeldCreateCustomerRequest) (*api.MeldCustomer, error) {
	call := c.sender.newCall(ctx, &opCreateMeldCustomer, write)
	r, err := call.exchangeMeldCustomer(ctx, req)
	if err != nil {
		return nil, err
	}
	return call.createdMeldCustomer(r)
}

// GetMeldCustomer finds the Meld customer of the end user of this client (getMeldCustomer,
// GET /clients/me/integrations/meld/customers). It is a read: it is repeated on lost connections, 429 and
// 5xx.
//
// Errors: [ErrNotFound] when there is none; [ErrUnusableResponse] when the search finds several; otherwise those of
// [APIError].
func (c *Client) GetMeldCustomer(ctx context.Context) (*api.MeldCustomer, error) {
	return c.sender.newCall(ctx, &opGetMeldCustomer, read).getMeldCustomer(ctx)
}

func (c *call) getMeldCustomer(ctx context.Context) (*api.MeldCustomer, error) {
	r, err := c.exchange(ctx, input{})
	if err != nil {
		return nil, err
	}
	if err := c.verdict(r); err != nil {
		return nil, err
	}
	customer, err := foundMeldCustomer(text(r.body))
	if err != nil {
		return nil, c.unusable(r, err)
	}
	if customer == nil {
		return nil, c.newError(r, notice("no Meld customer exists for this client"), ErrNotFound)
	}
	return customer, nil
}

// An EnsuredMeldCustomer is what [Client.EnsureMeldCustomer] found or made.
type EnsuredMeldCustomer struct {
	ID       string
	Created  bool              // this call saw the 200
	Customer *api.MeldCustomer // nil when only the ID is known
}

// EnsureMeldCustomer registers the end user of this client as a customer of Meld, or finds the ID under
// which it was registered before. It may be called again and again, by many processes at once: there is one
// customer, and every caller gets its ID. An existing customer is not changed to what req says.
//
// It is sent again on lost connections, lost and cut replies, 429 and 5xx, since a repeat finds what the
// first attempt made. A 409 is the answer that it exists; when it does not say the ID, or when a 200 is
// unusable, GetMeldCustomer is asked (the operation that the 409's documentation names).
//
// Errors: as [Client.CreateMeldCustomer], but [ErrConflict] only when the ID could not be found out. Then the error
// is that of the look-up, with its status and RetryAfter.
func (c *Client) EnsureMeldCustomer(ctx context.Context, req *api.MeldCreateCustomerRequest) (EnsuredMeldCustomer, error) {
	call := c.sender.newCall(ctx, &opCreateMeldCustomer, getOrCreate)
	r, err := call.exchangeMeldCustomer(ctx, req)
	if err == nil {
		if r.status == http.StatusConflict {
			if id := conflictID(r.body); id != "" {
				return EnsuredMeldCustomer{ID: id, Created: call.accepted}, nil
			}
		}
		var customer *api.MeldCustomer
		if customer, err = call.createdMeldCustomer(r); err == nil {
			return EnsuredMeldCustomer{ID: customer.ID, Created: true, Customer: customer}, nil
		}
	}
	exists := call.accepted || call.last.status == http.StatusConflict
	if !exists || errors.Is(err, ErrOperationFailed) || errors.Is(err, ErrTokenSource) || ctx.Err() != nil {
		return EnsuredMeldCustomer{}, err
	}
	ctx = WithTraceID(ctx, call.trace) // one call to the user, one trace ID
	look := c.sender.newCall(ctx, &opGetMeldCustomer, read)
	before := &sequence{}
	before.add(call)
	look.follow(before)
	customer, lookUp := look.getMeldCustomer(ctx)
	if lookUp != nil {
		return EnsuredMeldCustomer{}, call.notFoundOut(err, lookUp)
	}
	return EnsuredMeldCustomer{ID: customer.ID, Created: call.accepted, Customer: customer}, nil
}

// notFoundOut is the error of an Ensure that knows that there is a customer, and could not find out its ID: that of
// the look-up, which stands for what the create came to as well.
func (c *call) notFoundOut(created, lookUp error) error {
	e, _ := errors.AsType[*APIError](lookUp) // every error of a call is one
	d := *e.details()
	for _, sentinel := range []error{ErrConflict, ErrUnusableResponse} {
		if errors.Is(created, sentinel) {
			d.also = append(d.also, sentinel)
		}
	}
	d.problem = strings.TrimPrefix(d.problem+"; a customer exists, and the look-up did not find its ID", "; ")
	both := newAPIError(*e, d)
	both.Attempts += c.attempts
	return both
}

// ExistingMeldCustomerID returns the ID that a 409 of createMeldCustomer carries. ok is false for every
// other error, and for a 409 without an ID: then ask [Client.GetMeldCustomer].
func ExistingMeldCustomerID(err error) (id string, ok bool) {
	e, ok := errors.AsType[*APIError](err)
	if !ok || e.StatusCode != http.StatusConflict || e.Operation != opCreateMeldCustomer.id {
		return "", false
	}
	id = conflictID(e.Body())
	return id, id != ""
}

// conflictID reads the ID out of the body of a 409. What does not decode, or is no ID, is as good as missing.
func conflictID(body []byte) string {
	var conflict struct {
		Details struct {
			MeldCustomerID string `json:"meldCustomerId"`
		} `json:"details"`
	}
	if unmarshal(text(body), &conflict) != nil || !isID(conflict.Details.MeldCustomerID) {
		return ""
	}
	return conflict.Details.MeldCustomerID
}

// isID reports whether a text may be an ID: printable, without white space, and whole.
func isID(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r == unicode.ReplacementChar || r == ' ' || !unicode.IsPrint(r)
	})
}

// exchangeMeldCustomer checks a request and sends it. A nil one sends {}, as Portal's own SDKs do.
func (c *call) exchangeMeldCustomer(ctx context.Context, req *api.MeldCreateCustomerRequest) (*reply, error) {
	if req == nil {
		req = &api.MeldCreateCustomerRequest{}
	}
	body := meldCustomerBody{MeldCreateCustomerRequest: req}
	if !req.DateOfBirth.IsZero() {
		body.DateOfBirth = req.DateOfBirth.Format(types.DateFormat)
	}
	return c.exchange(ctx, input{body: &body, err: checkMeldCustomer(req)})
}

// A meldCustomerBody is encoded as the request in it. Its date is a string, since [types.Date] encodes itself by
// calling encoding/json once more, which takes as long as all other members together.
type meldCustomerBody struct {
	*api.MeldCreateCustomerRequest
	DateOfBirth string `json:"dateOfBirth,omitempty"`
}

// createdMeldCustomer reads the reply to a create.
func (c *call) createdMeldCustomer(r *reply) (*api.MeldCustomer, error) {
	var success api.MeldCustomerResponse
	if err := c.decode(r, &success); err != nil {
		return nil, err
	}
	if !isID(success.Data.ID) {
		return nil, c.unusable(r, errNoID)
	}
	return &success.Data, nil
}

const (
	errNoID    = notice("the customer has no ID")
	errSeveral = notice("the search found several customers, and one end user has at most one")
)

// foundMeldCustomer reads the answer of getMeldCustomer: a search envelope, as Portal's SDK has it; a single
// customer, as the documentation's wording suggests; or a bare list. It returns nil for none.
func foundMeldCustomer(body []byte) (*api.MeldCustomer, error) {
	var envelope struct {
		Data json.RawMessage `json:"data"`
	}
	if err := unmarshal(body, &envelope); err != nil {
		return nil, &decodeError{err}
	}
	var customers []api.MeldCustomer
	var err error
	switch {
	case saysNothing(envelope.Data):
		return nil, errNoValue
	case envelope.Data[0] == '[':
		err = unmarshal(envelope.Data, &customers)
	default:
		customers, err = searchedMeldCustomers(envelope.Data)
	}
	switch {
	case err != nil:
		return nil, &decodeError{err}
	case len(customers) == 0:
		return nil, nil
	case len(customers) > 1:
		return nil, errSeveral
	case !isID(customers[0].ID):
		return nil, errNoID
	}
	return &customers[0], nil
}

// searchedMeldCustomers reads an object: the presence of customers tells an envelope from a customer.
func searchedMeldCustomers(data json.RawMessage) (customers []api.MeldCustomer, err error) {
	var search struct {
		Customers json.RawMessage `json:"customers"`
	}
	if err := unmarshal(data, &search); err != nil {
		return nil, err
	}
	if search.Customers != nil {
		err = unmarshal(search.Customers, &customers)
		return customers, err
	}
	customers = make([]api.MeldCustomer, 1)
	return customers, unmarshal(data, &customers[0])
}
