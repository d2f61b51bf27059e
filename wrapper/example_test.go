package portal_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"time"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// A fakePortal serves the examples. In a test, portaltest.NewServer does that in one line.
type fakePortal struct {
	*portaltest.Handler
	baseURL string
	close   func()
}

func newFakePortal(opts ...portaltest.Option) *fakePortal {
	handler := portaltest.NewHandler(opts...)
	server := httptest.NewServer(handler)
	return &fakePortal{handler, server.URL + "/api/v3", server.Close}
}

// client is a client of the end user with this token, who does not wait long before a repeat.
func (f *fakePortal) client(token string, opts ...portal.Option) *portal.Client {
	opts = append([]portal.Option{
		portal.WithBaseURL(f.baseURL),
		portal.WithRetry(portal.RetryPolicy{BaseDelay: time.Millisecond}),
	}, opts...)
	client, err := portal.New(portal.StaticToken(token), opts...)
	if err != nil {
		panic(err)
	}
	return client
}

// Get or create: however often it runs, the end user has one Meld customer, and its ID is known.
func Example() {
	fake := newFakePortal() // leave it out, and WithBaseURL, to call Portal
	defer fake.close()

	client, err := portal.New(portal.StaticToken("token-of-jane"), portal.WithBaseURL(fake.baseURL))
	if err != nil {
		panic(err)
	}
	for range 2 {
		ensured, err := client.EnsureMeldCustomer(context.Background(), &api.MeldCreateCustomerRequest{
			Name:  api.MeldCustomerName{FirstName: "Jane", LastName: "Doe"},
			Email: "jane@example.com",
			Phone: "+14155550123",
		})
		if err != nil {
			panic(err)
		}
		fmt.Println("created:", ensured.Created, "- ID known:", ensured.ID != "")
	}
	// Output:
	// created: true - ID known: true
	// created: false - ID known: true
}

// From what can be bought to a purchase that is settled.
func Example_meldJourney() {
	fake := newFakePortal()
	defer fake.close()
	client, ctx := fake.client("token-of-jane"), context.Background()

	defaults, err := client.GetMeldDefaults(ctx, &api.GetMeldDefaultsParams{Countries: []string{"US"}})
	if err != nil {
		panic(err)
	}
	currency, method := defaults.Data[0].DefaultCurrencyCode, defaults.Data[0].DefaultPaymentMethods[0]

	quotes, err := client.GetMeldRetailQuote(ctx, &api.MeldQuoteRequest{
		CountryCode: "US", SourceCurrencyCode: currency, SourceAmount: "100", DestinationCurrencyCode: "USDC_BASE", PaymentMethodType: method,
	})
	if err != nil || len(quotes.Data.Quotes) == 0 {
		panic(err)
	}
	best := quotes.Data.Quotes[0] // the order is Meld's recommendation
	fmt.Println(best.SourceAmount, currency, "by", method, "for", best.DestinationCurrencyCode)

	session, err := client.CreateMeldRetailWidget(ctx, &api.MeldWidgetSessionRequest{
		SessionType: api.MeldSessionTypeBuy, ExternalSessionID: "order-4711", SessionData: api.MeldWidgetSessionData{
			CountryCode: "US", SourceCurrencyCode: currency, SourceAmount: "100", DestinationCurrencyCode: "USDC_BASE", PaymentMethodType: method,
			ServiceProvider: best.ServiceProvider, WalletAddress: "0x52908400098527886E0F7030069857D2E4169EE7",
		},
	})
	if err != nil {
		panic(err)
	}
	for transaction, err := range client.WatchMeldSession(ctx, session.Data.ID, portal.PollPolicy{BaseDelay: time.Millisecond}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(transaction.Status)
		if !portal.IsTerminalMeldStatus(transaction.Status) {
			fake.Meld.AdvanceTransaction(transaction.ID) // the end user pays, the provider delivers
		}
	}
	// Output:
	// 100 USD by CREDIT_DEBIT_CARD for USDC_BASE
	// PENDING
	// SETTLING
	// SETTLED
}

func ExampleNew() {
	client, err := portal.New(portal.StaticToken("token-of-jane"))
	fmt.Println(client != nil, err)
	// Output: true <nil>
}

// A process that acts for many end users has no token of its own.
func ExampleNew_manyUsers() {
	fake := newFakePortal()
	defer fake.close()

	process, err := portal.New(nil, portal.WithBaseURL(fake.baseURL))
	if err != nil {
		panic(err)
	}
	_, err = process.EnsureMeldCustomer(context.Background(), nil)
	fmt.Println(errors.Is(err, portal.ErrTokenSource))

	jane := process.WithTokenSource(portal.StaticToken("token-of-jane"))
	ensured, err := jane.EnsureMeldCustomer(context.Background(), nil)
	fmt.Println(ensured.Created, err)
	// Output:
	// true
	// true <nil>
}

func ExampleNewFromEnv() {
	fake := newFakePortal()
	defer fake.close()
	// In real life the environment comes from outside, without PORTAL_BASE_URL.
	if err := errors.Join(os.Setenv("PORTAL_CLIENT_TOKEN", "token-of-jane"), os.Setenv("PORTAL_BASE_URL", fake.baseURL)); err != nil {
		panic(err)
	}

	client, err := portal.NewFromEnv()
	if err != nil {
		panic(err)
	}
	_, err = client.GetMeldCustomer(context.Background())
	fmt.Println(errors.Is(err, portal.ErrNotFound))
	// Output: true
}

