package errortracking

import (
	"context"
	"fmt"
	"log/slog"
)

// Recover captures a panic, on disk when it goes on, and panics on. Defer it
// at the start of a goroutine:
//
//	defer tracker.Recover(ctx)
func (t *Tracker) Recover(ctx context.Context) {
	p := recover()
	if p == nil {
		return
	}
	if t != nil {
		t.capturePanic(ctx, p, LevelCritical, panicSite()) // the process is about to end
	}
	panic(p)
}

// capturePanic sends the value of a panic, and writes one record about it.
func (t *Tracker) capturePanic(ctx context.Context, p any, level slog.Level, site stack) {
	if t.config.Disabled {
		return
	}
	err := panicError(p)
	id := t.capture(ctx, &occurrence{err: err, level: &level, stack: site, panicked: true})
	t.persist()                                 // what it went out as may be an event of before
	if t.queue != nil || t.config.Sink != nil { // else the event is a record already
		t.logPanic(ctx, err, id, site)
	}
}

// panicError is what was panicked with, as an error.
func panicError(p any) error {
	if err, ok := p.(error); ok && err != nil {
		return err
	}
	return &panicValue{p}
}

// panicText is what the Tracker's own records say of a panic.
func (t *Tracker) panicText(p any) string {
	return text(t.redactor, errorText(panicError(p)), maxValue)
}

type panicValue struct{ value any }

func (p *panicValue) Error() (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("panic with a %T", p.value)
		}
	}()
	return fmt.Sprint(p.value)
}
