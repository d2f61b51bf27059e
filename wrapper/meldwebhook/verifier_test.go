package meldwebhook

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, url, secret string
		opt               Option
		want              string
	}{
		{"no URL", "", testSecret, nil, "the public URL is not of the form"},
		{"a relative URL", "/hooks/meld", testSecret, nil, "the public URL is not of the form"},
		{"no host", "https:///hooks", testSecret, nil, "the public URL is not of the form"},
		{"another scheme", "ftp://host-6d1/hooks", testSecret, nil, "the public URL is not of the form"},
		{"arguments swapped", testSecret, testURL, nil, "the public URL is not of the form"},
		{"a broken escape", "https://host-6d1/%zz", testSecret, nil, "the public URL is not of the form"},
		{"a trailing space", "https://host-6d1/hooks ", testSecret, nil, "the public URL begins or ends with white space"},
		{"a user name", "https://user:host-6d1@host/hooks", testSecret, nil, "the public URL holds a user name"},
		{"a fragment", "https://host-6d1/hooks#", testSecret, nil, "the public URL has a fragment"},
		{"no secret", testURL, "", nil, "the secret is empty"},
		{"a secret with a line break", testURL, "host-6d1\n", nil, "the secret begins or ends with white space"},
		{"a second secret, empty", testURL, testSecret, WithSecret(""), "the secret is empty"},
		{"a second secret with a space", testURL, testSecret, WithSecret(" host-6d1"), "the secret begins or ends"},
		{"no tolerance", testURL, testSecret, WithTolerance(0), "the tolerance has to be positive"},
		{"a negative tolerance", testURL, testSecret, WithTolerance(-time.Second), "the tolerance has to be positive"},
		{"no body", testURL, testSecret, WithMaxBodyBytes(0), "the largest body has to be positive"},
		{"no hook", testURL, testSecret, WithErrorHook(nil), "the error hook is nil"},
		{"no clock", testURL, testSecret, WithClock(nil), "the clock is nil"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var opts []Option
			if tt.opt != nil {
				opts = append(opts, tt.opt)
			}
			v, err := New(tt.url, tt.secret, opts...)
			require.ErrorContains(t, err, tt.want)
			require.Nil(t, v)
			require.NotContains(t, err.Error(), "host-6d1", "a value is in the error")
			require.NotContains(t, err.Error(), testSecret)
		})
	}
	_, err := New(testURL, testSecret, nil)
	require.ErrorContains(t, err, "an option is nil")
}

