package portal

import (
	"context"

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

func traceID(ctx context.Context) (string, error) {
	id, ok := ctx.Value(traceKey{}).(string)
	if !ok {
		return uuid.NewString(), nil
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
