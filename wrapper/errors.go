package portal

import "errors"

// Sentinels for [errors.Is]. An error may match more than one: a 503 after a write is both [ErrServer]
// and [ErrOutcomeUnknown].
var (
	// ErrInvalidRequest: the call was refused before the network. The error names the field and the rule.
	ErrInvalidRequest = errors.New("portal: invalid request")
	// ErrBadRequest: status 400. The API refused the request; the message says why.
	ErrBadRequest = errors.New("portal: bad request")
	// ErrUnauthorized: status 401. The token is unknown or has expired: get a new one.
	ErrUnauthorized = errors.New("portal: unauthorized")
	// ErrForbidden: status 403. The token is good and does not allow this.
	ErrForbidden = errors.New("portal: forbidden")
	// ErrNotFound: status 404, or a search that found nothing.
	ErrNotFound = errors.New("portal: not found")
	// ErrConflict: status 409. It exists already; see [ExistingMeldCustomerID].
	ErrConflict = errors.New("portal: conflict")
	// ErrRateLimited: status 429. Wait for APIError.RetryAfter.
	ErrRateLimited = errors.New("portal: rate limited")
	// ErrServer: any status from 500 on.
	ErrServer = errors.New("portal: server error")
	// ErrResponseTooLarge: the body was larger than [WithMaxResponseBytes] allows. Status and the
	// beginning of the body are there.
	ErrResponseTooLarge = errors.New("portal: response too large")
	// ErrUnusableResponse: a 2xx without a usable value: an empty, cut or foreign body, a wrong type, no ID.
	ErrUnusableResponse = errors.New("portal: unusable response")
	// ErrOutcomeUnknown: a write was sent and nobody can say whether it happened: the reply was lost or
	// cut, the call timed out or was cancelled after it was sent, or the answer was a 5xx that does not
	// say (500, 502, 504, a 503 without Retry-After). Look before you write again.
	ErrOutcomeUnknown = errors.New("portal: outcome unknown")
)

// sentinelOf maps a status to its sentinel; nil when there is none.
func sentinelOf(status int) error {
	switch status {
	case 400:
		return ErrBadRequest
	case 401:
		return ErrUnauthorized
	case 403:
		return ErrForbidden
	case 404:
		return ErrNotFound
	case 409:
		return ErrConflict
	case 429:
		return ErrRateLimited
	}
	if status >= 500 {
		return ErrServer
	}
	return nil
}

// An invalidRequest names what is wrong with a call, never the value.
type invalidRequest struct{ field, rule string }

func (e *invalidRequest) Error() string { return "portal: invalid request: " + e.field + " " + e.rule }

func (e *invalidRequest) Is(target error) bool { return target == ErrInvalidRequest }
