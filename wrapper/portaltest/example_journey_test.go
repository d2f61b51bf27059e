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
	opened, err := client.CreateMeldRetailWidget(t.Context(), &api.MeldWidgetSessionRequest{
		SessionType: api.MeldSessionTypeBuy,
		SessionData: api.MeldWidgetSessionData{
			CountryCode: "US", ServiceProvider: "ALPHARAMP", SourceCurrencyCode: "USD", SourceAmount: "200.00",
			DestinationCurrencyCode: "BTC",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return opened.Data
}

func ExampleMeld_AdvanceTransaction() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		client := srv.Client("jane")
		purchase(t, client)
		id := srv.Meld.Transactions("jane")[0].ID

		srv.Meld.AdvanceTransaction(id)
		fmt.Println(srv.Meld.AdvanceTransaction(id).Status)

		settled, err := client.WaitForMeldTransaction(t.Context(), id, portal.PollPolicy{})
		fmt.Println(settled.Status, err)
	})
	// Output:
	// SETTLED
	// SETTLED <nil>
}

func ExampleMeld_SetTransactionStatus() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		seeded := srv.Meld.SeedTransaction("jane", api.MeldTransaction{})
		srv.Meld.SetTransactionStatus(seeded.ID, "FAILED")

		failed, err := srv.Client("jane").WaitForMeldTransaction(t.Context(), seeded.ID, portal.PollPolicy{})
		fmt.Println(failed.Status, err)
	})
	// Output: FAILED <nil>
}

func ExampleMeld_Transactions() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		session := purchase(t, srv.Client("jane"))
		bought := srv.Meld.Transactions("jane")[0]
		fmt.Println(bought.SessionID == session.ID, bought.Status, *bought.DestinationAmount, *bought.DestinationCurrencyCode)
	})
	// Output: true PENDING 0.00314593 BTC
}

func ExampleMeld_SeedTransaction() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		for range 25 {
			srv.Meld.SeedTransaction("jane", api.MeldTransaction{Status: "SETTLED"})
		}
		first, err := srv.Client("jane").SearchMeldRetailTransactions(t.Context(), nil)
		fmt.Println(first.Data.Count, first.Data.Remaining, err)
	})
	// Output: 10 15 <nil>
}

func ExampleMeld_StartTransaction() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithMeld(portaltest.MeldOptions{StartedLater: true}))
		session := purchase(t, srv.Client("jane"))
		fmt.Println(len(srv.Meld.Transactions("jane")))
		fmt.Println(srv.Meld.StartTransaction(session.ID).Status)
	})
	// Output:
	// 0
	// PENDING
}

func ExampleWithMeld_startedLater() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithMeld(portaltest.MeldOptions{StartedLater: true}))
		client := srv.Client("jane")
		session := purchase(t, client)
		_, err := client.GetMeldRetailTransactionBySession(t.Context(), session.ID)
		fmt.Println(errors.Is(err, portal.ErrNotFound))
	})
	// Output: true
}

func ExampleWithMeld_autoAdvance() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithMeld(portaltest.MeldOptions{AutoAdvance: true}))
		client := srv.Client("jane")
		session := purchase(t, client)
		for range 3 {
			found, err := client.GetMeldRetailTransactionBySession(t.Context(), session.ID)
			fmt.Println(found.Data.Transaction.Status, err)
		}
	})
	// Output:
	// PENDING <nil>
	// SETTLING <nil>
	// SETTLED <nil>
}

func ExampleWithMeld_meldSpelling() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t, portaltest.WithMeld(portaltest.MeldOptions{MeldSpelling: true}))
		limits, err := srv.Client("jane").GetMeldKYCLimits(t.Context(), nil)
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