func TestVerify(t *testing.T) {
	t.Parallel()
	now := timestampOf(testNow)
	good := signedHeader(now, testBody)
	signature := good.Get(SignatureHeader)
	require.NotEqual(t, signature, standardBase64(signature), "change testBody: the test needs a - or a _ in it")
	require.NotEqual(t, signature, strayBits(signature))
	largest := testBody + strings.Repeat(" ", 256<<10-len(testBody))
	without := func(name string) http.Header {
		h := good.Clone()
		h.Del(name)
		return h
	}
	twice := func(name string) http.Header {
		h := good.Clone()
		h.Add(name, h.Get(name))
		return h
	}
	with := func(key string, values ...string) http.Header { // of any case
		h := good.Clone()
		h[key] = values
		return h
	}
	tests := []struct {
		name   string
		header http.Header
		body   string
		want   error // nil if it passes
	}{
		{"as sent", good, testBody, nil},
		{"epoch seconds", signedHeader("1772600767", testBody), testBody, nil},
		{"signed three days and an hour ago", signedHeader(timestampOf(testNow.Add(-73*time.Hour)), testBody), testBody, nil},
		{"signed five minutes ahead", signedHeader(timestampOf(testNow.Add(5*time.Minute)), testBody), testBody, nil},

		{"no headers", http.Header{}, testBody, ErrMissingHeader},
		{"no signature", without(SignatureHeader), testBody, ErrMissingHeader},
		{"no timestamp", without(TimestampHeader), testBody, ErrMissingHeader},
		{"an empty signature", headerOf("", now), testBody, ErrMissingHeader},
		{"an empty timestamp", headerOf(signature, ""), testBody, ErrMissingHeader},
		{"no values", http.Header{SignatureHeader: {}, TimestampHeader: nil}, testBody, ErrMissingHeader},
		{"names in lower case", http.Header{"meld-signature": {signature}, "meld-signature-timestamp": {now}}, testBody, nil},
		{"names in upper case", http.Header{"MELD-SIGNATURE": {signature}, "MELD-SIGNATURE-TIMESTAMP": {now}}, testBody, nil},
		{"names that are others", http.Header{"meld_signature": {signature}, "Meld-\u017fignature": {signature}, TimestampHeader: {now}}, testBody, ErrMissingHeader},
		{"two signatures, in two cases", with("meld-signature", signature), testBody, ErrInvalidSignature},
		{"two timestamps, in two cases", with("meld-signature-timestamp", now), testBody, ErrInvalidTimestamp},
		{"two signatures, one empty", with("MELD-SIGNATURE", ""), testBody, ErrInvalidSignature},
		{"an empty list in another case", with("MELD-SIGNATURE"), testBody, nil},
		{"two signatures", twice(SignatureHeader), testBody, ErrInvalidSignature},
		{"two timestamps", twice(TimestampHeader), testBody, ErrInvalidTimestamp},
		{"a timestamp that is none", signedHeader("yesterday", testBody), testBody, ErrInvalidTimestamp},

		{"older than that", signedHeader(timestampOf(testNow.Add(-73*time.Hour-time.Microsecond)), testBody), testBody, ErrStaleTimestamp},
		{"from 1970", signedHeader("0", testBody), testBody, ErrStaleTimestamp},
		{"from the year 1", signedHeader("0001-01-01T00:00:00Z", testBody), testBody, ErrStaleTimestamp},
		{"ahead of the clock", signedHeader(timestampOf(testNow.Add(5*time.Minute+time.Microsecond)), testBody), testBody, ErrFutureTimestamp},
		{"from the year 9999", signedHeader("9999-01-01T00:00:00Z", testBody), testBody, ErrFutureTimestamp},

		{"the body of another", good, strings.Replace(testBody, "txn-1", "txn-2", 1), ErrInvalidSignature},
		{"a body with a space more", good, testBody + " ", ErrInvalidSignature},
		{"no body", good, "", ErrInvalidSignature},
		{"the timestamp of another", headerOf(signature, timestampOf(testNow.Add(time.Second))), testBody, ErrInvalidSignature},
		{"the same time written otherwise", headerOf(signature, testNow.Format(time.RFC3339Nano+" ")), testBody, ErrInvalidTimestamp},
		{"a stale time, put in place of the signed one", headerOf(signature, "0"), testBody, ErrInvalidSignature},
		{"another secret", headerOf(Sign("another", now, testURL, []byte(testBody)), now), testBody, ErrInvalidSignature},
		{"another URL", headerOf(Sign(testSecret, now, testURL+"/", []byte(testBody)), now), testBody, ErrInvalidSignature},
		{"without padding", headerOf(strings.TrimRight(signature, "="), now), testBody, ErrInvalidSignature},
		{"padded twice", headerOf(signature+"=", now), testBody, ErrInvalidSignature},
		{"in another base64", headerOf(standardBase64(signature), now), testBody, ErrInvalidSignature},
		{"with stray bits at its end", headerOf(strayBits(signature), now), testBody, ErrInvalidSignature},
		{"not base64", headerOf("!", now), testBody, ErrInvalidSignature},
		{"all zero", headerOf(strings.Repeat("A", 43)+"=", now), testBody, ErrInvalidSignature},

		{"signed, and no JSON", signedHeader(now, "hello"), "hello", ErrInvalidBody},
		{"signed, and empty", signedHeader(now, ""), "", ErrInvalidBody},
		{"as large as can be", signedHeader(now, largest), largest, nil},
		{"over the cap", signedHeader(now, largest+" "), largest + " ", ErrBodyTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			event, err := newVerifier(t).Verify(tt.header, []byte(tt.body))
			if tt.want == nil {
				require.NoError(t, err)
				require.Equal(t, "evt-1", event.ID)
				return
			}
			require.Equal(t, []error{tt.want}, matching(err))
			require.Zero(t, event)
			for _, secret := range []string{testSecret, signature, "txn-1", "hello"} {
				require.NotContains(t, err.Error(), secret)
			}
		})
	}
}

