package alerting

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/metric"
)

// evaluate judges every rule by the registry's last sample. It runs on each
// sample, in the sampling goroutine, and does no I/O.
func (m *Manager) evaluate(now time.Time) { m.evaluateAll(now, false) }

// EvaluateNow judges every rule by the registry's last sample, with For taken
// as elapsed. It is for tests and for the end of a process.
func (m *Manager) EvaluateNow(now time.Time) {
	if m.live() {
		m.evaluateAll(now, true)
	}
}

// indicators is what the evaluator needs of a metric.Registry.
type indicators interface {
	ReadWindow(indicator string, window time.Duration, by ...string) ([]metric.Reading, error)
	Lookup(indicator string) (metric.Indicator, bool)
}

// judged is what the registry says to one rule.
type judged struct {
	rule     *compiled
	readings []metric.Reading
	scale    float64
}

func (m *Manager) evaluateAll(now time.Time, forElapsed bool) {
	var all []judged
	var unknown []string
	rules := m.rules.Load().list
	if m.private { // nobody measures there: only what is pushed is judged
		rules = nil
	}
	for _, c := range rules {
		j, err := m.read(c)
		switch {
		case len(j.readings) > 0:
			all = append(all, j)
		case err != nil && !c.warned.Swap(true):
			unknown = append(unknown, fmt.Sprintf("%s (%v)", c.Name, err))
		}
	}
	if len(unknown) > 0 {
		m.log().Warn("alerts: rules whose indicator cannot be read wait for it", "rules", unknown)
	}
	pushedStale, evaluatedStale := m.conf.stale()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	m.tick = m.tick.following(now)
	for _, j := range all {
		for _, r := range j.readings {
			m.judge(j, r, forElapsed)
		}
	}
	for _, t := range m.tracked {
		c := m.rules.Load().byName[t.alert.Rule]
		if t.alert.Rule != "" {
			t.pushed = t.pushed.expired(now, pushedStale)
			t.evaluated = t.evaluated.expired(now, evaluatedStale)
			m.settle(t, c, now, Stale)
			c.holds(t)
		}
		if t.alert.active() {
			m.repeat(t, now)
		}
	}
}

// read asks the registry. What has no data has no readings.
func (m *Manager) read(c *compiled) (judged, error) {
	readings, err := m.ask.ReadWindow(c.Indicator, c.Window, c.By...)
	switch {
	case errors.Is(err, metric.ErrNoData):
		return judged{}, nil
	case err != nil:
		return judged{}, err
	}
	j := judged{rule: c, readings: readings}
	if i, ok := m.ask.Lookup(c.Indicator); ok {
		j.scale = i.Scale
		if c.Unit == "" && i.Unit != "" {
			j.rule = m.withUnit(c, i.Unit)
		}
	}
	return j, nil
}

// withUnit puts a copy of the rule in force that has the indicator's unit.
func (m *Manager) withUnit(c *compiled, unit string) *compiled {
	m.mu.Lock()
	defer m.mu.Unlock()
	rules := m.rules.Load()
	if rules.byName[c.Name] != c { // replaced meanwhile
		return c
	}
	named := *c
	named.Unit = unit
	next := rules.with(&named)
	m.rules.Store(&next)
	return &named
}

// judge takes one reading to the alert of its labels.
func (m *Manager) judge(j judged, r metric.Reading, forElapsed bool) {
	c := j.rule
	if math.IsNaN(r.Value) || math.IsInf(r.Value, 0) {
		return
	}
	quiet := !c.breaks(r.Value, c.mildest)
	if quiet && len(m.tracked) == 0 {
		return
	}
	labels := labelsOf(c.By, r.Values)
	t := m.tracked[identity(Alert{Rule: c.Name, Labels: labels})]
	if t == nil {
		if quiet {
			return
		}
		if t = m.find(c, labels); t == nil {
			return
		}
	}
	how := judging{forAtLeast: c.For, keep: c.Keep, guard: noiseGuard(c.Below, r, j.scale)}
	if forElapsed {
		how.forAtLeast = 0
	}
	t.evaluated = t.evaluated.next(c, r.Value, m.tick, how)
	m.settle(t, c, m.tick.now, Recovered)
}

// labelsOf pairs keys with values; an empty value is no label.
func labelsOf(keys, values []string) map[string]string {
	if len(keys) == 0 {
		return nil
	}
	labels := make(map[string]string, len(keys))
	for i, k := range keys {
		if i < len(values) && values[i] != "" {
			labels[k] = values[i]
		}
	}
	return labels
}
