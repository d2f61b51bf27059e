package portal

import (
	"context"
	"log/slog"
	"time"
)

// log writes one line for an attempt, from an allow-list: nothing that it does not name is ever logged.
func (d *door) log(ctx context.Context, c *call, o *outcome, delay time.Duration, again bool) {
	level, message := slog.LevelDebug, "portal: attempt"
	if again {
		level, message = slog.LevelWarn, "portal: attempt failed, will repeat"
	}
	if !d.logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", c.op.id),
		slog.String("method", c.op.method),
		slog.Int("status", o.status),
		slog.Int("attempt", c.attempts),
		slog.Duration("duration", o.duration),
		slog.String("trace", c.trace),
	}
	if again {
		attrs = append(attrs, slog.Duration("delay", delay))
	}
	d.logger.LogAttrs(ctx, level, message, attrs...)
}
