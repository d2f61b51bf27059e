// Package canned holds the replies that every contender is measured with: a new customer (200) and the
// answer that one exists already (409). They are made up, and shaped like the API's own.
package canned

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// The values that contenders send and expect.
const (
	Token      = "cst_5f0f8b1e7c2d4a6f9b3e1d0c8a7f6e5d"
	CustomerID = "WmYPbSxAk1Zs9cFh2Tq7Ej"
	ExternalID = "2f6b1c0e-9d47-4a35-8b0a-6c1f7f0e5d21"
	Path       = "/clients/me/integrations/meld/customers" // below the base URL
)

// Customer is the body of the 200: about 1.1 KB, two addresses, three service providers.
const Customer = `{"data":{"id":"` + CustomerID + `","accountId":"WXDe7wFd3jY9uKp5Rb8LmN","externalId":"` + ExternalID + `",` +
	`"name":{"firstName":"Jane Margaret","lastName":"Doe"},"email":"jane.margaret.doe@example.com","phone":"+14155550123",` +
	`"dateOfBirth":"1990-04-01","type":"INDIVIDUAL","status":"ACTIVE","addresses":[` +
	billing + `,` + residence + `],"serviceProviders":{` +
	`"TRANSAK":{"status":"APPROVED","customerId":"0b6c2d6e-3f1a"},` +
	`"BANXA":{"status":"PENDING","customerId":"bx_71f0a9c4d2"},` +
	`"UNLIMIT":{"status":"APPROVED","customerId":"ul-22419087","kycLevel":"LEVEL_2"}}}}`

const (
	billing = `{"id":"WQ5RyVxHk2Ld7Ns4Cf8MaT","customerId":"` + CustomerID + `","type":"BILLING","status":"ACTIVE",` +
		`"addressDetails":{"lineOne":"548 Market Street, 3rd floor","lineTwo":"Suite 35410","city":"San Francisco",` +
		`"region":"CA","postalCode":"94104-5401","country":"US"}}`
	residence = `{"id":"WQ5RyVzPm6Bt1Gw9Jx3KeU","customerId":"` + CustomerID + `","type":"RESIDENCE","status":"ACTIVE",` +
		`"addressDetails":{"lineOne":"2261 Filbert Street, rear entrance","lineTwo":"Apartment 4","city":"San Francisco",` +
		`"region":"CA","postalCode":"94123-1204","country":"US"}}`
)

// Conflict is the body of the 409.
const Conflict = `{"error":"Meld customer already exists for this client",` +
	`"details":{"meldCustomerId":"` + CustomerID + `"}}`

// CustomerOfSize is a customer like [Customer] with as many addresses as make its body size bytes, or a
// little more.
func CustomerOfSize(size int) []byte {
	b := []byte(Customer)
	more := bytes.Repeat([]byte(billing+","), (max(0, size-len(b))+len(billing))/(len(billing)+1))
	return bytes.Replace(b, []byte(billing), append(more, billing...), 1)
}

// CustomerOf is [Customer] with another externalId.
func CustomerOf(externalID string) ([]byte, error) {
	id, err := json.Marshal(externalID)
	if err != nil {
		return nil, fmt.Errorf("encode externalId: %w", err)
	}
	return bytes.Replace([]byte(Customer), []byte(`"`+ExternalID+`"`), id, 1), nil
}

// Header is what an API behind a load balancer sends along with a body of n bytes.
func Header(n int) http.Header {
	return http.Header{
		"Content-Type":              {"application/json; charset=utf-8"},
		"Content-Length":            {strconv.Itoa(n)},
		"Date":                      {"Tue, 01 Sep 2026 09:30:00 GMT"},
		"Etag":                      {`W/"44f-5oM0jX1w3Qe"`},
		"Strict-Transport-Security": {"max-age=15724800; includeSubDomains"},
		"Vary":                      {"Origin"},
		"X-Portal-Trace-Id":         {"5d0c3a52-6d1c-4b43-8a53-0f6a6b4f2f6e"},
	}
}
