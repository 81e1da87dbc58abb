package panels

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/metric"
)

const busiestCaches = 4 // shown

// caches is how often the service's caches and PostgreSQL's own have what is
// looked for.
func caches(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "caches", Title: "Caches", Window: "look-ups that hit, 5 min", Page: dashboard.Operations, Width: 4, Group: dbGroup,
		Help: "Hits of all look-ups by cache, least first; a share needs 500 look-ups. PostgreSQL's buffers: blocks found in memory, of all read in the last minutes.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			rates, err := s.Metrics.Read("cache_hit_rate", "cache")
			if err != nil {
				rates = nil
			}
			rates = slices.DeleteFunc(slices.Clone(rates), func(r metric.Reading) bool { return r.Samples == 0 })
			slices.SortFunc(rates, func(a, b metric.Reading) int {
				return cmp.Or(cmp.Compare(a.Value, b.Value), slices.Compare(a.Values, b.Values))
			})
			table := dashboard.Table{Columns: []string{"Cache", "", "Hits"}}
			for _, r := range rates[:min(len(rates), busiestCaches)] {
				table.Rows = append(table.Rows, s.cacheRow(r.Values[0], r.Value))
			}
			if more := len(rates) - busiestCaches; more > 0 {
				table.Foot = plural(more, "more cache")
			}
			if len(s.DB.Pools()) > 0 {
				health, err := s.DB.Health(ctx)
				if err != nil {
					return nil, fmt.Errorf("check the database: %w", err)
				}
				if !math.IsNaN(health.BufferHitRate) {
					table.Rows = append(table.Rows, s.cacheRow("PostgreSQL buffers", health.BufferHitRate))
				}
			}
			table.NoData = unless(len(table.Rows) > 0, "No look-up in a cache in 5 min.")
			return table, nil
		},
	}
}

func (s Source) cacheRow(name string, hits float64) []any {
	row := []any{name, "", s.judged("cache_hit_rate", hits, "%")}
	if !math.IsNaN(hits) {
		part := hits / 100
		row[1] = dashboard.Cell{Bar: &part}
	}
	return row
}
