package portal_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
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

// Without a reply, an error says in words of ours what the network said.
func TestErrorSaysWhatTheNetworkSaid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "secret.invalid"}}, "the host name cannot be resolved"},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, syscall.ECONNREFUSED.Error()},
		{&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, "the connection timed out"},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, syscall.ECONNRESET.Error() + ": it may have been carried out all the same"},
		{&tls.CertificateVerificationError{Err: errors.New("secret")}, "the server's certificate cannot be verified: it may have been carried out all the same"},
		{tls.RecordHeaderError{Msg: "secret"}, "the server does not speak TLS: it may have been carried out all the same"},
		{fmt.Errorf("secret: %w", io.ErrUnexpectedEOF), "the connection was closed before the reply was complete: it may have been carried out all the same"},
		{errors.New("secret"), "the round trip failed (errors.Is and errors.As find out why): it may have been carried out all the same"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, portal.StaticToken("tok"), portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}),
				portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, tt.err })}))
			_, err := client.CreateMeldCustomer(portal.WithTraceID(t.Context(), "trace-1"), nil)
			require.EqualError(t, err, "portal: createMeldCustomer: "+tt.want+" (trace trace-1, attempts 1)")
			require.ErrorIs(t, err, tt.err)
		})
	}
}
