package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
)

const numbers = "numbers" // the six figures beside the revenue

// number is one of the six figures.
func number(id, title, window, unit string, good dashboard.Direction, help string,
	read func(ctx context.Context, from, to time.Time) (dashboard.Number, error)) dashboard.Panel {
	return dashboard.Panel{
		ID: id, Title: title, Window: window, Unit: unit, Good: good, Help: help,
		Page: dashboard.Executive, Width: 2, Group: numbers, Span: 5,
		Data: func(ctx context.Context, from, to time.Time) (any, error) {
			n, err := read(ctx, from, to)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", title, err)
			}
			return n, nil
		},
	}
}

// count are a metric's counts by hour.
func (s Source) count(ctx context.Context, name string, from, to time.Time) ([]float64, error) {
	rows, err := s.Business.Query(ctx, bizmetrics.Query{Metric: name, From: from, To: to, Step: time.Hour})
	if err != nil {
		return nil, err
	}
	var counts []float64
	for _, row := range rows {
		counts = append(counts, row.Value)
	}
	return counts, nil
}

func total(values []float64) (sum float64) {
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += v
		}
	}
	return sum
}
