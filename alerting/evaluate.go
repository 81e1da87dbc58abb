package alerting

import "time"

// source is what one stream of readings has made of one alert: those that the
// evaluator reads, or those that the service pushes. It decides from what it
// holds and what it is given, and touches nothing else. The zero source is
// quiet.
type source struct {
	Level     Severity      `json:"level,omitzero"`   // that fires; 0: none
	Pending   Severity      `json:"pending,omitzero"` // broken, but not yet for For; 0: none
	Value     float64       `json:"value"`            // the last reading
	Threshold float64       `json:"threshold"`        // of Level
	Seen      time.Time     `json:"seen,omitzero"`    // when the last reading came
	held      time.Duration // how long a level has been broken while pending
	eased     [P3 + 1]easing
}

// easing is how long readings have been on the good side of one level.
type easing struct {
	on  bool
	run time.Duration
}

// tick is one moment of judging. Time counts towards For and Keep only
// between two ticks in a row that both had a reading: a gap neither advances
// nor resets them.
type tick struct {
	now   time.Time
	prev  time.Time     // of the tick before; zero: none
	step  time.Duration // that the stretch from prev counts as
	gap   time.Duration // how long it was; of several ticks at one moment, to the first
	usual time.Duration // the last stretch that counted in full
}

// judging is how a stream of readings is judged.
type judging struct {
	forAtLeast time.Duration
	keep       time.Duration
	guard      func(v float64, l Level) bool // nil: a broken level is enough
}

// next is the source after a reading of v. v is finite.
func (s source) next(c *compiled, v float64, t tick, j judging) source {
	var step time.Duration
	if !s.Seen.IsZero() && s.Seen.Equal(t.prev) {
		step = t.step
	}
	s.Seen, s.Value = t.now, v
	raised := c.worstBroken(v, j.guard)
	if s.Level == 0 {
		return s.rise(raised, step, j.forAtLeast)
	}
	if raised.Severity.worse(s.Level) { // up at once
		s.Level, s.Threshold = raised.Severity, raised.Threshold
	}
	return s.ease(c, v, step, j.keep)
}

// rise is the way from quiet over pending to firing.
func (s source) rise(raised Level, step, forAtLeast time.Duration) source {
	switch {
	case raised.Severity == 0:
		s.Pending, s.held = 0, 0
		return s
	case s.Pending == 0:
		s.held = 0
	default:
		s.held += step
	}
	s.Pending, s.Threshold = raised.Severity, raised.Threshold
	if s.held >= forAtLeast {
		s.Level, s.Pending, s.held = raised.Severity, 0, 0
		s.eased = [P3 + 1]easing{}
	}
	return s
}

// ease is the way down: to the worst level whose good side the readings have
// not kept for keep, or to quiet.
func (s source) ease(c *compiled, v float64, step, keep time.Duration) source {
	var holds Level
	for _, l := range c.Levels {
		e := &s.eased[l.Severity]
		switch {
		case !c.eases(v, l.Threshold):
			*e = easing{}
		case !e.on:
			*e = easing{on: true}
		default:
			e.run += step
		}
		good := e.on && e.run >= keep
		if !good && holds.Severity == 0 && !l.Severity.worse(s.Level) {
			holds = l
		}
	}
	s.Level, s.Threshold = holds.Severity, holds.Threshold
	return s
}

// worstBroken is the worst level that v breaks and guard lets pass; the zero
// Level if none.
func (c *compiled) worstBroken(v float64, guard func(float64, Level) bool) Level {
	for _, l := range c.Levels { // worst first
		if c.breaks(v, l.Threshold) && (guard == nil || guard(v, l)) {
			return l
		}
	}
	return Level{}
}

// expired is the source at now: quiet again if it was not and no reading has
// come for stale.
func (s source) expired(now time.Time, stale time.Duration) source {
	if (s.Level != 0 || s.Pending != 0) && now.Sub(s.Seen) >= stale {
		return source{}
	}
	return s
}

// worseOf is the source that speaks for the alert: the one at the worse
// level, and of two at the same level the one with the worse reading.
func worseOf(a, b source, c *compiled) source {
	switch {
	case a.Level.worse(b.Level):
		return a
	case b.Level.worse(a.Level):
		return b
	case c != nil && c.breaks(b.Value, a.Value):
		return b
	default:
		return a
	}
}

const (
	// frozenAfter is the shortest stretch between two ticks that may mean that
	// the process was frozen: a shorter one is a sample that came late.
	frozenAfter = 30 * time.Second
	// longestStep is the longest that counts in full: no registry takes longer
	// between two samples.
	longestStep = time.Minute
)

// following is the tick at now, after t. A process that was frozen counts as
// the stretch that was usual before, not as what it slept; a clock that was
// set back counts as nothing.
func (t tick) following(now time.Time) tick {
	if t.now.IsZero() {
		return tick{now: now}
	}
	gap := max(now.Sub(t.now), 0)
	next := tick{now: now, prev: t.now, step: min(gap, longestStep), gap: gap, usual: t.usual}
	switch {
	case gap == 0: // judged twice at one moment
		next.gap = t.gap
	case t.usual > 0 && gap > max(frozenAfter, 2*t.gap):
		next.step = t.usual
	default:
		next.usual = next.step
	}
	return next
}
