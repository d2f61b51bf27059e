package meldwebhook

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseEvent(t *testing.T) {
	t.Parallel()
	const payload = `{"requestId":"req","accountId":"acc","paymentTransactionId":"txn","paymentTransactionStatus":"SETTLING",` +
		`"customerId":"cus","externalCustomerId":"ext-cus","sessionId":"ses","externalSessionId":"ext-ses",` +
		`"transactionType":"CRYPTO_SELL","somethingNew":{"a":[1,2]}}`
	const body = `{"eventType":"TRANSACTION_CRYPTO_TRANSFERRING","eventId":"evt","timestamp":"2022-02-24T16:36:41.717262Z",` +
		`"accountId":"top-acc","profileId":"pro","version":"2025-03-01","payload":` + payload + `,"alsoNew":true}`
	got, err := parseEvent([]byte(body))
	require.NoError(t, err)
	require.Equal(t, Event{
		Type:      TransactionCryptoTransferring,
		ID:        "evt",
		Timestamp: time.Date(2022, 2, 24, 16, 36, 41, 717262000, time.UTC),
		AccountID: "top-acc",
		ProfileID: "pro",
		Version:   "2025-03-01",
		Payload: Payload{
			RequestID:                "req",
			AccountID:                "acc",
			PaymentTransactionID:     "txn",
			PaymentTransactionStatus: "SETTLING",
			CustomerID:               "cus",
			ExternalCustomerID:       "ext-cus",
			SessionID:                "ses",
			ExternalSessionID:        "ext-ses",
			TransactionType:          CryptoSell,
			Raw:                      json.RawMessage(payload),
		},
		Raw: json.RawMessage(body),
	}, got)
}

func TestParseEventLeniently(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, fields string // beside eventType and eventId
		want         Event
	}{
		{"nothing else", ``, Event{}},
		{"nulls", `,"timestamp":null,"accountId":null,"profileId":null,"version":null,"payload":null,"transactionType":null`,
			Event{Payload: Payload{Raw: json.RawMessage(`null`)}}},
		{"other types", `,"timestamp":{},"accountId":1,"profileId":[],"version":2,"payload":{"customerId":3,"sessionId":"s"}`,
			Event{Payload: Payload{SessionID: "s", Raw: json.RawMessage(`{"customerId":3,"sessionId":"s"}`)}}},
		{"a time that is none", `,"timestamp":"tomorrow"`, Event{}},
		{"a time in epoch seconds", `,"timestamp":1645720601.717262`,
			Event{Timestamp: time.Date(2022, 2, 24, 16, 36, 41, 717262000, time.UTC)}},
		{"an empty payload", `,"payload":{}`, Event{Payload: Payload{Raw: json.RawMessage(`{}`)}}},
		{"a payload that is a list", `,"payload":[{"customerId":"c"}]`,
			Event{Payload: Payload{Raw: json.RawMessage(`[{"customerId":"c"}]`)}}},
		{"names in other letters", `,"ACCOUNTID":"a","payload":{"CustomerId":"c"}`,
			Event{Payload: Payload{Raw: json.RawMessage(`{"CustomerId":"c"}`)}}},
		{"the transaction type beside the payload", `,"transactionType":"CRYPTO_PURCHASE"`,
			Event{Payload: Payload{TransactionType: CryptoPurchase}}},
		{"the transaction type in both places", `,"transactionType":"CRYPTO_PURCHASE","payload":{"transactionType":"CRYPTO_TRANSFER"}`,
			Event{Payload: Payload{TransactionType: CryptoTransfer, Raw: json.RawMessage(`{"transactionType":"CRYPTO_TRANSFER"}`)}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body := `{"eventType":"OF_A_TYPE_TO_COME","eventId":"evt"` + tt.fields + `}`
			tt.want.Type, tt.want.ID, tt.want.Raw = "OF_A_TYPE_TO_COME", "evt", json.RawMessage(body)
			got, err := parseEvent([]byte(body))
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestParseEventRefuses(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, `null`, `true`, `7`, `"eventType"`, `[]`, `{}`, `{`, `{"eventType":"T","eventId":"evt"`,
		`{"eventType":"T","eventId":"evt"} {}`, "\xef\xbb\xbf" + `{"eventType":"T","eventId":"evt"}`,
		`{"eventId":"evt"}`, `{"eventType":null,"eventId":"evt"}`, `{"eventType":"","eventId":"evt"}`, `{"eventType":5,"eventId":"evt"}`,
		`{"eventType":"T"}`, `{"eventType":"T","eventId":null}`, `{"eventType":"T","eventId":""}`, `{"eventType":"T","eventId":["evt"]}`,
		`{"eventtype":"T","eventid":"evt"}`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			got, err := parseEvent([]byte(body))
			require.Equal(t, []error{ErrInvalidBody}, matching(err))
			require.Zero(t, got)
			require.NotContains(t, err.Error(), "evt")
			require.Equal(t, !json.Valid([]byte(body)) || body[0] != '{' && body != "null", strings.Contains(err.Error(), "not a JSON object"), "%v", err)
		})
	}
}

func TestEventFromRaw(t *testing.T) {
	t.Parallel()
	want, err := newVerifier(t).Verify(signedHeader(timestampOf(testNow), testBody), []byte(testBody))
	require.NoError(t, err)

	var got Event
	require.NoError(t, json.Unmarshal(want.Raw, &got))
	want.SignedAt = time.Time{} // of the delivery, not of the event
	require.Equal(t, want, got)

	before := got
	require.ErrorIs(t, json.Unmarshal([]byte(`{"eventType":"T"}`), &got), ErrInvalidBody)
	require.Equal(t, before, got, "a failed Unmarshal leaves the event alone")
}
