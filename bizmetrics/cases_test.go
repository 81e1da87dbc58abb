package bizmetrics

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// byDay is net revenue a day, in minor units, from a day for n days.
func byDay(t *testing.T, r *Recorder, from time.Time, n int) []int64 {
	t.Helper()
	require.NoError(t, r.Sync(t.Context()))
	rows, err := r.Query(t.Context(), Query{Metric: "revenue", From: from, To: from.AddDate(0, 0, n), Step: 24 * time.Hour})
	require.NoError(t, err)
	days := make([]int64, 0, n)
	for _, row := range rows {
		days = append(days, row.Money.Minor)
	}
	return days
}

func TestCase64RefundsCountOnTheirOwnDayAndByTheirOwnAmount(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	r := open(t, Config{Currency: "EUR", Now: now.now})
	ctx := t.Context()
	monday := time.Date(2026, 5, 18, 0, 0, 0, 0, time.UTC)
	require.NoError(t, r.RecordOrder(ctx, Order{ID: "o", Total: eur(100), At: monday.Add(time.Hour)}))
	require.NoError(t, r.RecordRefund(ctx, Refund{ID: "r1", OrderID: "o", Amount: eur(50), At: monday.Add(25 * time.Hour)}))
	assert.Equal(t, []int64{100, -50, 0}, byDay(t, r, monday, 3))
	require.NoError(t, r.RecordRefund(ctx, Refund{ID: "r2", OrderID: "o", Amount: eur(50), At: monday.Add(49 * time.Hour)}))
	assert.Equal(t, []int64{100, -50, -50}, byDay(t, r, monday, 3), "the sale's day stays")
	require.NoError(t, r.RecordOrder(ctx, Order{ID: "o", Status: Cancelled, At: monday.Add(50 * time.Hour)}))
	assert.Equal(t, []int64{100, -50, -50}, byDay(t, r, monday, 3), "there is nothing left to take off")
}

func TestACancelledOrderTakesOffWhatItStillCounts(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	monday := time.Date(2026, 5, 18, 0, 0, 0, 0, time.UTC)
	placed := Order{ID: "o", Total: eur(100), At: monday.Add(time.Hour)}
	cancelled := Order{ID: "o", Status: Cancelled, Total: eur(100), At: monday.Add(49 * time.Hour)}
	refund := Refund{ID: "r", OrderID: "o", Amount: eur(30), At: monday.Add(25 * time.Hour)}
	late := Refund{ID: "late", OrderID: "o", Amount: eur(70), At: monday.Add(50 * time.Hour)}
	for name, events := range map[string][]any{
		"in order":               {placed, refund, cancelled, late},
		"the other way round":    {late, cancelled, refund, placed},
		"the sale in the middle": {cancelled, placed, late, refund},
		"all twice":              {placed, refund, cancelled, late, refund, placed, late, cancelled},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, Config{Currency: "EUR", Now: now.now})
			for _, e := range events {
				recordAny(t, r, e)
			}
			assert.Equal(t, []int64{100, -30, -70}, byDay(t, r, monday, 3))
		})
	}
}

func TestARefundBeyondWhatIsLeftTakesOffWhatIsLeft(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	r := open(t, Config{Currency: "EUR", Now: now.now})
	monday := time.Date(2026, 5, 18, 0, 0, 0, 0, time.UTC)
	recordAny(t, r, Refund{ID: "r1", OrderID: "o", Amount: eur(500), At: monday.Add(30 * time.Hour)})
	assert.Equal(t, []int64{0, -500, 0}, byDay(t, r, monday, 3), "of an order that is not known: all of it")
	recordAny(t, r, Order{ID: "o", Total: eur(100), At: monday.Add(time.Hour)})
	assert.Equal(t, []int64{100, -100, 0}, byDay(t, r, monday, 3), "as if the order had been there")
	recordAny(t, r, Refund{ID: "r0", OrderID: "o", Amount: eur(80), At: monday.Add(2 * time.Hour)})
	assert.Equal(t, []int64{20, -20, 0}, byDay(t, r, monday, 3), "an earlier refund that comes late goes first")
}

