package oracle

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
)

// CheckQueries asks each metric n times for spans between from and to, by
// steps, groups and filters at random, and compares the answers with SQL.
func (o *Oracle) CheckQueries(t testing.TB, v View, from, to time.Time, seed uint64, n int,
	ask func(context.Context, bizmetrics.Query) ([]bizmetrics.Row, error),
) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	for _, name := range workload.Metrics() {
		for range n {
			q := workload.Query(r, name, from, to, v.Zone, max(v.MonthStart, 1))
			rows, err := ask(context.Background(), q)
			o.CheckQuery(t, v, q, rows, err)
		}
	}
}
