package errortracking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/internal/spool"
)

// send brings d on its way; false: it is lost, and that is counted. An
// ordinary event is handed to the worker, which has it in the spool a moment
// later. A panic and a critical one are on disk when send returns, after all
// that was sent before.
func (t *Tracker) send(d *draft) bool {
	switch {
	case t.isClosed():
		return t.toLog(d)
	case t.config.Sink != nil:
		t.redact(d)
		return t.sink(d)
	case t.queue == nil:
		return t.toLog(d)
	}
	t.freeze(d)
	if d.event.Suppressed > 0 { // as told by it
		t.discard(discardProcessor, categoryError, uint64(d.event.Suppressed))
	}
	if d.event.Panic || d.event.Class.Level >= LevelCritical {
		return t.sendNow(d)
	}
	switch t.pending.push(d, d.event.At) {
	case admitted:
		return true
	case refusedRepeat:
		t.lost(reasonRepeat, 1)
		return false
	case refusedClosed:
		return t.toLog(d)
	case refusedSpool:
		t.noteFull(d)
	default:
		t.lost(reasonQueue, 1)
		t.toLog(d) // better there than nowhere
	}
	return false
}

// sendNow writes what waits, then d.
func (t *Tracker) sendNow(d *draft) bool {
	t.writing.Lock()
	_, failed := t.writeBatch()
	open := !t.isClosed()
	var f failure
	if open {
		f = t.put(d, true)
	}
	t.writing.Unlock()
	t.report(failed)
	switch {
	case !open:
		return t.toLog(d)
	case f.err == nil:
		return true
	}
	t.report([]failure{f})
	return f.kept
}

// In a storm of captures the worker lets drafts gather for a moment, of the 50 ms
// that it has, as waking it is what costs a capture most. Else it writes at
// once: the process may end soon.
const (
	gather   = 5 * time.Millisecond
	closeBy  = time.Millisecond // wakings less than this apart are a streak
	stormsAt = 100              // so many of them are a storm
)

// work is the worker's loop.
func (t *Tracker) work() {
	pause := time.NewTimer(gather)
	defer pause.Stop()
	streak, last := 0, time.Time{}
	for {
		news, after := t.pending.news, (<-chan time.Time)(nil)
		if streak >= stormsAt {
			pause.Reset(gather)
			news, after = nil, pause.C
		} else if !t.pending.rest() {
			news, after = nil, atOnce
		}
		select {
		case <-news:
			streak++
			if time.Since(last) > closeBy {
				streak = 0
			}
		case <-after:
		case <-t.stop:
			t.writePending()
			return
		}
		if t.writePending() == 0 {
			streak = 0
		}
		last = time.Now()
	}
}

// atOnce is a channel that does not wait.
var atOnce = func() chan time.Time {
	c := make(chan time.Time)
	close(c)
	return c
}()

// writePending brings what waits into the spool, and counts it.
func (t *Tracker) writePending() int {
	t.writing.Lock()
	n, failed := t.writeBatch()
	t.writing.Unlock()
	t.report(failed)
	return n
}

// persist makes all that was sent durable. A fault comes again with the next
// event.
func (t *Tracker) persist() {
	if t.queue == nil {
		return
	}
	t.writePending()
	_ = t.queue.Sync()
}

// failure is a draft that could not be put into the spool.
type failure struct {
	draft  *draft
	reason string
	err    error
	kept   bool // it is in the spool, though not durable
}

// writeBatch writes all that waits now; what comes in the meantime is the next
// batch's, so that nobody waits for long. Called with writing held. What failed
// is told after that, as the log is the service's code, which may come back
// here.
func (t *Tracker) writeBatch() (n int, failed []failure) {
	all := t.pending.take()
	for _, d := range all {
		if f := t.put(d, false); f.err != nil {
			failed = append(failed, f)
		}
		t.pending.wrote(d)
	}
	n = len(all)
	t.pending.recycle(all)
	return n, failed
}

func (t *Tracker) put(d *draft, durable bool) failure {
	data, err := t.encode(d)
	if err != nil {
		return failure{draft: d, reason: reasonEncoding, err: err}
	}
	seq, err := t.queue.Append(data, durable)
	t.pending.room.Store(t.queue.Room())
	switch {
	case err == nil:
		return failure{}
	case errors.Is(err, spool.ErrFull):
		return failure{draft: d, reason: reasonFull, err: err}
	default:
		return failure{draft: d, reason: reasonDisk, err: err, kept: seq != 0}
	}
}

// encode is envelope, whatever happens in it.
func (t *Tracker) encode(d *draft) (data []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("encode an event: panic: %s", t.panicText(p))
		}
	}()
	return t.envelope(d)
}

func (t *Tracker) report(failed []failure) {
	for _, f := range failed {
		switch {
		case f.reason == reasonFull:
			t.noteFull(f.draft)
			continue
		case f.kept:
			t.say(slog.LevelError, "an event is in the spool, but may not be on disk", "error", f.err.Error())
			continue
		}
		t.lost(f.reason, 1)
		t.say(slog.LevelError, "an event could not be put into the spool", "error", f.err.Error())
		t.toLog(f.draft) // better there than nowhere
	}
}

func (t *Tracker) noteFull(d *draft) {
	t.lost(reasonFull, 1)
	t.sayOnce(&t.spoolFull, "the spool of errors is full; further events are lost until Sentry answers")
	t.toLog(d)
}

// toLog writes an event that no record tells of yet.
func (t *Tracker) toLog(d *draft) bool {
	if !d.logged {
		t.logEvent(d)
	}
	return true
}

func (t *Tracker) sink(d *draft) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			t.lost(reasonPanic, 1)
			t.sayOnce(&t.sinkPanics, "the sink of events panics", "panic", t.panicText(p))
			ok = false
		}
	}()
	t.config.Sink(context.WithoutCancel(d.ctx), d.event)
	return true
}
