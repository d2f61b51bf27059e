// Package tracing traces calls with OpenTelemetry, as the README shows it. It stands apart so that only programs that want
// it link OpenTelemetry.
package tracing

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

func TestEachAttemptIsASpan(t *testing.T) {
	t.Parallel()
	fake := portaltest.NewServer(t)
	fake.Fail("createMeldCustomer", portaltest.Status(503))
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	transport := otelhttp.NewTransport(portal.NewTransport(), otelhttp.WithTracerProvider(provider))
	client, err := portal.New(portal.StaticToken("jane"), portal.WithHTTPClient(&http.Client{Transport: transport}),
		portal.WithBaseURL(fake.URL()), portal.WithRetry(portal.RetryPolicy{BaseDelay: time.Millisecond}))
	require.NoError(t, err)

	_, err = client.EnsureMeldCustomer(t.Context(), nil)
	require.NoError(t, err)

	var statuses []int64
	for _, span := range spans.Ended() {
		for _, a := range span.Attributes() {
			require.NotContains(t, a.Value.String(), "jane", "the token is in no span")
			if a.Key == attribute.Key("http.response.status_code") {
				statuses = append(statuses, a.Value.AsInt64())
			}
		}
	}
	require.Equal(t, []int64{503, 200}, statuses)
}
