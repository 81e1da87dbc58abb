package panels

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/metric"
)

const busiest = 7 // routes shown

// routeTable is the busiest routes of the last five minutes.
func routeTable(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "routes", Title: "Routes", Window: "busiest 7, 5 min", Page: dashboard.Operations, Width: 5,
		Help: "Rate, P95 and errors by route pattern. A quantile needs 100 requests, an error rate 50.",
		Data: func(_ context.Context, from, to time.Time) (any, error) {
			rates, err := s.Metrics.Read("throughput", routeKeys...)
			if err != nil {
				rates = nil
			}
			rates = slices.DeleteFunc(slices.Clone(rates), func(r metric.Reading) bool { return !(r.Value > 0) })
			slices.SortFunc(rates, func(a, b metric.Reading) int { return cmp.Compare(b.Value, a.Value) })
			table := dashboard.Table{
				Columns: []string{"Route", "req/s", "P95 ms", "Errors"},
				NoData:  unless(len(rates) > 0, "No request in the last 5 min."),
			}
			if len(rates) > busiest {
				table.Foot = fmt.Sprintf("%d more routes", len(rates)-busiest)
			}
			p95, errorRate := s.byRoute("p95_latency"), s.byRoute("error_rate")
			for _, r := range rates[:min(len(rates), busiest)] {
				route := routeName(r.Values)
				table.Rows = append(table.Rows, []any{
					route, r.Value,
					s.judged("p95_latency", lookup(p95, route), ""), s.judged("error_rate", lookup(errorRate, route), "%"),
				})
			}
			return table, nil
		},
	}
}

var routeKeys = []string{"http.request.method", "http.route"}

// routeName is "GET /orders/{id}"; ServeMux's mark for the end of a path is
// left out.
func routeName(values []string) string {
	return values[0] + " " + named(strings.TrimSuffix(values[1], "{$}"), "(no route)")
}

// byRoute are an indicator's readings by method and route.
func (s Source) byRoute(indicator string) map[string]float64 {
	readings, err := s.Metrics.Read(indicator, routeKeys...)
	if err != nil {
		return nil
	}
	all := make(map[string]float64, len(readings))
	for _, r := range readings {
		all[routeName(r.Values)] = r.Value
	}
	return all
}

func lookup(values map[string]float64, key string) float64 {
	if v, ok := values[key]; ok {
		return v
	}
	return math.NaN()
}

// judged colours only the cell that breaks the rule's limit.
func (s Source) judged(rule string, value float64, unit string) dashboard.Cell {
	cell := dashboard.Cell{Value: value, Unit: unit}
	if s.broken(rule, value) {
		cell.Good = -1
	}
	return cell
}

// broken reports whether a value is past a limit of the rule, fired or not.
func (s Source) broken(rule string, value float64) bool {
	r, _ := s.rule(rule)
	for _, l := range r.Levels {
		if value > l.Threshold && !r.Below || value < l.Threshold && r.Below {
			return true
		}
	}
	return false
}

func named(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
