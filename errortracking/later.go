package errortracking

import (
	"sync"
	"time"
)

const (
	logDelay = 20 * time.Millisecond
	maxLater = 256 // events
)

// later keeps, where there is no Sentry, the record of a captured error for a
// moment: if the service logs the error too, its own record is the one.
type later struct {
	news chan struct{}

	mu     sync.Mutex
	drafts []*draft
	closed bool
}

// add reports whether d is kept; else it is to be written at once.
func (l *later) add(d *draft) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.drafts) >= maxLater {
		return false
	}
	l.drafts = append(l.drafts, d)
	select {
	case l.news <- struct{}{}:
	default:
	}
	return true
}

// drop forgets the event id: there is a record of it.
func (l *later) drop(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, d := range l.drafts {
		if d.event.ID == id {
			l.drafts = append(l.drafts[:i:i], l.drafts[i+1:]...)
			return
		}
	}
}

func (l *later) take(last bool) []*draft {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.drafts
	l.drafts, l.closed = nil, l.closed || last
	return all
}

// logLater writes the event as a record, now or in a moment. It waits only if
// its handler would hear of another record.
func (t *Tracker) logLater(d *draft) bool {
	if d.logged || !t.handled.Load() || urgent(d.event.Class, d.event.Panic) || d.event.Suppressed > 0 {
		return t.toLog(d)
	}
	t.freeze(d)
	if !t.later.add(d) {
		return t.toLog(d)
	}
	return true
}

// writeLater writes what waits.
func (t *Tracker) writeLater(last bool) {
	for _, d := range t.later.take(last) {
		t.toLog(d)
	}
}

// runLater is a goroutine of the Tracker.
func (t *Tracker) runLater() {
	for {
		select {
		case <-t.later.news:
		case <-t.stop:
			return
		}
		wait := time.NewTimer(logDelay)
		select {
		case <-wait.C:
			t.writeLater(false)
		case <-t.stop:
			wait.Stop()
			return
		}
	}
}
