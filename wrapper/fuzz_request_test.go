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
	"github.com/portalclient/portal-client-go/internal/pathtemplate"
)

func FuzzBaseURL(f *testing.F) {
	for _, raw := range []string{
		defaultBaseURL, "http://127.0.0.1:8080/api/v3/", "http://[::1]/", "http://localhost", "http://127.0.0.1.evil.example",
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
		require.True(t, strings.EqualFold(strings.TrimSuffix(want.Host, ":"), base.Host))
		require.Nil(t, base.User)
		require.Empty(t, base.RawQuery+base.Fragment+base.Opaque)
		require.True(t, strings.HasSuffix(base.Path, "/"))
		if base.Scheme != "https" {
			require.Equal(t, "http", base.Scheme)
			require.True(t, plainHTTP || base.Hostname() == "localhost" || netip.MustParseAddr(base.Hostname()).Unmap().IsLoopback())
		}
		again, err := parseBaseURL(base.String(), plainHTTP)
		require.NoError(t, err)
		require.Equal(t, base.String(), again.String())

		// Both ways to the network make the same of it.
		var sent []string
		client, err := New(StaticToken("tok"), WithBaseURL(raw), func(c *config) error { c.plainHTTP = plainHTTP; return nil }, recordURLs(&sent))
		require.NoError(t, err)
		_, err = client.CreateMeldCustomer(t.Context(), nil)
		require.NotErrorIs(t, err, ErrInvalidRequest)
		_, err = client.API().CreateMeldCustomerWithResponse(t.Context(), api.MeldCreateCustomerRequest{})
		require.NotErrorIs(t, err, ErrInvalidRequest)
		require.Len(t, sent, 2)
		require.Equal(t, sent[0], sent[1])
		require.True(t, strings.HasSuffix(sent[0], opCreateMeldCustomer.template))
	})
}

// recordURLs makes a client that sends nothing, and lists the URLs that it would have sent to.
func recordURLs(sent *[]string) Option {
	return WithHTTPClient(&http.Client{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		*sent = append(*sent, r.URL.String())
		return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
	})})
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

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

func FuzzPathParameter(f *testing.F) {
	for _, id := range []string{"eip155:1", "a/b", "..", "", "a b?c#d%", "ü:", "%3A", ";=,", "\x00", "sessions/x", "%2E%2E", "...", "a/../b"} {
		f.Add(id)
	}
	var sent []string
	client, err := New(StaticToken("tok"), recordURLs(&sent))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, id string) {
		sent = nil
		_, err := client.GetMeldRetailTransaction(t.Context(), id)
		if id == "" || id == "." || id == ".." {
			require.ErrorIs(t, err, ErrInvalidRequest)
			require.Empty(t, sent)
			_, err = client.API().GetMeldRetailTransactionWithResponse(t.Context(), id)
			require.ErrorIs(t, err, ErrInvalidRequest)
			require.Empty(t, sent)
			return
		}
		require.Len(t, sent, 1)
		u, err := url.Parse(sent[0])
		require.NoError(t, err)
		require.Equal(t, strings.Replace(opGetMeldRetailTransaction.template, "{id}", id, 1), strings.TrimPrefix(u.Path, "/api/v3"), "it means the same")
		values, ok := pathtemplate.Match(opGetMeldRetailTransaction.template, strings.TrimPrefix(u.EscapedPath(), "/api/v3"))
		require.True(t, ok)
		require.Len(t, values, 1)
		require.NotContains(t, values[0], ":")

		_, _ = client.API().GetMeldRetailTransactionWithResponse(t.Context(), id)
		require.Len(t, sent, 2)
		require.Equal(t, sent[0], sent[1], "both ways to the network send it alike")
	})
}
