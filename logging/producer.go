package logging

import "github.com/distri-night/monitoring/metric"

// recordsDesc counts what was logged.
var recordsDesc = metric.Desc{
	Name: "log.records", Unit: "{record}", Help: "Log records written, by level.", Keys: []string{"level"},
}

// criticalIndicator is what the default rule of critical records reads.
var criticalIndicator = metric.Indicator{
	Name: "log_critical", Unit: "{record}", Help: "Critical log records in the window.",
	Of: metric.Selector{Metric: "log.records", Where: map[string]string{"level": "critical"}},
}

// count resolves the handles once.
func (k *core) count() {
	vec := k.set.Counter(recordsDesc)
	for i, name := range levelNames {
		k.records[i] = vec.With(name)
	}
	if k.sampler != nil {
		left := k.set.Counter(sampledDesc)
		for i, name := range levelNames[:len(k.sampler.left)] {
			k.sampler.left[i] = left.With(name)
		}
	}
	k.out.looped = k.set.Counter(metric.DroppedDesc).With("logging", "loop")
	k.lost = k.set.Counter(metric.DroppedDesc).With("logging", "write_failed")
	_ = k.set.Define(criticalIndicator)
}

// Produce emits the number of records by level.
func (l *Logger) Produce(emit func(metric.Family)) {
	if l != nil && l.core != nil {
		l.core.set.Produce(emit)
	}
}

// Indicators has log_critical.
func (l *Logger) Indicators() []metric.Indicator {
	if l == nil || l.core == nil {
		return nil
	}
	return l.core.set.Indicators()
}
