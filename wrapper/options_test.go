package portal_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

func TestBaseURL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, url string
		says      string // "" when it is fine
		options   []portal.Option
	}{
		{name: "https", url: "https://api.example.com/api/v3"},
		{name: "https with a slash", url: "https://api.example.com/api/v3/"},
		{name: "https without a path", url: "https://api.example.com"},
		{name: "https with a port", url: "https://api.example.com:8443/api/v3"},
		{name: "http for localhost", url: "http://localhost:8080/api/v3"},
		{name: "http for 127.0.0.0/8", url: "http://127.1.2.3/api/v3"},
		{name: "http for ::1", url: "http://[::1]:8080/api/v3"},
		{name: "http on purpose", url: "http://portal.internal/api/v3", options: []portal.Option{portal.WithPlainHTTP()}},
		{name: "http", url: "http://api.example.com/api/v3", says: "WithPlainHTTP"},
		{name: "http for a host that looks like loopback", url: "http://localhost.example.com", says: "WithPlainHTTP"},
		{name: "http for all interfaces", url: "http://0.0.0.0", says: "WithPlainHTTP"},
		{name: "empty", url: "", says: "https://"},
		{name: "no scheme", url: "api.example.com/api/v3", says: "https://"},
		{name: "another scheme", url: "ftp://api.example.com", says: "https://"},
		{name: "no host", url: "https:///api/v3", says: "no host"},
		{name: "no host but a port", url: "https://:443/api/v3", says: "no host"},
		{name: "opaque", url: "https:api.example.com", says: "no host"},
		{name: "user", url: "https://jane:s3cret@api.example.com", says: "user or password"},
		{name: "query", url: "https://api.example.com?key=s3cret", says: "query"},
		{name: "empty query", url: "https://api.example.com?", says: "query"},
		{name: "fragment", url: "https://api.example.com#s3cret", says: "fragment"},
		{name: "empty fragment", url: "https://api.example.com#", says: "fragment"},
		{name: "no URL", url: "https://api example.com/s3cret\x7f", says: "not a URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := portal.New(portal.StaticToken("tok"), append(tt.options, portal.WithBaseURL(tt.url))...)
			if tt.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.says)
			require.NotContains(t, err.Error(), "s3cret")
		})
	}
}

func TestBaseURLKeepsItsPath(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"", "/", "/api/v3", "/api/v3/", "/a%20b/v3", "/api/../v3"} {
		srv := newScriptedServer(t, jsonAnswer(200, customerBody))
		client := newClient(t, portal.StaticToken("tok"), portal.WithBaseURL(srv.URL+suffix))
		_, err := client.GetMeldCustomer(t.Context())
		require.NoError(t, err)
		_, err = client.API().CreateMeldCustomerWithResponse(t.Context(), api.MeldCreateCustomerRequest{})
		require.NoError(t, err)
		for _, r := range srv.received() {
			prefix := strings.TrimSuffix(strings.Replace(suffix, "/api/..", "", 1), "/")
			require.Equal(t, prefix+"/clients/me/integrations/meld/customers", r.path)
		}
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		option portal.Option
		says   string
	}{
		"nil option":            {nil, "an option is nil"},
		"nil http.Client":       {portal.WithHTTPClient(nil), "WithHTTPClient"},
		"nil logger":            {portal.WithLogger(nil), "WithLogger"},
		"empty user agent":      {portal.WithUserAgent(""), "WithUserAgent"},
		"line break in product": {portal.WithUserAgent("a\r\nb"), "WithUserAgent"},
		"control in product":    {portal.WithUserAgent("a\x1f"), "WithUserAgent"},
		"DEL in product":        {portal.WithUserAgent("a\x7f"), "WithUserAgent"},
		"no attempt timeout":    {portal.WithAttemptTimeout(0), "WithAttemptTimeout"},
		"negative size":         {portal.WithMaxResponseBytes(-1), "WithMaxResponseBytes"},
		"no size":               {portal.WithMaxResponseBytes(0), "WithMaxResponseBytes"},
		"negative attempts":     {portal.WithRetry(portal.RetryPolicy{MaxAttempts: -1}), "WithRetry"},
		"negative delay":        {portal.WithRetry(portal.RetryPolicy{MaxDelay: -1}), "WithRetry"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := portal.New(portal.StaticToken("tok"), tt.option)
			require.ErrorContains(t, err, tt.says)
			require.Nil(t, client)
		})
	}
}

