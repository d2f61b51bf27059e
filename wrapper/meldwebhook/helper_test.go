package meldwebhook

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	testURL    = "https://api.example.com/hooks/meld"
	testSecret = "the-secret-of-the-tests"
	testBody   = `{"eventType":"TRANSACTION_CRYPTO_COMPLETE","eventId":"evt-1","payload":{"paymentTransactionId":"txn-1"}}`
)

// testNow is the clock of the tests.
var testNow = time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)

func newVerifier(t testing.TB, opts ...Option) *Verifier {
	t.Helper()
	v, err := New(testURL, testSecret, append([]Option{WithClock(func() time.Time { return testNow })}, opts...)...)
	require.NoError(t, err)
	return v
}

// timestampOf writes a moment as Meld does.
func timestampOf(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z07:00") }

// signedHeader is what Meld sends with a body at a time.
func signedHeader(timestamp, body string) http.Header {
	return headerOf(Sign(testSecret, timestamp, testURL, []byte(body)), timestamp)
}

func headerOf(signature, timestamp string) http.Header {
	h := http.Header{}
	h.Set(SignatureHeader, signature)
	h.Set(TimestampHeader, timestamp)
	return h
}

// sentinels are all the errors that a delivery can be refused with.
var sentinels = []error{
	ErrMissingHeader, ErrInvalidTimestamp, ErrStaleTimestamp, ErrFutureTimestamp, ErrInvalidSignature, ErrBodyTooLarge, ErrInvalidBody,
}

// matching are the sentinels that an error matches.
func matching(err error) []error {
	var found []error
	for _, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			found = append(found, sentinel)
		}
	}
	return found
}
