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
	"github.com/distri-night/monitoring/perfmon"
)

const (
	budgetRows   = 6  // with those of the service
	fewRequests  = 50 // a route with fewer is not listed
	budgetLow    = 20 // percent left
	pageBurnFast = 14.4
	pageBurnSlow = 6
)

// slos is what is left of the error budgets: of the service, and of the routes
// that have spent most.
func slos(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "slos", Title: "Error budgets", Window: "30 days", Page: dashboard.Operations, Width: 7,
		Help: "What is left of the requests that may fail or be slow over 30 days, for the service and its worst routes. " +
			"Burn 1 h: at 1× the budget lasts exactly 30 days. Ends: when it is spent if the last hour goes on; –: not at this rate.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			table := dashboard.Table{Columns: []string{"Objective", "Ends", "Left", "", "Burn 1 h"}, Units: []string{"", "", "", "%", ""}, Minor: []int{1, 2}}
			service, routes := worstFirst(s.Perf.SLOs())
			if !slices.ContainsFunc(service, func(o perfmon.SLOStatus) bool { return o.Requests > 0 }) {
				table.NoData = "No request has counted yet."
				if len(service) == 0 {
					table.NoData = "No objective is set."
				}
				return table, nil
			}
			for _, o := range service {
				table.Rows = append(table.Rows, s.budgetRow(objective(o.SLO), o))
			}
			spent := 0
			for i, o := range routes {
				if o.BudgetLeft <= 0 {
					spent++
				}
				if len(table.Rows) < max(budgetRows, len(service)+1) && i < budgetRows {
					table.Rows = append(table.Rows, s.budgetRow(strings.TrimSuffix(o.Route, "{$}")+", "+sentence(o.Name), o))
				}
			}
			table.Foot = s.budgetFoot(service[0], spent)
			return table, nil
		},
	}
}

// worstFirst parts the service's objectives from those of the routes that have
// spent some of their budget.
func worstFirst(all []perfmon.SLOStatus) (service, routes []perfmon.SLOStatus) {
	for _, o := range all {
		switch {
		case o.Route == "":
			service = append(service, o)
		case o.Requests >= fewRequests && o.Bad > 0:
			routes = append(routes, o)
		}
	}
	slices.SortStableFunc(routes, func(a, b perfmon.SLOStatus) int { return cmp.Compare(a.BudgetLeft, b.BudgetLeft) })
	return service, routes
}

// objective is "Availability 99.9 %" or "Latency 95 % in 100 ms".
func objective(o perfmon.SLO) string {
	text := fmt.Sprintf("%s %s\u202f%%", capital(sentence(o.Name)), figure(o.Objective))
	if o.Latency > 0 {
		text += " in " + brief(o.Latency)
	}
	return text
}

func (s Source) budgetRow(name string, o perfmon.SLOStatus) []any {
	bar := max(0, min(1, o.BudgetLeft/100))
	if math.IsNaN(bar) {
		bar = 0
	}
	verdict := ""
	switch {
	case o.BudgetLeft <= 0:
		verdict = "poor"
	case o.BudgetLeft < budgetLow:
		verdict = "ni"
	}
	burn := dashboard.Cell{Value: times3(o.Burn1h)}
	if o.Burn1h >= pageBurnFast && o.Burn5m >= pageBurnFast || o.Burn6h >= pageBurnSlow && o.Burn30m >= pageBurnSlow {
		burn.Good = -1
	}
	return []any{name, s.budgetEnd(o), dashboard.Cell{Bar: &bar, Verdict: verdict}, dashboard.Cell{Value: o.BudgetLeft, Verdict: verdict}, burn}
}

// times3 is a burn rate in three figures: whether it is above 1 must be seen
// beside one of 100.
func times3(burn float64) string {
	switch {
	case math.IsNaN(burn):
		return "no data"
	case burn >= 100:
		return fmt.Sprintf("%.0f×", burn)
	case burn >= 10:
		return fmt.Sprintf("%.1f×", burn)
	default:
		return fmt.Sprintf("%.2f×", burn)
	}
}

// budgetEnd is a day, or a time of today.
func (s Source) budgetEnd(o perfmon.SLOStatus) dashboard.Cell {
	switch {
	case o.BudgetLeft <= 0:
		return dashboard.Cell{Value: "spent", Good: -1}
	case o.Ends.IsZero():
		return dashboard.Cell{Value: "–"}
	case o.Ends.Before(s.midnight(s.Now()).AddDate(0, 0, 1)):
		return dashboard.Cell{Value: o.Ends.In(s.Location).Format("15:04"), Good: -1}
	default:
		return dashboard.Cell{Value: o.Ends.In(s.Location).Format("2 Jan")}
	}
}

// budgetFoot says of what time the budget is if it is not 30 days, and how
// many routes have overspent.
func (s Source) budgetFoot(service perfmon.SLOStatus, spent int) string {
	var notes []string
	if s.Now().Sub(service.Since) < perfmon.SLOWindow-day {
		notes = append(notes, "Of the time since "+s.moment(service.Since))
	}
	if spent > 0 {
		notes = append(notes, plural(spent, "route budget")+" spent")
	}
	return strings.Join(notes, " · ")
}
