package portal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// fuzzCall is a call of createMeldCustomer whose body holds secret.
func fuzzCall(t *testing.T, token, secret string) (*call, *http.Request) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"name": map[string]any{"firstName": secret}, "phone": "+14155550123"})
	require.NoError(t, err)
	req, err := http.NewRequest(http.MethodPost, "https://api.example/customers", bytes.NewReader(body))
	require.NoError(t, err)
	return &call{op: opCreateMeldCustomer, class: careful, trace: "trace", token: token, attempts: 1}, req
}

func fuzzReply(status int, contentType string, body []byte) *reply {
	header := http.Header{"Content-Type": {contentType}}
	return &reply{status: status, header: header, body: body, raw: &http.Response{StatusCode: status, Header: header}}
}

// jsonStrings lists every string of a JSON text, keys included.
func jsonStrings(body []byte) (all []string) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	for {
		token, err := decoder.Token()
		if err != nil {
			return all
		}
		if s, ok := token.(string); ok {
			all = append(all, s)
		}
	}
}

// requireFit checks a message that was made of foreign text: one line of bounded length, without the token
// and without the secret, in any case; without a short secret as a word of its own.
func requireFit(t *testing.T, message, token, secret string) {
	t.Helper()
	require.True(t, utf8.ValidString(message))
	require.False(t, strings.ContainsFunc(message, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", message)
	require.LessOrEqual(t, len(message), maxMessageBytes+len("…"))
	if checkToken(token) == nil && len(token) >= shortSecret && !overlaps(token, redacted) {
		require.NotRegexp(t, `(?i)`+regexp.QuoteMeta(token), message)
	}
	secret = strings.TrimSpace(clean(secret))
	if strings.HasSuffix(message, "…") || secret == "" || overlaps(secret, redacted) {
		return // what was cut off may have been a longer word
	}
	pattern := `(?i)` + regexp.QuoteMeta(secret)
	if first, _ := utf8.DecodeRuneInString(secret); len(secret) < shortSecret && isWord(first) {
		pattern = `(?:^|[^\pL\p{Nd}])` + pattern
	}
	if last, _ := utf8.DecodeLastRuneInString(secret); len(secret) < shortSecret && isWord(last) {
		pattern += `(?:$|[^\pL\p{Nd}])`
	}
	require.NotRegexp(t, pattern, message)
}

// overlaps reports whether a mark can make a secret of what stands beside it, or is one itself.
func overlaps(secret, mark string) bool {
	secret, mark = strings.ToLower(secret), strings.ToLower(mark)
	if strings.Contains(mark, secret) || strings.Contains(secret, mark) {
		return true
	}
	for i := 1; i < min(len(secret), len(mark)); i++ {
		if strings.HasSuffix(secret, mark[:i]) || strings.HasPrefix(secret, mark[len(mark)-i:]) {
			return true
		}
	}
	return false
}

func FuzzRedact(f *testing.F) {
	f.Add("the email JANE@EXAMPLE.COM is taken", "tok_1", "jane@example.com")
	f.Add("İ Jane tok_1\x00\xff", "tok_1", "jane")
	f.Add("a a a", "t", "a a")
	f.Add("line\nbreak\u2028tok\x00_1", "tok_1", "line\nbreak")
	f.Add("Another error: An", "tok", "An")
	f.Add("user_JANE@example.com1", "tok", "jane@example.com")
	f.Add("İẞ SECRET", "tok", "secret")
	f.Add(strings.Repeat("ä", 300), "tok", "ä")
	f.Fuzz(func(t *testing.T, text, token, secret string) {
		secret = strings.ToValidUTF8(secret, "")
		c, req := fuzzCall(t, token, secret)
		requireFit(t, c.redact(text, req), token, secret)
	})
}

func FuzzErrorBody(f *testing.F) {
	for _, body := range []string{
		`{"error":"exists"}`, `{"error":{"message":"no"}}`, `{"error":null,"message":"m"}`, `{"error":["a"]}`, `{"error":"jane"`,
		`[]`, `null`, "\x00\xff", `{"error":"\ud800\u0000 tok_1 JANE"}`, `<html>`, ``, `{"message":{"message":{}}}`,
	} {
		f.Add(400, "application/json", []byte(body), "tok_1", "jane")
	}
	f.Add(200, "text/html", []byte(`{"data":{}}`), "t", "x")
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte, token, secret string) {
		secret = strings.ToValidUTF8(secret, "")
		c, req := fuzzCall(t, token, secret)
		e := c.newError(req, fuzzReply(max(1, status), contentType, body), nil)
		require.Equal(t, max(1, status), e.StatusCode)
		require.Equal(t, body, e.Body)
		if sentinel := sentinelOf(status); sentinel != nil {
			require.ErrorIs(t, e, sentinel)
		}
		require.NotErrorIs(t, e, ErrOutcomeUnknown)
		if status/100 != 2 {
			requireFit(t, e.Message, token, secret)
		}
		require.Equal(t, e.Error(), fmt.Sprintf("%+v", e))
		encoded, err := json.Marshal(e)
		require.NoError(t, err)
		var decoded safeAPIError
		require.NoError(t, json.Unmarshal(encoded, &decoded))
		require.Equal(t, e.Message, decoded.Message)
	})
}

