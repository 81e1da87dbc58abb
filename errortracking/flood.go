package errortracking

import "time"

const floodWindow = time.Minute

// minute holds back what comes too often. Of one fingerprint the first limit
// events of a minute go out; the rest of them is counted, and at the end of
// the minute one event carries the count. While a flood lasts that is all; but
// of panics and critical errors the first of each minute goes out at once.
type minute struct {
	began    time.Time
	seen     int    // in it
	held     int    // not yet told
	flooding bool   // the minute before was over the limit
	urgent   bool   // one went out in it
	mute     bool   // BeforeSend dropped the template
	template *draft // one of those held
}

type verdict uint8

const (
	pass verdict = iota
	hold
	holdFirst // the caller gives a template for the summary
	sampledOut
	forgotten // the issue was: look for it again
)

// judge decides over one event. suppressed is what it has to tell of.
func (m *minute) judge(now time.Time, limit int, urgent bool) (v verdict, suppressed int) {
	switch {
	case m.began.IsZero():
		m.began = now
	case m.held == 0 && elapsed(m.began, now):
		*m = minute{began: now, flooding: m.flooding && m.seen > limit}
	}
	m.seen++
	switch {
	case urgent && !m.urgent:
		suppressed = m.held
		m.drop()
		m.held, m.mute = 0, false
		fallthrough
	case !m.flooding && m.seen <= limit:
		m.urgent = m.urgent || urgent
		return pass, suppressed
	}
	m.held++
	if m.template == nil && !m.mute {
		return holdFirst, 0
	}
	return hold, 0
}

func elapsed(began, now time.Time) bool {
	d := now.Sub(began)
	return d >= floodWindow || d < 0 // the clock was set back
}

// keep gives what the summary will say; nil: BeforeSend wants none.
func (m *minute) keep(d *draft) {
	if m.held == 0 { // it was told of meanwhile
		if d != nil {
			d.release()
		}
		return
	}
	m.drop()
	m.template, m.mute = d, d == nil
}

func (m *minute) drop() {
	if m.template != nil {
		m.template.release()
	}
	m.template = nil
}

// due takes the summary if the minute is over, or if all are wanted; nil: there
// is none. next is when there will be one; zero: nothing is held.
func (m *minute) due(now time.Time, limit int, all bool) (summary *draft, next time.Time) {
	switch {
	case m.held == 0:
		return nil, time.Time{}
	case !all && !elapsed(m.began, now):
		return nil, m.began.Add(floodWindow)
	case m.template == nil && !m.mute: // about to come
		return nil, now.Add(time.Second)
	}
	if summary = m.template; summary != nil {
		summary.release()
		summary.event.Suppressed = m.held
	}
	*m = minute{began: now, flooding: m.seen > limit}
	return summary, time.Time{}
}
