package portal

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// idleConnections is how many connections the default transport keeps open for the next call. net/http
// keeps two for each host, so a back end with more workers than that would dial, and shake hands, for
// nearly every call.
const idleConnections = 1024

// defaultTransport is shared by all clients of the process that are not given another one.
var defaultTransport = sync.OnceValue(NewTransport)

// NewTransport returns a new transport with the client's defaults, to be changed (Proxy, TLSClientConfig,
// …) and passed to [WithHTTPClient]. It keeps many idle connections, speaks HTTP/2, notices dead HTTP/2
// connections by pings, and asks for no compression: on replies of a kilobyte that costs more time than it
// saves.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          idleConnections,
		MaxIdleConnsPerHost:   idleConnections,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		// net/http reads 10 MiB of headers, or as many bytes of endless 1xx replies, before it gives up.
		MaxResponseHeaderBytes: 256 << 10,
		DisableCompression:     true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
	}
}
