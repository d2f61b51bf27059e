package portal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

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

func FuzzErrorBody(f *testing.F) {
	for _, body := range []string{
		`{"error":"exists"}`, `{"error":{"message":"no"}}`, `{"error":null,"message":"m"}`, `{"error":["a"]}`, `{"error":"jane"`,
		`[]`, `null`, "\x00\xff", `{"error":"\ud800\u0000 tok_1 JANE"}`, `<html>`, ``, `{"message":{"message":{}}}`, `{"error":"portal: line\nbreak"}`,
	} {
		f.Add(400, "application/json", []byte(body))
	}
	f.Add(200, "text/html", []byte(`{"data":{}}`))
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		e := newTestCall(&opCreateMeldCustomer).newError(fuzzReply(max(1, status), contentType, body), nil)
		require.Equal(t, max(1, status), e.StatusCode)
		require.Equal(t, body, e.Body())
		if sentinel := sentinelOf(status); sentinel != nil {
			require.ErrorIs(t, e, sentinel)
		}
		require.NotErrorIs(t, e, ErrOutcomeUnknown)
		text := e.Error()
		require.True(t, strings.HasPrefix(text, "portal: createMeldCustomer: "), "%q", text)
		require.True(t, utf8.ValidString(text))
		require.False(t, strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", text)
		require.LessOrEqual(t, len(e.Message), maxServerMessage)
		require.Equal(t, text, fmt.Sprintf("%+v", error(e)))
	})
}

// newTestCall is a call of an operation whose request holds nothing that an answer could repeat.
func newTestCall(op *operation) *call {
	c := &call{sender: &sender{settings: &settings{}}, op: op, class: op.class, trace: "trace", attempts: 1}
	c.req.URL = &url.URL{Scheme: "https", Host: "api.example"}
	return c
}

func FuzzConflictBody(f *testing.F) {
	for _, body := range []string{
		`{"error":"exists","details":{"meldCustomerId":"cus_1"}}`, `{"details":{"meldCustomerId":7}}`, `{"details":[]}`, `{}`, ``,
		`{"details":{"meldCustomerId":"a"},"details":{}}`, `{"DETAILS":{"meldcustomerid":"a"}}`, `{"details":{"meldCustomerId":"a"}`, `null`,
	} {
		f.Add(409, []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		detail := func() *errorDetail { return &errorDetail{body: body} }
		e := &APIError{Operation: opCreateMeldCustomer.id, StatusCode: status, detail: detail}
		id, ok := ExistingMeldCustomerID(e)
		require.Equal(t, id != "", ok)
		if ok {
			require.Equal(t, http.StatusConflict, status)
			require.True(t, json.Valid(body))
			require.Contains(t, jsonStrings(body), id)
		}
		wrappedID, wrappedOK := ExistingMeldCustomerID(errors.Join(io.EOF, fmt.Errorf("ensure: %w", e)))
		require.Equal(t, []any{id, ok}, []any{wrappedID, wrappedOK})
		e.Operation = "another"
		_, ok = ExistingMeldCustomerID(e)
		require.False(t, ok, "a conflict of another operation names no customer")
	})
}

func FuzzFound(f *testing.F) {
	for _, body := range []string{
		`{"data":{"customers":[{"id":"cus_1"}],"count":1}}`, `{"data":{"customers":[]}}`, `{"data":{"customers":null}}`, `{"data":{"id":"cus_1"}}`,
		`{"data":[{"id":"cus_1"}]}`, `{"data":[]}`, `{"data":null}`, `{"data":"x"}`, `{}`, `null`, ``, `{"data":{"customers":[null]}}`, `{"data": [{"id":""}]}`,
	} {
		f.Add([]byte(body))
	}
	f.Add([]byte(`{"data":{"customers":[{"id":"cus_1"},{"id":"cus_2"}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		customer, err := foundMeldCustomer(body)
		if err != nil {
			require.Nil(t, customer)
			return
		}
		require.True(t, json.Valid(body), "only JSON says that there is none")
		if customer != nil {
			require.NotEmpty(t, customer.ID)
			require.Contains(t, jsonStrings(body), customer.ID)
		}
	})
}

// No reply loses its status, and the methods and the generated client give the same verdict on it.
func FuzzReply(f *testing.F) {
	for _, body := range []string{
		`{"data":{"id":"cus_1"}}`, `{"error":"x"}`, `{"error":{}}`, `{`, ``, `null`, `[]`, `{"data":{}}`, `{"data":null}`, `{ }`, `false`, "\ufeff{\"data\":{}}",
		`{"data":{"transactions":null}}`, `{"data":[]}`, `{"error":{"message":"x"},"data":null}`, `{"data":7}`,
	} {
		for _, status := range []int{200, 204, 302, 400, 409, 500} {
			f.Add(0, status, "application/json", []byte(body))
		}
		f.Add(1, 200, "Application/JSON; charset=utf-8", []byte(body))
		f.Add(1, 200, "text/json", []byte(body))
		f.Add(2, 200, "", []byte(body))
	}
	f.Fuzz(func(t *testing.T, i, status int, contentType string, body []byte) {
		status = 100 + (status%500+500)%500
		op := &operations[(i%len(operations)+len(operations))%len(operations)]
		c, r := newTestCall(op.operation), fuzzReply(status, contentType, body)
		resp := r.response(&http.Request{Method: op.method, URL: c.req.URL})
		checked := c.check(r, resp, op.parse)
		if checked != nil {
			e, ok := errors.AsType[*APIError](checked)
			require.True(t, ok)
			require.Equal(t, status, e.StatusCode)
			require.Equal(t, body, e.Body())
			require.Equal(t, status/100 == 2, errors.Is(checked, ErrUnusableResponse) || errors.Is(checked, ErrOperationFailed))
		}
		parsed, err := op.parse(resp)
		if checked == nil {
			require.NoError(t, err, "what is handed on, the generated parser can read")
			require.True(t, status/100 == 2 || documentedStatus(parsed))
		}
		if status != http.StatusOK {
			return
		}
		success := reflect.ValueOf(parsed)
		if err != nil || !success.IsValid() {
			require.Error(t, checked)
			return
		}
		field := success.Elem().FieldByName("JSON200")
		if !field.IsValid() {
			return
		}
		value := reflect.New(field.Type().Elem())
		decoded := c.decode(r, value.Interface())
		require.Equal(t, checked == nil, decoded == nil, "%v, %v", checked, decoded)
		if checked == nil {
			require.Equal(t, field.Interface(), value.Interface())
		} else {
			require.Equal(t, checked.Error(), decoded.Error())
		}
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
	f.Add("20000000000000000000x", "", int64(0))
	digits := regexp.MustCompile(`^[0-9]+$`)
	f.Fuzz(func(t *testing.T, value, date string, unix int64) {
		header := http.Header{"Retry-After": {value}, "Date": {date}}
		wait, ok := retryAfter(header, func() time.Time { return time.Unix(unix, 0) })
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
