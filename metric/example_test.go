package metric_test

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/metric"
)

// An instrument declares its metrics and its indicators in a Set; a Registry
// samples it and answers.
func Example() {
	var set metric.Set
	payments := set.Counter(metric.Desc{Name: "business.payments", Unit: "{payment}", Keys: []string{"outcome"}})
	_ = set.Define(metric.Indicator{
		Name: "payment_success", Unit: "%",
		Of:         metric.Selector{Metric: "business.payments", Where: map[string]string{"outcome": "succeeded"}},
		Per:        metric.Selector{Metric: "business.payments", Where: map[string]string{"outcome": "succeeded|failed"}},
		MinSamples: 20,
	})

	registry, err := metric.NewRegistry(metric.Config{Manual: true}) // a service leaves Manual out
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = registry.Close(context.Background()) }()
	unregister, err := registry.Register(&set)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer unregister()

	succeeded, failed := payments.With("succeeded"), payments.With("failed") // once
	succeeded.Add(49)
	failed.Add(1)
	payments.With("declined").Add(5)
	registry.Sample(time.Now()) // what the ticker does

	readings, err := registry.Read("payment_success")
	if err != nil {
		fmt.Println(err)
		return
	}
	r := readings[0]
	fmt.Printf("%.0f %% of %d, from %.1f to %.1f\n", r.Value, r.Samples, r.Low, r.High)
	// Output: 98 % of 50, from 85.0 to 99.8
}

func ExampleRegistry_Read_by() {
	registry, err := metric.NewRegistry(metric.Config{Manual: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = registry.Close(context.Background()) }()
	depth := registry.Gauge(metric.Desc{Name: "orders.queue.depth", Unit: "{order}", Keys: []string{"queue"}})
	_ = registry.Define(metric.Indicator{Name: "queue_depth", Of: metric.Selector{Metric: "orders.queue.depth"}, By: []string{"queue"}})
	depth.With("mail").Set(3)
	depth.With("invoice").Set(11)
	registry.Sample(time.Now())

	readings, _ := registry.Read("queue_depth", "queue")
	for _, r := range readings {
		fmt.Println(r.Values[0], r.Value)
	}
	all, _ := registry.Read("queue_depth")
	fmt.Println("all", all[0].Value)
	// Output:
	// invoice 11
	// mail 3
	// all 14
}

func ExampleHistogram() {
	var h metric.Histogram
	for i := range 1000 {
		h.Observe(float64(i+1) / 1000) // seconds
	}
	s := h.Snapshot()
	fmt.Printf("%d, sum %.1f, p95 %.2f\n", s.Count, s.Sum, s.Quantile(.95))
	// Output: 1000, sum 500.5, p95 0.95
}
