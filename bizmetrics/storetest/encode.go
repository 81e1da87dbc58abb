package storetest

import (
	"context"
	"iter"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
)

// sink is a store that only remembers what a Recorder hands it.
type sink struct{ events []bizmetrics.Event }

func (s *sink) Append(_ context.Context, events []bizmetrics.Event) ([]bizmetrics.Outcome, error) {
	s.events = append(s.events, events...)
	outcomes := make([]bizmetrics.Outcome, len(events))
	for i := range outcomes {
		outcomes[i] = bizmetrics.Stored
	}
	return outcomes, nil
}

func (*sink) Query(context.Context, bizmetrics.Query) ([]bizmetrics.Row, error) { return nil, nil }
func (*sink) Scan(context.Context, time.Time, time.Time) iter.Seq2[bizmetrics.Event, error] {
	return func(func(bizmetrics.Event, error) bool) {}
}
func (*sink) Close() error { return nil }

// encode makes of each arrival what a Recorder hands to its store.
func encode(t require.TestingT, arrivals []workload.Arrival) []bizmetrics.Event {
	ctx, clock, into := context.Background(), &workload.Clock{}, &sink{}
	r, err := bizmetrics.New(bizmetrics.Config{
		Currency: workload.Currency, Convert: workload.Convert, Store: into, Now: clock.Now, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	err = workload.Feed(ctx, r, clock, arrivals)
	require.NoError(t, r.Close(ctx))
	require.NoError(t, err)
	require.Len(t, into.events, len(arrivals))
	return into.events
}

// noon is a time to tell of.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// events encodes events that arrive at noon.
func events(t testing.TB, all ...any) []bizmetrics.Event {
	t.Helper()
	arrivals := make([]workload.Arrival, len(all))
	for i, e := range all {
		arrivals[i] = workload.Arrival{Event: e, Clock: noon}
	}
	return encode(t, arrivals)
}

func order(id string, minor int64, at time.Time) bizmetrics.Order {
	return bizmetrics.Order{ID: id, CustomerID: "ada", SupplierID: "s1", Total: euros(minor), At: at}
}

func euros(minor int64) bizmetrics.Money {
	return bizmetrics.Money{Minor: minor, Currency: workload.Currency}
}

// mustAppend appends, and gives the outcomes.
func mustAppend(t testing.TB, s bizmetrics.Store, all ...bizmetrics.Event) []bizmetrics.Outcome {
	t.Helper()
	outcomes, err := s.Append(context.Background(), all)
	require.NoError(t, err)
	require.Len(t, outcomes, len(all), "an outcome for each event")
	return outcomes
}

// figureOf is a metric over the ten days around noon.
func figureOf(t testing.TB, s bizmetrics.Store, metric string) bizmetrics.Row {
	t.Helper()
	rows, err := s.Query(context.Background(), bizmetrics.Query{Metric: metric, From: noon.AddDate(0, 0, -5), To: noon.AddDate(0, 0, 5)})
	require.NoError(t, err)
	require.Len(t, rows, 1)
	return rows[0]
}

// scanned are the events from from until before to.
func scanned(t testing.TB, s bizmetrics.Store, from, to time.Time) []bizmetrics.Event {
	t.Helper()
	var all []bizmetrics.Event
	for e, err := range s.Scan(context.Background(), from, to) {
		require.NoError(t, err)
		all = append(all, e)
	}
	return all
}

// ever is a span that holds every event.
var (
	everFrom = time.Unix(0, 0).UTC()
	everTo   = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)
