package contender

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/canned"
)

// The types that a careful engineer writes down for this one call.
type (
	customerRequest struct {
		Name        customerName `json:"name"`
		Email       string       `json:"email,omitempty"`
		Phone       string       `json:"phone,omitempty"`
		DateOfBirth string       `json:"dateOfBirth,omitempty"`
		Type        string       `json:"type,omitempty"`
	}
	customerName struct {
		FirstName string `json:"firstName,omitempty"`
		LastName  string `json:"lastName,omitempty"`
	}
	customerReply struct {
		Data customer `json:"data"`
	}
	customer struct {
		ID               string            `json:"id"`
		AccountID        string            `json:"accountId"`
		ExternalID       string            `json:"externalId"`
		Name             customerName      `json:"name"`
		Email            string            `json:"email"`
		Phone            string            `json:"phone"`
		DateOfBirth      string            `json:"dateOfBirth"`
		Type             string            `json:"type"`
		Status           string            `json:"status"`
		Addresses        []customerAddress `json:"addresses"`
		ServiceProviders map[string]any    `json:"serviceProviders"`
	}
	customerAddress struct {
		ID             string `json:"id"`
		CustomerID     string `json:"customerId"`
		Type           string `json:"type"`
		Status         string `json:"status"`
		AddressDetails struct {
			LineOne    string `json:"lineOne"`
			LineTwo    string `json:"lineTwo"`
			City       string `json:"city"`
			Region     string `json:"region"`
			PostalCode string `json:"postalCode"`
			Country    string `json:"country"`
		} `json:"addressDetails"`
	}
	conflictReply struct {
		Error   string `json:"error"`
		Details struct {
			MeldCustomerID string `json:"meldCustomerId"`
		} `json:"details"`
	}
)

func plainRequest() *customerRequest {
	return &customerRequest{
		Name:        customerName{FirstName: person.first, LastName: person.last},
		Email:       person.email,
		Phone:       person.phone,
		DateOfBirth: person.born.Format(time.DateOnly),
		Type:        "INDIVIDUAL",
	}
}

// newFloor is the call by hand: what anything more general is measured by.
func newFloor(baseURL, token string, transport http.RoundTripper) (Call, error) {
	client := &http.Client{Transport: transport}
	url := baseURL + canned.Path
	authorization := "Bearer " + token
	return func(ctx context.Context) (string, error) {
		payload, err := json.Marshal(plainRequest())
		if err != nil {
			return "", err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(payload))
		if err != nil {
			return "", err
		}
		req.Header.Set("Authorization", authorization)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return "", err
		}
		switch resp.StatusCode {
		case http.StatusOK:
			var reply customerReply
			err := json.Unmarshal(body, &reply)
			return reply.Data.ID, err
		case http.StatusConflict:
			var reply conflictReply
			err := json.Unmarshal(body, &reply)
			return reply.Details.MeldCustomerID, err
		}
		return "", unexpected(resp.StatusCode)
	}, nil
}