// One client for the process, one more for each end user: they share connections and settings.
func ExampleClient_WithTokenSource() {
	fake := newFakePortal()
	defer fake.close()
	process := fake.client("token-of-nobody")

	for _, token := range []string{"token-of-jane", "token-of-joe", "token-of-jane"} {
		client := process.WithTokenSource(portal.StaticToken(token))
		ensured, err := client.EnsureMeldCustomer(context.Background(), nil)
		fmt.Println(token, ensured.Created, err)
	}
	// Output:
	// token-of-jane true <nil>
	// token-of-joe true <nil>
	// token-of-jane false <nil>
}

// Every operation of the document is there; an error status that the document declares is a field.
func ExampleClient_API() {
	fake := newFakePortal()
	defer fake.close()
	client := fake.client("token-of-jane")

	for range 2 {
		reply, err := client.API().CreateMeldCustomerWithResponse(context.Background(), api.MeldCreateCustomerRequest{})
		if err != nil {
			panic(err)
		}
		switch {
		case reply.JSON200 != nil:
			fmt.Println("created:", reply.JSON200.Data.Status)
		case reply.JSON409 != nil:
			fmt.Println("conflict:", reply.JSON409.Error)
		default:
			fmt.Println(reply.Status())
		}
	}
	// Output:
	// created: ACTIVE
	// conflict: Meld customer already exists for this client
}

// What no document describes is in the reply itself.
func ExampleCaptureResponse() {
	fake := newFakePortal()
	defer fake.close()

	var reply portal.Response
	ctx := portal.CaptureResponse(context.Background(), &reply)
	_, err := fake.client("token-of-jane").EnsureMeldCustomer(ctx, nil)
	fmt.Println(err, reply.StatusCode, reply.Header.Get("Content-Type"), reply.Attempts)
	// Output: <nil> 200 application/json 1
}

// The same end user, with a call that may not wait for long.
func ExampleClient_With() {
	fake := newFakePortal()
	defer fake.close()
	client := fake.client("token-of-jane")

	once, err := client.With(portal.WithRetry(portal.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		panic(err)
	}
	fake.Fail("getMeldCustomer", portaltest.Status(502))
	_, err = once.GetMeldCustomer(context.Background())
	fmt.Println(errors.Is(err, portal.ErrServer), len(fake.Requests()))
	// Output: true 1
}

func ExampleStaticToken() {
	source := portal.StaticToken("client-api-key")
	token, err := source.Token(context.Background())
	fmt.Println(token, err)
	// Output: client-api-key <nil>
}

type endUserKey struct{}

// A TokenFunc can look the token up for whoever the context is about.
func ExampleTokenFunc() {
	fake := newFakePortal()
	defer fake.close()
	fake.Meld.SeedCustomer("token-of-jane", api.MeldCustomer{ID: "cus-of-jane"})

	tokens := map[string]string{"jane": "token-of-jane"} // a table of sessions, in real life
	client := fake.client("").WithTokenSource(portal.TokenFunc(func(ctx context.Context) (string, error) {
		user, _ := ctx.Value(endUserKey{}).(string)
		if tokens[user] == "" {
			return "", errors.New("not signed in")
		}
		return tokens[user], nil
	}))

	customer, err := client.GetMeldCustomer(context.WithValue(context.Background(), endUserKey{}, "jane"))
	if err != nil {
		panic(err)
	}
	fmt.Println(customer.ID)
	// Output: cus-of-jane
}

// When the API refuses the token, the source is asked for another one and the call is sent again, once.
func ExampleCachedTokenSource() {
	fake := newFakePortal()
	defer fake.close()
	fake.Meld.SeedCustomer("session-1", api.MeldCustomer{ID: "cus-of-jane"})

	sessions := 0
	source := portal.CachedTokenSource(portal.TokenFunc(func(context.Context) (string, error) {
		sessions++ // ask Portal's custodian API for a Client Session Token here
		return fmt.Sprintf("session-%d", sessions), nil
	}))
	client := fake.client("").WithTokenSource(source)
	for _, event := range []string{"at first", "again", "after a week"} {
		if event == "after a week" {
			fake.RotateToken("session-1", "session-2") // the first one is expired
		}
		customer, err := client.GetMeldCustomer(context.Background())
		if err != nil {
			panic(err)
		}
		fmt.Println(event, customer.ID, sessions)
	}
	// Output:
	// at first cus-of-jane 1
	// again cus-of-jane 1
	// after a week cus-of-jane 2
}

// The ID is sent on every attempt and stands in errors and logs.
func ExampleWithTraceID() {
	fake := newFakePortal()
	defer fake.close()

	ctx := portal.WithTraceID(context.Background(), "order-4711")
	_, err := fake.client("token-of-jane").GetMeldCustomer(ctx)
	fmt.Println(err)
	fmt.Println(fake.Requests()[0].Header.Get("X-Portal-Trace-Id"))
	// Output:
	// portal: getMeldCustomer: not found: status 200: no Meld customer exists for this client (trace order-4711, attempts 1)
	// order-4711
}