// standardBase64 and strayBits write the same bytes in ways that a lenient decoder would let pass.
func standardBase64(signature string) string {
	return strings.NewReplacer("-", "+", "_", "/").Replace(signature)
}

func strayBits(signature string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(signature) - 2 // the character before the padding carries two bits that mean nothing
	return signature[:last] + string(alphabet[strings.IndexByte(alphabet, signature[last])|1]) + "="
}

// A timestamp, a URL and a body joined by dots can be cut in other places when the body holds the URL. The
// HMAC of such a delivery is right; it must be refused all the same.
func TestVerifyTheOneWayToCut(t *testing.T) {
	t.Parallel()
	now := timestampOf(testNow)
	inner := `{"eventType":"TRANSACTION_CRYPTO_COMPLETE","eventId":"forged"}`
	body := `{"eventType":"x","eventId":"y","note":".` + testURL + `.` + inner
	signature := Sign(testSecret, now, testURL, []byte(body))
	cut := now + "." + testURL + `.{"eventType":"x","eventId":"y","note":"`
	require.Equal(t, signature, Sign(testSecret, cut, testURL, []byte(inner)), "the attack works on the HMAC")

	_, err := newVerifier(t).Verify(headerOf(signature, cut), []byte(inner))
	require.ErrorIs(t, err, ErrInvalidTimestamp)
}

func TestVerifyTolerance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		tolerance time.Duration
		age       time.Duration
		want      error
	}{
		{"within", 5 * time.Minute, 5 * time.Minute, nil},
		{"too old", 5 * time.Minute, 5*time.Minute + time.Microsecond, ErrStaleTimestamp},
		{"the last repeat, after three days, by default", DefaultTolerance, 72*time.Hour + 59*time.Minute, nil},
		{"ahead within a small tolerance", time.Second, -time.Second, nil},
		{"ahead by more than a small tolerance", time.Second, -time.Second - time.Microsecond, ErrFutureTimestamp},
		{"just within the shortest", 1, 0, nil},
		{"not within the shortest", 1, time.Microsecond, ErrStaleTimestamp},
		{"ahead within the longest", math.MaxInt64, -5 * time.Minute, nil},
		{"ahead by more", math.MaxInt64, -5*time.Minute - time.Microsecond, ErrFutureTimestamp},
		{"a large tolerance is for the past only", 1000 * time.Hour, -6 * time.Minute, ErrFutureTimestamp},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := newVerifier(t, WithTolerance(tt.tolerance))
			_, err := v.Verify(signedHeader(timestampOf(testNow.Add(-tt.age)), testBody), []byte(testBody))
			require.ErrorIs(t, err, tt.want)
		})
	}
}

// What is wrong with a time is said in full, however far away it is.
func TestVerifySaysHowFarOff(t *testing.T) {
	t.Parallel()
	v := newVerifier(t, WithTolerance(time.Minute))
	for timestamp, want := range map[string]string{
		timestampOf(testNow.Add(-90*time.Second - 499*time.Millisecond)): "signed 1m30s ago, and the tolerance is 1m0s: see WithTolerance",
		timestampOf(testNow.Add(90*time.Second + 501*time.Millisecond)):  "signed 1m31s from now, and 1m0s is allowed: check this machine's clock",
		"0001-01-01T00:00:00Z": "signed 2562047h47m16.854775807s ago",
		"9999-01-01T00:00:00Z": "signed 2562047h47m16.854775807s from now",
	} {
		_, err := v.Verify(signedHeader(timestamp, testBody), []byte(testBody))
		require.ErrorContains(t, err, want)
	}
	_, err := newVerifier(t).Verify(signedHeader(timestampOf(testNow.Add(time.Hour)), testBody), []byte(testBody))
	require.ErrorContains(t, err, "5m0s is allowed", "a large tolerance is for the past only")
}

