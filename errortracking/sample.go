package errortracking

import "math/rand/v2"

// sample decides whether an error of the class is one of those that are sent.
func (t *Tracker) sample(class Class) bool {
	rate := *t.config.SampleRate
	if t.config.Sample != nil {
		rate = t.ownRate(class)
	}
	return !(rate < 1) || rand.Float64() < rate //nolint:gosec // no secret; and NaN is 1
}

// ownRate is what Config.Sample says; one that panics drops nothing.
func (t *Tracker) ownRate(class Class) (rate float64) {
	defer func() {
		if p := recover(); p != nil {
			t.sayOnce(&t.samplePanics, "Sample panics; all events go out", "panic", t.panicText(p))
			rate = 1
		}
	}()
	return t.config.Sample(class)
}
