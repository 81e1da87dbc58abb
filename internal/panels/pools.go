package panels

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

// pools is what this process holds of each pool.
func pools(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "pools", Title: "Pools", Window: "connections in use", Page: dashboard.Operations, Width: 4, Group: dbGroup,
		Help: "This process's connections in use, of each pool's maximum.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			attached := s.DB.Pools()
			table := dashboard.Table{Columns: []string{"Pool", "In use", "now / max"}, NoData: unless(len(attached) > 0, "No pool is attached.")}
			for _, p := range attached {
				use := float64(p.Used) / float64(max(p.Max, 1))
				table.Rows = append(table.Rows, []any{p.Name, dashboard.Cell{Bar: &use}, fmt.Sprintf("%d / %d", p.Used, p.Max)})
			}
			return table, nil
		},
	}
}
