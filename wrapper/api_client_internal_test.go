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
