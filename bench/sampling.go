package main

import (
	"context"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/metric"
)

// samples is how many make up one figure.
const samples = 20

// sampling measures one sample of a whole registry, in CPU time: a sample is
// long enough to be interrupted, and what it takes from the service is the CPU.
// Between samples every second series moves.
func sampling(ctx context.Context, s settings) ([]row, error) {
	values := latencies()
	scalars, err := sampled(ctx, s.rounds, 10_000, func(set *metric.Set) func(i int) {
		vec := set.Counter(metric.Desc{Name: "bench.events", Unit: "{event}", Keys: []string{"id"}, Limit: 10_000})
		handles := make([]*metric.Counter, 10_000)
		for i := range handles {
			handles[i] = vec.With(strconv.Itoa(i))
		}
		return func(i int) { handles[i].Add(3) }
	})
	if err != nil {
		return nil, err
	}
	hists, err := sampled(ctx, s.rounds, 1_000, func(set *metric.Set) func(i int) {
		vec := set.Histogram(metric.Desc{Name: "bench.latency", Unit: "s", Keys: []string{"id"}, Limit: 1_000})
		handles := make([]*metric.Histogram, 1_000)
		for i := range handles {
			handles[i] = vec.With(strconv.Itoa(i))
			for k := range 64 {
				handles[i].Observe(values[(i*7+k)&1023])
			}
		}
		return func(i int) {
			for k := range 8 {
				handles[i].Observe(values[(i*13+k)&1023])
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return []row{
		alone("a sample of 10,000 scalar series, CPU time", scalars, 2e6, nothing),
		alone("a sample of 1,000 histograms, CPU time", hists, 5e6, nothing),
	}, nil
}

func sampled(ctx context.Context, rounds, series int, fill func(*metric.Set) func(i int)) (figures, error) {
	registry, err := metric.NewRegistry(metric.Config{Manual: true, MaxSeries: 20_000})
	if err != nil {
		return figures{}, err
	}
	defer func() { _ = registry.Close(ctx) }()
	move := fill(&registry.Set)
	now := time.Now()
	f := figures{allocs: nothing}
	step := func(r int) {
		for i := r % 2; i < series; i += 2 {
			move(i)
		}
		now = now.Add(10 * time.Second)
		registry.Sample(now)
	}
	for r := range 40 { // makes the series, and fills the window of five minutes
		step(r)
	}
	for range max(3, rounds/samples) {
		began := cpuTime()
		for r := range samples {
			step(r)
		}
		f.ns = append(f.ns, float64(cpuTime()-began)/samples)
	}
	return f, nil
}
