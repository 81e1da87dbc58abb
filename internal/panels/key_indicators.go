package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
)

// keyIndicators are the spans that finance plans by.
func keyIndicators(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "key-indicators", Title: "Key indicators", Window: "against the same part of the span before", Page: dashboard.Executive, Width: 7,
		Help: "Revenue of the week and the month so far, order value of this month, payments of today.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			r, err := s.Business.Revenue(ctx)
			if err != nil {
				return nil, fmt.Errorf("read revenue: %w", err)
			}
			value, err := s.Business.OrderValue(ctx)
			if err != nil {
				return nil, fmt.Errorf("read order value: %w", err)
			}
			tx, err := s.Business.Transactions(ctx)
			if err != nil {
				return nil, fmt.Errorf("read transactions: %w", err)
			}
			table := dashboard.Table{Columns: []string{"Indicator", "Now", "Change", "Target", "Verdict"}}
			if r.Month.Value.Currency == "" {
				table.NoData = "No order recorded yet."
				return table, nil
			}
			table.Rows = [][]any{
				spanRow("Revenue, week", r.Week), spanRow("Revenue, month", r.Month),
				{"Average order", money(value.Mean), changeCell(value.Change), "", ""},
				{"Median order", money(value.Median), "", "", ""},
				{"Large orders, P95", money(value.P95), "", "", ""},
				{"Payments today", float64(tx.Total), "", "", ""},
				{"Succeeded, with declined", dashboard.Cell{Value: tx.SuccessRate, Unit: "%"}, "", "", ""},
			}
			shares, err := s.monthShares(ctx)
			table.Rows = append(table.Rows, shares...)
			return table, err
		},
	}
}

func money(m bizmetrics.Money) dashboard.Cell {
	return dashboard.Cell{Value: float64(m.Minor), Currency: m.Currency}
}

// spanRow is revenue against the target of the span so far.
func spanRow(name string, sp bizmetrics.Span) []any {
	row := []any{name, money(sp.Value), changeCell(sp.Change), "", ""}
	if sp.Target.Minor > 0 {
		row[3] = money(sp.Target)
		row[4] = dashboard.Cell{Value: "On track", Verdict: "good"}
		if sp.Value.Minor < sp.Target.Minor {
			row[4] = dashboard.Cell{Value: "Below", Verdict: "ni"}
		}
	}
	return row
}

func changeCell(percent float64) any {
	if math.IsNaN(percent) {
		return ""
	}
	cell := dashboard.Cell{Value: fmt.Sprintf("%+.1f\u202f%%", percent)}
	switch {
	case percent >= 1: // less is noise
		cell.Good = 1
	case percent <= -1:
		cell.Good = -1
		cell.Value = fmt.Sprintf("\u2212%.1f\u202f%%", -percent)
	}
	return cell
}
