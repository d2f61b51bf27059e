package meldwebhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/portalclient/portal-client-go/wrapper/meldwebhook"
)

const (
	// The URL and the secret of the webhook profile.
	publicURL = "https://api.example.com/hooks/meld"
	secret    = "secret-of-the-profile" // from a secret store, in real life
)

// A handler that does the work of every event once, behind a proxy: the server does not know its public URL.
func ExampleVerifier_Handler() {
	var mu sync.Mutex
	done := map[string]bool{} // a table with a unique key, in real life
	v, err := meldwebhook.New(publicURL, secret, meldwebhook.WithErrorHook(func(_ context.Context, err error) {
		fmt.Println("refused:", errors.Is(err, meldwebhook.ErrInvalidSignature)) // log err, in real life
	}))
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(v.Handler(func(_ context.Context, event meldwebhook.Event) error {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case done[event.ID]:
			return nil // Meld does not know that it got through
		case event.Type == meldwebhook.TransactionCryptoComplete:
			fmt.Println("look at transaction", event.Payload.PaymentTransactionID)
		}
		done[event.ID] = true // only now that the work is done
		return nil
	}))
	defer server.Close()

	// This is Meld.
	deliver := func(secret string) {
		body := `{"eventType":"TRANSACTION_CRYPTO_COMPLETE","eventId":"evt-1","payload":{"paymentTransactionId":"txn-1"}}`
		timestamp := time.Now().UTC().Format(time.RFC3339Nano)
		req, _ := http.NewRequest(http.MethodPost, server.URL, strings.NewReader(body))
		req.Header.Set(meldwebhook.TimestampHeader, timestamp)
		req.Header.Set(meldwebhook.SignatureHeader, meldwebhook.Sign(secret, timestamp, publicURL, []byte(body)))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			panic(err)
		}
		defer resp.Body.Close()
		fmt.Println(resp.Status)
	}
	deliver(secret)
	deliver(secret)
	deliver("a guess")

	// Output:
	// look at transaction txn-1
	// 200 OK
	// 200 OK
	// refused: true
	// 401 Unauthorized
}

// The delivery that Meld publishes as an example, verified without net/http and at the time it was made.
func ExampleVerifier_Verify() {
	v, err := meldwebhook.New("https://example.meld.io/webhooks", "42m4NMLS34WQ6BbMfo1KFKqMv4hy",
		meldwebhook.WithClock(func() time.Time { return time.Date(2022, time.May, 26, 20, 25, 18, 0, time.UTC) }))
	if err != nil {
		panic(err)
	}
	header := http.Header{}
	header.Set("Meld-Signature", "O4bN5E0U9s88l2DFc0kjt-0w3LLA3Zkv8hXhafc22Hg=")
	header.Set("Meld-Signature-Timestamp", "2022-05-26T20:25:17.682818Z")
	body := []byte(`{"eventType":"WEBHOOK_TEST","eventId":"GDtv8pQgwzc9HuFFBQFrww","timestamp":"2022-05-26T20:23:45.908400Z",` +
		`"accountId":"W9jpQc1HKvwscqMPcLmzUS","profileId":null,"version":"2021-10-27",` +
		`"payload":{"requestId":"7aWW1GXTjWCCtNubzvVX7V"}}`)

	event, err := v.Verify(header, body)
	fmt.Println(event, err)
	fmt.Println("happened", event.Timestamp, "and was sent", event.SignedAt.Sub(event.Timestamp), "later")

	body[len(body)-3] = '!'
	_, err = v.Verify(header, body)
	fmt.Println("changed on the way:", errors.Is(err, meldwebhook.ErrInvalidSignature))

	// Output:
	// meldwebhook.Event(WEBHOOK_TEST GDtv8pQgwzc9HuFFBQFrww) <nil>
	// happened 2022-05-26 20:23:45.9084 +0000 UTC and was sent 1m31.774418s later
	// changed on the way: true
}

// Replacing a secret without losing a delivery: for three days, both are good.
func ExampleWithSecret() {
	v, err := meldwebhook.New(publicURL, "new-secret", meldwebhook.WithSecret("old-secret"))
	if err != nil {
		panic(err)
	}
	body := []byte(`{"eventType":"WEBHOOK_TEST","eventId":"evt-2"}`)
	for _, secret := range []string{"old-secret", "new-secret", "older-secret"} {
		timestamp := time.Now().UTC().Format(time.RFC3339Nano)
		header := http.Header{}
		header.Set(meldwebhook.TimestampHeader, timestamp)
		header.Set(meldwebhook.SignatureHeader, meldwebhook.Sign(secret, timestamp, publicURL, body))
		_, err := v.Verify(header, body)
		fmt.Println(secret, err == nil)
	}

	// Output:
	// old-secret true
	// new-secret true
	// older-secret false
}

// A delivery made up for a test of your own handler.
func ExampleSign() {
	body := []byte(`{"eventType":"WEBHOOK_TEST","eventId":"evt-3"}`)
	fmt.Println(meldwebhook.Sign("secret-of-the-profile", "2026-01-02T03:04:05.678900Z", "https://api.example.com/hooks/meld", body))

	// Output:
	// _O2fokDlZNsWK1V8YmXXkMdx1_PV0jGUTSLKtWcpVy8=
}
