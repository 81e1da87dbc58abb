package bizmetrics

import (
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
)

const maxSteps = 10_000 // rows of one group

// Validate names every wrong field: an unknown metric, a group or filter that
// the metric does not have, a span that ends before it begins, a negative Step,
// a Step beside Monthly, more than 10,000 steps.
func (q Query) Validate() error {
	var f config.Faults
	m, known := ledger.Metrics[q.Metric]
	if !known {
		f.Add("Query.Metric", "one of "+strings.Join(ledger.MetricNames(), ", "), cut(q.Metric, 64))
	}
	check := func(field, group string) {
		if known && !slices.Contains(m.Groups, group) {
			f.Add(field, "of "+q.Metric+" one of "+strings.Join(m.Groups, ", "), cut(group, 64))
		}
	}
	for _, g := range q.GroupBy {
		check("Query.GroupBy", g)
	}
	for g := range q.Filter {
		check("Query.Filter", g)
	}
	for field, at := range map[string]time.Time{"Query.From": q.From, "Query.To": q.To} {
		checkAt(&f, field, at)
	}
	if q.To.Before(q.From) {
		f.Add("Query.To", "a time that is not before From", q.To.Format(time.RFC3339))
	}
	switch {
	case q.Step < 0:
		f.Add("Query.Step", "a duration that is not negative", q.Step)
	case q.Step != 0 && q.Monthly:
		f.Add("Query.Step", "0 with Monthly", q.Step)
	case q.Monthly && q.To.Sub(q.From)/(28*24*time.Hour) >= maxSteps:
		f.Add("Query.Monthly", "at most 10,000 steps from From to To", nil)
	case q.Step > 0 && q.To.Sub(q.From)/q.Step >= maxSteps:
		f.Add("Query.Step", "at most 10,000 steps from From to To", q.Step)
	}
	return f.Err()
}
