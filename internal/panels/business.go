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
			return table, nil
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

// growth is revenue a week.
func growth(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "growth", Title: "Growth", Window: "net revenue a week", Page: dashboard.Executive, Width: 5,
		Help: "Net revenue by week. The last bar is not finished.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			now := s.Now()
			start := s.midnight(now)
			monday := start.AddDate(0, 0, -(int(start.Weekday())+6)%7)
			const weeks = 6
			series := dashboard.Series{Bars: true}
			values, found := make([]float64, 0, weeks), false
			for i := weeks - 1; i >= 0; i-- {
				from := monday.AddDate(0, 0, -week*i)
				to := from.AddDate(0, 0, week)
				rows, err := s.Business.Query(ctx, bizmetrics.Query{Metric: "revenue", From: from, To: to})
				if err != nil {
					return nil, fmt.Errorf("read revenue of a week: %w", err)
				}
				sum := 0.0
				for _, row := range rows {
					sum += float64(row.Money.Minor)
					if row.Money.Currency != "" {
						series.Currency = row.Money.Currency
					}
				}
				found = found || sum != 0
				series.At, values = append(series.At, from), append(values, sum)
			}
			if !found {
				series.At, series.NoData = nil, "No order recorded yet."
				return series, nil
			}
			series.Lines = []dashboard.Line{{Name: "revenue", Values: values}}
			return series, nil
		},
	}
}

// npsAnswers is how the answers of this month divide.
func npsAnswers(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "nps-answers", Title: "NPS", Window: "answers this month", Page: dashboard.Executive, Width: 5,
		Help: "Promoters answer 9 or 10, passives 7 or 8, detractors 0 to 6.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			r, err := s.Business.NPS(ctx)
			if err != nil {
				return nil, fmt.Errorf("read NPS: %w", err)
			}
			all := float64(r.Promoters + r.Passives + r.Detractors)
			table := dashboard.Table{Columns: []string{"Answer", "Share", "Answers"}}
			if all == 0 {
				table.NoData = "No answer this month yet."
				return table, nil
			}
			for _, part := range []struct {
				name    string
				answers int64
				verdict string
			}{{"Promoters", r.Promoters, "good"}, {"Passives", r.Passives, "ni"}, {"Detractors", r.Detractors, "poor"}} {
				table.Rows = append(table.Rows, []any{
					dashboard.Cell{Value: part.name, Verdict: part.verdict},
					dashboard.Cell{Value: share(float64(part.answers), all), Unit: "%"}, float64(part.answers),
				})
			}
			return table, nil
		},
	}
}

// ordersByHour is today's orders beside those of the same weekday before.
func ordersByHour(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "orders-by-hour", Title: "Orders by hour", Window: "today", Page: dashboard.Executive, Width: 7,
		Help: "Orders placed by hour of the day. A tick is the same weekday of last week.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			now := s.Now()
			start := s.midnight(now)
			end := start.AddDate(0, 0, 1)
			rows, err := s.Business.Query(ctx, bizmetrics.Query{Metric: "orders", From: start, To: end, Step: time.Hour})
			if err != nil {
				return nil, fmt.Errorf("read orders by hour: %w", err)
			}
			past, err := s.count(ctx, "orders", start.AddDate(0, 0, -week), end.AddDate(0, 0, -week))
			if err != nil {
				return nil, fmt.Errorf("read orders by hour of last week: %w", err)
			}
			series := dashboard.Series{Bars: true}
			today := make([]float64, len(rows))
			for i, row := range rows {
				series.At = append(series.At, row.At)
				today[i] = row.Value
				if row.At.After(now) {
					today[i] = math.NaN()
				}
			}
			if total(today)+total(past) == 0 {
				series.At, series.NoData = nil, "No order today or a week ago."
				return series, nil
			}
			if len(past) > len(today) { // a day of 25 hours before one of 24
				past = past[:len(today)]
			}
			series.Lines = []dashboard.Line{
				{Name: "today", Values: today}, {Name: "last " + start.Format("Mon"), Values: past, Previous: true},
			}
			return series, nil
		},
	}
}
