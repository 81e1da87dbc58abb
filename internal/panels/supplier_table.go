package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

const topSuppliers = 7 // shown

// supplierTable is who sells the most this month, and how well they serve.
func supplierTable(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "supplier-table", Title: "Suppliers", Window: "by net revenue, this month", Page: dashboard.Executive, Width: 7,
		Help: "Net revenue and orders of this month; mean time from an offer's publication to the answer; answers that were yes; deliveries in time.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			suppliers, err := s.Business.Suppliers(ctx)
			if err != nil {
				return nil, fmt.Errorf("read suppliers: %w", err)
			}
			table := dashboard.Table{
				Columns: []string{"Supplier", "Revenue", "Orders", "Answer", "Accepted", "On time"},
				NoData:  unless(len(suppliers) > 0, "No order of a supplier this month yet."),
			}
			for _, of := range suppliers[:min(len(suppliers), topSuppliers)] {
				answer := dashboard.Cell{Value: math.NaN(), Unit: "min"}
				if of.ResponseTime > 0 {
					answer.Value = of.ResponseTime.Minutes()
				}
				table.Rows = append(table.Rows, []any{
					of.ID, money(of.Revenue), float64(of.Orders), answer,
					dashboard.Cell{Value: of.AcceptanceRate, Unit: "%"}, dashboard.Cell{Value: of.OnTimeRate, Unit: "%"},
				})
			}
			if more := len(suppliers) - topSuppliers; more > 0 {
				table.Foot = plural(more, "more supplier")
			}
			return table, nil
		},
	}
}
