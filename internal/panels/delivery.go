package panels

import (
	"context"
	"time"

	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/metric"
)

// delivery is whether the monitoring itself works: what waits, what was lost.
func delivery(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "delivery", Title: "Monitoring itself", Window: "delivery", Page: dashboard.Operations, Width: 5,
		Help: "What waits to be delivered and what was lost since the start, by way out. What waits is kept on disk and goes out when the far side is back.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			lost := s.losses()
			waiting, err := s.Errors.Delivery()
			table := dashboard.Table{Columns: []string{"Path", "State", "Waiting", "Lost"}}
			table.Rows = append(table.Rows,
				[]any{"Errors to Sentry", state(err == nil), float64(waiting), lost["errortracking"]},
				[]any{"Alerts to receivers", state(len(s.Alerts.Failing()) == 0), float64(s.Alerts.Stats().Undelivered), lost["alerts"]},
				[]any{"Business events to the store", state(lost["business"] == 0 && !(s.unstored() > 0)), "", lost["business"]},
			)
			return table, nil
		},
	}
}

// unstored is how long business events have been refused, in seconds.
func (s Source) unstored() float64 {
	refused, _ := s.reading("business_unstored")
	return refused
}

func state(good bool) dashboard.Cell {
	if good {
		return dashboard.Cell{Value: "Good", Verdict: "good"}
	}
	return dashboard.Cell{Value: "Failing", Verdict: "poor"}
}

// losses are the dropped items since the start by component.
func (s Source) losses() map[string]float64 {
	lost := map[string]float64{}
	s.Metrics.Produce(func(f metric.Family) {
		if f.Name != metric.DroppedDesc.Name {
			return
		}
		for _, p := range f.Points {
			if len(p.Values) > 0 {
				lost[p.Values[0]] += p.Value
			}
		}
	})
	return lost
}
