// Package meldwebhook receives the webhooks of Meld: it verifies their signatures and decodes their events.
//
// Portal's Meld integration creates customers, quotes and widget sessions, but the news of a transaction comes
// straight from Meld, to a URL that you register as a webhook profile in Meld's dashboard. The profile has a
// secret. With the two you make a [Verifier], and with a function you make it a handler:
//
//	v, err := meldwebhook.New("https://api.example.com/hooks/meld", os.Getenv("MELD_WEBHOOK_SECRET"))
//	if err != nil {
//		return err
//	}
//	mux.Handle("POST /hooks/meld", v.Handler(func(ctx context.Context, event meldwebhook.Event) error {
//		return queue.Add(ctx, event.ID, event.Raw) // nil answers 200, an error answers 500 and Meld comes back
//	}))
//
// The function is called for authentic deliveries only; [Verifier.Handler] lists what the others are answered.
// Outside net/http, [Verifier.Verify] takes the headers and the body.
//
// # What the function should do
//
// Answer fast. Meld waits ten seconds for a 200; the context ends after nine. Store the event and do the work
// elsewhere.
//
// Do the work once. Meld repeats a delivery after a minute, then after ever longer pauses of up to an hour, for
// three days, until it sees a 200. It cannot know of a 200 that got lost, so the same event may come again, and
// whoever gets hold of a delivery can send it again too. The signature does not help against that; Event.ID does.
// Remember an ID for longer than the tolerance, four days with the default, and in the same database transaction
// as the work: an ID that is remembered before the work loses the event when the work fails.
//
// Ask for the state. Events can overtake each other, so a PENDING may follow a SETTLED. Treat an event as the hint
// that something has changed, and fetch the transaction that Payload.PaymentTransactionID names.
//
// Let unknown types pass. Return nil for an event that you have no use for, or Meld will repeat it for three days.
//
// # What is verified
//
// Meld signs the time, the URL and the body; [Sign] is the formula. A delivery passes if one of the secrets made
// its signature for exactly the bytes received, and if it is not older than the tolerance. The URL is the one
// given to [New], not the one that the request claims. Secrets can overlap while they are replaced: see
// [WithSecret]. The default tolerance is generous, for reasons given at [WithTolerance].
//
// If nothing verifies, it is nearly always the URL: it is compared as text, so a slash at its end, a default port
// or an escape counts. Or it is a middleware that decodes and encodes the JSON anew before it gets here.
//
// # What is kept out of your logs
//
// No error of this package holds a secret, a signature, or any of the body but the type and the ID of an authentic
// event. fmt, encoding/json and log/slog show nothing else of a [Verifier], an [Event] or a [Payload] either. They
// cannot be stopped from printing a single field, such as Event.Raw, nor an Event in an unexported field of your
// own struct, nor one with the verbs %p and %w, which go vet rejects.
//
// # Testing
//
// Play Meld with [Sign]; the example of [Verifier.Handler] does. [WithClock] verifies a recorded delivery.
package meldwebhook
