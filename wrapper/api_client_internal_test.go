package portal

import (
	"net/http"
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
