package portal_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	portal "github.com/portalclient/portal-client-go/wrapper"
)

func TestErrorKeepsWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, answer{status: 429, body: `{"error":"slow down"}`, header: http.Header{"Retry-After": {"40"}, "X-Request-Id": {"r1"}}})
	_, err := srv.client(t).CreateMeldCustomer(portal.WithTraceID(t.Context(), "trace-1"), nil)
	e := requireAPIError(t, err)
	require.Equal(t, "r1", e.Header().Get("X-Request-Id"))
	require.JSONEq(t, `{"error":"slow down"}`, string(e.Body()))
	require.Equal(t, "slow down", e.Message)
	require.Equal(t, "trace-1", e.TraceID)
	require.Equal(t, 40*time.Second, e.RetryAfter)
	require.Equal(t, `portal: createMeldCustomer: 429 Too Many Requests: slow down (trace trace-1, attempts 1)`, e.Error())
}
