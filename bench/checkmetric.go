package main

import (
	"context"

	"github.com/distri-night/monitoring/alerting"
)

func checkMetric(ctx context.Context, s settings) ([]row, error) {
	m, err := alerting.New(alerting.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = m.Close(ctx) }()
	f := measure(s.rounds, s.block, subject{"ours", func(n int) {
		for range n {
			if e := m.CheckMetric(ctx, "error_rate", 0.4); e != nil {
				err = e
			}
		}
	}})
	return []row{alone("`CheckMetric` that does not fire", f[0], 15, 0)}, err
}
