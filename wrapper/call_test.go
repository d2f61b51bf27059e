package portal

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a method passes on is sent whole, or refused.
func TestInput(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header()["X-Got"] = append([]string{r.Method, r.RequestURI, string(body)}, r.Header["X-Asked"]...)
		_, _ = io.WriteString(w, `{"ok":true}`)
	}))
	t.Cleanup(srv.Close)
	client, err := New(StaticToken("tok_1"), WithBaseURL(srv.URL))
	require.NoError(t, err)
	params := func(header string) func() (*http.Request, error) {
		return func() (*http.Request, error) {
			r, err := http.NewRequest(http.MethodPost, "https://elsewhere.example/ignored?a=1&b=%2F", http.NoBody)
			if header != "" {
				r.Header.Set("X-Asked", header)
			}
			r.Header.Set("Content-Type", "")
			return r, err
		}
	}
	type body struct {
		A string `json:"a"`
	}
	plain := &operation{id: "plain", method: http.MethodPost, template: "/a", class: write}
	for name, tt := range map[string]struct {
		op   *operation
		in   input
		want []string
		says string
	}{
		"nothing":               {op: plain, want: []string{"POST", "/a", ""}},
		"a body":                {op: plain, in: input{body: &body{"x"}}, want: []string{"POST", "/a", `{"a":"x"}`}},
		"no body":               {op: plain, in: input{body: (*body)(nil)}, want: []string{"POST", "/a", ""}},
		"a query and a body":    {op: plain, in: input{params: params(""), body: &body{"x"}}, want: []string{"POST", "/a?a=1&b=%2F", `{"a":"x"}`}},
		"a header and a body":   {op: plain, in: input{params: params("y"), body: &body{"x"}}, want: []string{"POST", "/a?a=1&b=%2F", `{"a":"x"}`, "y"}},
		"a header that is none": {op: plain, in: input{params: params("y\n")}, says: "header X-Asked holds a control character"},
		"params that fail":      {op: plain, in: input{params: func() (*http.Request, error) { return nil, errors.New("jane") }}, says: "params cannot be encoded"},
		"a parameter is needed": {op: &operation{id: "asks", method: http.MethodPost, template: "/a", needsParams: true}, says: "params is nil, and a parameter is required"},
		"a body is needed":      {op: &operation{id: "asks", method: http.MethodPost, template: "/a", needsBody: true}, in: input{body: (*body)(nil)}, says: "body is nil, and the operation needs one"},
		"an empty parameter":    {op: plain, in: input{params: params(""), required: []requiredParam{{"a", false}, {"b", true}}}, says: "parameter b is required, and empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var captured Response
			err := client.sender.do(CaptureResponse(t.Context(), &captured), tt.op, tt.in, nil)
			if tt.says != "" {
				require.ErrorIs(t, err, ErrInvalidRequest)
				require.ErrorContains(t, err, "portal: "+tt.op.id+": invalid request: "+tt.says)
				require.NotContains(t, err.Error(), "jane")
				require.Zero(t, captured.Attempts)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, captured.Header["X-Got"])
		})
	}
}

type failing struct{}

func (failing) MarshalJSON() ([]byte, error) { return nil, errors.New("jane") }

func TestUnencodable(t *testing.T) {
	t.Parallel()
	type inner struct {
		Numbers []float64 `json:"numbers,omitempty"`
		Bytes   []byte    `json:"bytes"`
	}
	type outer struct {
		hidden  context.Context // would fail, if it could be read
		Skipped failing         `json:"-"`
		Good    string          `json:"good"`
		Inner   inner           `json:"inner"`
		Pointer *failing        `json:"pointer,omitempty"`
		Any     any             `json:"any"`
	}
	for want, v := range map[string]any{
		"body":             &failing{},
		"inner.numbers[1]": &outer{hidden: t.Context(), Inner: inner{Numbers: []float64{1, math.NaN()}, Bytes: []byte{1}}},
		"pointer":          &outer{Pointer: &failing{}},
		"any":              &outer{Any: failing{}},
	} {
		require.Equal(t, want, unencodable(reflect.ValueOf(v), ""))
	}
}

func TestReportsFailure(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		body          string
		data, without bool // what it is where the document has a member data, and where it has none
	}{
		{`{"error":"no"}`, true, true},
		{`{"error":"no","data":null}`, true, true},
		{`{"error":"no","data":{},"metadata":{"a":1}}`, true, true},
		{`{"error":"no","requestError":{"message":"why"}}`, true, true},
		{`{"error":"no","other":1}`, true, false},
		{`{"error":"no","data":{"a":1}}`, false, false},
		{`{"data":{"a":1},"error":"no"}`, false, false},
		{`{"data":{},"error":"no"}`, true, true},
		{`{"error":null}`, false, false},
		{`{"error":""}`, false, false},
		{`{"inner":{"error":"no"}}`, false, false},
		{`["error"]`, false, false},
		{`{}`, false, false},
	} {
		require.Equal(t, tt.data, (&operation{envelope: true}).reportsFailure([]byte(tt.body)), tt.body)
		require.Equal(t, tt.without, (&operation{}).reportsFailure([]byte(tt.body)), tt.body)
	}
}

func TestNewTraceID(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		id := newTraceID()
		require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, id) // RFC 9562, version 4
		require.False(t, seen[id])
		seen[id] = true
	}
	for _, mine := range []string{"!", "~", strings.Repeat("x", 128)} {
		id, err := traceID(WithTraceID(t.Context(), mine))
		require.NoError(t, err, mine)
		require.Equal(t, mine, id)
	}
}
