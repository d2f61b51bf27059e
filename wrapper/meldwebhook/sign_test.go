package meldwebhook

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The vector that Meld publishes, at docs.meld.io/docs/webhook-authentication.
const (
	publishedSecret    = "42m4NMLS34WQ6BbMfo1KFKqMv4hy"
	publishedURL       = "https://example.meld.io/webhooks"
	publishedTimestamp = "2022-05-26T20:25:17.682818Z"
	publishedSignature = "O4bN5E0U9s88l2DFc0kjt-0w3LLA3Zkv8hXhafc22Hg="
	publishedBody      = `{"eventType":"WEBHOOK_TEST","eventId":"GDtv8pQgwzc9HuFFBQFrww","timestamp":"2022-05-26T20:23:45.908400Z",` +
		`"accountId":"W9jpQc1HKvwscqMPcLmzUS","profileId":null,"version":"2021-10-27",` +
		`"payload":{"requestId":"7aWW1GXTjWCCtNubzvVX7V"}}`
)

func TestSign(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, secret, timestamp, url, body, want string
	}{
		{"published by Meld", publishedSecret, publishedTimestamp, publishedURL, publishedBody, publishedSignature},
		{ // Not Meld's: made with openssl dgst -sha256 -hmac, for the epoch seconds and the query string.
			"our own", "own-vector-secret", "1760011200", "https://hooks.example.com/meld?tenant=a%2Fb&env=sandbox",
			`{"eventType":"TRANSACTION_CRYPTO_COMPLETE","eventId":"own-vector-1","payload":{}}`,
			"wwajA77RPlqgv4LmxbMtrnaJkN4Mh0s_3nKkH3SnZwE=",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, Sign(tt.secret, tt.timestamp, tt.url, []byte(tt.body)))
		})
	}
}

func TestVerifyPublishedVector(t *testing.T) {
	t.Parallel()
	v, err := New(publishedURL, publishedSecret, WithClock(func() time.Time {
		return time.Date(2022, 5, 26, 20, 25, 18, 0, time.UTC)
	}))
	require.NoError(t, err)

	event, err := v.Verify(headerOf(publishedSignature, publishedTimestamp), []byte(publishedBody))
	require.NoError(t, err)
	require.Equal(t, WebhookTest, event.Type)
	require.Equal(t, "GDtv8pQgwzc9HuFFBQFrww", event.ID)
	require.Equal(t, time.Date(2022, 5, 26, 20, 23, 45, 908400000, time.UTC), event.Timestamp)
	require.Equal(t, "W9jpQc1HKvwscqMPcLmzUS", event.AccountID)
	require.Empty(t, event.ProfileID)
	require.Equal(t, "2021-10-27", event.Version)
	require.Equal(t, "7aWW1GXTjWCCtNubzvVX7V", event.Payload.RequestID)
	require.Equal(t, publishedBody, string(event.Raw))
	require.Equal(t, time.Date(2022, 5, 26, 20, 25, 17, 682818000, time.UTC), event.SignedAt)
}
