package panels

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/dbmon"
)

const (
	slowest = 4 // queries shown
	dbGroup = "database"
)

// database is the verdict on PostgreSQL and the queries that take its time.
func database(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "database", Title: "Database", Window: "PostgreSQL, by total time, 5 min", Page: dashboard.Operations, Width: 4, Group: dbGroup,
		Help: "Queries by their share of the total time of all, under the names that the service gave them. The verdict is that of the health check.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			queries := s.DB.TopQueries()
			table := dashboard.Table{Columns: []string{"Query", "calls/s", "P95 ms", "Share"}, NoData: unless(len(queries) > 0, "No query in 5 min.")}
			for _, q := range queries {
				if len(table.Rows) == slowest {
					break
				}
				p95 := dashboard.Cell{Value: math.NaN()}
				if q.P95 > 0 {
					p95.Value = float64(q.P95) / float64(time.Millisecond)
				}
				table.Rows = append(table.Rows, []any{q.Name, q.Rate, p95, dashboard.Cell{Value: q.Share, Unit: "%"}})
			}
			if len(s.DB.Pools()) == 0 {
				return table, nil
			}
			health, err := s.DB.Health(ctx)
			if err != nil {
				return nil, fmt.Errorf("check the database: %w", err)
			}
			table.Verdict = healthVerdict(health.Verdict)
			table.Foot = strings.Join(health.Reasons, "; ")
			if table.Foot == "" && !math.IsNaN(health.BufferHitRate) {
				table.Foot = fmt.Sprintf("Buffer hits %.1f\u202f%%", health.BufferHitRate)
			}
			return table, nil
		},
	}
}

func healthVerdict(v dbmon.Verdict) *dashboard.Change {
	switch v {
	case dbmon.Healthy:
		return &dashboard.Change{Text: "Healthy", Good: 1}
	case dbmon.Degraded:
		return &dashboard.Change{Text: "Degraded", Good: -1}
	default:
		return &dashboard.Change{Text: "Critical", Good: -1}
	}
}
