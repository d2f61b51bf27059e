package portal

import (
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

const plainHTTPChild = "PORTAL_TEST_PLAIN_HTTP"

// Plain http is for hosts that net/http itself never hands to a proxy. It reads HTTP_PROXY once, so another
// process is asked.
func TestPlainHTTPUsesNoProxy(t *testing.T) {
	if os.Getenv(plainHTTPChild) == "" {
		child := exec.Command(os.Args[0], "-test.run=^TestPlainHTTPUsesNoProxy$", "-test.v")
		child.Env = append(os.Environ(), plainHTTPChild+"=1", "HTTP_PROXY=http://proxy.example:3128", "NO_PROXY=", "no_proxy=", "REQUEST_METHOD=")
		out, err := child.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "refused http://api.example.com") // the child did ask
		return
	}
	proxied := func(u *url.URL) bool {
		proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u})
		require.NoError(t, err)
		return proxy != nil
	}
	for raw, want := range map[string]string{ // "": refused
		"http://localhost":                "localhost",
		"http://LOCALHOST":                "localhost",
		"http://LocalHost:8080/api":       "localhost:8080",
		"http://localhost:":               "localhost",
		"http://127.0.0.1":                "127.0.0.1",
		"http://127.255.0.9:80":           "127.255.0.9:80",
		"http://[::1]":                    "[::1]",
		"http://[0:0:0:0:0:0:0:1]:1/":     "[0:0:0:0:0:0:0:1]:1",
		"http://[::ffff:127.0.0.1]":       "[::ffff:127.0.0.1]",
		"http://[::FFFF:7f00:1]":          "[::FFFF:7f00:1]",
		"http://[::1%25LO0]":              "[::1%LO0]",
		"http://api.example.com":          "",
		"http://localhost.":               "",
		"http://localhost.localdomain":    "",
		"http://xlocalhost":               "",
		"http://localho%C5%BFt":           "", // a long s
		"http://ｌｏｃａｌｈｏｓｔ":                "",
		"http://127.1":                    "",
		"http://127.0.0.01":               "",
		"http://2130706433":               "",
		"http://0.0.0.0":                  "",
		"http://128.0.0.1":                "",
		"http://[::]":                     "",
		"http://[::2]":                    "",
		"http://[::127.0.0.1]":            "",
		"http://[::ffff:128.0.0.1]":       "",
		"http://127.0.0.1.example.com:80": "",
	} {
		u, err := parseBaseURL(raw, false)
		if want == "" {
			require.ErrorContains(t, err, "WithPlainHTTP", raw)
			t.Log("refused", raw)
			continue
		}
		require.NoError(t, err, raw)
		require.Equal(t, want, u.Host)
		require.False(t, proxied(u), raw)
	}
	u, err := parseBaseURL("http://API.example.com", true)
	require.NoError(t, err)
	require.Equal(t, "api.example.com", u.Host)
	require.True(t, proxied(u), "there is a proxy to be used")
}

func TestBaseURLEndsWithASlash(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://h":          "https://h/",
		"https://h/":         "https://h/",
		"https://h/api":      "https://h/api/",
		"https://h/api/":     "https://h/api/",
		"https://h/a%2Fb":    "https://h/a%2Fb/",
		"https://h/a%2F":     "https://h/a%2F/",
		"https://h/a/../b/.": "https://h/b/",
	} {
		u, err := parseBaseURL(raw, false)
		require.NoError(t, err, raw)
		require.Equal(t, want, u.String(), raw)
	}
}
