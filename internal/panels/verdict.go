package panels

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/dashboard"
)

// chartSpan is what the verdict shows of the alert's own indicator: a short
// incident is invisible on the page's 24 h.
const chartSpan = time.Hour

// operationsVerdict says what is wrong, since when, and who knows.
func operationsVerdict(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "verdict", Title: "Verdict", Page: dashboard.Operations, Width: 12,
		Help: "The worst active alert, or that there is none.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			worst, active := s.worst()
			if active == 0 {
				return s.calm(), nil
			}
			return s.incident(worst, active), nil
		},
	}
}

// calm is the verdict without an alert.
func (s Source) calm() dashboard.Verdict {
	v := dashboard.Verdict{Level: "healthy", Value: math.NaN()}
	known := 0
	for _, r := range ruleCards {
		if value, _ := s.reading(r.indicator); !math.IsNaN(value) {
			known++
		}
	}
	switch known {
	case 0:
		v.Level, v.Title = "unknown", "Unknown"
		v.Detail = "No indicator has enough samples yet."
		return v
	case len(ruleCards):
		v.Detail = fmt.Sprintf("All %d indicators are good.", known)
	default:
		v.Detail = fmt.Sprintf("%d of %d indicators are good, the others have no data.", known, len(ruleCards))
	}
	v.Title = "Healthy"
	if ended := s.lastResolved(); !ended.IsZero() {
		v.Detail += " The last alert ended " + span(s.Now().Sub(ended)) + " ago."
	}
	return v
}

func (s Source) lastResolved() (at time.Time) {
	for _, a := range s.Alerts.Alerts(s.Now().Add(-7 * 24 * time.Hour)) {
		if a.State == alerting.Resolved && a.ResolvedAt.After(at) {
			at = a.ResolvedAt
		}
	}
	return at
}

// incident is the verdict on the worst of the active alerts.
func (s Source) incident(a alerting.Alert, active int) dashboard.Verdict {
	v := dashboard.Verdict{
		Level: a.Severity.String(), Title: a.Title, Detail: s.told(a), Since: a.StartedAt, Value: math.NaN(),
		Actions: append(acknowledgement(a), dashboard.Action{Text: "Logs", Href: "#p-log"}, dashboard.Action{Text: "Errors", Href: "#p-errors"}),
	}
	if active > 1 {
		v.Detail += fmt.Sprintf(" %d more active.", active-1)
	}
	r, ok := s.rule(a.Rule)
	if !ok {
		return v
	}
	def, known := s.Metrics.Lookup(r.Indicator)
	v.Value, v.Unit, v.Limit = a.Value, def.Unit, limit(r, a.Threshold, def.Unit)
	v.PanelIDs = []string{a.Rule}
	if !known {
		return v
	}
	now := s.Now()
	at, values := s.points(r.Indicator, now.Add(-chartSpan), now)
	v.ChartOf = capital(sentence(r.Indicator))
	v.Limits = s.thresholds(a.Rule, 1)
	v.Chart = &dashboard.Series{At: at, Lines: []dashboard.Line{{Name: "now", Values: values}}, Markers: s.markers(now.Add(-chartSpan), now, a.Rule)}
	if def.Unit == "%" && r.Below {
		v.Chart.From = floorOf(values, a.Threshold)
	}
	return v
}

// limit tells what must hold: "payment success, must be at least 99 %".
func limit(r alerting.Rule, threshold float64, unit string) string {
	side := "at most"
	if r.Below {
		side = "at least"
	}
	return fmt.Sprintf("%s, must be %s %s\u202f%s", sentence(r.Indicator), side, figure(threshold), unit)
}

// floorOf starts the axis of a share near 100 at a round figure below all of it.
func floorOf(values []float64, threshold float64) float64 {
	lowest := threshold
	for _, v := range values {
		if v < lowest { // false for NaN
			lowest = v
		}
	}
	return max(0, math.Floor((lowest-1)/10)*10)
}

// acknowledgement is the action on an alert that nobody has taken yet.
func acknowledgement(a alerting.Alert) []dashboard.Action {
	if a.State == alerting.Acknowledged {
		return nil
	}
	path := "api/alerts/" + a.ID
	return []dashboard.Action{{Text: "Acknowledge", Post: path + "/acknowledge", Key: "a", Undo: path + "/unacknowledge"}}
}

// told is an alert's message, and who knows.
func (s Source) told(a alerting.Alert) string {
	message := strings.TrimSuffix(a.Message, ".") + "."
	if a.State == alerting.Acknowledged {
		return message + fmt.Sprintf(" Acknowledged by %s, %s.", a.AcknowledgedBy, a.AcknowledgedAt.In(s.Location).Format("15:04"))
	}
	return message + " Not acknowledged."
}
