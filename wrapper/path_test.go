package portal

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/pathtemplate"
)

// pathTemplates have parameters wherever a template can have one.
var pathTemplates = []string{
	"/{id}", "/tests/{id}", "/tests/{id}/parts", "/tests/{id}/parts/{part}", "/{id}/{part}", "/tests/{id}.json", "/tests/{id}:send", "/v1/tests:find/{id}/x:y", "/tests/{id}/{part}/{piece}/end",
}

// parameters counts those of a template.
func parameters(template string) (n int) {
	for _, c := range template {
		if c == '{' {
			n++
		}
	}
	return n
}

// A path parameter that is empty, "." or ".." would make another path: it is refused wherever it stands.
func TestPathParametersThatAreRefused(t *testing.T) {
	t.Parallel()
	base, err := parseBaseURL("https://api.example/api/v3", false)
	require.NoError(t, err)
	for _, template := range pathTemplates {
		op := operation{template: template}
		for i := range parameters(template) {
			for _, bad := range []string{"", ".", ".."} {
				values := make([]string, parameters(template))
				for j := range values {
					values[j] = "ok"
				}
				values[i] = bad
				err := op.setURL(new(url.URL), base, "/api/v3", values)
				require.ErrorIs(t, err, ErrInvalidRequest, "%s %q", template, values)
				require.NotContains(t, err.Error(), "ok")
			}
		}
	}
}

// Every other value arrives as one parameter of the same operation, and as it was.
func TestPathParametersArrive(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"https://api.example", "https://api.example/api/v3/", "https://api.example/a%2Fb/v:3"} {
		base, err := parseBaseURL(raw, false)
		require.NoError(t, err)
		basePath := base.EscapedPath()[:len(base.EscapedPath())-1]
		for _, template := range pathTemplates {
			for _, value := range []string{
				"a", "...", ".a", "..a", "a..", "a/b", "/", "//", "../x", "a/../b", "./", "%2e%2e", "%2F", "%", "%zz", "a b", "a+b", "a?b#c", "a;b,c=d&e", "eip155:1", ":", "a:send",
				"ü", "日本", "\u202e", "\x00", "\r\n", "\xff", "{id}", "}", "~", "'\"<>", "a.json", "..%2f",
			} {
				values := make([]string, parameters(template))
				for i := range values {
					values[i] = value
				}
				var u url.URL
				require.NoError(t, (&operation{template: template}).setURL(&u, base, basePath, values))
				require.Equal(t, base.Host, u.Host)
				require.Empty(t, u.RawQuery+u.Fragment+u.Opaque)
				require.Equal(t, u.EscapedPath(), u.RawPath, "net/http sends it as it is written")
				again, err := url.Parse(u.String())
				require.NoError(t, err)
				path, ok := cutPrefix(again.EscapedPath(), basePath)
				require.True(t, ok)
				arrived, ok := pathtemplate.Match(template, path)
				require.True(t, ok, "%s %q: %s", template, value, path)
				for i, escaped := range arrived {
					got, err := url.PathUnescape(escaped)
					require.NoError(t, err)
					require.NotContains(t, escaped, ":", "a colon of a value goes out as %%3A")
					if i < len(values) {
						require.Equal(t, value, got, "%s: %s", template, path)
					}
				}
			}
		}
	}
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || s[:len(prefix)] != prefix {
		return "", false
	}
	return s[len(prefix):], true
}

// A colon of the documented path stays, one of a value is escaped: by the methods and by the generated client.
func TestColonsOfThePath(t *testing.T) {
	t.Parallel()
	require.Equal(t, "/tests/eip155%3A1:send", escapedPath("/tests/{id}:send", []string{"eip155:1"}))
	require.Equal(t, "/v1/tests:find/a%3A/x:y", escapedPath("/v1/tests:find/{id}/x:y", []string{"a%3A"}))
	require.Equal(t, "/tests:all", escapedPath("/tests:all", nil))
}

// A request that no path template matches is no operation: the generated client resolves "." and "..", so that a path
// which is left of them could call another one.
func TestRequestsOutsideTheDocument(t *testing.T) {
	t.Parallel()
	var sent []string
	client, err := New(StaticToken("tok"), recordURLs(&sent))
	require.NoError(t, err)
	d := doer{client.sender}
	for _, path := range []string{"/", "/clients", "/clients/", "/clients/me/", "/clients//me", "/nothing/of/this", "/Clients/me", "/clients/me/integrations/meld/customers/x"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, defaultBaseURL+path, http.NoBody)
		require.NoError(t, err)
		_, err = d.Do(req)
		require.ErrorIs(t, err, ErrInvalidRequest, path)
		e, ok := errors.AsType[*APIError](err)
		require.True(t, ok)
		require.Zero(t, e.Attempts)
	}
	require.Empty(t, sent)
}

// "." and ".." as a parameter of the generated client call no other operation, not even when the other parameters
// look like parts of its path: they are refused.
func TestDotsCallNoOtherOperation(t *testing.T) {
	t.Parallel()
	var sent []string
	client, err := New(StaticToken("tok"), recordURLs(&sent))
	require.NoError(t, err)
	literals, mixed := map[string]bool{"x": true}, map[string]bool{}
	for _, op := range operations {
		mixed[strings.ToLower(op.id)] = regexp.MustCompile(`[^/]\{|\}[^/]`).MatchString(op.template)
		for segment := range strings.SplitSeq(op.template[1:], "/") {
			literals[strings.NewReplacer("{", "", "}", "").Replace(segment)] = true
		}
	}
	callAll(t, client.API(), slices.Collect(maps.Keys(literals)), func(method, pathValue string, call func() error) {
		if mixed[strings.ToLower(strings.TrimSuffix(method, "WithResponse"))] {
			return // a dot beside other text is no segment that is resolved
		}
		sent = nil
		err := call()
		if pathValue == "" || pathValue == "." || pathValue == ".." {
			require.ErrorIs(t, err, ErrInvalidRequest, "%s(%q)", method, pathValue)
			require.Empty(t, sent, "%s(%q)", method, pathValue)
			e, ok := errors.AsType[*APIError](err)
			require.True(t, ok, method)
			require.NotEmpty(t, e.TraceID, method)
		} else {
			require.Len(t, sent, 1, "%s(%q)", method, pathValue)
		}
	})
}
