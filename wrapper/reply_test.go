package portal_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
)

// Bodies of every size arrive whole, whether their length was announced, not announced, or a lie.
func TestBodiesOfEverySize(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 100, 511, 512, 513, 4096, 256<<10 - 1, 256 << 10, 256<<10 + 1, 1<<20 - 50, 1 << 20} {
		for name, length := range map[string]int64{"announced": int64(size), "unknown": -1, "too long": int64(size) + 10, "too short": int64(size) / 2} {
			t.Run(strconv.Itoa(size)+"/"+name, func(t *testing.T) {
				t.Parallel()
				want := bytes.Repeat([]byte("x"), size)
				client := newClient(t, portal.StaticToken("tok"), portal.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: 400, ContentLength: length, Body: io.NopCloser(bytes.NewReader(want))}, nil
				})}))
				_, err := client.GetMeldCustomer(t.Context())
				require.ErrorIs(t, err, portal.ErrBadRequest)
				require.NotErrorIs(t, err, portal.ErrResponseTooLarge)
				require.True(t, bytes.Equal(want, requireAPIError(t, err).Body()))
			})
		}
	}
}

func TestBrokenRoundTrippers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		roundTrip roundTripper
		says      string
	}{
		"neither": {func(*http.Request) (*http.Response, error) { return nil, nil }, "neither a response nor an error"},
		"no body": {func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 400}, nil }, "400 Bad Request"},
		"no header": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
		}, "Content-Type"},
		"switching": {func(*http.Request) (*http.Response, error) {
			endless, _ := io.Pipe()
			return &http.Response{StatusCode: 101, Body: endless}, nil
		}, "another protocol"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, portal.StaticToken("tok"), portal.WithHTTPClient(&http.Client{Transport: tt.roundTrip}),
				portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
			_, err := client.CreateMeldCustomer(t.Context(), nil)
			require.ErrorContains(t, err, tt.says)
			require.NotZero(t, requireAPIError(t, err).Attempts)
		})
	}
}

func TestResponseCap(t *testing.T) {
	t.Parallel()
	for status, sentinel := range map[int]error{200: portal.ErrUnusableResponse, 409: portal.ErrConflict, 500: portal.ErrServer} {
		srv := newScriptedServer(t, jsonAnswer(status, `{"data":{"id":"cus_1"},"error":"`+strings.Repeat("x", 100)+`"}`))
		client := srv.client(t, portal.WithMaxResponseBytes(50))
		_, err := client.CreateMeldCustomer(t.Context(), nil)
		require.ErrorIs(t, err, portal.ErrResponseTooLarge)
		require.ErrorIs(t, err, sentinel)
		e := requireAPIError(t, err)
		require.Len(t, e.Body(), 50)
		require.Equal(t, 1, e.Attempts)
		_, err = client.API().CreateMeldCustomer(t.Context(), api.MeldCreateCustomerRequest{})
		require.ErrorIs(t, err, portal.ErrResponseTooLarge)
	}
	exact := newScriptedServer(t, jsonAnswer(200, customerBody))
	_, err := exact.client(t, portal.WithMaxResponseBytes(int64(len(customerBody)))).CreateMeldCustomer(t.Context(), nil)
	require.NoError(t, err, "a body of exactly the cap is fine")

	const mebibyte = 1 << 20 // the default
	for size, tooLarge := range map[int]bool{mebibyte: false, mebibyte + 1: true} {
		srv := newScriptedServer(t, answer{status: 400, body: strings.Repeat(" ", size)})
		_, err := srv.client(t).CreateMeldCustomer(t.Context(), nil)
		require.ErrorIs(t, err, portal.ErrBadRequest)
		require.Equal(t, tooLarge, errors.Is(err, portal.ErrResponseTooLarge))
		require.Len(t, requireAPIError(t, err).Body(), mebibyte)
	}
}
