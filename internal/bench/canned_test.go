package bench

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

const (
	customersPath = "/clients/me/integrations/meld/customers"
	externalID    = "2f6b1c0e-9d47-4a35-8b0a-6c1f7f0e5d21"
)

// The answers, made up and shaped like the API's own.
const (
	customer = `{"data":{"id":"` + customerID + `","accountId":"WXDe7wFd3jY9uKp5Rb8LmN","externalId":"` + externalID + `",` +
		`"name":{"firstName":"Jane Margaret","lastName":"Doe"},"email":"jane.margaret.doe@example.com","phone":"+14155550123",` +
		`"dateOfBirth":"1990-04-01","type":"INDIVIDUAL","status":"ACTIVE","addresses":[` +
		`{"id":"WQ5RyVxHk2Ld7Ns4Cf8MaT","customerId":"` + customerID + `","type":"BILLING","status":"ACTIVE",` +
		`"addressDetails":{"lineOne":"548 Market Street, 3rd floor","lineTwo":"Suite 35410","city":"San Francisco",` +
		`"region":"CA","postalCode":"94104-5401","country":"US"}},` +
		`{"id":"WQ5RyVzPm6Bt1Gw9Jx3KeU","customerId":"` + customerID + `","type":"RESIDENCE","status":"ACTIVE",` +
		`"addressDetails":{"lineOne":"2261 Filbert Street, rear entrance","lineTwo":"Apartment 4","city":"San Francisco",` +
		`"region":"CA","postalCode":"94123-1204","country":"US"}}],"serviceProviders":{` +
		`"TRANSAK":{"status":"APPROVED","customerId":"0b6c2d6e-3f1a"},` +
		`"BANXA":{"status":"PENDING","customerId":"bx_71f0a9c4d2"},` +
		`"UNLIMIT":{"status":"APPROVED","customerId":"ul-22419087","kycLevel":"LEVEL_2"}}}}`
	conflict = `{"error":"Meld customer already exists for this client","details":{"meldCustomerId":"` + customerID + `"}}`
)

// countries is a list of 60, about 12 KB.
var countries = `{"data":[` + strings.Repeat(`{"countryCode":"US","name":"United States of America","flagImageUrl":"https://images.example.com/flags/us.svg",`+
	`"regions":[{"regionCode":"US-CA","name":"California"},{"regionCode":"US-NY","name":"New York"}]},`, 59) +
	`{"countryCode":"CA","name":"Canada","flagImageUrl":"https://images.example.com/flags/ca.svg"}]}`

// A canned is an http.RoundTripper that gives every request the same answer, without a network. Its own
// share of a call is small, and the same for all.
type canned struct {
	status int
	body   string
	header http.Header
	note   bool
	last   atomic.Pointer[sent] // the last request, if note is set
}

// sent is what can be compared of a request.
type sent struct{ url, authorization, body string }

// newCanned answers with what an API behind a load balancer sends along with a body.
func newCanned(status int, body string) *canned {
	return &canned{status: status, body: body, header: http.Header{
		"Content-Type":              {"application/json; charset=utf-8"},
		"Content-Length":            {strconv.Itoa(len(body))},
		"Date":                      {"Tue, 01 Sep 2026 09:30:00 GMT"},
		"Etag":                      {`W/"44f-5oM0jX1w3Qe"`},
		"Strict-Transport-Security": {"max-age=15724800; includeSubDomains"},
		"Vary":                      {"Origin"},
		"X-Portal-Trace-Id":         {"5d0c3a52-6d1c-4b43-8a53-0f6a6b4f2f6e"},
	}}
}

// RoundTrip reads the request to its end, as a transport does, and answers.
func (c *canned) RoundTrip(req *http.Request) (*http.Response, error) {
	var payload bytes.Buffer
	if req.Body != nil {
		to := io.Discard
		if c.note {
			to = &payload
		}
		if _, err := io.Copy(to, req.Body); err != nil {
			return nil, err
		}
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
	}
	if c.note {
		c.last.Store(&sent{req.Method + " " + req.URL.String(), req.Header.Get("Authorization"), payload.String()})
	}
	body := &body{}
	body.Reset(c.body)
	return &http.Response{
		Status: http.StatusText(c.status), StatusCode: c.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: c.header.Clone(), Body: body, ContentLength: int64(len(c.body)), Request: req,
	}, nil
}

// A body is one allocation where io.NopCloser around a reader is two.
type body struct{ strings.Reader }

func (*body) Close() error { return nil }
