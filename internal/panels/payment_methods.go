package panels

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
)

const topMethods = 5 // shown

// methodCount is what became of the payments by one method.
type methodCount struct {
	name           string
	all, good, bad int64
}

// paymentMethods is how customers pay today, and how often it works.
func paymentMethods(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "payment-methods", Title: "Payment methods", Window: "today", Page: dashboard.Executive, Width: 4,
		Help: "Payments of today by method. Succeeded is of all but those that the customer's bank declined.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			start := s.midnight(s.Now())
			rows, err := s.Business.Query(ctx, bizmetrics.Query{Metric: "payments", From: start, To: start.AddDate(0, 0, 1), GroupBy: []string{"method", "status"}})
			if err != nil {
				return nil, fmt.Errorf("read payments by method: %w", err)
			}
			methods, all := methodCounts(rows)
			table := dashboard.Table{Columns: []string{"Method", "Payments", "Share", "", "Succeeded"}, NoData: unless(all > 0, "No payment today yet.")}
			for _, m := range methods[:min(len(methods), topMethods)] {
				part := float64(m.all) / float64(all)
				succeeded := dashboard.Cell{Value: share(float64(m.good), float64(m.good+m.bad)), Unit: "%"}
				table.Rows = append(table.Rows, []any{
					capital(strings.ReplaceAll(m.name, "_", " ")), float64(m.all), dashboard.Cell{Bar: &part}, dashboard.Cell{Value: 100 * part, Unit: "%"}, succeeded,
				})
			}
			if more := len(methods) - topMethods; more > 0 {
				table.Foot = plural(more, "more method")
			}
			return table, nil
		},
	}
}

// methodCounts adds up the statuses of each method, the most used first.
func methodCounts(rows []bizmetrics.Row) (methods []methodCount, all int64) {
	by := map[string]*methodCount{}
	for _, row := range rows {
		m := by[row.Group[0]]
		if m == nil {
			m = &methodCount{name: row.Group[0]}
			by[m.name] = m
		}
		m.all += row.Count
		all += row.Count
		switch row.Group[1] {
		case "succeeded":
			m.good += row.Count
		case "failed":
			m.bad += row.Count
		}
	}
	for _, m := range slices.SortedFunc(maps.Values(by), func(a, b *methodCount) int {
		return cmp.Or(cmp.Compare(b.all, a.all), cmp.Compare(a.name, b.name))
	}) {
		methods = append(methods, *m)
	}
	return methods, all
}
