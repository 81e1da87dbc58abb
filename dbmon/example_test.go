package dbmon_test

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/metric"
)

func ExampleTrackQuery() {
	ctx := context.Background()
	registry, _ := metric.NewRegistry(metric.Config{Manual: true})
	defer func() { _ = registry.Close(ctx) }()
	monitor, _ := dbmon.New(dbmon.Config{Registry: registry})
	defer func() { _ = monitor.Close(ctx) }()
	dbmon.SetDefault(monitor)
	defer dbmon.SetDefault(nil)

	name, err := dbmon.TrackQuery(ctx, "find_customer", func(context.Context) (string, error) {
		return "Ada", nil // what pgx, or any other store, answers
	})
	fmt.Println(name, err)

	registry.Sample(time.Now().Add(10 * time.Second))
	for _, q := range monitor.TopQueries() {
		fmt.Println(q.Name, q.Calls, q.Errors)
	}
	// Output:
	// Ada <nil>
	// find_customer 1 0
}

func ExampleMonitor_Health() {
	ctx := context.Background()
	monitor, _ := dbmon.New(dbmon.Config{})
	defer func() { _ = monitor.Close(ctx) }()

	health, err := monitor.Health(ctx)
	fmt.Println(health.Verdict, health.Unchecked, err)
	// Output: healthy [the database: no pool is attached] <nil>
}
