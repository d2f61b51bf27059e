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

	config settings
}

// settings are what of the config a Verifier may hold in the open.
type settings struct {
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
		config:    settings{c.tolerance, c.maxBody, c.now, c.onError},
	}, nil
}

// Verify returns the event of a delivery, or why it is refused: an error that matches one of the sentinels of
// this package. The signature is compared in constant time, and before anything in the body or the age of the
// timestamp is looked at.
//
// It is for servers that do not speak net/http; for the others [Verifier.Handler] does everything. The names of the
// headers may be in any case, for gateways write them in theirs. The body has to be the bytes as received. Verify
// does not see the URL of the request, so trust nothing that stands in it.
func (v *Verifier) Verify(header http.Header, body []byte) (Event, error) {
	h, err := readHeaders(header)
	if err != nil {
		return Event{}, err
	}
	return v.verify(h, body)
}

func (v *Verifier) verify(h headers, body []byte) (Event, error) {
	if int64(len(body)) > v.config.maxBody {
		return Event{}, v.tooLarge()
	}
	if !v.signed(h.signature, h.timestamp, body) {
		return Event{}, fmt.Errorf("%w: check that secret and URL are those of the webhook profile, to the letter, "+
			"and that nothing on the way changes the body", ErrInvalidSignature)
	}
	if err := v.checkAge(h.signedAt); err != nil {
		return Event{}, err
	}
	event, err := parseEvent(body)
	if err != nil {
		return Event{}, err
	}
	event.SignedAt, event.RetryCount = h.signedAt, h.retryCount
	return event, nil
}

// checkAge compares the time of a signature with the clock.
func (v *Verifier) checkAge(signedAt time.Time) error {
	now := v.config.now()
	age, ahead := now.Sub(signedAt), signedAt.Sub(now) // not each other's negative: both end at the largest duration
	allowed := min(clockSkew, v.config.tolerance)
	switch {
	case age > v.config.tolerance:
		return fmt.Errorf("%w: signed %v ago, and the tolerance is %v: see WithTolerance",
			ErrStaleTimestamp, age.Round(time.Second), v.config.tolerance)
	case ahead > allowed:
		return fmt.Errorf("%w: signed %v from now, and %v is allowed: check this machine's clock",
			ErrFutureTimestamp, ahead.Round(time.Second), allowed)
	}
	return nil
}

func (v *Verifier) tooLarge() error {
	return fmt.Errorf("%w: more than %d bytes: see WithMaxBodyBytes", ErrBodyTooLarge, v.config.maxBody)
}

// headers are what the headers of a delivery say.
type headers struct {
	signature, timestamp string    // as received
	signedAt             time.Time // the timestamp, parsed
	retryCount           int
}

func readHeaders(header http.Header) (headers, error) {
	signature, err := singleValue(header, SignatureHeader, ErrInvalidSignature)
	if err != nil {
		return headers{}, err
	}
	timestamp, err := singleValue(header, TimestampHeader, ErrInvalidTimestamp)
	if err != nil {
		return headers{}, err
	}
	signedAt, ok := parseTimestamp(timestamp)
	if !ok {
		return headers{}, fmt.Errorf("%w: %s is neither ISO 8601 nor epoch seconds", ErrInvalidTimestamp, TimestampHeader)
	}
	h := headers{signature: signature, timestamp: timestamp, signedAt: signedAt}
	count, _ := singleValue(header, "Meld-Retry-Count", nil) // empty if there is none
	if n, err := strconv.Atoi(count); err == nil && n > 0 {
		h.retryCount = n
	}
	return h, nil
}

// singleValue is the value of a header that Meld sends once, whatever the case of its name. Of two, a proxy and we
// might pick different ones, so there must not be two.
func singleValue(header http.Header, name string, ifTwice error) (string, error) {
	var values []string
	for key, v := range header {
		if http.CanonicalHeaderKey(key) == name {
			values = append(values, v...)
		}
	}
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return "", fmt.Errorf("%w: %s", ErrMissingHeader, name)
	case len(values) > 1:
		return "", fmt.Errorf("%w: more than one %s", ifTwice, name)
	}
	return values[0], nil
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
