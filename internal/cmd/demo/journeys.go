package main

import (
	"context"
	"time"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// customers is the main job: create, create again, ensure.
func customers(ctx context.Context, client *portal.Client, request *api.MeldCreateCustomerRequest, t *transcript) error {
	t.say("\n1. Create a Meld customer.")
	customer, err := client.CreateMeldCustomer(ctx, request)
	if id, exists := portal.ExistingMeldCustomerID(err); exists {
		t.say("   There was one already: %s", id)
	} else if err != nil {
		return err
	} else {
		t.say("   Created: %s", customer.ID)
	}

	t.say("\n2. Create it again.")
	_, err = client.CreateMeldCustomer(ctx, request)
	id, exists := portal.ExistingMeldCustomerID(err)
	if !exists {
		return err
	}
	t.say("   The error:       %v", err)
	t.say("   The existing ID: %s", id)

	t.say("\n3. Ensure that there is one, without caring whether it is new.")
	ensured, err := client.EnsureMeldCustomer(ctx, request)
	if err != nil {
		return err
	}
	t.say("   EnsureMeldCustomer returned ID %s, Created %t.", ensured.ID, ensured.Created)
	return nil
}

// walk goes from discovery to a settled transaction, as a back end does for an end user who buys crypto. The
// fake plays the end user and the provider.
func walk(ctx context.Context, client *portal.Client, fake *portaltest.Handler, request *api.MeldCreateCustomerRequest, t *transcript) error {
	const country = "US"

	t.say("\n1. Ensure that there is a Meld customer.")
	customer, err := client.EnsureMeldCustomer(ctx, request)
	if err != nil {
		return err
	}

	t.say("\n2. Discover what can be bought, and how.")
	countries, err := client.GetMeldCountries(ctx, nil)
	if err != nil {
		return err
	}
	t.say("   %d countries.", len(countries.Data))
	defaults, err := client.GetMeldDefaults(ctx, &api.GetMeldDefaultsParams{Countries: []string{country}})
	if err != nil {
		return err
	}
	currency, method := defaults.Data[0].DefaultCurrencyCode, defaults.Data[0].DefaultPaymentMethods[0]

	t.say("\n3. Get quotes for 100 %s in USDC_BASE.", currency)
	quotes, err := client.GetMeldRetailQuote(ctx, &api.MeldQuoteRequest{
		CountryCode:             country,
		CustomerID:              customer.ID,
		SourceCurrencyCode:      currency,
		SourceAmount:            "100",
		DestinationCurrencyCode: "USDC_BASE",
		PaymentMethodType:       method,
	})
	if err != nil {
		return err
	}
	best := quotes.Data.Quotes[0]
	t.say("   The best: %s gives %s %s.", best.ServiceProvider, best.DestinationAmount, best.DestinationCurrencyCode)

	t.say("\n4. Open a widget session for the customer.")
	session, err := client.CreateMeldRetailWidget(ctx, &api.MeldWidgetSessionRequest{
		SessionType: api.MeldSessionTypeBuy,
		CustomerID:  customer.ID,
		SessionData: api.MeldWidgetSessionData{
			CountryCode:             country,
			ServiceProvider:         best.ServiceProvider,
			SourceCurrencyCode:      currency,
			SourceAmount:            "100",
			DestinationCurrencyCode: "USDC_BASE",
			PaymentMethodType:       method,
		},
	})
	if err != nil {
		return err
	}
	t.say("   Show the end user %s", session.Data.WidgetURL)

	t.say("\n5. Follow the transaction to its end.")
	poll := portal.PollPolicy{BaseDelay: 100 * time.Millisecond} // in production leave the default
	for transaction, err := range client.WatchMeldSession(ctx, session.Data.ID, poll) {
		if err != nil {
			return err
		}
		t.say("   %s is %s.", transaction.ID, transaction.Status)
		if !portal.IsTerminalMeldStatus(transaction.Status) {
			fake.Meld.AdvanceTransaction(transaction.ID)
		}
	}
	return nil
}
