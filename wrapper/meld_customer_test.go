package portal_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oapi-codegen/runtime/types"
	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

func TestCreateMeldCustomerSends(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		request *api.MeldCreateCustomerRequest
		body    string
	}{
		{"nothing", nil, `{}`},
		{"an empty request", &api.MeldCreateCustomerRequest{}, `{}`},
		{"what is set", &api.MeldCreateCustomerRequest{Name: api.MeldCustomerName{FirstName: "Jane"}, Email: "jane@example.com"}, `{"email":"jane@example.com","name":{"firstName":"Jane"}}`},
		{"everything", &api.MeldCreateCustomerRequest{
			Name:        api.MeldCustomerName{FirstName: "Jane", LastName: "Doe"},
			Email:       "jane@example.com",
			Phone:       "+14155550123",
			DateOfBirth: date(1990, 2, 28),
			Type:        api.MeldCreateCustomerRequestTypeBusiness,
		}, `{"dateOfBirth":"1990-02-28","email":"jane@example.com","name":{"firstName":"Jane","lastName":"Doe"},"phone":"+14155550123","type":"BUSINESS"}`},
		{"a time of day in another zone", &api.MeldCreateCustomerRequest{
			DateOfBirth: types.Date{Time: time.Date(1990, 2, 28, 23, 30, 0, 0, time.FixedZone("", -5*60*60))},
		}, `{"dateOfBirth":"1990-02-28"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, jsonAnswer(200, customerBody))
			customer, err := srv.client(t).CreateMeldCustomer(t.Context(), tt.request)
			require.NoError(t, err)
			require.Equal(t, "cus_1", customer.ID)
			r := srv.received()[0]
			require.Equal(t, "POST /api/v3/clients/me/integrations/meld/customers", r.method+" "+r.path)
			require.JSONEq(t, tt.body, r.body)
			if tt.request != nil {
				encoded, err := json.Marshal(tt.request)
				require.NoError(t, err)
				require.JSONEq(t, string(encoded), r.body) // the body on the wire is the generated type's own
			}
		})
	}
}

func TestCreateMeldCustomerRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		request api.MeldCreateCustomerRequest
		field   string
		value   string
	}{
		{"type", api.MeldCreateCustomerRequest{Type: "PERSON"}, "type", "PERSON"},
		{"type in lower case", api.MeldCreateCustomerRequest{Type: "individual"}, "type", "individual"},
		{"email with a name", api.MeldCreateCustomerRequest{Email: "Jane <jane@example.com>"}, "email", "Jane"},
		{"email in brackets", api.MeldCreateCustomerRequest{Email: "<jane@example.org>"}, "email", "jane@example.org"},
		{"email list", api.MeldCreateCustomerRequest{Email: "a@example.org,b@example.org"}, "email", "a@example.org"},
		{"email with a comment", api.MeldCreateCustomerRequest{Email: "jane@example.org (Jane)"}, "email", "Jane"},
		{"email with a space", api.MeldCreateCustomerRequest{Email: " jane@example.org"}, "email", "jane@example.org"},
		{"no email", api.MeldCreateCustomerRequest{Email: "jane"}, "email", "jane"},
		{"email of 255 bytes", api.MeldCreateCustomerRequest{Email: strings.Repeat("j", 255-len("@example.com")) + "@example.com"}, "email", "jjj"},
		{"two at signs", api.MeldCreateCustomerRequest{Email: "jane@doe@example.org"}, "email", "jane@doe"},
		{"email with a dot at an end", api.MeldCreateCustomerRequest{Email: "jane.@example.org"}, "email", "jane."},
		{"email with a dot at the beginning", api.MeldCreateCustomerRequest{Email: ".jane@example.org"}, "email", "jane"},
		{"email with two dots in a row", api.MeldCreateCustomerRequest{Email: "jane@example..org"}, "email", "jane"},
		{"email with a quoted part", api.MeldCreateCustomerRequest{Email: `"jane doe"@example.org`}, "email", "jane doe"},
		{"phone without plus", api.MeldCreateCustomerRequest{Phone: "4155550123"}, "phone", "4155550123"},
		{"phone with spaces", api.MeldCreateCustomerRequest{Phone: "+1 415 555 0123"}, "phone", "415 555"},
		{"phone with a zero", api.MeldCreateCustomerRequest{Phone: "+0415550123"}, "phone", "0415550123"},
		{"phone too long", api.MeldCreateCustomerRequest{Phone: "+4155501234567890"}, "phone", "41555012345"},
		{"phone of one digit", api.MeldCreateCustomerRequest{Phone: "+4"}, "phone", "+4"},
		{"phone with a letter", api.MeldCreateCustomerRequest{Phone: "+x15550123"}, "phone", "x15550123"},
		{"year 0", api.MeldCreateCustomerRequest{DateOfBirth: date(0, 12, 31)}, "dateOfBirth", "0000"},
		{"year 10000", api.MeldCreateCustomerRequest{DateOfBirth: date(10000, 1, 1)}, "dateOfBirth", "10000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, jsonAnswer(200, customerBody))
			_, createErr := srv.client(t).CreateMeldCustomer(t.Context(), &tt.request)
			_, ensureErr := srv.client(t).EnsureMeldCustomer(t.Context(), &tt.request)
			for _, err := range []error{createErr, ensureErr} {
				require.ErrorIs(t, err, portal.ErrInvalidRequest)
				require.ErrorContains(t, err, ": "+tt.field+" must be")
				require.NotContains(t, err.Error(), tt.value)
			}
			require.Empty(t, srv.received())
		})
	}
}

func TestPhonesAndDatesThatAreFine(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	for _, phone := range []string{"+41", "+415550123456789", "+14155550123"} {
		_, err := srv.client(t).CreateMeldCustomer(t.Context(), &api.MeldCreateCustomerRequest{Phone: phone})
		require.NoError(t, err, phone)
	}
	for _, born := range []types.Date{{}, date(1, 1, 2), date(1, 12, 31), date(9999, 12, 31)} {
		_, err := srv.client(t).CreateMeldCustomer(t.Context(), &api.MeldCreateCustomerRequest{DateOfBirth: born})
		require.NoError(t, err, born)
	}
}

func TestEmailsThatAreFine(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	client := srv.client(t)
	for _, email := range []string{"jane@example.com", "j@localhost", "jane.doe+tag@mail.example.co.uk", "o'neill_x-y@ex-ample.com", "jäne@exämple.de", "用户@例子.广告",
		strings.Repeat("j", 254-len("@example.com")) + "@example.com"} {
		_, err := client.CreateMeldCustomer(t.Context(), &api.MeldCreateCustomerRequest{Email: email})
		require.NoError(t, err, email)
	}
}

func TestCreateMeldCustomerReads(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer answer
		is     []error // none: a customer
		says   string
	}{
		{name: "200", answer: jsonAnswer(200, customerBody)},
		{name: "201", answer: jsonAnswer(201, customerBody)},
		{name: "charset", answer: answer{status: 200, body: customerBody, contentType: "application/json; charset=utf-8"}},
		{name: "problem+json", answer: answer{status: 200, body: customerBody, contentType: "application/vnd.portal+json"}},
		{name: "unknown fields, enums and nulls", answer: jsonAnswer(200, `{"data":{"id":"cus_1","status":"FROZEN","type":null,"addresses":null,"new":{"a":[1]}},"metadata":{}}`)},
		{name: "empty body", answer: jsonAnswer(200, ``), is: []error{portal.ErrUnusableResponse}},
		{name: "{}", answer: jsonAnswer(200, `{}`), is: []error{portal.ErrUnusableResponse}, says: "it is empty"},
		{name: "null", answer: jsonAnswer(200, `null`), is: []error{portal.ErrUnusableResponse}},
		{name: "data null", answer: jsonAnswer(200, `{"data":null}`), is: []error{portal.ErrUnusableResponse}},
		{name: "no ID", answer: jsonAnswer(200, `{"data":{"accountId":"a"}}`), is: []error{portal.ErrUnusableResponse}},
		{name: "ID of blanks", answer: jsonAnswer(200, `{"data":{"id":" \t"}}`), is: []error{portal.ErrUnusableResponse}, says: "no ID"},
		{name: "wrong type", answer: jsonAnswer(200, `{"data":{"id":42}}`), is: []error{portal.ErrUnusableResponse}, says: "a member of it has the wrong JSON type"},
		{name: "trailing garbage", answer: jsonAnswer(200, customerBody+"x"), is: []error{portal.ErrUnusableResponse}},
		{name: "HTML", answer: answer{status: 200, body: "<html>", contentType: "text/html"}, is: []error{portal.ErrUnusableResponse}, says: "Content-Type"},
		{name: "JSON in disguise", answer: answer{status: 200, body: customerBody, contentType: "text/plain"}, is: []error{portal.ErrUnusableResponse}},
		{name: "204", answer: answer{status: 204}, is: []error{portal.ErrUnusableResponse}},
		{name: "400", answer: jsonAnswer(400, `{"error":"bad things"}`), is: []error{portal.ErrBadRequest}, says: "400 Bad Request: bad things"},
		{name: "400 with an object", answer: jsonAnswer(400, `{"error":{"id":"E1","message":"bad things"}}`), is: []error{portal.ErrBadRequest}, says: "bad things"},
		{name: "400 as Meld words it", answer: jsonAnswer(400, `{"code":"BAD","message":"bad things"}`), is: []error{portal.ErrBadRequest}, says: "bad things"},
		{name: "400 as text/plain", answer: answer{status: 400, body: `{"error":"bad things"}`, contentType: "text/plain"}, is: []error{portal.ErrBadRequest}, says: "bad things"},
		{name: "400 empty object", answer: jsonAnswer(400, `{}`), is: []error{portal.ErrBadRequest}, says: ": 400 Bad Request ("},
		{name: "401", answer: jsonAnswer(401, ``), is: []error{portal.ErrUnauthorized}},
		{name: "403", answer: jsonAnswer(403, `[]`), is: []error{portal.ErrForbidden}},
		{name: "404", answer: answer{status: 404, body: "<html>", contentType: "text/html"}, is: []error{portal.ErrNotFound}},
		{name: "409", answer: jsonAnswer(409, conflictBody), is: []error{portal.ErrConflict}, says: "409 Conflict: exists"},
		{name: "418", answer: jsonAnswer(418, `{"error":"short and stout"}`), says: "418 I'm a teapot: short and stout", is: []error{nil}},
		{name: "429", answer: jsonAnswer(429, ``), is: []error{portal.ErrRateLimited}},
		{name: "500", answer: jsonAnswer(500, ``), is: []error{portal.ErrServer, portal.ErrOutcomeUnknown}},
		{name: "599", answer: jsonAnswer(599, ``), is: []error{portal.ErrServer, portal.ErrOutcomeUnknown}},
		{name: "302", answer: jsonAnswer(302, ``), is: []error{nil}, says: "302 Found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, tt.answer)
			customer, err := srv.client(t).CreateMeldCustomer(t.Context(), nil)
			if tt.is == nil {
				require.NoError(t, err)
				require.Equal(t, "cus_1", customer.ID)
				return
			}
			require.Nil(t, customer)
			e := requireAPIError(t, err)
			require.Equal(t, "createMeldCustomer", e.Operation)
			require.Equal(t, tt.answer.status, e.StatusCode)
			require.Equal(t, tt.answer.body, string(e.Body()))
			require.NotEmpty(t, e.Header())
			require.NotEmpty(t, e.TraceID)
			require.NotZero(t, e.Attempts)
			for _, sentinel := range sentinels {
				require.Equal(t, slices.Contains(tt.is, sentinel), errors.Is(err, sentinel), "%v: %v", sentinel, err)
			}
			require.ErrorContains(t, err, tt.says)
		})
	}
}

func TestGetMeldCustomer(t *testing.T) {
	t.Parallel()
	const one = `{"id":"cus_1","accountId":"a","externalId":"e"}`
	tests := []struct {
		name   string
		answer answer
		is     error
		says   string
	}{
		{"search envelope", jsonAnswer(200, `{"data":{"customers":[`+one+`],"count":1,"remaining":0}}`), nil, ""},
		{"envelope without counts", jsonAnswer(200, `{"data":{"customers":[`+one+`]}}`), nil, ""},
		{"single customer", jsonAnswer(200, `{"data":`+one+`}`), nil, ""},
		{"bare list", jsonAnswer(200, `{"data":[`+one+`]}`), nil, ""},
		{"empty envelope", jsonAnswer(200, `{"data":{"customers":[],"count":0,"remaining":0}}`), portal.ErrNotFound, ""},
		{"null customers", jsonAnswer(200, `{"data":{"customers":null,"count":0,"remaining":0}}`), portal.ErrNotFound, ""},
		{"empty list", jsonAnswer(200, `{"data":[]}`), portal.ErrNotFound, ""},
		{"404", jsonAnswer(404, `{"error":"none"}`), portal.ErrNotFound, ""},
		{"404 HTML", answer{status: 404, body: "<html>", contentType: "text/html"}, portal.ErrNotFound, ""},
		{"null", jsonAnswer(200, `{"data":null}`), portal.ErrUnusableResponse, "it is empty"},
		{"no data", jsonAnswer(200, `{}`), portal.ErrUnusableResponse, "it is empty"},
		{"no ID", jsonAnswer(200, `{"data":{"customers":[{}],"count":1}}`), portal.ErrUnusableResponse, "the customer has no ID"},
		{"a string", jsonAnswer(200, `{"data":"cus_1"}`), portal.ErrUnusableResponse, "a member of it has the wrong JSON type"},
		{"HTML", answer{status: 200, body: "<html>", contentType: "text/html"}, portal.ErrUnusableResponse, "its Content-Type is not JSON"},
		{"a list without an envelope", jsonAnswer(200, `[`+one+`]`), portal.ErrUnusableResponse, "a member of it has the wrong JSON type"},
		{"no JSON", jsonAnswer(200, `{"data":`), portal.ErrUnusableResponse, "it is not JSON"},
		{"401", jsonAnswer(401, `{}`), portal.ErrUnauthorized, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, tt.answer)
			customer, err := srv.client(t).GetMeldCustomer(t.Context())
			if tt.is == nil {
				require.NoError(t, err)
				require.Equal(t, "cus_1", customer.ID)
				return
			}
			require.ErrorIs(t, err, tt.is)
			require.ErrorContains(t, err, tt.says)
			e := requireAPIError(t, err)
			require.Equal(t, "getMeldCustomer", e.Operation)
			require.Equal(t, tt.answer.status, e.StatusCode)
			require.Equal(t, tt.answer.body, string(e.Body()))
		})
	}
}

func TestEnsureMeldCustomer(t *testing.T) {
	t.Parallel()
	found := jsonAnswer(200, `{"data":{"customers":[{"id":"cus_0","accountId":"a","externalId":"e"}],"count":1,"remaining":0}}`)
	tests := []struct {
		name     string
		answers  []answer
		id       string
		created  bool
		customer bool
		requests int
		is       []error
	}{
		{"created", []answer{jsonAnswer(200, customerBody)}, "cus_1", true, true, 1, nil},
		{"existing", []answer{jsonAnswer(409, conflictBody)}, "cus_0", false, false, 1, nil},
		{"existing, words of another type", []answer{jsonAnswer(409, `{"error":{"a":1},"details":{"meldCustomerId":"cus_0"}}`)}, "cus_0", false, false, 1, nil},
		{"existing, as text", []answer{{status: 409, body: conflictBody, contentType: "text/plain"}}, "cus_0", false, false, 1, nil},
		{"lost, then existing", []answer{{status: 502}, jsonAnswer(409, conflictBody)}, "cus_0", false, false, 2, nil},
		{"409 without an ID", []answer{jsonAnswer(409, `{"error":"exists"}`), found}, "cus_0", false, true, 2, nil},
		{"409 with an ID of another type", []answer{jsonAnswer(409, `{"details":{"meldCustomerId":7}}`), found}, "cus_0", false, true, 2, nil},
		{"409 with details of another type", []answer{jsonAnswer(409, `{"details":"cus_9"}`), found}, "cus_0", false, true, 2, nil},
		{"409 with an empty body", []answer{jsonAnswer(409, ``), found}, "cus_0", false, true, 2, nil},
		{"409 of a proxy", []answer{{status: 409, body: "<html>", contentType: "text/html"}, found}, "cus_0", false, true, 2, nil},
		{"unusable 200", []answer{jsonAnswer(200, `{}`), found}, "cus_0", true, true, 2, nil},
		{"409 without an ID, and none to be found", []answer{jsonAnswer(409, `{}`), jsonAnswer(404, `{}`)}, "", false, false, 2, []error{portal.ErrConflict, portal.ErrNotFound}},
		{"unusable 200, and none to be found", []answer{jsonAnswer(200, `{}`), jsonAnswer(403, `{}`)}, "", false, false, 2, []error{portal.ErrUnusableResponse, portal.ErrForbidden}},
		{"refused", []answer{jsonAnswer(400, `{}`)}, "", false, false, 1, []error{portal.ErrBadRequest}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, tt.answers...)
			ensured, err := srv.client(t).EnsureMeldCustomer(t.Context(), nil)
			require.Len(t, srv.received(), tt.requests)
			if tt.is != nil {
				for _, is := range tt.is {
					require.ErrorIs(t, err, is)
				}
				require.Zero(t, ensured)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.id, ensured.ID)
			require.Equal(t, tt.created, ensured.Created)
			require.Equal(t, tt.customer, ensured.Customer != nil)
		})
	}
}

func TestExistingMeldCustomerID(t *testing.T) {
	t.Parallel()
	failed := func(call call, answers ...answer) error {
		return fmt.Errorf("register: %w", call.do(t.Context(), newScriptedServer(t, answers...).client(t)))
	}
	tests := []struct {
		name string
		err  error
		id   string
	}{
		{"409", failed(create, jsonAnswer(409, conflictBody)), "cus_0"},
		{"409 with a byte order mark", failed(create, jsonAnswer(409, "\ufeff"+conflictBody)), "cus_0"},
		{"joined", errors.Join(errors.New("another"), failed(create, jsonAnswer(409, conflictBody))), "cus_0"},
		{"empty ID", failed(create, jsonAnswer(409, `{"details":{"meldCustomerId":""}}`)), ""},
		{"ID of blanks", failed(create, jsonAnswer(409, `{"details":{"meldCustomerId":"  "}}`)), ""},
		{"ID with a line break", failed(create, jsonAnswer(409, `{"details":{"meldCustomerId":"cus_0\n"}}`)), ""},
		{"half an ID", failed(create, jsonAnswer(409, `{"details":{"meldCustomerId":"cus_\ud800"}}`)), ""},
		{"no ID", failed(create, jsonAnswer(409, `{}`)), ""},
		{"cut", failed(create, jsonAnswer(409, conflictBody[:50])), ""},
		{"another status", failed(create, jsonAnswer(400, conflictBody)), ""},
		{"another operation", failed(generatedWrite, jsonAnswer(409, conflictBody)), ""},
		{"made by hand", &portal.APIError{Operation: "createMeldCustomer", StatusCode: 409}, ""},
		{"another error", errors.New("409"), ""},
		{"none", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id, ok := portal.ExistingMeldCustomerID(tt.err)
			require.Equal(t, tt.id, id)
			require.Equal(t, tt.id != "", ok)
		})
	}
}
