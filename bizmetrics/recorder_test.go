package bizmetrics

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
)

func TestCase68AnEventCountsOnceInOneProcess(t *testing.T) {
	r := open(t, Config{Currency: "EUR"})
	ctx := t.Context()
	o := Order{ID: "o", Total: eur(1999)}
	for range 3 {
		require.NoError(t, r.RecordOrder(ctx, o))
	}
	o.Total = eur(5)
	require.NoError(t, r.RecordOrder(ctx, o), "a conflict is no error of the caller's")
	require.NoError(t, r.RecordOrder(ctx, Order{ID: "o", Status: Confirmed}), "another status is another event")
	require.NoError(t, r.Sync(ctx))

	revenue, err := r.Revenue(ctx)
	require.NoError(t, err)
	assert.Equal(t, eur(1999), revenue.Today.Value, "the first wins")
	outcomes := map[Outcome]int{}
	for _, o := range []Order{o, {ID: "o", Total: eur(1999)}, {ID: "new", Total: eur(1)}} {
		e := o.record()
		e.Own()
		outcomes[r.backend.claim(&e)]++
	}
	assert.Equal(t, map[Outcome]int{Stored: 1, Duplicate: 1, Conflict: 1}, outcomes)
}

func TestATimeThatWasNotGivenMakesNoConflict(t *testing.T) {
	now := newClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	r := open(t, Config{Now: now.now})
	claim := func(o Order, when time.Time) Outcome {
		e := o.record()
		e.At, e.AtGiven = when.UnixMicro(), !o.At.IsZero()
		e.Own()
		return r.backend.claim(&e)
	}
	o := Order{ID: "o", Total: eur(1)}
	assert.Equal(t, Stored, claim(o, now.now()))
	assert.Equal(t, Duplicate, claim(o, now.now().Add(time.Minute)))
	o.At = now.now().Add(time.Hour)
	assert.Equal(t, Duplicate, claim(o, o.At), "given now, not then")

	given := Order{ID: "g", Total: eur(1), At: now.now()}
	assert.Equal(t, Stored, claim(given, given.At))
	assert.Equal(t, Duplicate, claim(given, given.At))
	given.At = given.At.Add(time.Second)
	assert.Equal(t, Conflict, claim(given, given.At))
}

func TestWrongEventsAreRefusedByFieldAndChangeNothing(t *testing.T) {
	r := open(t, Config{Currency: "EUR"})
	ctx := t.Context()
	ok := eur(1)
	for name, tc := range map[string]struct {
		record func() error
		field  string
	}{
		"no ID":            {func() error { return r.RecordOrder(ctx, Order{Total: ok}) }, "Order.ID"},
		"negative":         {func() error { return r.RecordOrder(ctx, Order{ID: "x", Total: eur(-1)}) }, "Order.Total.Minor"},
		"unknown currency": {func() error { return r.RecordOrder(ctx, Order{ID: "x", Total: Money{1, "EURO"}}) }, "Order.Total.Currency"},
		"lower case":       {func() error { return r.RecordOrder(ctx, Order{ID: "x", Total: Money{1, "eur"}}) }, "Order.Total.Currency"},
		"no currency":      {func() error { return r.RecordOrder(ctx, Order{ID: "x"}) }, "Order.Total.Currency"},
		"status":           {func() error { return r.RecordOrder(ctx, Order{ID: "x", Status: "lost", Total: ok}) }, "Order.Status"},
		"cancelled, minus": {func() error { return r.RecordOrder(ctx, Order{ID: "x", Status: Cancelled, Total: eur(-5)}) }, "Order.Total.Minor"},
		"NUL in ID":        {func() error { return r.RecordOrder(ctx, Order{ID: "x\x00", Total: ok}) }, "Order.ID"},
		"broken UTF-8":     {func() error { return r.RecordOrder(ctx, Order{ID: "x", CustomerID: "\xff", Total: ok}) }, "Order.CustomerID"},
		"endless ID":       {func() error { return r.RecordOrder(ctx, Order{ID: strings.Repeat("x", 300), Total: ok}) }, "Order.ID"},
		"year 0": {func() error {
			return r.RecordOrder(ctx, Order{ID: "x", Total: ok, At: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)})
		}, "Order.At"},
		"year 12000": {func() error {
			return r.RecordOrder(ctx, Order{ID: "x", Total: ok, At: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)})
		}, "Order.At"},
		"refund, negative":  {func() error { return r.RecordRefund(ctx, Refund{ID: "x", Amount: eur(-1)}) }, "Refund.Amount.Minor"},
		"refund, no ID":     {func() error { return r.RecordRefund(ctx, Refund{Amount: ok}) }, "Refund.ID"},
		"payment, currency": {func() error { return r.RecordPayment(ctx, Payment{ID: "x"}) }, "Payment.Amount.Currency"},
		"payment, both": {func() error {
			return r.RecordPayment(ctx, Payment{ID: "x", Amount: ok, Succeeded: true, Declined: true})
		}, "Payment.Declined"},
		"response, minus": {func() error {
			return r.RecordSupplierResponse(ctx, SupplierResponse{ID: "x", SupplierID: "s", After: -1})
		}, "SupplierResponse.After"},
		"response, nobody": {func() error { return r.RecordSupplierResponse(ctx, SupplierResponse{ID: "x"}) }, "SupplierResponse.SupplierID"},
		"NPS 11":           {func() error { return r.RecordNPS(ctx, NPS{ID: "x", Score: 11}) }, "NPS.Score"},
		"NPS -1":           {func() error { return r.RecordNPS(ctx, NPS{ID: "x", Score: -1}) }, "NPS.Score"},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.record()
			require.ErrorIs(t, err, ErrInvalid)
			var field *config.FieldError
			require.ErrorAs(t, err, &field)
			assert.Equal(t, tc.field, field.Field)
		})
	}
	require.NoError(t, r.Sync(ctx))
	assert.Zero(t, r.backend.(*journaled).size())
}

