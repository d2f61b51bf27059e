package portal

import (
	"bufio"
	"bytes"
	"net/http"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
)

func FuzzBaseURL(f *testing.F) {
	for _, raw := range []string{
		api.ServerURLProduction, "http://127.0.0.1:8080/api/v3/", "http://[::1]/", "http://localhost", "http://127.0.0.1.evil.example",
		"https://jane:s3cret@api.example", "https://api.example?x", "https://api.example/#", "https://api.example//a/../b%2Fc", "HTTPS://API.example",
		"https:opaque", "//api.example", "https://[fe80::1%25eth0]:443/", "http://2130706433/", "https://a:99999", "http://localhost:", "", "https://a/%", "https://@a",
	} {
		f.Add(raw, false)
		f.Add(raw, true)
	}
	f.Fuzz(func(t *testing.T, raw string, plainHTTP bool) {
		base, err := parseBaseURL(raw, plainHTTP)
		if err != nil {
			require.Nil(t, base)
			if u, parseErr := url.Parse(raw); parseErr == nil && u.User != nil {
				if password, _ := u.User.Password(); len(password) > 20 {
					require.NotContains(t, err.Error(), password)
				}
			}
			return
		}
		want, err := url.Parse(raw)
		require.NoError(t, err)
		require.Equal(t, want.Scheme, base.Scheme)
		require.Equal(t, strings.TrimSuffix(want.Host, ":"), base.Host)
		require.Nil(t, base.User)
		require.Empty(t, base.RawQuery+base.Fragment+base.Opaque)
		require.True(t, strings.HasSuffix(base.Path, "/"))
		if base.Scheme != "https" {
			require.Equal(t, "http", base.Scheme)
			require.True(t, plainHTTP || strings.EqualFold(base.Hostname(), "localhost") || netip.MustParseAddr(base.Hostname()).IsLoopback())
		}
		again, err := parseBaseURL(base.String(), plainHTTP)
		require.NoError(t, err)
		require.Equal(t, base.String(), again.String())

		// What the generated client makes of it goes through the door, as the operation that it is.
		client, err := New(StaticToken("tok"), WithBaseURL(raw), func(c *config) error { c.plainHTTP = plainHTTP; return nil })
		require.NoError(t, err)
		req, err := api.NewCreateMeldCustomerRequest(client.door.server, api.MeldCreateCustomerRequest{})
		require.NoError(t, err)
		require.NoError(t, client.door.prepare(t.Context(), req, &call{}))
		require.Same(t, opCreateMeldCustomer, operationOf(req.Method, client.door.operationPath(req.URL)))
	})
}

func FuzzToken(f *testing.F) {
	for _, token := range []string{"tok_1", "", "Bearer tok", "tok\n", "tok\r\nX-Evil: 1", "t k", "tök", "\x7f", "bearer x", "a.b.c-_~+/="} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if err := checkToken(token); err != nil {
			require.ErrorIs(t, err, ErrInvalidRequest)
			if len(token) > 100 {
				require.NotContains(t, err.Error(), token)
			}
			return
		}
		// An accepted token arrives as it is, and brings no header of its own.
		req, err := http.NewRequest(http.MethodGet, "http://api.example/", http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		var wire bytes.Buffer
		require.NoError(t, req.Write(&wire))
		arrived, err := http.ReadRequest(bufio.NewReader(&wire))
		require.NoError(t, err)
		require.Equal(t, http.Header{"Authorization": {"Bearer " + token}, "User-Agent": {"Go-http-client/1.1"}}, arrived.Header)
		require.Zero(t, wire.Len())
	})
}

func FuzzE164(f *testing.F) {
	for _, phone := range []string{"+14155550123", "+1", "+0123", "+123456789012345", "+1234567890123456", "14155550123", "+1 415", "+1٤", "", "+"} {
		f.Add(phone)
	}
	e164 := regexp.MustCompile(`\A\+[1-9][0-9]{1,14}\z`)
	f.Fuzz(func(t *testing.T, phone string) {
		require.Equal(t, e164.MatchString(phone), isE164(phone))
	})
}

