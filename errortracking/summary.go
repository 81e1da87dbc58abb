package errortracking

import "time"

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
	due, next := t.issues.due(now, all)
	for _, d := range due {
		id := newID()
		d.event.ID, d.event.At = id, now
		if t.send(d) {
			d.issue.sent(id)
		}
	}
	return next
}
