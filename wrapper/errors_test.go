package portal_test

import (
	"context"
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
		{fmt.Errorf("secret: %w", http.ErrSchemeMismatch), "the server does not speak TLS: it may have been carried out all the same"},
		{fmt.Errorf("secret: %w", io.EOF), "the connection was closed before the reply was complete: it may have been carried out all the same"},
		{fmt.Errorf("secret: %w", net.ErrClosed), "the connection was closed before the reply was complete: it may have been carried out all the same"},
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

// A message that repeats a value is withheld, wherever the value was sent.
func TestErrorHidesValuesWhereverTheyWereSent(t *testing.T) {
	t.Parallel()
	const value = "jane-roe-4711"
	for where, call := range map[string]func(context.Context, *portal.Client) error{
		"path": func(ctx context.Context, c *portal.Client) error { _, err := c.TestRead(ctx, value); return err },
		"second part": func(ctx context.Context, c *portal.Client) error {
			_, err := c.TestWrite(ctx, "x", value, &portal.TestBody{})
			return err
		},
		"query": func(ctx context.Context, c *portal.Client) error {
			_, err := c.TestQuery(ctx, &portal.TestParams{Name: value})
			return err
		},
		"header": func(ctx context.Context, c *portal.Client) error {
			_, err := c.TestQuery(ctx, &portal.TestParams{Name: "x", Trace: value})
			return err
		},
		"body": func(ctx context.Context, c *portal.Client) error {
			_, err := c.TestWrite(ctx, "x", "y", &portal.TestBody{Name: value})
			return err
		},
		"token": func(ctx context.Context, c *portal.Client) error {
			_, err := c.WithTokenSource(portal.StaticToken(value)).TestRead(ctx, "x")
			return err
		},
	} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			srv := newScriptedServer(t, jsonAnswer(400, `{"error":"there is no `+value+`"}`))
			e := requireAPIError(t, call(t.Context(), srv.client(t)))
			require.Empty(t, e.Message)
			require.NotContains(t, e.Error(), "jane")
			require.Contains(t, string(e.Body()), value)
		})
	}
	srv := newScriptedServer(t, jsonAnswer(400, `{"error":"there is no `+value+`"}`))
	_, err := srv.client(t).TestRead(t.Context(), "x")
	require.Equal(t, "there is no "+value, requireAPIError(t, err).Message, "nobody sent it")
}

// The words of a success that cannot be used are not those of a failure.
func TestErrorOfASuccessHasNoMessage(t *testing.T) {
	t.Parallel()
	srv := newScriptedServer(t, jsonAnswer(200, `{"data":{"accountId":"acc"},"message":"all is well"}`))
	_, err := srv.client(t).CreateMeldCustomer(t.Context(), nil)
	require.ErrorIs(t, err, portal.ErrUnusableResponse)
	require.Empty(t, requireAPIError(t, err).Message)
}
