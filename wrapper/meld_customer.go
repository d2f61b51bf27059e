package portal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

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
	httpReq, err := c.door.newCreateMeldCustomerRequest(req)
	if err != nil {
		return nil, err
	}
	call := &call{op: opCreateMeldCustomer, class: careful}
	r, err := c.door.send(ctx, httpReq, call)
	if err != nil {
		return nil, err
	}
	return call.createdMeldCustomer(httpReq, r)
}

// GetMeldCustomer finds the Meld customer of the end user of this client (getMeldCustomer,
// GET /clients/me/integrations/meld/customers). It is a read: it is repeated on lost connections, 429 and
// 5xx.
//
// Errors: [ErrNotFound] when there is none; otherwise those of [APIError].
func (c *Client) GetMeldCustomer(ctx context.Context) (*api.MeldCustomer, error) {
	req := c.door.newRequest(opGetMeldCustomer, nil)
	call := &call{op: opGetMeldCustomer, class: read}
	r, err := c.door.send(ctx, req, call)
	if err != nil {
		return nil, err
	}
	if r.status/100 != 2 {
		return nil, call.newError(req, r, nil)
	}
	customer, err := decodeFound(r)
	if err != nil {
		return nil, call.newError(req, r, err)
	}
	if customer == nil {
		e := call.newError(req, r, nil)
		e.also, e.Message = []error{ErrNotFound}, "no Meld customer exists for this client"
		return nil, e
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
// Errors: as [Client.CreateMeldCustomer], but [ErrConflict] only when the ID could not be found out.
func (c *Client) EnsureMeldCustomer(ctx context.Context, req *api.MeldCreateCustomerRequest) (EnsuredMeldCustomer, error) {
	httpReq, err := c.door.newCreateMeldCustomerRequest(req)
	if err != nil {
		return EnsuredMeldCustomer{}, err
	}
	call := &call{op: opCreateMeldCustomer, class: convergent}
	r, err := c.door.send(ctx, httpReq, call)
	if err == nil {
		if r.status == http.StatusConflict {
			if id := conflictID(r.body); id != "" {
				return EnsuredMeldCustomer{ID: id, Created: call.accepted}, nil
			}
		}
		var customer *api.MeldCustomer
		if customer, err = call.createdMeldCustomer(httpReq, r); err == nil {
			return EnsuredMeldCustomer{ID: customer.ID, Created: true, Customer: customer}, nil
		}
	}
	exists := errors.Is(err, ErrConflict) || errors.Is(err, ErrUnusableResponse)
	if !exists || ctx.Err() != nil {
		return EnsuredMeldCustomer{}, err
	}
	customer, getErr := c.GetMeldCustomer(WithTraceID(ctx, call.trace)) // one call to the user, one trace ID
	if getErr != nil {
		return EnsuredMeldCustomer{}, fmt.Errorf("%w; and it could not be looked up: %w", err, getErr)
	}
	return EnsuredMeldCustomer{ID: customer.ID, Created: call.accepted, Customer: customer}, nil
}

// ExistingMeldCustomerID returns the ID that a 409 of createMeldCustomer carries. ok is false for every
// other error, and for a 409 without an ID: then ask [Client.GetMeldCustomer].
func ExistingMeldCustomerID(err error) (id string, ok bool) {
	var e *APIError
	if !errors.As(err, &e) || e.StatusCode != http.StatusConflict || e.Operation != opCreateMeldCustomer.id {
		return "", false
	}
	id = conflictID(e.Body)
	return id, id != ""
}

// conflictID reads the ID out of the body of a 409. What does not decode is as good as missing.
func conflictID(body []byte) string {
	var conflict struct {
		Details struct {
			MeldCustomerID string `json:"meldCustomerId"`
		} `json:"details"`
	}
	_ = json.Unmarshal(body, &conflict)
	return conflict.Details.MeldCustomerID
}

// newCreateMeldCustomerRequest checks and encodes a request. A nil one sends {}, as Portal's own SDKs do.
func (d *door) newCreateMeldCustomerRequest(req *api.MeldCreateCustomerRequest) (*http.Request, error) {
	if req == nil {
		req = &api.MeldCreateCustomerRequest{}
	}
	if err := checkMeldCustomer(req); err != nil {
		return nil, err
	}
	body, err := json.Marshal(req)
	if err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	return d.newRequest(opCreateMeldCustomer, body), nil
}

// createdMeldCustomer reads the reply to a create.
func (c *call) createdMeldCustomer(req *http.Request, r *reply) (*api.MeldCustomer, error) {
	if r.status/100 != 2 {
		return nil, c.newError(req, r, nil)
	}
	var success api.MeldCustomerResponse
	if err := decode(r, &success); err != nil {
		return nil, c.newError(req, r, err)
	}
	if success.Data.ID == "" {
		return nil, c.newError(req, r, errNoID)
	}
	return &success.Data, nil
}

var errNoID = errors.New("the customer has no ID")

// decodeFound reads the answer of getMeldCustomer: a search envelope, as Portal's SDK has it; a single
// customer, as the documentation's wording suggests; or a bare list. It returns nil for none.
func decodeFound(r *reply) (*api.MeldCustomer, error) {
	var envelope struct {
		Data json.RawMessage `json:"data"`
	}
	if err := decode(r, &envelope); err != nil {
		return nil, err
	}
	var customers []api.MeldCustomer
	var err error
	switch {
	case len(envelope.Data) == 0:
		return nil, errNoValue
	case envelope.Data[0] == '[':
		err = json.Unmarshal(envelope.Data, &customers)
	default:
		customers, err = decodeSearch(envelope.Data)
	}
	if err != nil || len(customers) == 0 {
		return nil, err
	}
	if customers[0].ID == "" {
		return nil, errNoID
	}
	return &customers[0], nil
}

// decodeSearch reads an object: the presence of customers tells an envelope from a customer.
func decodeSearch(data json.RawMessage) (customers []api.MeldCustomer, err error) {
	var search struct {
		Customers json.RawMessage `json:"customers"`
	}
	if err := json.Unmarshal(data, &search); err != nil {
		return nil, err
	}
	if search.Customers != nil {
		err = json.Unmarshal(search.Customers, &customers)
		return customers, err
	}
	customers = make([]api.MeldCustomer, 1)
	return customers, json.Unmarshal(data, &customers[0])
}
