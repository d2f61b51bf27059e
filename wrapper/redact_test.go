package portal

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
		body             any
	}{
		{"an echo", "email jane@example.com is taken", "email [redacted] is taken", map[string]any{"email": "jane@example.com"}},
		{"in another case", "EMAIL JANE@EXAMPLE.COM IS TAKEN", "EMAIL [redacted] IS TAKEN", map[string]any{"email": "jane@example.com"}},
		{"a letter that changes its length", "İ: ŞÜKRÜ, KELVIN", "İ: [redacted], [redacted]", []string{"şükrü", "\u212aelvin"}},
		{"the longest first", "jane@example.com", "[redacted]", []string{"jane", "jane@example.com", "example"}},
		{"a short name as a word", "An error in another span: AN.", "[redacted] error in another span: [redacted].", []string{"An"}},
		{"a long value within a word", "user_jane@example.com1", "user_[redacted]1", []string{"jane@example.com"}},
		{"without the spaces around it", "hi Jane!", "hi [redacted]!", []string{" Jane\t"}},
		{"over a line break", "Jane\u2028Roe, Jane\nRoe", "[redacted], [redacted]", []string{"Jane\nRoe"}},
		{"nested", "a bcdefg", "[redacted] [redacted]", map[string]any{"x": []any{map[string]any{"y": "bcdefg"}, "a"}}},
		{"nothing", "a blank  stays", "a blank  stays", []string{"", " "}},
		{"a token", "Bearer TOK_1 and tok_1x", "Bearer [redacted] and tok_1x", nil},
		{"a query", "page s3cret1 of 2", "page [redacted] of 2", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body, err := json.Marshal(tt.body)
			require.NoError(t, err)
			req, err := http.NewRequest(http.MethodPost, "https://api.example/?after=s3cret1", bytes.NewReader(body))
			require.NoError(t, err)
			c := &call{token: "tok_1"}
			require.Equal(t, tt.want, c.redact(tt.text, req))
		})
	}
	long := (&call{}).redact(strings.Repeat("ä", 300), &http.Request{URL: &url.URL{}})
	require.Equal(t, strings.Repeat("ä", 256)+"…", long, "cut between characters")
}
