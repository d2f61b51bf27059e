package meldwebhook

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func FuzzParseTimestamp(f *testing.F) {
	for _, s := range []string{
		publishedTimestamp, "2022-05-26T20:25Z", "2022-05-26T20:25:17,5+0200", "1653596717", "1653596717.682818", "1653596717682", "", ".", "T",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, ok := parseTimestamp(s)
		if !ok {
			require.Zero(t, at)
			return
		}
		require.Empty(t, strings.Trim(s, "0123456789TZ:+-.,"), "a timestamp must not be able to hold a URL")
		require.Equal(t, time.UTC, at.Location())
		again, ok := parseTimestamp(at.Format(time.RFC3339Nano))
		require.True(t, ok || at.Year() > 9999 || at.Year() < 0, "what was read can be written")
		require.True(t, !ok || again.Equal(at))
	})
}

func FuzzParseEvent(f *testing.F) {
	for _, s := range []string{
		publishedBody, testBody, ``, `{}`, `null`, `{"eventType":"T","eventId":"I","timestamp":1e9,"payload":[]}`,
		`{"eventType":"T","eventType":null,"eventId":"I"}`, "{\"eventType\":\"\xff\",\"eventId\":\"I\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := parseEvent(body)
		if err != nil {
			require.Equal(t, []error{ErrInvalidBody}, matching(err))
			require.Zero(t, event)
			require.Contains(t, []string{": not a JSON object", ": no eventType", ": no eventId"},
				strings.TrimPrefix(err.Error(), ErrInvalidBody.Error()), "the error is one of our texts, so nothing of the body is in it")
			return
		}
		require.NotEmpty(t, event.Type)
		require.NotEmpty(t, event.ID)
		require.Equal(t, string(body), string(event.Raw))
		require.True(t, event.Payload.Raw == nil || json.Valid(event.Payload.Raw))
		var again Event
		require.NoError(t, json.Unmarshal(event.Raw, &again))
		require.Equal(t, event, again)
	})
}

// FuzzHandler sends anything, as it is and then properly signed. Unsigned, it must never get through; signed, it
// must get through exactly if it is an event of the right time.
func FuzzHandler(f *testing.F) {
	f.Add(publishedSignature, publishedTimestamp, "", []byte(publishedBody))
	f.Add("", timestampOf(testNow), "", []byte(testBody))
	f.Add("x", "1772600767", "tenant=a", []byte(testBody))
	f.Add("x", "1", "", []byte(`{}`))
	f.Fuzz(func(t *testing.T, signature, timestamp, query string, body []byte) {
		var got Event
		var reported error
		h := newVerifier(t, WithMaxBodyBytes(1<<10), WithErrorHook(func(_ context.Context, err error) { reported = err })).
			Handler(func(_ context.Context, event Event) error {
				got = event
				return nil
			})
		send := func(signature string) int {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
			r.URL.RawQuery = query
			r.Header = headerOf(signature, timestamp)
			got, reported = Event{}, nil
			return serve(h, r).StatusCode
		}
		right := Sign(testSecret, timestamp, testURL, body)
		if signature != right { // a fuzzer that finds it has broken HMAC
			require.Contains(t, []int{401, 413}, send(signature))
			require.Zero(t, got)
			require.Len(t, matching(reported), 1)
		}
		signedAt, ok := parseTimestamp(timestamp)
		want := 200
		switch _, err := parseEvent(body); {
		case !ok || !sameQuery("", query):
			want = 401
		case len(body) > 1<<10:
			want = 413
		case testNow.Sub(signedAt) > 73*time.Hour || signedAt.Sub(testNow) > 5*time.Minute:
			want = 401
		case err != nil:
			want = 400
		}
		require.Equal(t, want, send(right))
		if want != 200 {
			require.Zero(t, got)
			require.Len(t, matching(reported), 1)
			return
		}
		require.NoError(t, reported)
		require.Equal(t, string(body), string(got.Raw))
		require.Equal(t, signedAt, got.SignedAt)
	})
}
