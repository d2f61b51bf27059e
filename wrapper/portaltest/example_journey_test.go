package portaltest_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// purchase opens a widget session for a purchase of 200 dollars' worth of bitcoin.
func purchase(t *fakeT, client *portal.Client) api.MeldWidgetSession {
	t.Helper()
	opened, err := portal.Result(client.API().CreateMeldRetailWidgetWithResponse(t.Context(), api.MeldWidgetSessionRequest{
		SessionType: api.MeldSessionTypeBuy,
		SessionData: api.MeldWidgetSessionData{
			CountryCode: "US", ServiceProvider: "ALPHARAMP", SourceCurrencyCode: "USD", SourceAmount: "200.00",
			DestinationCurrencyCode: "BTC",
		},
	}))
	if err != nil {
		t.Fatal(err)
	}
	return opened.Data
}

func ExampleHandler_AdvanceTransaction() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		client := srv.Client("jane")
		purchase(t, client)
		id := srv.Transactions("jane")[0].ID

		srv.AdvanceTransaction(id)
		fmt.Println(srv.AdvanceTransaction(id).Status)

		settled, err := client.WaitForMeldTransaction(t.Context(), id, portal.PollPolicy{})
		fmt.Println(settled.Status, err)
	})
	// Output:
	// SETTLED
	// SETTLED <nil>
}

func ExampleHandler_SetTransactionStatus() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		seeded := srv.SeedTransaction("jane", api.MeldTransaction{})
		srv.SetTransactionStatus(seeded.ID, "FAILED")

		failed, err := srv.Client("jane").WaitForMeldTransaction(t.Context(), seeded.ID, portal.PollPolicy{})
		fmt.Println(failed.Status, err)
	})
	// Output: FAILED <nil>
}

func ExampleHandler_Transactions() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		session := purchase(t, srv.Client("jane"))
		bought := srv.Transactions("jane")[0]
		fmt.Println(bought.SessionID == session.ID, bought.Status, *bought.DestinationAmount, *bought.DestinationCurrencyCode)
	})
	// Output: true PENDING 0.00314593 BTC
}

func ExampleHandler_SeedTransaction() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		for range 25 {
			srv.SeedTransaction("jane", api.MeldTransaction{Status: "SETTLED"})
		}
		first, err := portal.Result(srv.Client("jane").API().SearchMeldRetailTransactionsWithResponse(t.Context(), nil))
		fmt.Println(first.Data.Count, first.Data.Remaining, err)
	})
	// Output: 10 15 <nil>
}

func ExampleHandler_StartTransaction() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithStartedLater())
		session := purchase(t, srv.Client("jane"))
		fmt.Println(len(srv.Transactions("jane")))
		fmt.Println(srv.StartTransaction(session.ID).Status)
	})
	// Output:
	// 0
	// PENDING
}

func ExampleWithStartedLater() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithStartedLater())
		client := srv.Client("jane")
		session := purchase(t, client)
		_, err := portal.Result(client.API().GetMeldRetailTransactionBySessionWithResponse(t.Context(), session.ID))
		fmt.Println(errors.Is(err, portal.ErrNotFound))
	})
	// Output: true
}

func ExampleWithAutoAdvance() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithAutoAdvance())
		client := srv.Client("jane")
		session := purchase(t, client)
		for range 3 {
			found, err := portal.Result(client.API().GetMeldRetailTransactionBySessionWithResponse(t.Context(), session.ID))
			fmt.Println(found.Data.Transaction.Status, err)
		}
	})
	// Output:
	// PENDING <nil>
	// SETTLING <nil>
	// SETTLED <nil>
}

func ExampleWithMeldSpelling() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithMeldSpelling())
		limits, err := portal.Result(srv.Client("jane").API().GetMeldKYCLimitsWithResponse(t.Context(), nil))
		if err != nil {
			t.Fatal(err)
		}
		tier := limits.Data[0].Level1
		fmt.Println(show(tier.Daily), show(tier.DailyLimit))
	})
	// Output: 2000 none
}

func show(n *json.Number) string {
	if n == nil {
		return "none"
	}
	return n.String()
}
