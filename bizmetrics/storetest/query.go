package storetest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
)

// calendars are those that stores are tested with. The events are around what
// goes wrong: clock changes, ends of months, half hours.
var calendars = []struct {
	zone       string
	monthStart int
	from       time.Time
}{
	{"Europe/Berlin", 1, time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)},
	{"Europe/Berlin", 25, time.Date(2026, 9, 28, 0, 0, 0, 0, time.UTC)},
	{"Asia/Kolkata", 1, time.Date(2025, 12, 10, 0, 0, 0, 0, time.UTC)},
	{"Australia/Lord_Howe", 28, time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)},
}

const days = 38

func testQuery(t *testing.T, s Suite) {
	t.Run("what is wrong is ErrInvalid", func(t *testing.T) {
		store := s.open(t)
		for name, q := range map[string]bizmetrics.Query{
			"no such metric":      {Metric: "happiness", From: noon, To: noon.Add(time.Hour)},
			"no metric":           {From: noon, To: noon.Add(time.Hour)},
			"group of another":    {Metric: "nps", From: noon, To: noon.Add(time.Hour), GroupBy: []string{"supplier"}},
			"filter of another":   {Metric: "nps", From: noon, To: noon.Add(time.Hour), Filter: map[string]string{"method": "card"}},
			"ends before it does": {Metric: "nps", From: noon, To: noon.Add(-time.Hour)},
			"negative step":       {Metric: "nps", From: noon, To: noon.Add(time.Hour), Step: -1},
			"too many steps":      {Metric: "nps", From: noon, To: noon.Add(time.Hour), Step: 1},
			"two kinds of steps":  {Metric: "nps", From: noon, To: noon.Add(time.Hour), Step: time.Hour, Monthly: true},
		} {
			_, err := store.Query(context.Background(), q)
			assert.ErrorIs(t, err, bizmetrics.ErrInvalid, name)
		}
	})
	t.Run("with a cancelled context there is an error or the answer, and the store works on", func(t *testing.T) {
		store := s.open(t)
		mustAppend(t, store, events(t, order("o1", 1000, noon))...)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		rows, err := store.Query(ctx, bizmetrics.Query{Metric: "revenue", From: noon, To: noon.Add(time.Hour), GroupBy: []string{"customer"}})
		if err != nil {
			assert.ErrorIs(t, err, context.Canceled)
		} else if assert.Len(t, rows, 1) {
			assert.EqualValues(t, 1000, rows[0].Money.Minor)
		}
		assert.EqualValues(t, 1000, figureOf(t, store, "revenue").Money.Minor)
	})
	t.Run("without events there are zeros, and NaN of ratios and means", func(t *testing.T) {
		store, m := s.open(t), newModel(nil, Config{Location: time.UTC, MonthStart: 1})
		for _, metric := range workload.Metrics() {
			q := bizmetrics.Query{Metric: metric, From: noon, To: noon.AddDate(0, 0, 3), Step: 24 * time.Hour}
			check(t, store, m, q)
			q.Step, q.GroupBy = 0, []string{"tenant"}
			check(t, store, m, q)
		}
	})
	t.Run("an empty span has no steps, but one row if there are none", func(t *testing.T) {
		store, m := s.open(t), newModel(nil, Config{Location: time.UTC, MonthStart: 1})
		midnight := noon.Truncate(24 * time.Hour)
		for _, metric := range workload.Metrics() {
			for _, at := range []time.Time{noon, midnight, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)} {
				check(t, store, m, bizmetrics.Query{Metric: metric, From: at, To: at})
				check(t, store, m, bizmetrics.Query{Metric: metric, From: at, To: at, Monthly: true})
				check(t, store, m, bizmetrics.Query{Metric: metric, From: at, To: at, Step: time.Hour})
				check(t, store, m, bizmetrics.Query{Metric: metric, From: at, To: at, Step: 24 * time.Hour})
			}
		}
	})
	t.Run("who returns is compared with the day before also where that has 23 hours", func(t *testing.T) {
		c := config(t, 0)
		store := s.openIn(t, c)
		monday := time.Date(2026, 3, 30, 0, 0, 0, 0, c.Location) // clocks went forward on Sunday
		mustAppend(t, store, events(t, order("o1", 1, monday.Add(-23*time.Hour-time.Minute)), order("o2", 1, monday.Add(time.Hour)))...)
		rows, err := store.Query(context.Background(), bizmetrics.Query{Metric: "returning_customers", From: monday, To: monday.Add(24 * time.Hour), Step: 24 * time.Hour})
		require.NoError(t, err)
		require.Len(t, rows, 1)
		assert.EqualValues(t, 0, rows[0].Count, "Saturday was two days ago")
	})
	t.Run("the median and P95 of a month are amounts by rank", func(t *testing.T) {
		from, to := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
		for n, want := range map[int64][2]int64{1: {1_000_001, 1_000_001}, 2: {1_500_002, 2_000_002}, 19: {10_000_010, 19_000_019}, 20: {10_500_011, 19_000_019}, 21: {11_000_011, 20_000_020}, 40: {20_500_021, 38_000_038}} {
			store := s.open(t)
			var all []any
			for i := n; i > 0; i-- {
				all = append(all, order(fmt.Sprint("o", i), 1_000_001*i, noon.Add(time.Duration(i)*time.Minute)))
			}
			mustAppend(t, store, events(t, all...)...)
			for i, metric := range []string{"order_value_median", "order_value_p95"} {
				for _, span := range [][2]time.Time{{from, to}, {noon, noon.AddDate(0, 0, 1)}} {
					rows, err := store.Query(context.Background(), bizmetrics.Query{Metric: metric, From: span[0], To: span[1]})
					require.NoError(t, err)
					require.Len(t, rows, 1)
					assert.Equal(t, want[i], rows[0].Money.Minor, "%s of %d, from %v", metric, n, span[0])
				}
			}
		}
	})
	for i, c := range calendars {
		t.Run(fmt.Sprintf("each metric by each group, in %s, months from %d", c.zone, c.monthStart), func(t *testing.T) {
			testEachMetric(t, s, i)
		})
	}
}

