package storetest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
)

const (
	stored    = bizmetrics.Stored
	duplicate = bizmetrics.Duplicate
	conflict  = bizmetrics.Conflict
)

type outcomes = []bizmetrics.Outcome

func testAppend(t *testing.T, s Suite) {
	t.Run("nothing is no error", func(t *testing.T) {
		assert.Empty(t, mustAppend(t, s.open(t)))
	})
	t.Run("the same again is a duplicate, other content a conflict, and the first wins", func(t *testing.T) {
		store := s.open(t)
		first, same, other := order("o1", 1000, noon), order("o1", 1000, noon), order("o1", 9000, noon)
		assert.Equal(t, outcomes{stored}, mustAppend(t, store, events(t, first)...))
		assert.Equal(t, outcomes{duplicate, conflict}, mustAppend(t, store, events(t, same, other)...))
		assert.Equal(t, outcomes{duplicate}, mustAppend(t, store, events(t, same)...), "a conflict leaves no trace")
		assert.EqualValues(t, 1000, figureOf(t, store, "revenue").Money.Minor)
		assert.EqualValues(t, 1, figureOf(t, store, "orders").Count)
		assert.Len(t, scanned(t, store, everFrom, everTo), 1)
	})
	t.Run("that holds within one batch too", func(t *testing.T) {
		store := s.open(t)
		batch := events(t, order("o1", 1000, noon), order("o1", 9000, noon), order("o1", 1000, noon), order("o2", 1, noon))
		assert.Equal(t, outcomes{stored, conflict, duplicate, stored}, mustAppend(t, store, batch...))
		assert.EqualValues(t, 1001, figureOf(t, store, "revenue").Money.Minor)
	})
	t.Run("each status of an order counts once, and other kinds have IDs of their own", func(t *testing.T) {
		store := s.open(t)
		confirmed := order("o1", 1000, noon)
		confirmed.Status = bizmetrics.Confirmed
		assert.Equal(t, outcomes{stored, stored, stored, stored}, mustAppend(t, store, events(t,
			order("o1", 1000, noon), confirmed,
			bizmetrics.Refund{ID: "o1", OrderID: "o1", Amount: euros(100), At: noon},
			bizmetrics.Payment{ID: "o1", OrderID: "o1", Amount: euros(1000), Succeeded: true, At: noon},
		)...))
		assert.EqualValues(t, 900, figureOf(t, store, "revenue").Money.Minor)
	})
	testAppendTimes(t, s)
	testAppendEffects(t, s)
	testAppendRefusals(t, s)
}

func testAppendTimes(t *testing.T, s Suite) {
	t.Run("a time that the service did not give makes no conflict, one that it gave does", func(t *testing.T) {
		store := s.open(t)
		given, none, other := order("o1", 1000, noon.Add(-time.Hour)), order("o1", 1000, time.Time{}), order("o1", 1000, noon.Add(time.Minute))
		assert.Equal(t, outcomes{stored, duplicate, conflict}, mustAppend(t, store, events(t, given, none, other)...))
		none.ID = "o2"
		mustAppend(t, store, events(t, none)...)
		later, err := time.Parse(time.DateOnly, "2026-09-01") // the same, months later
		require.NoError(t, err)
		given.ID, given.At = "o2", later
		assert.Equal(t, outcomes{duplicate}, mustAppend(t, store, events(t, given)...), "however far apart they are")
		assert.EqualValues(t, 2, figureOf(t, store, "orders").Count)
	})
	t.Run("microseconds are kept", func(t *testing.T) {
		store := s.open(t)
		at := time.Date(2026, 3, 10, 23, 59, 59, 999_999_000, time.UTC)
		mustAppend(t, store, events(t, order("o1", 1, at), order("o2", 10, at.Add(time.Microsecond)))...)
		got := scanned(t, store, at, at.Add(time.Microsecond))
		require.Len(t, got, 1)
		assert.True(t, got[0].At.Equal(at), got[0].At)
	})
}

