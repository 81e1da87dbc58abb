package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

// pools is what this process holds of each pool.
func pools(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "pools", Title: "Pools", Window: "connections in use", Page: dashboard.Operations, Width: 4, Group: dbGroup,
		Help: "This process's connections in use, of each pool's maximum; how long callers wait for one, at the 95th percentile. " +
			"Starved: callers wait more than a second each second.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			attached := s.DB.Pools()
			table := dashboard.Table{Columns: []string{"Pool", "In use", "now / max", "Wait P95"}, NoData: unless(len(attached) > 0, "No pool is attached.")}
			for _, p := range attached {
				use := float64(p.Used) / float64(max(p.Max, 1))
				wait := dashboard.Cell{Value: math.NaN(), Unit: "ms"}
				if p.AcquireP95 > 0 {
					wait.Value = float64(p.AcquireP95) / float64(time.Millisecond)
				}
				if p.Starvation > 1 {
					wait.Good = -1
					table.Foot = fmt.Sprintf("Pool %s is starved: %d callers wait now.", p.Name, p.Waiting)
				}
				table.Rows = append(table.Rows, []any{p.Name, dashboard.Cell{Bar: &use}, fmt.Sprintf("%d / %d", p.Used, p.Max), wait})
			}
			return table, nil
		},
	}
}
