package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// A floor is what anything more general is measured by: each call by hand, with net/http and encoding/json,
// and with the types that a careful engineer writes down for it.
type floor struct {
	base   string
	client *http.Client
}

// send sends a body, nil for none, and reads the answer to its end.
func (f *floor) send(ctx context.Context, method, path string, body any) (status int, answer []byte, err error) {
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		payload = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, f.base+path, payload)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

type (
	floorName struct {
		FirstName string `json:"firstName,omitempty"`
		LastName  string `json:"lastName,omitempty"`
	}
	floorRequest struct {
		Name        floorName `json:"name"`
		Email       string    `json:"email,omitempty"`
		Phone       string    `json:"phone,omitempty"`
		DateOfBirth string    `json:"dateOfBirth,omitempty"`
		Type        string    `json:"type,omitempty"`
	}
	floorCustomer struct {
		Data struct {
			ID          string    `json:"id"`
			AccountID   string    `json:"accountId"`
			ExternalID  string    `json:"externalId"`
			Name        floorName `json:"name"`
			Email       string    `json:"email"`
			Phone       string    `json:"phone"`
			DateOfBirth string    `json:"dateOfBirth"`
			Type        string    `json:"type"`
			Status      string    `json:"status"`
			Addresses   []struct {
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
			} `json:"addresses"`
			ServiceProviders map[string]any `json:"serviceProviders"`
		} `json:"data"`
	}
	floorConflict struct {
		Error   string `json:"error"`
		Details struct {
			MeldCustomerID string `json:"meldCustomerId"`
		} `json:"details"`
	}
	floorCountries struct {
		Data []struct {
			CountryCode  string `json:"countryCode"`
			Name         string `json:"name"`
			FlagImageURL string `json:"flagImageUrl"`
			Regions      []struct {
				RegionCode string `json:"regionCode"`
				Name       string `json:"name"`
			} `json:"regions"`
		} `json:"data"`
	}
)

func (f *floor) create() call {
	return func(ctx context.Context) (string, error) {
		status, body, err := f.send(ctx, http.MethodPost, customersPath, &floorRequest{
			Name:        floorName{FirstName: "Jane Margaret", LastName: "Doe"},
			Email:       "jane.margaret.doe@example.com",
			Phone:       "+14155550123",
			DateOfBirth: born.Format("2006-01-02"),
			Type:        "INDIVIDUAL",
		})
		switch {
		case err != nil:
			return "", err
		case status == http.StatusOK:
			var reply floorCustomer
			err := json.Unmarshal(body, &reply)
			return reply.Data.ID, err
		case status == http.StatusConflict:
			var reply floorConflict
			err := json.Unmarshal(body, &reply)
			return reply.Details.MeldCustomerID, err
		}
		return "", fmt.Errorf("status %d", status)
	}
}

func (f *floor) countries() call {
	return func(ctx context.Context) (string, error) {
		status, body, err := f.send(ctx, http.MethodGet, "/clients/me/integrations/meld/discovery/countries?countries=US", nil)
		if err != nil || status != http.StatusOK {
			return "", fmt.Errorf("status %d: %w", status, err)
		}
		var reply floorCountries
		if err := json.Unmarshal(body, &reply); err != nil {
			return "", err
		}
		return reply.Data[0].CountryCode, nil
	}
}

func (f *floor) missing() call {
	return func(ctx context.Context) (string, error) {
		status, body, err := f.send(ctx, http.MethodGet, customersPath, nil)
		if err != nil {
			return "", err
		}
		var reply floorConflict
		err = json.Unmarshal(body, &reply)
		return fmt.Sprint(status), err
	}
}