func TestVerifySecretsOverlap(t *testing.T) {
	t.Parallel()
	v := newVerifier(t, WithSecret("second"), WithSecret("third"), WithSecret("third"))
	now := timestampOf(testNow)
	for secret, want := range map[string]error{
		testSecret: nil, "second": nil, "third": nil,
		"fourth": ErrInvalidSignature, "": ErrInvalidSignature, "secondthird": ErrInvalidSignature,
	} {
		_, err := v.Verify(headerOf(Sign(secret, now, testURL, []byte(testBody)), now), []byte(testBody))
		require.ErrorIs(t, err, want, "secret %q", secret)
	}
}

func TestVerifyTakesTheURLAsItIs(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"https://api.example.com", "https://api.example.com/", "https://API.example.com:443/a/../b?x=%2f&x=+&y",
		"http://127.0.0.1:8080/hook", "https://api.example.com/hook?",
	} {
		v, err := New(url, testSecret)
		require.NoError(t, err)
		now := timestampOf(time.Now())
		_, err = v.Verify(headerOf(Sign(testSecret, now, url, []byte(testBody)), now), []byte(testBody))
		require.NoError(t, err, url)
	}
}

func TestVerifyCap(t *testing.T) {
	t.Parallel()
	v := newVerifier(t, WithMaxBodyBytes(int64(len(testBody))))
	now := timestampOf(testNow)
	_, err := v.Verify(signedHeader(now, testBody), []byte(testBody))
	require.NoError(t, err)
	_, err = v.Verify(signedHeader(now, testBody+" "), []byte(testBody+" "))
	require.ErrorIs(t, err, ErrBodyTooLarge)
	require.ErrorContains(t, err, fmt.Sprintf("more than %d bytes: see WithMaxBodyBytes", len(testBody)))
	_, err = newVerifier(t, WithMaxBodyBytes(1)).Verify(signedHeader(now, "7"), []byte("7"))
	require.ErrorIs(t, err, ErrInvalidBody, "the smallest cap lets a byte through")
}

func TestVerifyRetryCount(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{"": 0, "0": 0, "1": 1, "3": 3, "-1": 0, "many": 0, "99999999999999999999": 0} {
		h := signedHeader(timestampOf(testNow), testBody)
		h.Set("Meld-Retry-Count", in)
		event, err := newVerifier(t).Verify(h, []byte(testBody))
		require.NoError(t, err)
		require.Equal(t, want, event.RetryCount, in)
	}
	h := signedHeader(timestampOf(testNow), testBody)
	h["meld-retry-count"] = []string{"2"}
	event, err := newVerifier(t).Verify(h, []byte(testBody))
	require.NoError(t, err)
	require.Equal(t, 2, event.RetryCount)
}

// The event must not change when the caller uses the body's memory again.
func TestVerifyKeepsItsOwnCopy(t *testing.T) {
	t.Parallel()
	body := []byte(testBody)
	event, err := newVerifier(t).Verify(signedHeader(timestampOf(testNow), testBody), body)
	require.NoError(t, err)
	clear(body)
	require.Equal(t, testBody, string(event.Raw))
	require.JSONEq(t, `{"paymentTransactionId":"txn-1"}`, string(event.Payload.Raw))
}

func TestVerifierIsConcurrent(t *testing.T) {
	t.Parallel()
	v := newVerifier(t, WithSecret("second"), WithErrorHook(func(context.Context, error) {}))
	h := signedHeader(timestampOf(testNow), testBody)
	done := make(chan error)
	for range 8 {
		go func() {
			_, err := v.Verify(h, []byte(testBody))
			done <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-done)
	}
}