// testEachMetric asks for everything that the documentation of Query names.
func testEachMetric(t *testing.T, s Suite, i int) {
	c := config(t, i)
	store, m, from, to := filled(t, s, c, i, 600)
	r := rand.New(rand.NewPCG(uint64(i), 2))
	for _, metric := range workload.Metrics() {
		whole := bizmetrics.Query{Metric: metric, From: from.In(c.Location), To: to.In(c.Location)}
		daily, months, week, quarter, until := whole, whole, whole, whole, whole
		daily.Step = 24 * time.Hour
		months.From, months.To, months.Monthly = m.monthOf(from, 0), m.monthOf(to, 1), true
		week.From = time.Date(from.Year(), from.Month(), from.Day()+14, 0, 0, 0, 0, c.Location)
		week.To = week.From.AddDate(0, 0, 7)
		quarter.From, quarter.To = months.From, months.To
		until.From, until.To = m.monthOf(to, -2), m.monthOf(to, 0) // the last events come after it
		last := to.Add(-time.Hour).In(c.Location)
		twoDays := whole
		twoDays.To = time.Date(last.Year(), last.Month(), last.Day(), 0, 0, 0, 0, c.Location) // the last day comes after it
		twoDays.From = twoDays.To.AddDate(0, 0, -2)
		for _, q := range []bizmetrics.Query{whole, daily, months, week, quarter, until, twoDays} {
			check(t, store, m, q)
			if slices.Contains(workload.Groups[metric], "tenant") {
				q.Filter = map[string]string{"tenant": "t0"}
				check(t, store, m, q)
			}
			for _, g := range workload.Groups[metric] {
				q.GroupBy = []string{g}
				check(t, store, m, q)
			}
		}
		for _, g := range workload.Groups[metric] { // a value that occurs
			q := months
			q.GroupBy = []string{g}
			if rows := m.query(q); len(rows) > 0 {
				q.GroupBy, q.Filter = nil, map[string]string{g: rows[r.IntN(len(rows))].Group[0]}
				check(t, store, m, q)
			}
		}
		for range 6 {
			check(t, store, m, workload.Query(r, metric, from, to, c.Location, c.MonthStart))
		}
	}
}

func config(t testing.TB, i int) Config {
	t.Helper()
	zone, err := time.LoadLocation(calendars[i].zone)
	require.NoError(t, err)
	return Config{Dir: t.TempDir(), Location: zone, MonthStart: calendars[i].monthStart}
}

// filled is a store with events of about 38 days, and what it must say of them.
func filled(t testing.TB, s Suite, c Config, i, n int) (store bizmetrics.Store, m *model, from, to time.Time) {
	t.Helper()
	store = s.openIn(t, c)
	from = calendars[i].from
	to = from.AddDate(0, 0, days)
	arrivals := workload.Generate(workload.Config{
		Seed: uint64(i), Events: n, From: from, To: to, Zone: c.Location, Customers: 30, Suppliers: 8, Roaming: 0.05,
	})
	if i%2 == 1 { // in any order, weeks late
		r := rand.New(rand.NewPCG(uint64(i), 6))
		r.Shuffle(len(arrivals), func(i, j int) { arrivals[i], arrivals[j] = arrivals[j], arrivals[i] })
	}
	for batch := range slices.Chunk(encode(t, arrivals), 400) {
		mustAppend(t, store, batch...)
	}
	return store, newModel(arrivals, c), from, to
}

// check compares an answer with the model's.
func check(t require.TestingT, s bizmetrics.Store, m *model, q bizmetrics.Query) {
	rows, err := s.Query(context.Background(), q)
	label := fmt.Sprintf("%s by %v of %v, %v to %v, step %v, monthly %v", q.Metric, q.GroupBy, q.Filter, q.From, q.To, q.Step, q.Monthly)
	require.NoError(t, err, label)
	want := m.query(q)
	require.Len(t, rows, len(want), "%s: want %v, got %v", label, want, rows)
	for i, w := range want {
		g := rows[i]
		same := w.At.Equal(g.At) && slices.Equal(w.Group, g.Group) && w.Count == g.Count && w.Money.Minor == g.Money.Minor && near(w.Value, g.Value)
		require.True(t, same, "%s: row %d of %d:\nwant %+v\ngot  %+v", label, i, len(want), w, g)
		if w.Money.Minor != 0 {
			require.Equal(t, w.Money.Currency, g.Money.Currency, label)
		}
	}
}

// near takes two floats for one that differ in the 12th digit, or are both NaN.
func near(a, b float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.IsNaN(a) && math.IsNaN(b)
	}
	return math.Abs(a-b) <= 1e-12*max(math.Abs(a), math.Abs(b), 1)
}