func TestNewFromEnv(t *testing.T) {
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))

	t.Setenv("PORTAL_BASE_URL", "")
	t.Setenv("PORTAL_CLIENT_TOKEN", "")
	_, err := portal.NewFromEnv()
	require.ErrorContains(t, err, "PORTAL_CLIENT_TOKEN is not set")

	t.Setenv("PORTAL_CLIENT_TOKEN", "s3cret\n")
	_, err = portal.NewFromEnv()
	require.ErrorContains(t, err, "PORTAL_CLIENT_TOKEN")
	require.NotContains(t, err.Error(), "s3cret")

	t.Setenv("PORTAL_CLIENT_TOKEN", "from-env")
	_, err = portal.NewFromEnv()
	require.NoError(t, err)

	t.Setenv("PORTAL_BASE_URL", "http://api.example.com")
	_, err = portal.NewFromEnv()
	require.ErrorContains(t, err, "WithPlainHTTP")

	client, err := portal.NewFromEnv(portal.WithBaseURL(srv.URL))
	require.NoError(t, err, "an option wins over the environment")
	_, err = client.GetMeldCustomer(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"Bearer from-env"}, tokensOf(srv.received()))
}

// The caller's http.Client is read, and never changed.
func TestHTTPClientIsCopied(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	mine := &http.Client{}
	client := srv.client(t, portal.WithHTTPClient(mine))
	mine.Transport = roundTripper(func(*http.Request) (*http.Response, error) { panic("it is changed later") })
	_, err := client.GetMeldCustomer(t.Context())
	require.NoError(t, err)
	changed, err := client.With(portal.WithUserAgent("shop/1"))
	require.NoError(t, err)
	_, err = changed.GetMeldCustomer(t.Context())
	require.NoError(t, err, "With shares the connections of the client that it is called on")
	require.Nil(t, mine.CheckRedirect)
	require.Zero(t, mine.Timeout)
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	client := srv.client(t, portal.WithUserAgent("shop-backend/2.1"))
	_, err := client.CreateMeldCustomer(t.Context(), nil)
	require.NoError(t, err)
	ctx := portal.WithTraceID(t.Context(), "order-4711")
	_, err = client.API().GetMeldCustomer(ctx, func(_ context.Context, _ *http.Request) error { return nil })
	require.NoError(t, err)

	first, second := srv.received()[0].header, srv.received()[1].header
	require.Regexp(t, `^shop-backend/2\.1 portal-client-go/\d+\.\d+\.\d+ go`, first.Get("User-Agent"))
	require.Equal(t, "application/json", first.Get("Accept"))
	require.Equal(t, "identity", first.Get("Accept-Encoding"), "or else a server may compress as it likes")
	require.Equal(t, "application/json", first.Get("Content-Type"))
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, first.Get("X-Portal-Trace-Id"))
	require.Equal(t, "order-4711", second.Get("X-Portal-Trace-Id"))
	require.Empty(t, second.Get("Content-Type"), "a GET has no body")
}

func TestOneTraceIDForAllAttempts(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, answer{status: 500})
	_, err := srv.client(t).GetMeldCustomer(t.Context())
	e := requireAPIError(t, err)
	require.Len(t, srv.received(), 3)
	for _, r := range srv.received() {
		require.Equal(t, e.TraceID, r.header.Get("X-Portal-Trace-Id"))
	}
}

func TestBadTraceID(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, customerBody))
	for _, id := range []string{"", "a b", "a\r\nb", strings.Repeat("x", 129), "ä"} {
		_, err := srv.client(t).GetMeldCustomer(portal.WithTraceID(t.Context(), id))
		require.NotContains(t, err.Error(), "(trace", "there is none")
		require.ErrorIs(t, err, portal.ErrInvalidRequest)
	}
	require.Empty(t, srv.received())
}

func TestTheSmallestOptions(t *testing.T) {
	t.Parallel()
	_, err := portal.New(portal.StaticToken("tok"), portal.WithAttemptTimeout(1), portal.WithMaxResponseBytes(1),
		portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1, BaseDelay: 1, MaxDelay: 1, MaxRetryAfter: 1}), portal.WithUserAgent("a ~"))
	require.NoError(t, err)
}