func TestAllWrongFieldsOfAnEventAreNamedAtOnce(t *testing.T) {
	err := open(t, Config{}).RecordOrder(t.Context(), Order{Status: "lost", Total: Money{-1, "XXX"}})
	for _, field := range []string{"Order.ID", "Order.Status", "Order.Total.Minor", "Order.Total.Currency"} {
		assert.ErrorContains(t, err, field)
	}
}

func TestAWrongConfigNamesItsFields(t *testing.T) {
	_, err := New(Config{Currency: "euro", Target: Money{-1, "USD"}, WeekStart: new(time.Weekday(9)), Queue: -1})
	require.ErrorIs(t, err, ErrInvalid)
	for _, field := range []string{"Currency", "Target.Minor", "Target.Currency", "WeekStart", "Queue"} {
		assert.ErrorContains(t, err, field+":")
	}
}

func TestMoneyInAnotherCurrencyNeedsConvert(t *testing.T) {
	ctx := t.Context()
	usd := Money{Minor: 100, Currency: "USD"}
	plain := open(t, Config{Currency: "EUR"})
	assert.ErrorIs(t, plain.RecordOrder(ctx, Order{ID: "o", Total: usd}), ErrCurrency)
	assert.ErrorIs(t, plain.RecordRefund(ctx, Refund{ID: "o", Amount: usd}), ErrCurrency)
	assert.ErrorIs(t, plain.RecordPayment(ctx, Payment{ID: "o", Amount: usd}), ErrCurrency)

	boom := errors.New("no rate")
	for name, convert := range map[string]func(Money, string, time.Time) (Money, error){
		"error":          func(Money, string, time.Time) (Money, error) { return Money{}, boom },
		"panic":          func(Money, string, time.Time) (Money, error) { panic("rates") },
		"wrong currency": func(m Money, _ string, _ time.Time) (Money, error) { return m, nil },
		"negative":       func(_ Money, to string, _ time.Time) (Money, error) { return Money{-1, to}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, Config{Currency: "EUR", Convert: convert})
			err := r.RecordOrder(ctx, Order{ID: "o", Total: usd})
			assert.ErrorIs(t, err, ErrCurrency)
			if name == "error" {
				assert.ErrorIs(t, err, boom)
			}
			require.NoError(t, r.Sync(ctx))
			assert.Zero(t, r.backend.(*journaled).size())
		})
	}
}

func TestTheFirstEventDecidesTheCurrency(t *testing.T) {
	r := open(t, Config{})
	ctx := t.Context()
	revenue, err := r.Revenue(ctx)
	require.NoError(t, err)
	assert.Equal(t, Money{}, revenue.Today.Value)
	require.NoError(t, r.RecordOrder(ctx, Order{ID: "a", Total: Money{Minor: 10000, Currency: "JPY"}}))
	assert.ErrorIs(t, r.RecordOrder(ctx, Order{ID: "b", Total: eur(1)}), ErrCurrency)
	require.NoError(t, r.Sync(ctx))
	revenue, err = r.Revenue(ctx)
	require.NoError(t, err)
	assert.Equal(t, Money{Minor: 10000, Currency: "JPY"}, revenue.Today.Value)
}