func TestACancellationWithoutItsOrderTakesOffNothing(t *testing.T) {
	r := open(t, Config{Currency: "EUR"})
	recordAny(t, r, Order{ID: "o", Status: Cancelled, Total: eur(100)})
	require.NoError(t, r.Sync(t.Context()))
	revenue, err := r.Revenue(t.Context())
	require.NoError(t, err)
	assert.Zero(t, revenue.Today.Value.Minor)
}

func TestPaymentsNeverTouchRevenue(t *testing.T) {
	r := open(t, Config{Currency: "EUR"})
	recordAny(t, r, Payment{ID: "p", OrderID: "o", Method: "card", Amount: eur(100), Succeeded: true})
	require.NoError(t, r.Sync(t.Context()))
	revenue, err := r.Revenue(t.Context())
	require.NoError(t, err)
	assert.Zero(t, revenue.Today.Value.Minor)
}

// Three currencies with 0, 2 and 3 decimals in one figure.
func TestCase66ConvertedMoneyIsExactInMinorUnits(t *testing.T) {
	convert := func(m Money, to string, _ time.Time) (Money, error) {
		return map[string]Money{"JPY": {m.Minor * 3 / 5, to}, "KWD": {m.Minor * 31 / 100, to}}[m.Currency], nil
	}
	r := open(t, Config{Currency: "EUR", Convert: convert})
	recordAny(t, r, Order{ID: "yen", Total: Money{10000, "JPY"}})
	recordAny(t, r, Order{ID: "dinar", Total: Money{1000, "KWD"}})
	recordAny(t, r, Order{ID: "euro", Total: eur(1)})
	require.NoError(t, r.Sync(t.Context()))
	revenue, err := r.Revenue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "63.11 EUR", revenue.Today.Value.String())
	rows, err := r.Query(t.Context(), Query{Metric: "gross", GroupBy: []string{"currency"}})
	require.NoError(t, err)
	got := map[string]string{}
	for _, row := range rows {
		got[row.Group[0]] = row.Money.String()
	}
	assert.Equal(t, map[string]string{"JPY": "60.00 EUR", "KWD": "3.10 EUR", "EUR": "0.01 EUR"}, got)
}

func TestCase70EventsAroundAChangeOfTheClockLandInTheirDay(t *testing.T) {
	for _, tc := range []struct {
		zone, monday string
		at           []string // RFC 3339
		want         []int64
	}{
		{"Europe/Berlin", "2026-03-28", []string{"2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"}, []int64{1, 2, 1}},
		{"Europe/Berlin", "2026-10-24", []string{"2026-10-24T21:59:59Z", "2026-10-24T22:00:00Z", "2026-10-25T22:30:00Z", "2026-10-25T23:00:00Z"}, []int64{1, 2, 1}},
		{"Asia/Kolkata", "2026-05-18", []string{"2026-05-18T18:29:59Z", "2026-05-18T18:30:00Z", "2026-05-19T18:29:59Z"}, []int64{1, 2, 0}},
		{"Australia/Lord_Howe", "2026-04-04", []string{"2026-04-04T12:59:59Z", "2026-04-04T13:00:00Z", "2026-04-05T13:29:59Z", "2026-04-05T13:30:00Z"}, []int64{1, 2, 1}},
	} {
		t.Run(tc.zone+" "+tc.monday, func(t *testing.T) {
			loc := zone(t, tc.zone)
			first := at(t, loc, tc.monday+" 00:00")
			now := newClock(first.AddDate(0, 0, 3))
			r := open(t, Config{Currency: "EUR", Location: loc, Now: now.now})
			for _, s := range tc.at {
				when, err := time.Parse(time.RFC3339, s)
				require.NoError(t, err)
				recordAny(t, r, Order{ID: s, Total: eur(1), At: when})
			}
			assert.Equal(t, tc.want, byDay(t, r, first, 3))
		})
	}
}

