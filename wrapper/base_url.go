package portal

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// parseBaseURL checks a base URL. Its errors never repeat it: it may hold a password.
func parseBaseURL(raw string, plainHTTP bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("WithBaseURL: not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("WithBaseURL: the URL must begin with https://")
	case u.Opaque != "" || u.Hostname() == "":
		return nil, errors.New("WithBaseURL: the URL has no host")
	case u.User != nil:
		return nil, errors.New("WithBaseURL: the URL must not hold a user or password; the TokenSource authenticates")
	case u.RawQuery != "" || u.ForceQuery:
		return nil, errors.New("WithBaseURL: the URL must not have a query")
	case u.Fragment != "" || strings.Contains(raw, "#"):
		return nil, errors.New("WithBaseURL: the URL must not have a fragment")
	}
	if u.Host[0] != '[' { // the zone of an IPv6 address has a case, a host name has none
		u.Host = strings.ToLower(u.Host)
	}
	u.Host = strings.TrimSuffix(u.Host, ":") // net/http drops an empty port too
	if u.Scheme == "http" && !plainHTTP && !isLoopback(u.Hostname()) {
		return nil, errors.New("WithBaseURL: http would show tokens and personal data to the network; use https, or WithPlainHTTP if the network encrypts by itself")
	}
	// The generated client resolves paths against the server's: without a slash at its end, the last
	// segment would be replaced.
	path := url.URL{Path: u.Path, RawPath: u.EscapedPath()}
	if !strings.HasSuffix(path.RawPath, "/") { // an escaped slash is none
		path.Path += "/"
		path.RawPath += "/"
	}
	base := u.ResolveReference(&path)
	if _, err := url.Parse(base.String()); err != nil { // such as a zone that is not UTF-8
		return nil, errors.New("WithBaseURL: not a URL")
	}
	return base, nil
}

// isLoopback reports whether net/http takes host for this machine, and so never hands it to a proxy: its rule knows
// localhost in small letters alone, and addresses by [netip.ParseAddr].
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
