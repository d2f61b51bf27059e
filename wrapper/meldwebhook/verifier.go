package meldwebhook

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// A Verifier tells Meld's deliveries to one URL from everybody else's. Make one with [New]. It does not change
// and is safe for concurrent use.
type Verifier struct {
	// Closures, so that no fmt verb, JSON or slog can print the secrets or the URL.
	signed    func(signature, timestamp string, body []byte) bool
	sameQuery func(rawQuery string) bool

	config frozen
}

// frozen is what of the config a Verifier may hold in the open.
type frozen struct {
	tolerance time.Duration
	maxBody   int64
	now       func() time.Time
	onError   errorHook
}

// New returns a [Verifier] for the deliveries of one webhook profile.
//
// publicURL is the URL of the profile exactly as it stands in Meld's dashboard, with its query string if it
// has one: its text is signed with every delivery. It cannot be taken from the request, because behind a proxy
// scheme, host and often the path are not those that Meld called, and because what a request says of itself
// proves nothing. So it is mandatory.
//
// secret is the secret of the profile. The error says which argument or option is unusable, without its value.
func New(publicURL, secret string, opts ...Option) (*Verifier, error) {
	u, err := parseURL(publicURL)
	if err != nil {
		return nil, err
	}
	c := config{tolerance: DefaultTolerance, maxBody: DefaultMaxBodyBytes, now: time.Now}
	if err := c.addSecret(secret); err != nil {
		return nil, err
	}
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("meldwebhook: an option is nil: leave it out")
		}
		if err := opt(&c); err != nil {
			return nil, err
		}
	}
	secrets := c.secrets
	return &Verifier{
		signed: func(signature, timestamp string, body []byte) bool {
			found := 0
			for _, secret := range secrets { // all of them: which one fits is nobody's business
				want := Sign(secret, timestamp, publicURL, body)
				found |= subtle.ConstantTimeCompare([]byte(want), []byte(signature))
			}
			return found == 1
		},
		sameQuery: func(rawQuery string) bool { return sameQuery(u.RawQuery, rawQuery) },
		config:    frozen{c.tolerance, c.maxBody, c.now, c.onError},
	}, nil
}

// Verify returns the event of a delivery, or why it is refused: an error that matches one of the sentinels of
// this package. The signature is compared in constant time, and before anything in the body or the age of the
// timestamp is looked at.
//
// It is for servers that do not speak net/http; for the others [Verifier.Handler] does everything. The body has to
// be the bytes as received. Verify does not see the URL of the request, so trust nothing that stands in it.
func (v *Verifier) Verify(header http.Header, body []byte) (Event, error) {
	s, err := readStamp(header)
	if err != nil {
		return Event{}, err
	}
	return v.verify(s, body)
}

func (v *Verifier) verify(s stamp, body []byte) (Event, error) {
	if int64(len(body)) > v.config.maxBody {
		return Event{}, v.tooLarge()
	}
	if !v.signed(s.signature, s.timestamp, body) {
		return Event{}, fmt.Errorf("%w: check that secret and URL are those of the webhook profile, to the letter, "+
			"and that nothing on the way changes the body", ErrInvalidSignature)
	}
	if err := v.fresh(s.signedAt); err != nil {
		return Event{}, err
	}
	event, err := parseEvent(body)
	if err != nil {
		return Event{}, err
	}
	event.SignedAt, event.RetryCount = s.signedAt, s.retryCount
	return event, nil
}

// fresh compares the time of a signature with the clock.
func (v *Verifier) fresh(signedAt time.Time) error {
	age := v.config.now().Sub(signedAt)
	ahead := min(clockSkew, v.config.tolerance)
	switch {
	case age > v.config.tolerance:
		return fmt.Errorf("%w: signed %v ago, and the tolerance is %v: see WithTolerance",
			ErrStaleTimestamp, age.Round(time.Second), v.config.tolerance)
	case age < -ahead:
		return fmt.Errorf("%w: signed %v from now, and %v is allowed: check this machine's clock",
			ErrFutureTimestamp, (-age).Round(time.Second), ahead)
	}
	return nil
}

func (v *Verifier) tooLarge() error {
	return fmt.Errorf("%w: more than %d bytes: see WithMaxBodyBytes", ErrBodyTooLarge, v.config.maxBody)
}

// A stamp is what the headers of a delivery say.
type stamp struct {
	signature, timestamp string    // as received
	signedAt             time.Time // the timestamp, parsed
	retryCount           int
}

// readStamp reads the headers, the one place that does.
func readStamp(header http.Header) (stamp, error) {
	signatures, timestamps := header.Values(SignatureHeader), header.Values(TimestampHeader)
	switch {
	case len(signatures) == 0 || signatures[0] == "":
		return stamp{}, fmt.Errorf("%w: %s", ErrMissingHeader, SignatureHeader)
	case len(timestamps) == 0 || timestamps[0] == "":
		return stamp{}, fmt.Errorf("%w: %s", ErrMissingHeader, TimestampHeader)
	case len(signatures) > 1: // Meld sends one of each; which of two a proxy or we would pick must not matter
		return stamp{}, fmt.Errorf("%w: more than one %s", ErrInvalidSignature, SignatureHeader)
	case len(timestamps) > 1:
		return stamp{}, fmt.Errorf("%w: more than one %s", ErrInvalidTimestamp, TimestampHeader)
	}
	signedAt, ok := parseTimestamp(timestamps[0])
	if !ok {
		return stamp{}, fmt.Errorf("%w: %s is neither ISO 8601 nor epoch seconds", ErrInvalidTimestamp, TimestampHeader)
	}
	s := stamp{signature: signatures[0], timestamp: timestamps[0], signedAt: signedAt}
	if n, err := strconv.Atoi(header.Get("Meld-Retry-Count")); err == nil && n > 0 {
		s.retryCount = n
	}
	return s, nil
}

// sameQuery tells whether two query strings say the same. A proxy may reorder and re-encode.
func sameQuery(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := url.ParseQuery(a)
	y, errY := url.ParseQuery(b)
	return errX == nil && errY == nil && x.Encode() == y.Encode()
}