// stuck is a Store that does not answer until its context ends.
type stuck struct{ Store }

func (stuck) Append(ctx context.Context, _ []Event) ([]Outcome, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
func (stuck) Close() error { return nil }

func TestAStoreThatHangsNeverHoldsUpARecord(t *testing.T) {
	r, err := New(Config{Store: stuck{}, Queue: 10})
	require.NoError(t, err)
	var dropped int
	for i := range 30 {
		if err := r.RecordOrder(t.Context(), Order{ID: string(rune('a' + i)), Total: eur(1)}); err != nil {
			require.ErrorIs(t, err, ErrDropped)
			dropped++
		}
	}
	assert.Equal(t, 20, dropped, "exactly what is beyond the bound")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	err = r.Close(ctx)
	assert.ErrorContains(t, err, "10 events not stored")
	assert.Less(t, time.Since(begin), time.Second)
	assert.NoError(t, r.Close(ctx), "a second Close")
	assert.ErrorIs(t, r.RecordOrder(t.Context(), Order{ID: "late", Total: eur(1)}), ErrDropped)
	<-r.stopped
}

// flaky refuses the first appends and then keeps events in memory.
type flaky struct {
	*memory
	refusals int
}

func (f *flaky) Append(ctx context.Context, events []Event) ([]Outcome, error) {
	if f.refusals > 0 {
		f.refusals--
		return nil, errors.New("no connection")
	}
	return f.memory.Append(ctx, events)
}

func TestEventsWaitForAStoreThatIsAway(t *testing.T) {
	store := &flaky{memory: newMemory(ledger.Calendar{}), refusals: 2}
	r := open(t, Config{Store: store})
	ctx := t.Context()
	for _, id := range []string{"a", "b", "a"} {
		require.NoError(t, r.RecordOrder(ctx, Order{ID: id, Total: eur(5)}))
	}
	assert.ErrorContains(t, r.Sync(ctx), "no connection")
	for r.Sync(ctx) != nil {
	}
	revenue, err := r.Revenue(ctx)
	require.NoError(t, err)
	assert.Equal(t, eur(10), revenue.Today.Value)
}

func TestANilRecorderSaysThatItIsNone(t *testing.T) {
	var r *Recorder
	ctx := t.Context()
	SetDefault(nil)
	assert.ErrorIs(t, RecordOrder(ctx, Order{ID: "o"}), ErrNotInitialized)
	assert.ErrorIs(t, RecordRefund(ctx, Refund{}), ErrNotInitialized)
	assert.ErrorIs(t, RecordPayment(ctx, Payment{}), ErrNotInitialized)
	assert.ErrorIs(t, RecordSupplierResponse(ctx, SupplierResponse{}), ErrNotInitialized)
	assert.ErrorIs(t, RecordNPS(ctx, NPS{}), ErrNotInitialized)
	assert.ErrorIs(t, r.Sync(ctx), ErrNotInitialized)
	assert.NoError(t, r.Close(ctx))
	_, err := r.Revenue(ctx)
	assert.ErrorIs(t, err, ErrNotInitialized)
	r.Produce(nil)
	assert.Nil(t, r.Indicators())
}

func TestADisabledRecorderTakesEverythingAndKeepsNothing(t *testing.T) {
	dir := t.TempDir() + "/none"
	r := open(t, Config{Disabled: true, Dir: dir})
	ctx := t.Context()
	assert.NoError(t, r.RecordOrder(ctx, Order{ID: "o", Total: eur(1)}))
	assert.NoError(t, r.RecordNPS(ctx, NPS{Score: 99}))
	assert.NoError(t, r.Sync(ctx))
	report, err := r.HealthReport(ctx)
	require.NoError(t, err)
	assert.Zero(t, report.Total)
	assert.True(t, math.IsNaN(report.NPS))
	assert.NoDirExists(t, dir)
}

func TestTheDefaultRecordsForThePackage(t *testing.T) {
	r := open(t, Config{})
	SetDefault(r)
	t.Cleanup(func() { SetDefault(nil) })
	require.NoError(t, RecordOrder(t.Context(), Order{ID: "o", Total: eur(7)}))
	require.NoError(t, r.Sync(t.Context()))
	revenue, err := Default().Revenue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, eur(7), revenue.Today.Value)
}