func TestRevenueComparesWithTheSamePartOfTheSpanBefore(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	now := newClock(at(t, berlin, "2026-05-20 12:00"))
	r := open(t, Config{Currency: "EUR", Location: berlin, Now: now.now, Target: eur(1000)})
	for when, minor := range map[string]int64{
		"2026-05-20 11:00": 300, "2026-05-20 18:00": 5, // dated later than now: counts today
		"2026-05-19 11:59": 200, "2026-05-19 12:00": 1000,
		"2026-05-13 11:59": 10, "2026-05-13 12:00": 2000, "2026-05-11 00:00": 40,
		"2026-04-20 11:59": 7, "2026-04-20 12:00": 3000, "2026-04-01 00:00": 3, "2026-03-31 23:59": 9000,
	} {
		recordAny(t, r, Order{ID: when, Total: eur(minor), At: at(t, berlin, when)})
	}
	require.NoError(t, r.Sync(t.Context()))
	got, err := r.Revenue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, Revenue{
		Today: Span{Value: eur(305), Previous: eur(200), Target: eur(1000), Change: 52.5, TargetSoFar: eur(500), OfTarget: 61},
		Week:  Span{Value: eur(1505), Previous: eur(50), Target: eur(7000), Change: 2910, TargetSoFar: eur(2500), OfTarget: 60.2},
		Month: Span{Value: eur(3555), Previous: eur(10), Target: eur(31000), Change: 35450, TargetSoFar: eur(19500), OfTarget: 100 * 3555.0 / 19500},
	}, got)

	now.set(at(t, berlin, "2027-01-01 12:00"))
	got, err = r.Revenue(t.Context())
	require.NoError(t, err)
	assert.True(t, math.IsNaN(got.Today.Change), "nothing before to compare with")
}

func TestTheWeekBeginsWhereTheBusinessSays(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)) // a Wednesday
	sunday := open(t, Config{Now: now.now, WeekStart: new(time.Sunday)})
	monday := open(t, Config{Now: now.now})
	for r, want := range map[*Recorder]int64{sunday: 8, monday: 7} {
		recordAny(t, r, Order{ID: "Sunday", Total: eur(1), At: now.now().AddDate(0, 0, -3)})
		recordAny(t, r, Order{ID: "Monday", Total: eur(7), At: now.now().AddDate(0, 0, -2)})
		require.NoError(t, r.Sync(t.Context()))
		got, err := r.Revenue(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, got.Week.Value.Minor)
	}
}

func TestATotalThatDoesNotFitIsAnErrorNotAWrongFigure(t *testing.T) {
	r := open(t, Config{})
	recordAny(t, r, Order{ID: "a", Total: eur(math.MaxInt64)})
	recordAny(t, r, Order{ID: "b", Total: eur(math.MaxInt64)})
	require.NoError(t, r.Sync(t.Context()))
	_, err := r.Revenue(t.Context())
	require.ErrorIs(t, err, ErrOverflow)
	tx, err := r.Transactions(t.Context())
	require.NoError(t, err)
	assert.Equal(t, eur(math.MaxInt64), tx.AverageOrder)
	recordAny(t, r, Refund{ID: "r", OrderID: "a", Amount: eur(math.MaxInt64)})
	require.NoError(t, r.Sync(t.Context()))
	revenue, err := r.Revenue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, eur(math.MaxInt64), revenue.Today.Value)
}

func TestManyRefundsOfOneOrderCostNoMoreThanOfMany(t *testing.T) {
	r := open(t, Config{Queue: 1 << 20})
	const n = 30_000 // well under a second; each sorting all before it would take minutes
	recordAny(t, r, Order{ID: "o", Total: eur(n / 2)})
	begin := time.Now()
	for i := range n {
		id := strconv.Itoa(i)
		require.NoError(t, r.RecordRefund(t.Context(), Refund{ID: id, OrderID: "o", Amount: eur(1), At: begin.Add(time.Duration(i) * time.Microsecond)}))
		require.NoError(t, r.RecordPayment(t.Context(), Payment{ID: id, OrderID: "o", Amount: eur(1), At: begin}))
	}
	require.NoError(t, r.Sync(t.Context()))
	assert.Less(t, time.Since(begin), 20*time.Second)
	rows, err := r.Query(t.Context(), Query{Metric: "refunds", From: begin.Add(-time.Hour), To: begin.Add(time.Hour)})
	require.NoError(t, err)
	assert.Equal(t, eur(n/2), rows[0].Money)
}
