package bizmetrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// eventsOf are n orders of the days before at.
func eventsOf(t require.TestingT, n int, at time.Time) []Event {
	events := make([]Event, n)
	for i := range events {
		r := Order{ID: fmt.Sprint(i), CustomerID: "c", Total: eur(100)}.record()
		r.At, r.AtGiven, r.Value, r.Base = at.Add(-time.Duration(i)*time.Minute).UnixMicro(), true, 100, "EUR"
		e, err := r.Event()
		require.NoError(t, err)
		events[i] = Event(e)
	}
	return events
}

func TestAnImportTellsWhatBecameOfEachEvent(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	for name, store := range map[string]Store{"memory": nil, "a store": newMemory(ledger.Calendar{})} {
		t.Run(name, func(t *testing.T) {
			r := open(t, Config{Currency: "EUR", Store: store, Now: now.now})
			recordAny(t, r, Order{ID: "0", CustomerID: "c", Total: eur(100)})
			recordAny(t, r, Order{ID: "1", CustomerID: "other", Total: eur(100)})
			require.NoError(t, r.Sync(t.Context()))
			var file bytes.Buffer
			_, err := WriteJSONLines(&file, sequence(eventsOf(t, 5, now.now())))
			require.NoError(t, err)
			file.WriteString("hello\n")
			file.WriteString(`{"kind":"cost","at":"2026-05-20T10:00:00Z","data":{"id":"x","status":"goods","amount":{"minor":1,"currency":"USD"}}}` + "\n")
			got, err := r.Import(t.Context(), ReadJSONLines(&file))
			assert.Equal(t, Imported{Stored: 3, Duplicates: 1, Conflicts: 1, Refused: 2}, got)
			require.ErrorContains(t, err, "line 6")
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorIs(t, err, ErrCurrency)
			rows, err := r.Query(t.Context(), Query{Metric: "orders"})
			require.NoError(t, err)
			assert.EqualValues(t, 5, rows[0].Count, "each once, at once")
			got, err = r.Import(t.Context(), sequence(eventsOf(t, 5, now.now())))
			require.NoError(t, err)
			assert.Equal(t, Imported{Duplicates: 4, Conflicts: 1}, got, "again")
		})
	}
}

func TestAnImportIsHistoryHoweverYoung(t *testing.T) {
	r := open(t, Config{Currency: "EUR"})
	_, err := r.Import(t.Context(), sequence(eventsOf(t, 100, time.Now())))
	require.NoError(t, err)
	assert.Zero(t, counted(r, "business.orders"), "rates are of what happens now")
	assert.InDelta(t, 100, counted(r, "business.events", "order", "stored"), 0)
	recordAny(t, r, Order{ID: "now", Total: eur(1)})
	assert.InDelta(t, 1, counted(r, "business.orders"), 0)
}

func TestAnImportWaitsForTheQueueAndDropsNothing(t *testing.T) {
	r := open(t, Config{Currency: "EUR", Queue: 8, Dir: t.TempDir()})
	got, err := r.Import(t.Context(), sequence(eventsOf(t, 2000, time.Now())))
	require.NoError(t, err)
	assert.Equal(t, Imported{Stored: 2000}, got)
	assert.Zero(t, counted(r, "monitoring.dropped"))
}

func TestAnImportWaitsAsLongAsItsContext(t *testing.T) {
	r := open(t, Config{Currency: "EUR", Queue: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	busy := &r.backend.store().(*journaled).mu
	busy.Lock() // nothing is taken in
	got, err := r.Import(ctx, sequence(eventsOf(t, 3, time.Now())))
	busy.Unlock()
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, Imported{Stored: 1}, got)
	recorded, err := r.Import(t.Context(), func(yield func(Event, error) bool) { yield(Event{}, errors.New("no connection")) })
	require.ErrorContains(t, err, "no connection")
	assert.Zero(t, recorded)
}

func TestAnImportOfATenantIsItsOwn(t *testing.T) {
	r := open(t, Config{Currency: "EUR"})
	now := time.Now()
	_, err := r.ForTenant("north").Import(t.Context(), sequence(eventsOf(t, 3, now)))
	require.NoError(t, err)
	recordAny(t, r, Order{ID: "x", Total: eur(1), Tenant: "south"})
	require.NoError(t, r.Sync(t.Context()))
	for tenant, want := range map[string]int{"": 4, "north": 3, "south": 1, "west": 0} {
		events, errs := collect(r.ForTenant(tenant).Events(t.Context(), time.Time{}, time.Time{}))
		assert.Empty(t, errs)
		assert.Len(t, events, want, tenant)
	}
	var none *Recorder
	_, errs := collect(none.Events(t.Context(), time.Time{}, time.Time{}))
	require.ErrorIs(t, errs[0], ErrNotInitialized)
	_, err = none.Import(t.Context(), sequence(nil))
	require.ErrorIs(t, err, ErrNotInitialized)
}

// What one Recorder exports makes another whose reports are the same.
func TestReportsSurviveExportAndImport(t *testing.T) {
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				g := generate(t)
				r := g.record(t, g.config())
				defer func() { require.NoError(t, r.Close(context.Background())) }()
				var file bytes.Buffer
				_, err := f.write(&file, r.Events(context.Background(), time.Time{}, time.Time{}))
				require.NoError(t, err)
				copied, err := New(g.config())
				require.NoError(t, err)
				defer func() { require.NoError(t, copied.Close(context.Background())) }()
				n, err := copied.Import(context.Background(), f.read(strings.NewReader(file.String())))
				require.NoError(t, err)
				require.Zero(t, n.Duplicates+n.Conflicts+n.Refused)
				require.Equal(t, all(t, r), all(t, copied))
			})
		})
	}
}

// all are the reports, written out.
func all(t require.TestingT, r *Recorder) string {
	ctx := context.Background()
	revenue, err := r.Revenue(ctx)
	require.NoError(t, err)
	tx, err := r.Transactions(ctx)
	require.NoError(t, err)
	value, err := r.OrderValue(ctx)
	require.NoError(t, err)
	suppliers, err := r.Suppliers(ctx)
	require.NoError(t, err)
	nps, err := r.NPS(ctx)
	require.NoError(t, err)
	product, err := r.Product(ctx)
	require.NoError(t, err)
	finance, err := r.Finance(ctx)
	require.NoError(t, err)
	health, err := r.HealthReport(ctx)
	require.NoError(t, err)
	return fmt.Sprintf("%+v", []any{revenue, tx, value, suppliers, nps, product, finance, health})
}

func TestAnExportHasTheLateEventsOfOldDaysToo(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	r := open(t, Config{Currency: "EUR", Now: now.now})
	for i, days := range []int{0, 100, 39, 41, 100} {
		recordAny(t, r, Order{ID: fmt.Sprint(i), Total: eur(1), At: now.now().AddDate(0, 0, -days)})
	}
	recordAny(t, r, Refund{ID: "r", OrderID: "1", Amount: eur(1)}) // of an old day's order, today
	require.NoError(t, r.Sync(t.Context()))
	events, errs := collect(r.Events(t.Context(), time.Time{}, time.Time{}))
	assert.Empty(t, errs)
	var got []string
	for _, e := range events {
		got = append(got, e.Key)
	}
	assert.Equal(t, []string{"order:placed:1", "order:placed:4", "order:placed:3", "order:placed:2", "order:placed:0", "refund:r"}, got, "each once, in order of time")
	events, _ = collect(r.Events(t.Context(), now.now().AddDate(0, 0, -41), now.now()))
	assert.Len(t, events, 2)
}
