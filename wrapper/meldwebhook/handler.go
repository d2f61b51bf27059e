package meldwebhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// answerWithin leaves a second of the ten that Meld waits to the network.
const answerWithin = 9 * time.Second

type errorHook = func(ctx context.Context, err error)

// Handler returns an [http.Handler] that calls handle with the event of every authentic delivery, and with
// nothing else. It answers
//
//	200  handle returned nil: Meld is done with the event
//	500  handle returned an error: Meld will deliver the event again
//	401  the delivery is not signed, not signed by Meld, or not recently
//	400  it is, but there is no event in the body; or the body broke off
//	413  the body is over the cap
//	405  the method is not POST
//
// and says nothing more to the sender; [WithErrorHook] says it to you. Meld repeats after any status but 200.
//
// handle may be called for the same event twice, even at once: see the package comment. Its context ends nine
// seconds after the request came in, because after ten Meld takes the delivery for failed; store the event, return,
// and do what takes longer elsewhere. Handler panics if handle is nil.
//
// The query string of a request has to be that of the URL given to [New], because it is part of what is signed.
// Scheme, host and path are not compared: a proxy may change them.
//
// Set a ReadTimeout on the [http.Server]: Handler limits how much is read, the server for how long.
func (v *Verifier) Handler(handle func(ctx context.Context, event Event) error) http.Handler {
	if handle == nil {
		panic("meldwebhook: Handler needs a function")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			answer(w, http.StatusMethodNotAllowed)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
		defer cancel()

		event, err := v.receive(w, r)
		status := statusOf(err)
		if err == nil {
			if err = handle(ctx, event); err != nil {
				status = http.StatusInternalServerError
				err = fmt.Errorf("meldwebhook: the handler failed on %v: %w", event, err)
			}
		}
		if err != nil && v.config.onError != nil {
			v.config.onError(r.Context(), err)
		}
		answer(w, status)
	})
}

// receive reads and verifies a delivery. What is certainly not one is refused before its body is read.
func (v *Verifier) receive(w http.ResponseWriter, r *http.Request) (Event, error) {
	h, err := readHeaders(r.Header)
	if err != nil {
		return Event{}, err
	}
	query, content := "", io.ReadCloser(http.NoBody)
	if r.URL != nil { // there are both in what a net/http server has made, and need not be in another's
		query = r.URL.RawQuery
	}
	if r.Body != nil {
		content = r.Body
	}
	if !v.sameQuery(query) {
		return Event{}, fmt.Errorf("%w: the request has another query string than the URL given to New", ErrInvalidSignature)
	}
	if r.ContentLength > v.config.maxBody {
		return Event{}, v.tooLarge()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, content, v.config.maxBody))
	var outer *http.MaxBytesError // ours, or that of a handler around us
	switch {
	case errors.As(err, &outer):
		return Event{}, fmt.Errorf("%w: more than %d bytes", ErrBodyTooLarge, outer.Limit)
	case err != nil: // not wrapped: a malformed chunk is quoted in it
		return Event{}, fmt.Errorf("%w: it broke off after %d bytes", ErrInvalidBody, len(body))
	}
	return v.verify(h, body)
}

// statusOf maps what Verify returns to what the sender is told.
func statusOf(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, ErrBodyTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, ErrInvalidBody):
		return http.StatusBadRequest
	}
	return http.StatusUnauthorized
}

// answer sends a status and its name, unless all is well: net/http says that by itself.
func answer(w http.ResponseWriter, status int) {
	if status != http.StatusOK {
		http.Error(w, http.StatusText(status), status)
	}
}
