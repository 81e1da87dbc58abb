package postgres

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/internal/pgtest"
)

func TestThroughPgBouncerInTransactionMode(t *testing.T) {
	ctx := context.Background()
	url := pgtest.PgBouncer(t, pgtest.Schema(t))
	var stores []*Store
	for range 3 {
		s, err := Connect(ctx, url, Config{Location: time.UTC, Retention: 1000 * 24 * hour})
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		stores = append(stores, s)
	}
	const each = 40
	var all sync.WaitGroup
	stored := make([]int, len(stores))
	for i, s := range stores {
		all.Go(func() {
			for n := range each {
				id := string(rune('A'+n%26)) + string(rune('a'+n/26))
				got, err := s.Append(ctx, []bizmetrics.Event{placed(id, noon.Add(time.Duration(n)*hour), 100), refund("r"+id, id, noon.AddDate(0, 0, n%7), 30)})
				if !assert.NoError(t, err) {
					return
				}
				for _, o := range got {
					if o == bizmetrics.Stored {
						stored[i]++
					}
				}
				_, err = s.Query(ctx, bizmetrics.Query{Metric: "revenue", From: noon, To: noon.AddDate(0, 0, 9), Step: 24 * hour, GroupBy: []string{"supplier"}})
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
	assert.Equal(t, 2*each, stored[0]+stored[1]+stored[2])
	for _, s := range stores {
		rows, err := s.Query(ctx, bizmetrics.Query{Metric: "revenue", From: noon.AddDate(0, 0, -1), To: noon.AddDate(0, 0, 20)})
		require.NoError(t, err)
		assert.Equal(t, int64(each*70), rows[0].Money.Minor)
	}
}
