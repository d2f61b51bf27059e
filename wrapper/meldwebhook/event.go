package meldwebhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// An EventType names what happened. Types that are not listed here arrive just the same, as they are.
type EventType string

// The event types of a ramp. Meld has more, for fiat payments and bank linking.
const (
	TransactionCryptoPending      EventType = "TRANSACTION_CRYPTO_PENDING"      // the customer has begun to pay
	TransactionCryptoTransferring EventType = "TRANSACTION_CRYPTO_TRANSFERRING" // paid; the crypto is on its way
	TransactionCryptoComplete     EventType = "TRANSACTION_CRYPTO_COMPLETE"     // the crypto has arrived
	TransactionCryptoFailed       EventType = "TRANSACTION_CRYPTO_FAILED"       // it went wrong; the status says how
	CustomerKYCStatusChange       EventType = "CUSTOMER_KYC_STATUS_CHANGE"
	WebhookTest                   EventType = "WEBHOOK_TEST" // sent to try the webhook out: nothing happened
)

// A TransactionType tells which way a transaction goes.
type TransactionType string

// The transaction types that Meld documents.
const (
	CryptoPurchase TransactionType = "CRYPTO_PURCHASE"
	CryptoSell     TransactionType = "CRYPTO_SELL"
	CryptoTransfer TransactionType = "CRYPTO_TRANSFER"
)

// An Event is one notification. Type and ID are always there; any other field is zero when Meld left it out, sent
// null, or sent something of an unexpected JSON type, and then Raw has it.
//
// Whatever fmt or slog prints of an Event is its type and ID. [encoding/json] refuses to write one: JSON is a
// log format too, and a half-written event would be worse than none. To store an event, store Raw;
// json.Unmarshal reads it back.
type Event struct {
	Type      EventType
	ID        string    // the same in every delivery of the event: remember it, and do the work once
	Timestamp time.Time // when the event happened, in UTC
	AccountID string    // of the Meld account
	ProfileID string    // of the webhook profile
	Version   string    // of the event's shape, a date
	Payload   Payload

	Raw json.RawMessage // the whole body as received

	SignedAt   time.Time // when this delivery was signed, in UTC; zero if read from JSON
	RetryCount int       // which repeat this is, 0 for the first delivery. It is not signed: a hint for a log
}

// A Payload says what the event is about. All fields are optional: which of them there are depends on the type of
// the event. fmt and slog print its size; encoding/json refuses to write it, as it does with an [Event].
type Payload struct {
	RequestID                string
	AccountID                string
	PaymentTransactionID     string // Meld's ID of the transaction: ask for its details with it
	PaymentTransactionStatus string // such as PENDING, SETTLING, SETTLED, FAILED; ERROR is temporary
	CustomerID               string // Meld's ID of the customer
	ExternalCustomerID       string
	SessionID                string // of the widget session; absent while the status is PENDING_CREATED
	ExternalSessionID        string // what was given to the widget session; absent likewise
	TransactionType          TransactionType

	Raw json.RawMessage // the whole payload, nil if there is none; decode it for fields not listed here
}

// UnmarshalJSON reads the body of a delivery, as in Event.Raw. The error matches [ErrInvalidBody].
func (e *Event) UnmarshalJSON(body []byte) error {
	event, err := parseEvent(body)
	if err == nil {
		*e = event
	}
	return err
}

// parseEvent demands what it takes to route and to deduplicate an event. It is lenient with the rest: a field
// that changes its type must not lose us the event.
func parseEvent(body []byte) (Event, error) {
	var o object
	if json.Unmarshal(body, &o) != nil { // the error of encoding/json may quote the body
		return Event{}, fmt.Errorf("%w: not a JSON object", ErrInvalidBody)
	}
	e := Event{
		Type:      EventType(o.text("eventType")),
		ID:        o.text("eventId"),
		Timestamp: o.time("timestamp"),
		AccountID: o.text("accountId"),
		ProfileID: o.text("profileId"),
		Version:   o.text("version"),
		Payload:   parsePayload(o["payload"]),
		Raw:       bytes.Clone(body),
	}
	switch {
	case e.Type == "":
		return Event{}, fmt.Errorf("%w: no eventType", ErrInvalidBody)
	case e.ID == "":
		return Event{}, fmt.Errorf("%w: no eventId", ErrInvalidBody)
	}
	if e.Payload.TransactionType == "" { // Meld's tables list it beside the payload, its deliveries are seen with it inside
		e.Payload.TransactionType = TransactionType(o.text("transactionType"))
	}
	return e, nil
}

func parsePayload(raw json.RawMessage) Payload {
	var o object
	_ = json.Unmarshal(raw, &o) // a payload that is no object has no fields, and is kept
	return Payload{
		RequestID:                o.text("requestId"),
		AccountID:                o.text("accountId"),
		PaymentTransactionID:     o.text("paymentTransactionId"),
		PaymentTransactionStatus: o.text("paymentTransactionStatus"),
		CustomerID:               o.text("customerId"),
		ExternalCustomerID:       o.text("externalCustomerId"),
		SessionID:                o.text("sessionId"),
		ExternalSessionID:        o.text("externalSessionId"),
		TransactionType:          TransactionType(o.text("transactionType")),
		Raw:                      raw,
	}
}

// An object is a JSON object with its values as they are.
type object map[string]json.RawMessage

// text is the string at key, "" if there is none.
func (o object) text(key string) (s string) {
	_ = json.Unmarshal(o[key], &s) // of what is no string, s stays empty
	return s
}

// time is the moment at key, written as a string or as a number; zero if there is none.
func (o object) time(key string) time.Time {
	s := o.text(key)
	if s == "" {
		s = string(o[key])
	}
	t, _ := parseTimestamp(s)
	return t
}
