package errortracking

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/internal/spool"
)

// send brings d on its way. false: it is lost, and that is counted.
func (t *Tracker) send(d *draft) bool {
	switch {
	case t.config.Sink != nil:
		return t.sink(d)
	case t.queue == nil:
		return t.toLog(d)
	}
	data, err := t.envelope(d)
	if err != nil {
		t.lost(reasonEncoding, 1)
		t.say(slog.LevelError, "an event is lost", "error", err.Error())
		return false
	}
	open, err := t.enqueue(data, d.event.Panic || d.event.Class.Level >= LevelCritical)
	switch {
	case !open:
		return t.toLog(d)
	case err == nil:
		return true
	case errors.Is(err, spool.ErrFull):
		t.lost(reasonFull, 1)
		t.sayOnce(&t.spoolFull, "the spool of errors is full; further events are lost until Sentry answers")
	default:
		t.lost(reasonDisk, 1)
		t.say(slog.LevelError, "an event could not be put into the spool", "error", err.Error())
	}
	t.toLog(d) // better there than nowhere
	return false
}

// enqueue holds the lock for no longer than the append, as the log and a Sink
// are the service's code, which may come back here.
func (t *Tracker) enqueue(data []byte, urgent bool) (open bool, err error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.closed {
		return false, nil
	}
	_, err = t.queue.Append(data, urgent)
	return true, err
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

// holding wakes summarize.
func (t *Tracker) holding() {
	select {
	case t.held <- struct{}{}:
	default:
	}
}

// summarize sends one event a minute for each fingerprint that is held back.
func (t *Tracker) summarize() {
	timer := time.NewTimer(0)
	timer.Stop()
	defer timer.Stop()
	for {
		select {
		case <-t.held:
		case <-timer.C:
		case <-t.stop:
			return
		}
		now := t.config.Now()
		if next := t.sendSummaries(now, false); !next.IsZero() {
			timer.Reset(max(next.Sub(now), time.Second))
		}
	}
}

func (t *Tracker) sendSummaries(now time.Time, all bool) (next time.Time) {
	due, next := t.flood.due(now, all)
	for _, d := range due {
		d.event.ID, d.event.At = newID(), now
		if t.send(d) {
			t.recent.link(issueID(d.event.Fingerprint), d.event.ID)
		}
	}
	return next
}
