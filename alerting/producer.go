package alerting

import "github.com/distri-night/monitoring/metric"

// own is what the Manager measures of itself.
type own struct {
	set     metric.Set
	bySev   [P3 + 1]*metric.Gauge
	dropped *metric.Vec[metric.Counter]
	spool   *metric.Gauge
}

func (o *own) init() {
	active := o.set.Gauge(metric.Desc{
		Name: "alerts.active", Unit: "{alert}", Help: "Alerts that fire or are acknowledged.",
		Keys: []string{"severity"},
	})
	for _, s := range severities {
		o.bySev[s] = active.With(s.String())
		o.bySev[s].Set(0)
	}
	o.dropped = o.set.Counter(metric.DroppedDesc)
	o.spool = o.set.Gauge(metric.SpoolBytesDesc).With("alerts")
	// The name is the Manager's own and the definition is fixed: no error.
	_ = o.set.Define(metric.Indicator{
		Name: "alerts_active", Unit: "{alert}", Help: "Alerts that fire or are acknowledged.",
		Of: metric.Selector{Metric: "alerts.active"}, By: []string{"severity"},
	})
}

// lost counts n messages that nobody will get.
func (o *own) lost(reason string, n int) { o.dropped.With("alerts", reason).Add(uint64(n)) }

// Produce emits the Manager's own metrics: alerts.active, monitoring.dropped
// and monitoring.spool.bytes. It is part of metric.Producer.
func (m *Manager) Produce(emit func(metric.Family)) {
	if m == nil {
		return
	}
	var n [P3 + 1]int
	m.mu.Lock()
	for _, t := range m.byID {
		n[t.alert.Severity]++
	}
	m.mu.Unlock()
	for _, s := range severities {
		m.own.bySev[s].Set(float64(n[s]))
	}
	if m.out != nil {
		m.own.spool.Set(float64(m.out.q.Bytes()))
	}
	m.own.set.Produce(emit)
}

// Indicators is alerts_active. It is part of metric.Producer.
func (m *Manager) Indicators() []metric.Indicator {
	if m == nil {
		return nil
	}
	return m.own.set.Indicators()
}
