package panels

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

// Source is what the panels read from.
type Source struct {
	Metrics  *metric.Registry
	Errors   *errortracking.Tracker
	Log      *logging.Logger
	Perf     *perfmon.Monitor
	DB       *dbmon.Monitor
	Business *bizmetrics.Recorder
	Alerts   *alerting.Manager

	Location  *time.Location // of days; nil: UTC
	WeekStart time.Weekday
	Now       func() time.Time
	Release   string    // "": unknown
	Started   time.Time // of this process
}

// All are the built-in panels in reading order.
func All(s Source) []dashboard.Panel {
	if s.Location == nil {
		s.Location = time.UTC
	}
	all := []dashboard.Panel{operationsVerdict(s), timeline(s)}
	all = append(all, ruleIndicators(s)...)
	all = append(all,
		activeAlerts(s), throughput(s), latency(s),
		routeTable(s), database(s), pools(s), caches(s), webVitals(s),
		recentErrors(s), recentLog(s),
		slos(s), delivery(s),
		runtimeFigures(s), outgoing(s), findings(s),
		executiveVerdict(s), revenue(s),
		activeUsers(s), orders(s), payments(s), uptime(s), nps(s), suppliers(s),
		keyIndicators(s), growth(s),
		supplierTable(s), orderValue(s),
		npsAnswers(s), paymentMethods(s), ordersByHour(s),
		topIssues(s),
	)
	return all
}

// reading is an indicator's last one, over the window of the rule that watches
// it; with no data the reason why.
func (s Source) reading(indicator string) (value float64, noData string) {
	def, _ := s.Metrics.Lookup(indicator)
	if r, ok := s.rule(indicator); ok && r.Window > 0 {
		def.Window = r.Window
	}
	readings, err := s.Metrics.ReadWindow(indicator, def.Window)
	switch {
	case errors.Is(err, metric.ErrUnknown):
		return math.NaN(), "Nobody measures this yet."
	case err != nil || len(readings) == 0 || math.IsNaN(readings[0].Value):
		if def.MinSamples > 1 {
			return math.NaN(), fmt.Sprintf("Fewer than %d samples in %s.", def.MinSamples, span(def.Window))
		}
		return math.NaN(), "No reading in " + span(def.Window) + "."
	default:
		return readings[0].Value, ""
	}
}

// points is an indicator's history from from to to, in all.
func (s Source) points(indicator string, from, to time.Time) (at []time.Time, values []float64) {
	series, err := s.Metrics.History(indicator, from, to)
	if err != nil || len(series) == 0 {
		return nil, nil
	}
	one := series[0]
	for i := range one.Points {
		at = append(at, one.Start.Add(time.Duration(i)*one.Step))
	}
	return at, one.Points
}

// before are the values at the same moments shifted back; NaN where there is none.
func (s Source) before(indicator string, at []time.Time, shift time.Duration) []float64 {
	if len(at) == 0 {
		return nil
	}
	old, values := s.points(indicator, at[0].Add(-shift), at[len(at)-1].Add(-shift).Add(time.Second))
	shifted := make([]float64, len(at))
	next := 0
	for i, t := range at {
		shifted[i] = math.NaN()
		for next < len(old) && !old[next].After(t.Add(-shift)) {
			next++
		}
		if next > 0 && t.Add(-shift).Sub(old[next-1]) <= 15*time.Minute {
			shifted[i] = values[next-1]
		}
	}
	return shifted
}

// yesterday is an indicator's value at this time of the day before.
func (s Source) yesterday(indicator string) float64 {
	then := s.Now().Add(-24 * time.Hour)
	_, values := s.points(indicator, then.Add(-15*time.Minute), then.Add(time.Minute))
	for i := len(values) - 1; i >= 0; i-- {
		if !math.IsNaN(values[i]) {
			return values[i]
		}
	}
	return math.NaN()
}

// worst is the worst active alert, and how many there are.
func (s Source) worst() (worst alerting.Alert, active int) {
	alerts := s.Alerts.Active()
	if len(alerts) == 0 {
		return alerting.Alert{}, 0
	}
	return alerts[0], len(alerts)
}

// level is the severity of the rule's worst active alert, "" if it has none.
func (s Source) level(rule string) string {
	for _, a := range s.Alerts.Active() {
		if a.Rule == rule {
			return a.Severity.String()
		}
	}
	return ""
}

// rule finds a rule by its name.
func (s Source) rule(name string) (alerting.Rule, bool) {
	for _, r := range s.Alerts.Rules() {
		if r.Name == name || r.Name == "" && r.Indicator == name {
			return r, true
		}
	}
	return alerting.Rule{}, false
}

// thresholds are a rule's levels, to be drawn.
func (s Source) thresholds(name string, scale float64) []dashboard.Threshold {
	r, ok := s.rule(name)
	if !ok {
		return nil
	}
	side := "above"
	if r.Below {
		side = "below"
	}
	var all []dashboard.Threshold
	for _, l := range r.Levels {
		value := l.Threshold * scale
		all = append(all, dashboard.Threshold{Label: l.Severity.String() + " " + side + " " + figure(value), Level: l.Severity.String(), Value: value})
	}
	return all
}

// markers are the rule's alerts that began in the span, and the deploys.
func (s Source) markers(from, to time.Time, rule string) []dashboard.Marker {
	var all []dashboard.Marker
	for _, a := range s.Alerts.Alerts(from) {
		if a.Rule == rule && !a.StartedAt.Before(from) && a.StartedAt.Before(to) {
			all = append(all, dashboard.Marker{At: a.StartedAt, Kind: "alert", Level: a.Severity.String(), Label: a.Severity.String() + " " + a.Title})
		}
	}
	return append(all, s.deploys(from, to)...)
}

// deploys is the start of this process, where it lies in the span.
func (s Source) deploys(from, to time.Time) []dashboard.Marker {
	if s.Started.Before(from) || !s.Started.Before(to) {
		return nil
	}
	return []dashboard.Marker{{At: s.Started, Kind: "deploy", Label: named(s.Release, "start")}}
}

func (s Source) midnight(t time.Time) time.Time {
	y, m, d := t.In(s.Location).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, s.Location)
}
