// Package tracing traces calls with OpenTelemetry. It stands apart so that only programs that want it link
// OpenTelemetry.
package tracing

import (
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

// NewClient returns a client that makes a span of each attempt. Repeats show as spans of their own.
func NewClient(ts portal.TokenSource, tracing []otelhttp.Option, opts ...portal.Option) (*portal.Client, error) {
	transport := otelhttp.NewTransport(portal.NewTransport(), tracing...)
	return portal.New(ts, append([]portal.Option{portal.WithHTTPClient(&http.Client{Transport: transport})}, opts...)...)
}
