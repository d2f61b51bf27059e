package meldwebhook

import "errors"

// Sentinels for [errors.Is]. What [Verifier.Verify] and [Verifier.Handler] report matches exactly one of them.
// The texts say what to do and never hold a secret, a signature or any of the body.
var (
	// ErrMissingHeader: [SignatureHeader] or [TimestampHeader] is absent or empty. The sender is not Meld,
	// or a proxy drops headers.
	ErrMissingHeader = errors.New("meldwebhook: missing header")
	// ErrInvalidTimestamp: [TimestampHeader] is neither ISO 8601 nor epoch seconds, or there are two of it.
	ErrInvalidTimestamp = errors.New("meldwebhook: invalid timestamp")
	// ErrStaleTimestamp: the signature is right and older than the tolerance: a replay, or a very late retry.
	// See [WithTolerance].
	ErrStaleTimestamp = errors.New("meldwebhook: stale timestamp")
	// ErrFutureTimestamp: the signature is right and its time has not come yet. Check the clock of this machine.
	ErrFutureTimestamp = errors.New("meldwebhook: timestamp in the future")
	// ErrInvalidSignature: no secret makes this signature of this timestamp, URL and body, or there are two
	// signatures. The sender is not Meld, or the secret or the URL given to [New] is not that of the webhook profile, or something on the
	// way changed the body.
	ErrInvalidSignature = errors.New("meldwebhook: invalid signature")
	// ErrBodyTooLarge: the body is over the cap. See [WithMaxBodyBytes].
	ErrBodyTooLarge = errors.New("meldwebhook: body too large")
	// ErrInvalidBody: the body could not be read to its end, or it is properly signed and no event: not a
	// JSON object, or one without an eventType or an eventId.
	ErrInvalidBody = errors.New("meldwebhook: invalid body")
)
