package portal

import (
	"context"
	"encoding/binary"
	"math/rand/v2"

	"github.com/google/uuid"
)

// traceHeader carries one ID per call, as Portal's own SDKs send it.
const traceHeader = "X-Portal-Trace-Id"

type traceKey struct{}

// WithTraceID sets the trace ID of the calls made with the returned context, in place of a random UUID v4.
// It is sent as X-Portal-Trace-Id on every attempt and stands in errors and logs. It may hold visible ASCII,
// up to 128 characters; a call with another one is refused with [ErrInvalidRequest].
func WithTraceID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, traceKey{}, id)
}

// newTraceID is a UUID v4. Nobody has to be kept from guessing it, so it needs no random numbers of the system.
func newTraceID() string {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], rand.Uint64())
	binary.BigEndian.PutUint64(id[8:], rand.Uint64())
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4, variant of RFC 9562
	return id.String()
}

func traceID(ctx context.Context) (string, error) {
	id, ok := ctx.Value(traceKey{}).(string)
	if !ok {
		return newTraceID(), nil
	}
	if id == "" || len(id) > 128 {
		return "", &invalidRequest{"trace ID", "must have 1 to 128 characters"}
	}
	for _, c := range []byte(id) {
		if c <= ' ' || c > '~' {
			return "", &invalidRequest{"trace ID", "must be visible ASCII"}
		}
	}
	return id, nil
}
