package portal

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDocumentedStatus(t *testing.T) {
	t.Parallel()
	type headers struct{ Location *string }
	type parsed struct {
		Body                      []byte
		HTTPResponse              *http.Response
		Headers404                *headers
		JSON404                   *string
		ApplicationproblemJSON409 *string
	}
	require.False(t, documentedStatus(&parsed{Body: []byte("x"), HTTPResponse: &http.Response{}, Headers404: &headers{}}))
	require.True(t, documentedStatus(&parsed{JSON404: new("x")}))
	require.True(t, documentedStatus(&parsed{ApplicationproblemJSON409: new("x")}))
}

func TestIsToken(t *testing.T) {
	t.Parallel()
	const others = "!#$%&'*+-.^_`|~" // RFC 9110, 5.6.2
	for c := range rune(0x180) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		want := letter
		for _, other := range others {
			want = want || c == other
		}
		require.Equal(t, want, isToken(string(c)), "%q", c)
	}
	require.False(t, isToken(""))
	require.False(t, isToken("a b"))
	require.True(t, isToken("X-Portal-Trace-Id"))
}

// A request whose editor left no body, or an empty one, has none: no length, and nothing to send again.
func TestRequestsWithoutABody(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]io.ReadCloser{"none": nil, "http.NoBody": http.NoBody, "no bytes": io.NopCloser(strings.NewReader(""))} {
		req, err := http.NewRequest(http.MethodPost, "https://api.example/", strings.NewReader("before"))
		require.NoError(t, err)
		req.Body = body
		c := &call{}
		require.NoError(t, c.adopt(req, nil, true))
		require.Nil(t, c.body, name)
		require.Nil(t, c.req.Body, name)
		require.Nil(t, c.req.GetBody, name)
		require.Zero(t, c.req.ContentLength, name)
	}
}

// Where no success has a value, the parser may take one for the reply that is documented for every other status. What it
// cannot decode is a success all the same, as it is for the methods.
func TestSuccessesThatTheParserCannotDecode(t *testing.T) {
	t.Parallel()
	parse := func(resp *http.Response) (any, error) {
		if resp.Header.Get("Content-Type") == "application/json" {
			return nil, io.ErrUnexpectedEOF
		}
		return &struct{ JSONDefault *string }{}, nil
	}
	for status, value := range map[int]bool{200: false, 201: true, 400: false} {
		header := http.Header{"Content-Type": {"application/json"}, "Date": {"today"}}
		r := &reply{status: status, header: header, body: []byte("1"), raw: &http.Response{StatusCode: status, Header: header}}
		c := &call{sender: &sender{}, op: &operation{id: "x", value: value}}
		resp := r.response(&http.Request{})
		err := c.check(r, resp, parse)
		if status != 200 {
			require.ErrorIs(t, err, map[int]error{201: ErrUnusableResponse, 400: ErrBadRequest}[status])
			continue
		}
		require.NoError(t, err)
		_, err = parse(resp)
		require.NoError(t, err)
		require.Equal(t, "today", resp.Header.Get("Date"))
		require.Len(t, r.header, 2, "what was captured stays as it came")
	}
}
