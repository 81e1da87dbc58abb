package errortracking

import (
	"context"
	"log/slog"
)

// CapturePanic captures what the caller has just recovered, as [Tracker.Middleware]
// does: one event with the stack of where it happened, on disk when the call
// returns, and one log record. It is for whoever answers in another way than
// HTTP, and to be called by the deferred function that recovered.
func (t *Tracker) CapturePanic(ctx context.Context, recovered any) {
	if t != nil && recovered != nil {
		t.capturePanic(ctx, recovered, slog.LevelError, panicSite())
	}
}
