package bizmetrics_test

import (
	"context"
	"iter"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/storetest"
)

// faulty is a store that does one thing wrong.
type faulty struct {
	bizmetrics.Store
	fault string
}

// faults are what a store may do wrong, with the part of the suite that must
// find it.
var faults = map[string]string{
	"takes a duplicate for new":         "Append",
	"takes a conflict for a duplicate":  "Append",
	"loses the last event of a batch":   "Append",
	"keeps the good half of a batch":    "Append",
	"takes the end of a span for in it": "Query",
	"answers any question":              "Query",
	"counts a cent too much":            "Query",
	"forgets filters":                   "Query",
	"forgets steps":                     "Query",
	"counts one too few":                "Query",
	"begins its months on the first":    "Query",
	"scans backwards":                   "Scan",
	"scans the end too":                 "Scan",
	"scans on when cancelled":           "Scan",
	"cannot be closed twice":            "Close",
}

func (f *faulty) Append(ctx context.Context, events []bizmetrics.Event) ([]bizmetrics.Outcome, error) {
	switch f.fault {
	case "loses the last event of a batch":
		if n := len(events); n > 1 {
			outcomes, err := f.Store.Append(ctx, events[:n-1])
			return append(outcomes, bizmetrics.Stored), err
		}
	case "keeps the good half of a batch":
		if len(events) > 1 {
			_, _ = f.Store.Append(ctx, events[:len(events)/2])
		}
	}
	outcomes, err := f.Store.Append(ctx, events)
	for i, o := range outcomes {
		switch {
		case f.fault == "takes a duplicate for new" && o == bizmetrics.Duplicate:
			outcomes[i] = bizmetrics.Stored
		case f.fault == "takes a conflict for a duplicate" && o == bizmetrics.Conflict:
			outcomes[i] = bizmetrics.Duplicate
		}
	}
	return outcomes, err
}

func (f *faulty) Query(ctx context.Context, q bizmetrics.Query) ([]bizmetrics.Row, error) {
	if err := q.Validate(); err != nil && f.fault != "answers any question" {
		return nil, err
	} else if err != nil {
		return nil, nil
	}
	switch f.fault {
	case "takes the end of a span for in it":
		q.To = q.To.Add(time.Microsecond)
	case "forgets filters":
		q.Filter = nil
	case "forgets steps":
		q.Step, q.Monthly = 0, false
	}
	rows, err := f.Store.Query(ctx, q)
	for i := range rows {
		switch {
		case f.fault == "counts a cent too much" && q.Metric == "commission" && rows[i].Count > 0:
			rows[i].Money.Minor++
		case f.fault == "counts one too few" && q.Metric == "returning_customers" && rows[i].Count > 0:
			rows[i].Count--
		}
	}
	return rows, err
}

func (f *faulty) Scan(ctx context.Context, from, to time.Time) iter.Seq2[bizmetrics.Event, error] {
	switch f.fault {
	case "scans the end too":
		to = to.Add(time.Microsecond)
	case "scans on when cancelled":
		ctx = context.WithoutCancel(ctx)
	case "scans backwards":
		return func(yield func(bizmetrics.Event, error) bool) {
			var all []bizmetrics.Event
			for e := range f.Store.Scan(ctx, from, to) {
				all = append(all, e)
			}
			for _, e := range slices.Backward(all) {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
	return f.Store.Scan(ctx, from, to)
}

func (f *faulty) Close() error {
	if f.fault == "cannot be closed twice" {
		if f.Store == nil {
			return os.ErrClosed
		}
		f.Store = nil
		return nil
	}
	return f.Store.Close()
}

// TestTheSuiteFindsWhatAStoreDoesWrong runs the suite on each faulty store, in
// a process of its own, since there it has to fail.
func TestTheSuiteFindsWhatAStoreDoesWrong(t *testing.T) {
	if fault := os.Getenv("BIZMETRICS_TEST_FAULT"); fault != "" {
		storetest.Run(t, storetest.Suite{
			Open: func(_ testing.TB, c storetest.Config) bizmetrics.Store {
				if fault == "begins its months on the first" {
					c.MonthStart = 1
				}
				return &faulty{bizmetrics.NewMemory(c.Location, c.MonthStart), fault}
			},
			Volatile: true,
		})
		return
	}
	for fault, part := range faults {
		t.Run(fault, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestTheSuiteFindsWhatAStoreDoesWrong$/^"+part+"$", "-test.failfast")
			cmd.Env = append(os.Environ(), "BIZMETRICS_TEST_FAULT="+fault)
			out, err := cmd.CombinedOutput()
			var failed *exec.ExitError
			assert.ErrorAs(t, err, &failed, "the suite passes a store that %s", fault)
			assert.Contains(t, string(out), "--- FAIL: TestTheSuiteFindsWhatAStoreDoesWrong/"+part)
		})
	}
}
