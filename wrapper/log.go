package portal

import (
	"context"
	"log/slog"
	"time"
)

// A logEntry is one attempt and what follows from it.
type logEntry struct {
	*call
	outcome
	delay time.Duration
	again bool
}

// logTo writes one line for an attempt, from an allow-list: nothing that it does not name is ever logged.
// Only WithLogger refers to it, so that a program which does not log links no slog handler.
func logTo(logger *slog.Logger) func(context.Context, *logEntry) {
	return func(ctx context.Context, e *logEntry) {
		level, message := slog.LevelDebug, "portal: attempt"
		if e.again {
			level, message = slog.LevelWarn, "portal: attempt failed, will retry"
		}
		if !logger.Enabled(ctx, level) {
			return
		}
		attrs := []slog.Attr{
			slog.String("operation", e.op.id),
			slog.String("method", e.op.method),
			slog.Int("status", e.status),
			slog.Int("attempt", e.attempts),
			slog.Duration("duration", e.duration),
			slog.String("trace", e.trace),
		}
		if e.again {
			attrs = append(attrs, slog.Duration("delay", e.delay))
		}
		logger.LogAttrs(ctx, level, message, attrs...)
	}
}