func testAppendEffects(t *testing.T, s Suite) {
	t.Run("a refund that comes before its order takes off what the order counts, once it is known", func(t *testing.T) {
		store := s.open(t)
		mustAppend(t, store, events(t, bizmetrics.Refund{ID: "r1", OrderID: "o1", Amount: euros(1500), At: noon})...)
		assert.EqualValues(t, -1500, figureOf(t, store, "revenue").Money.Minor)
		mustAppend(t, store, events(t, order("o1", 1000, noon.Add(-time.Hour)))...)
		assert.EqualValues(t, 0, figureOf(t, store, "revenue").Money.Minor)
		mustAppend(t, store, events(t, bizmetrics.Refund{ID: "r0", OrderID: "o1", Amount: euros(300), At: noon.Add(-time.Minute)})...)
		rows, err := store.Query(context.Background(), bizmetrics.Query{Metric: "refunds", From: noon, To: noon.Add(time.Hour), GroupBy: []string{"customer"}})
		require.NoError(t, err)
		require.Len(t, rows, 1)
		assert.EqualValues(t, 700, rows[0].Money.Minor, "what the later refund has left to take")
		assert.Equal(t, []string{"ada"}, rows[0].Group)
	})
	t.Run("a cancellation takes off what is left, however late the refund before it arrives", func(t *testing.T) {
		store := s.open(t)
		mustAppend(t, store, events(t, order("o1", 1000, noon), bizmetrics.Order{ID: "o1", Status: bizmetrics.Cancelled, At: noon.AddDate(0, 0, 2)})...)
		mustAppend(t, store, events(t, bizmetrics.Refund{ID: "r1", OrderID: "o1", Amount: euros(400), At: noon.AddDate(0, 0, 1)})...)
		assert.EqualValues(t, 600, figureOf(t, store, "cancellations").Money.Minor)
		assert.EqualValues(t, 400, figureOf(t, store, "refunds").Money.Minor)
		assert.EqualValues(t, 0, figureOf(t, store, "revenue").Money.Minor)
	})
	t.Run("IDs are bytes: case, accents, spaces and length tell them apart", func(t *testing.T) {
		store := s.open(t)
		ids := []string{"a", "A", "a ", " a", "ä", "a\u0308", "a%", "a_", "a'b", `a"b`, `a\`, "日本", strings.Repeat("x", 256), strings.Repeat("x", 255) + "y"}
		var all []any
		for _, id := range ids {
			o := order(id, 1, noon)
			o.SupplierID, o.CustomerID = id, id
			all = append(all, o)
		}
		mustAppend(t, store, events(t, all...)...)
		assert.EqualValues(t, len(ids), figureOf(t, store, "orders").Count)
		assert.EqualValues(t, len(ids), figureOf(t, store, "customers").Count)
		for _, id := range ids {
			rows, err := store.Query(context.Background(), bizmetrics.Query{
				Metric: "orders", From: noon.Add(-time.Hour), To: noon.Add(time.Hour), Filter: map[string]string{"supplier": id},
			})
			require.NoError(t, err)
			require.Len(t, rows, 1)
			assert.EqualValues(t, 1, rows[0].Count, "%q", id)
		}
	})
	t.Run("totals beyond an int64 are an error that is ErrOverflow, and no wrong figure", func(t *testing.T) {
		store := s.open(t)
		const most = 1<<63 - 1
		mustAppend(t, store, events(t, order("o1", most, noon), order("o2", most, noon))...)
		_, err := store.Query(context.Background(), bizmetrics.Query{Metric: "revenue", From: noon.AddDate(0, 0, -1), To: noon.AddDate(0, 0, 1)})
		require.ErrorIs(t, err, bizmetrics.ErrOverflow)
		assert.EqualValues(t, most, figureOf(t, store, "order_value").Money.Minor, "their mean fits")
		mustAppend(t, store, events(t, bizmetrics.Order{ID: "o1", Status: bizmetrics.Cancelled, At: noon})...)
		assert.EqualValues(t, most, figureOf(t, store, "revenue").Money.Minor)
	})
}

func testAppendRefusals(t *testing.T, s Suite) {
	good := events(t, order("o1", 1000, noon))[0]
	broken := func(change func(*bizmetrics.Event)) bizmetrics.Event {
		e := events(t, order("o2", 1000, noon))[0]
		change(&e)
		return e
	}
	for name, bad := range map[string]bizmetrics.Event{
		"no JSON":                broken(func(e *bizmetrics.Event) { e.Data = json.RawMessage("{") }),
		"no such kind":           broken(func(e *bizmetrics.Event) { e.Kind = "wish" }),
		"the key of another one": broken(func(e *bizmetrics.Event) { e.Key = "order:placed:o9" }),
	} {
		t.Run("an event with "+name+" is an error, and none of its batch is kept", func(t *testing.T) {
			store := s.open(t)
			_, err := store.Append(context.Background(), []bizmetrics.Event{good, bad})
			require.Error(t, err)
			assert.Empty(t, scanned(t, store, everFrom, everTo))
			assert.EqualValues(t, 0, figureOf(t, store, "revenue").Money.Minor)
			assert.Equal(t, outcomes{stored}, mustAppend(t, store, good), "it can be handed over again")
		})
	}
	t.Run("with a cancelled context all is kept or none", func(t *testing.T) {
		store := s.open(t)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		got, err := store.Append(ctx, []bizmetrics.Event{good})
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			assert.Empty(t, scanned(t, store, everFrom, everTo))
			assert.Equal(t, outcomes{stored}, mustAppend(t, store, good), "and the store works on")
			return
		}
		assert.Equal(t, outcomes{stored}, got)
		assert.Len(t, scanned(t, store, everFrom, everTo), 1)
	})
}
