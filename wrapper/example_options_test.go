package portal_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// Branch with errors.Is, read the details with errors.As.
func ExampleAPIError() {
	fake := newFakePortal()
	defer fake.close()
	fake.Fail("createMeldCustomer", portaltest.Status(429).RetryAfter(time.Minute))

	ctx := portal.WithTraceID(context.Background(), "order-4711")
	_, err := fake.client("token-of-jane").CreateMeldCustomer(ctx, nil)
	fmt.Println(err)
	fmt.Println(errors.Is(err, portal.ErrRateLimited), errors.Is(err, portal.ErrOutcomeUnknown))
	var apiErr *portal.APIError
	if errors.As(err, &apiErr) {
		fmt.Println(apiErr.Operation, apiErr.StatusCode, apiErr.Attempts, apiErr.RetryAfter, apiErr.TraceID)
	}
	// Output:
	// portal: createMeldCustomer: 429 Too Many Requests (trace order-4711, attempts 1)
	// true false
	// createMeldCustomer 429 1 1m0s order-4711
}

// A policy says how often and when; whether a request may be repeated is a matter of its operation.
func ExampleRetryPolicy() {
	fake := newFakePortal()
	defer fake.close()
	fake.Fail("getMeldCustomer", portaltest.Status(502).Times(4))

	client := fake.client("token-of-jane", portal.WithRetry(portal.RetryPolicy{
		MaxAttempts: 5,
		BaseDelay:   time.Millisecond, // leave it zero in real life
	}))
	_, err := client.GetMeldCustomer(context.Background())
	fmt.Println(errors.Is(err, portal.ErrNotFound), "after", len(fake.Requests()), "requests")
	// Output: true after 5 requests
}

// Code with a retry loop of its own turns the repeats off.
func ExampleWithRetry() {
	fake := newFakePortal()
	defer fake.close()
	fake.Fail("getMeldCustomer", portaltest.Status(502))

	client := fake.client("token-of-jane", portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
	_, err := client.GetMeldCustomer(context.Background())
	fmt.Println(errors.Is(err, portal.ErrServer), "after", len(fake.Requests()), "request")
	// Output: true after 1 request
}

func ExampleWithBaseURL() {
	_, err := portal.New(portal.StaticToken("token-of-jane"), portal.WithBaseURL("https://portal.example.com/api/v3"))
	fmt.Println(err)
	_, err = portal.New(portal.StaticToken("token-of-jane"), portal.WithBaseURL("https://jane:secret@portal.example.com/api/v3"))
	fmt.Println(err)
	// Output:
	// <nil>
	// portal: WithBaseURL: the URL must not hold a user or password; the TokenSource authenticates
}

func ExampleWithPlainHTTP() {
	inCluster := portal.WithBaseURL("http://portal-gateway.internal/api/v3")
	_, err := portal.New(portal.StaticToken("token-of-jane"), inCluster)
	fmt.Println(err)
	_, err = portal.New(portal.StaticToken("token-of-jane"), inCluster, portal.WithPlainHTTP())
	fmt.Println(err)
	// Output:
	// portal: WithBaseURL: http would show tokens and personal data to the network; use https, or WithPlainHTTP if the network encrypts by itself
	// <nil>
}

// statusPrinter is an http.RoundTripper. It sees every attempt; this is where tracing and metrics go.
type statusPrinter struct{ next http.RoundTripper }

func (p statusPrinter) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := p.next.RoundTrip(req)
	if err == nil {
		fmt.Println(req.Method, resp.StatusCode)
	}
	return resp, err
}

func ExampleWithHTTPClient() {
	fake := newFakePortal()
	defer fake.close()
	fake.Fail("getMeldCustomer", portaltest.Status(503))

	transport := statusPrinter{portal.NewTransport()}
	client := fake.client("token-of-jane", portal.WithHTTPClient(&http.Client{Transport: transport}))
	_, err := client.GetMeldCustomer(context.Background())
	fmt.Println(errors.Is(err, portal.ErrNotFound))
	// Output:
	// GET 503
	// GET 200
	// true
}

// A gateway with a certificate of a private authority.
func ExampleNewTransport() {
	gateway := httptest.NewTLSServer(portaltest.NewHandler())
	defer gateway.Close()
	authorities := x509.NewCertPool()
	authorities.AddCert(gateway.Certificate())

	transport := portal.NewTransport()
	transport.TLSClientConfig = &tls.Config{RootCAs: authorities}
	client, err := portal.New(portal.StaticToken("token-of-jane"),
		portal.WithBaseURL(gateway.URL+"/api/v3"),
		portal.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		panic(err)
	}
	ensured, err := client.EnsureMeldCustomer(context.Background(), nil)
	fmt.Println(ensured.Created, err)
	// Output: true <nil>
}

// One line for each attempt, and nothing in it that is a secret or says who the end user is.
func ExampleWithLogger() {
	fake := newFakePortal()
	defer fake.close()
	fake.Fail("getMeldCustomer", portaltest.Status(503))

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Key {
			case slog.TimeKey, "duration", "delay": // never twice the same
				return slog.Attr{}
			}
			return a
		},
	}))
	ctx := portal.WithTraceID(context.Background(), "order-4711")
	_, _ = fake.client("token-of-jane", portal.WithLogger(logger)).GetMeldCustomer(ctx)
	// Output:
	// level=WARN msg="portal: attempt failed, will retry" operation=getMeldCustomer method=GET status=503 attempt=1 trace=order-4711
	// level=DEBUG msg="portal: attempt" operation=getMeldCustomer method=GET status=200 attempt=2 trace=order-4711
}

func ExampleWithUserAgent() {
	fake := newFakePortal()
	defer fake.close()

	client := fake.client("token-of-jane", portal.WithUserAgent("shop-backend/2.1"))
	_, _ = client.GetMeldCustomer(context.Background())
	product, _, _ := strings.Cut(fake.Requests()[0].Header.Get("User-Agent"), " ")
	fmt.Println(product) // the client's own product and Go's come after it
	// Output: shop-backend/2.1
}

// The server took the request and does not answer: nobody knows whether there is a customer now.
func ExampleWithAttemptTimeout() {
	fake := newFakePortal()
	defer fake.close()
	fake.Fail("createMeldCustomer", portaltest.Silent().AfterWork())

	client := fake.client("token-of-jane", portal.WithAttemptTimeout(time.Second))
	_, err := client.CreateMeldCustomer(context.Background(), nil)
	fmt.Println(errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, portal.ErrOutcomeUnknown))
	fmt.Println(len(fake.Meld.Customers()))
	// Output:
	// true true
	// 1
}

func ExampleWithMaxResponseBytes() {
	fake := newFakePortal()
	defer fake.close()
	fake.Fail("getMeldCustomer", portaltest.EndlessBody())

	client := fake.client("token-of-jane", portal.WithMaxResponseBytes(64<<10))
	_, err := client.GetMeldCustomer(context.Background())
	fmt.Println(errors.Is(err, portal.ErrResponseTooLarge))
	var apiErr *portal.APIError
	if errors.As(err, &apiErr) {
		fmt.Println(apiErr.StatusCode, len(apiErr.Body()))
	}
	// Output:
	// true
	// 200 65536
}
