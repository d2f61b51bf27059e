package meldwebhook

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// leaks are texts that must not come out, in any of the ways that a verb may write them.
func leaks(texts ...string) []string {
	var all []string
	for _, s := range texts {
		bytesOf := strings.Trim(fmt.Sprint([]byte(s)), "[]")
		all = append(all, s, hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))),
			base64.StdEncoding.EncodeToString([]byte(s))[:len(s)], bytesOf, fmt.Sprintf("%#v", []byte(s))[7:],
			strings.Trim(fmt.Sprintf("%b", []byte(s)), "[]"), strings.Trim(fmt.Sprintf("%o", []byte(s)), "[]"))
	}
	return all
}

const (
	everyVerb = openVerbs + "pw"
	// openVerbs lacks the two that ask no Formatter, and that go vet rejects for what is no pointer or no error.
	openVerbs = "vTtbcdoOqxXUeEfFgGs"
)

// outputs is everything that fmt, encoding/json and slog make of a value.
func outputs(verbs string, value any) string {
	var out bytes.Buffer
	for _, verb := range verbs {
		for _, flag := range []string{"", "+", "#", " ", "-40", "040", ".500"} {
			fmt.Fprintf(&out, "%"+flag+string(verb)+"\n", value)
		}
	}
	fmt.Fprint(&out, value)
	fmt.Fprintln(&out, value)
	for _, v := range []any{value, []any{value}, map[string]any{"v": value}, struct{ V any }{value}} {
		fmt.Fprintf(&out, "%v %+v %#v %s %q %x\n", v, v, v, v, v, v)
		b, err := json.Marshal(v)
		fmt.Fprintf(&out, "%s %v\n", b, err)
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(h).Info("it", "v", v, slog.Group("g", "v", v))
			slog.New(h).With("v", v).Info("it")
		}
	}
	return out.String()
}

func requireNoLeak(t *testing.T, verbs string, value any, texts ...string) string {
	t.Helper()
	out := outputs(verbs, value)
	for _, leak := range leaks(texts...) {
		if i := strings.Index(out, leak); i >= 0 { // require.NotContains would print all of it
			require.Failf(t, "leak", "%T shows %q in %q", value, leak, out[max(0, i-100):i+len(leak)])
		}
	}
	return out
}

func TestVerifierKeepsItsSecrets(t *testing.T) {
	t.Parallel()
	secrets := []string{testSecret, "the-second-secret", "token-in-the-query"}
	v, err := New("https://api.example.com/hook?t=token-in-the-query", testSecret, WithSecret("the-second-secret"))
	require.NoError(t, err)
	for _, value := range []any{v, *v, &v, WithSecret("the-second-secret"), []Option{WithSecret("the-second-secret")}} {
		requireNoLeak(t, everyVerb, value, secrets...)
	}
}

func TestEventKeepsItsBody(t *testing.T) {
	t.Parallel()
	const body = `{"eventType":"TRANSACTION_CRYPTO_COMPLETE","eventId":"evt-1","accountId":"account-x","profileId":"profile-x",` +
		`"payload":{"paymentTransactionId":"txn-x","customerId":"customer-x","externalCustomerId":"external-x","new":"novelty-x"}}`
	inBody := []string{"account-x", "profile-x", "txn-x", "customer-x", "external-x", "novelty-x", `{"eventType"`, `"payload"`}
	var event Event
	require.NoError(t, json.Unmarshal([]byte(body), &event))
	for _, value := range []any{event, &event, []Event{event}, event.Payload, &event.Payload, map[string]Payload{"p": event.Payload}} {
		requireNoLeak(t, openVerbs, value, inBody...)
	}
	out := requireNoLeak(t, openVerbs, event, inBody...)
	require.Contains(t, out, "meldwebhook.Event(TRANSACTION_CRYPTO_COMPLETE evt-1)")
	require.Contains(t, out, "v.type=TRANSACTION_CRYPTO_COMPLETE v.id=evt-1")
	size := fmt.Sprintf("meldwebhook.Payload(%d bytes)", len(event.Payload.Raw))
	require.Equal(t, size, event.Payload.String())
	require.Equal(t, size, fmt.Sprintf("%+v", event.Payload))
	require.Contains(t, outputs("v", event.Payload), `"v":"`+size+`"`)

	_, err := json.Marshal(event)
	require.ErrorContains(t, err, "use the Raw field", "a half-written event would be worse")
	_, err = json.Marshal(event.Payload)
	require.ErrorContains(t, err, "use the Raw field")
	stored, err := json.Marshal(event.Raw)
	require.NoError(t, err)
	require.JSONEq(t, body, string(stored))
}

func TestErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	v := newVerifier(t, WithMaxBodyBytes(500))
	now := timestampOf(testNow)
	const body = `{"eventType":"body-of-the-delivery"`
	signature := Sign(testSecret, now, testURL, []byte(body))
	tests := map[error]struct {
		signature, timestamp, body string
	}{
		ErrMissingHeader:    {"", "timestamp-of-the-delivery", body},
		ErrInvalidTimestamp: {signature, "timestamp-of-the-delivery", body},
		ErrStaleTimestamp:   {Sign(testSecret, "1", testURL, []byte(body)), "1", body},
		ErrFutureTimestamp:  {Sign(testSecret, "9999999999", testURL, []byte(body)), "9999999999", body},
		ErrInvalidSignature: {"signature-of-the-delivery", now, body},
		ErrBodyTooLarge:     {signature, now, body + strings.Repeat(" ", 500)},
		ErrInvalidBody:      {signature, now, body},
	}
	require.Len(t, tests, len(sentinels))
	for want, tt := range tests {
		_, err := v.Verify(headerOf(tt.signature, tt.timestamp), []byte(tt.body))
		require.ErrorIs(t, err, want)
		requireNoLeak(t, everyVerb, err, testSecret, signature, "signature-of-the-delivery", "body-of-the-delivery", "timestamp-of-the-delivery", testURL)
	}
}

// What an event says of itself cannot begin a line of a log, nor fill it.
func TestEventInALine(t *testing.T) {
	t.Parallel()
	event := Event{Type: "A\r\nlevel=ERROR\x00\x1b[31m\u2028\u202eB\xff", ID: strings.Repeat("ü", 100) + "x"}
	want := "meldwebhook.Event(A\ufffd\ufffdlevel=ERROR\ufffd\ufffd[31m\ufffd\ufffdB\ufffd " + strings.Repeat("ü", 100) + "…)"
	require.Equal(t, want, event.String())
	value := event.LogValue().Group()
	require.Equal(t, want, fmt.Sprintf("meldwebhook.Event(%s %s)", value[0].Value, value[1].Value))
	require.Equal(t, strings.Repeat("x", 200), printable(strings.Repeat("x", 200)))
	require.Equal(t, strings.Repeat("x", 199)+"…", printable(strings.Repeat("x", 199)+"ü"), "cut between characters")

	body := `{"eventType":"A\nfake=1","eventId":"evt\r\n"}`
	h, _, reported := record(t, errFromHandler)
	require.Equal(t, 500, serve(h, signedRequest(timestampOf(testNow), body)).StatusCode)
	require.EqualError(t, (*reported)[0], "meldwebhook: the handler failed on meldwebhook.Event(A\ufffdfake=1 evt\ufffd\ufffd): the database is away")
}

// The formatters must not keep the error hook from seeing which event failed.
func TestHandlerErrorNamesTheEvent(t *testing.T) {
	t.Parallel()
	var reported error
	v := newVerifier(t, WithErrorHook(func(_ context.Context, err error) { reported = err }))
	serve(v.Handler(func(context.Context, Event) error { return errFromHandler }), signedRequest(timestampOf(testNow), testBody))
	require.ErrorIs(t, reported, errFromHandler)
	require.ErrorContains(t, reported, "TRANSACTION_CRYPTO_COMPLETE evt-1")
	requireNoLeak(t, everyVerb, reported, "txn-1", testSecret)
}