func FuzzConflictBody(f *testing.F) {
	for _, body := range []string{
		`{"error":"exists","details":{"meldCustomerId":"cus_1"}}`, `{"details":{"meldCustomerId":7}}`, `{"details":[]}`, `{}`, ``,
		`{"details":{"meldCustomerId":"a"},"details":{}}`, `{"DETAILS":{"meldcustomerid":"a"}}`, `{"details":{"meldCustomerId":"a"}`, `null`,
	} {
		f.Add(409, []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		e := &APIError{Operation: opCreateMeldCustomer.id, StatusCode: status, Body: body}
		id, ok := ExistingMeldCustomerID(e)
		require.Equal(t, id != "", ok)
		if ok {
			require.Equal(t, http.StatusConflict, status)
			require.True(t, json.Valid(body))
			require.Contains(t, jsonStrings(body), id)
		}
		wrappedID, wrappedOK := ExistingMeldCustomerID(errors.Join(io.EOF, fmt.Errorf("ensure: %w", e)))
		require.Equal(t, []any{id, ok}, []any{wrappedID, wrappedOK})
		e.Operation = opCreateMeldRetailWidget.id
		_, ok = ExistingMeldCustomerID(e)
		require.False(t, ok, "a conflict of another operation names no customer")
	})
}

func FuzzFound(f *testing.F) {
	for _, body := range []string{
		`{"data":{"customers":[{"id":"cus_1"}],"count":1}}`, `{"data":{"customers":[]}}`, `{"data":{"customers":null}}`, `{"data":{"id":"cus_1"}}`,
		`{"data":[{"id":"cus_1"}]}`, `{"data":[]}`, `{"data":null}`, `{"data":"x"}`, `{}`, `null`, ``, `{"data":{"customers":[null]}}`, `{"data": [{"id":""}]}`,
	} {
		f.Add("application/json", []byte(body))
	}
	f.Add("text/html", []byte(`{"data":{"id":"cus_1"}}`))
	f.Add("application/problem+json; charset=utf-8", []byte(`{"data":{"id":"cus_1"}}`))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		customer, err := decodeFound(fuzzReply(200, contentType, body))
		if err != nil {
			require.Nil(t, customer)
			return
		}
		require.True(t, json.Valid(body), "only JSON says that there is none")
		require.Contains(t, strings.ToLower(contentType), "json")
		if customer != nil {
			require.NotEmpty(t, customer.ID)
			require.Contains(t, jsonStrings(body), customer.ID)
		}
	})
}

// FuzzReply holds the generated parsers to rule 2 of the design: no reply loses its status.
func FuzzReply(f *testing.F) {
	for _, body := range []string{`{"data":{"id":"cus_1"}}`, `{"error":"x"}`, `{"error":{}}`, `{`, ``, `null`, `[]`} {
		for _, status := range []int{200, 204, 302, 400, 409, 500} {
			f.Add(0, status, "application/json", []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, i, status int, contentType string, body []byte) {
		status = 100 + (status%500+500)%500
		op := &operations[(i%len(operations)+len(operations))%len(operations)]
		req, err := http.NewRequest(op.method, "https://api.example/", http.NoBody)
		require.NoError(t, err)
		c, r := &call{op: op, class: classOf(op), trace: "trace"}, fuzzReply(status, contentType, body)
		resp := r.response(req)
		if err := c.check(r, resp); err != nil {
			var e *APIError
			require.ErrorAs(t, err, &e)
			require.Equal(t, status, e.StatusCode)
			require.Equal(t, body, e.Body)
			require.Equal(t, status/100 == 2, errors.Is(err, ErrUnusableResponse))
			return
		}
		parsed, err := parsers[op.index](resp)
		require.NoError(t, err, "what the door hands on, the generated parser can read")
		_, found := jsonField(parsed, status)
		require.True(t, found || status/100 == 2)
	})
}

func FuzzRetryAfter(f *testing.F) {
	const date = "Sat, 01 Jan 2050 00:00:00 GMT"
	for _, value := range []string{
		"0", "1", "-1", "+1", "1.5", "9223372037", "18446744073709551616", "soon", "", "Sat, 01 Jan 2050 00:00:09 GMT",
		"Saturday, 01-Jan-50 00:00:09 GMT", "Sat Jan  1 00:00:09 2050", "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 0000 00:00:00 GMT",
	} {
		f.Add(value, date, int64(0))
		f.Add(value, "", int64(1<<61))
	}
	f.Add("20000000000000000000A", "", int64(0))
	digits := regexp.MustCompile(`^[0-9]+$`)
	f.Fuzz(func(t *testing.T, value, date string, unix int64) {
		header := http.Header{"Retry-After": {value}, "Date": {date}}
		wait, ok := retryAfter(header, time.Unix(unix, 0))
		require.GreaterOrEqual(t, wait, time.Duration(0))
		_, err := http.ParseTime(value)
		require.Equal(t, err == nil || digits.MatchString(value), ok)
		if !ok {
			require.Zero(t, wait)
		}
		if seconds, err := time.ParseDuration(value + "s"); err == nil && digits.MatchString(value) {
			require.Equal(t, seconds, wait)
		}
		require.Equal(t, ok, (&outcome{reply: reply{header: header}}).asksToWait())
	})
}