func FuzzEmail(f *testing.F) {
	for _, email := range []string{
		"jane@example.com", "Jane <jane@example.com>", "<jane@example.com>", "jane@example.com, joe@example.com", "jane", "@", "jane@",
		`"jane doe"@example.com`, "jane@[127.0.0.1]", "jäne@exämple.com", "jane@example.com (work)", "jane@example.com\r\nBcc: joe@example.com", " jane@example.com", "",
	} {
		f.Add(email)
	}
	f.Fuzz(func(t *testing.T, email string) {
		if !isEmail(email) {
			return
		}
		require.True(t, utf8.ValidString(email))
		local, domain, found := strings.Cut(email, "@")
		require.True(t, found && local != "" && domain != "")
		require.False(t, strings.ContainsAny(email, " \t\r\n<>,;\x00"), "%q", email)
		list, err := mail.ParseAddressList(email)
		require.NoError(t, err)
		require.Len(t, list, 1)
	})
}

// Many scripts write letters with marks of their own, which are no letters.
func TestEmailOfAnyScript(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"संपर्क@डाटामेल.भारत", "用户@例子.广告", "អ្នកប្រើ@example.com", "josé@example.com", "δοκιμή@παράδειγμα.δοκιμή"} {
		require.True(t, isEmail(email), email)
	}
}

func FuzzOperation(f *testing.F) {
	for _, op := range operations {
		f.Add(op.method, strings.ReplaceAll(op.path, "{}", "eip155:1"), "/a/{}/b")
		f.Add(op.method, strings.ReplaceAll(op.path, "{}", ""), op.path)
	}
	f.Add("GET", "/a.b.json", "/{}.json")
	f.Add("GET", "/v1/x:send", "/v1/{}:send")
	f.Add("GET", "/a/b%2Fc:d", "/{}/{}")
	f.Fuzz(func(t *testing.T, method, path, pattern string) {
		op := operationOf(method, path)
		require.Equal(t, method, op.method)
		if op.index >= 0 {
			require.Regexp(t, patternRegexp(op.path), path)
		}
		// Each parameter beyond the first of a segment costs another power of the path's length. Documents
		// have one, so match stays simple, and this test within bounds. An escaped path is ASCII.
		ascii := !strings.ContainsFunc(path, func(r rune) bool { return r >= utf8.RuneSelf })
		if ascii && utf8.ValidString(pattern) && strings.Count(pattern, "{}") <= 3 && len(path) <= 200 {
			require.Equal(t, patternRegexp(pattern).MatchString(path), (&operation{path: pattern}).matches(path), "%q %q", pattern, path)
		}

		escaped := escapeColons(path)
		require.NotContains(t, escaped, ":")
		require.Equal(t, escaped, escapeColons(escaped))
		before, err := url.PathUnescape(path)
		after, errAfter := url.PathUnescape(escaped)
		require.Equal(t, err == nil, errAfter == nil)
		require.Equal(t, before, after)
	})
}

// patternRegexp says what an operation's path means: each {} is a segment or a part of one, never empty.
func patternRegexp(pattern string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)\A` + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\{\}`, `[^/]+`) + `\z`)
}

func FuzzPathParameter(f *testing.F) {
	for _, id := range []string{"eip155:1", "a/b", "..", "", "a b?c#d%", "ü:", "%3A", ";=,", "\x00"} {
		f.Add(id)
	}
	c, err := New(StaticToken("tok"))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, id string) {
		req, err := api.NewGetMeldRetailTransactionRequest(c.door.server, id)
		if err != nil {
			return
		}
		sent, err := c.door.authorized(t.Context(), req, "tok", &call{trace: "trace"})
		require.NoError(t, err)
		require.Equal(t, req.URL.Path, sent.URL.Path, "it means the same")
		require.Equal(t, req.URL.Host, sent.URL.Host)
		require.Equal(t, escapeColons(req.URL.EscapedPath()), sent.URL.EscapedPath())
		require.NotContains(t, sent.URL.EscapedPath(), ":")
	})
}
