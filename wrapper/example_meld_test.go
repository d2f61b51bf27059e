package portal_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

func ExampleClient_CreateMeldCustomer() {
	fake := newFakePortal()
	defer fake.close()
	client := fake.client("token-of-jane")

	customer, err := client.CreateMeldCustomer(context.Background(), &api.MeldCreateCustomerRequest{
		Name:  api.MeldCustomerName{FirstName: "Jane", LastName: "Doe"},
		Email: "jane@example.com",
		Phone: "+14155550123",
		Type:  api.MeldCreateCustomerRequestTypeIndividual,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(customer.Name.FirstName, customer.Status)

	ctx := portal.WithTraceID(context.Background(), "order-4711")
	_, err = client.CreateMeldCustomer(ctx, &api.MeldCreateCustomerRequest{Phone: "(415) 555-0123"})
	fmt.Println(errors.Is(err, portal.ErrInvalidRequest))
	fmt.Println(err)
	// Output:
	// Jane ACTIVE
	// true
	// portal: createMeldCustomer: invalid request: phone must be an E.164 number: a plus sign, the country code, at most 15 digits, nothing between them (trace order-4711, attempts 0)
}

func ExampleClient_GetMeldCustomer() {
	fake := newFakePortal()
	defer fake.close()
	fake.Meld.SeedCustomer("token-of-jane", api.MeldCustomer{ID: "cus-of-jane"})

	for _, token := range []string{"token-of-jane", "token-of-joe"} {
		customer, err := fake.client(token).GetMeldCustomer(context.Background())
		switch {
		case err == nil:
			fmt.Println(customer.ID)
		case errors.Is(err, portal.ErrNotFound):
			fmt.Println("not registered yet")
		default:
			panic(err)
		}
	}
	// Output:
	// cus-of-jane
	// not registered yet
}

// The reply to the first attempt is lost. The second finds what the first one made.
func ExampleClient_EnsureMeldCustomer() {
	fake := newFakePortal()
	defer fake.close()
	fake.Fail("createMeldCustomer", portaltest.DropAfter())

	ensured, err := fake.client("token-of-jane").EnsureMeldCustomer(context.Background(), nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(len(fake.Requests()), "requests,", len(fake.Meld.Customers()), "customer")
	fmt.Println(ensured.ID == fake.Meld.Customers()["token-of-jane"].ID)
	// Output:
	// 2 requests, 1 customer
	// true
}

// For code that has to know whether it was first. Otherwise EnsureMeldCustomer is shorter.
func ExampleExistingMeldCustomerID() {
	fake := newFakePortal()
	defer fake.close()
	fake.Meld.SeedCustomer("token-of-jane", api.MeldCustomer{ID: "cus-of-jane"})

	customer, err := fake.client("token-of-jane").CreateMeldCustomer(context.Background(), nil)
	if id, ok := portal.ExistingMeldCustomerID(err); ok {
		fmt.Println("exists:", id)
	} else if err != nil {
		panic(err)
	} else {
		fmt.Println("created:", customer.ID)
	}
	// Output: exists: cus-of-jane
}

func ExampleParseDate() {
	born, err := portal.ParseDate("1990-02-28")
	if err != nil {
		panic(err)
	}
	fmt.Println(marshal(&api.MeldCreateCustomerRequest{DateOfBirth: born}))

	_, err = portal.ParseDate("1990-02-30")
	fmt.Println(err, errors.Is(err, portal.ErrInvalidRequest))
	// Output:
	// {"dateOfBirth":"1990-02-28"}
	// portal: invalid request: date must be a day of the calendar, written YYYY-MM-DD true
}

// All transactions that are settled, however many pages they take.
func ExampleClient_MeldTransactions() {
	fake := newFakePortal()
	defer fake.close()
	for i := range 25 {
		status := []string{"PENDING", "SETTLED"}[i%2]
		fake.Meld.SeedTransaction("token-of-jane", api.MeldTransaction{Status: status})
	}

	settled := 0
	params := &api.SearchMeldRetailTransactionsParams{Status: []string{"SETTLED"}}
	for transaction, err := range fake.client("token-of-jane").MeldTransactions(context.Background(), params) {
		if err != nil {
			panic(err)
		}
		if transaction.Status == "SETTLED" {
			settled++
		}
	}
	fmt.Println(settled, "settled, in", len(fake.Requests()), "pages")
	// Output: 12 settled, in 2 pages
}

func ExampleClient_WatchMeldTransaction() {
	fake := newFakePortal(portaltest.WithMeld(portaltest.MeldOptions{AutoAdvance: true})) // each look finds the next status
	defer fake.close()
	begun := fake.Meld.SeedTransaction("token-of-jane", api.MeldTransaction{})

	ctx, cancel := context.WithTimeout(context.Background(), time.Hour) // an end user may never finish
	defer cancel()
	poll := portal.PollPolicy{BaseDelay: time.Millisecond} // leave it zero in real life
	for transaction, err := range fake.client("token-of-jane").WatchMeldTransaction(ctx, begun.ID, poll) {
		if err != nil {
			panic(err)
		}
		fmt.Println(transaction.Status)
	}
	// Output:
	// PENDING
	// SETTLING
	// SETTLED
}

// The end user has the widget open and does not begin at once.
func ExampleClient_WatchMeldSession() {
	fake := newFakePortal(portaltest.WithMeld(portaltest.MeldOptions{StartedLater: true, AutoAdvance: true}))
	defer fake.close()
	client, ctx := fake.client("token-of-jane"), context.Background()
	session, err := client.CreateMeldRetailWidget(ctx, &api.MeldWidgetSessionRequest{
		SessionType: api.MeldSessionTypeBuy,
		SessionData: api.MeldWidgetSessionData{
			CountryCode: "DE", SourceCurrencyCode: "EUR", SourceAmount: "50", DestinationCurrencyCode: "ETH",
			PaymentMethodType: "SEPA", ServiceProvider: "EUROBRIDGE",
		},
	})
	if err != nil {
		panic(err)
	}
	time.AfterFunc(10*time.Millisecond, func() { fake.Meld.StartTransaction(session.Data.ID) })

	for transaction, err := range client.WatchMeldSession(ctx, session.Data.ID, portal.PollPolicy{BaseDelay: time.Millisecond}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(transaction.Status)
	}
	// Output:
	// PENDING
	// SETTLING
	// SETTLED
}

// Whether it went well is in the status: a transaction that failed has come to its end, too.
func ExampleClient_WaitForMeldTransaction() {
	fake := newFakePortal()
	defer fake.close()
	begun := fake.Meld.SeedTransaction("token-of-jane", api.MeldTransaction{})
	fake.Meld.SetTransactionStatus(begun.ID, "DECLINED")

	transaction, err := fake.client("token-of-jane").WaitForMeldTransaction(context.Background(), begun.ID, portal.PollPolicy{})
	if err != nil {
		panic(err)
	}
	fmt.Println(transaction.Status == "SETTLED", transaction.Status)
	// Output: false DECLINED
}

func ExampleIsTerminalMeldStatus() {
	for _, status := range []string{"SETTLED", "REFUNDED", "PENDING", "ERROR", "A_STATUS_OF_NEXT_YEAR"} {
		fmt.Println(status, portal.IsTerminalMeldStatus(status))
	}
	// Output:
	// SETTLED true
	// REFUNDED true
	// PENDING false
	// ERROR false
	// A_STATUS_OF_NEXT_YEAR false
}
