package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
	"github.com/distri-night/monitoring/internal/config"
)

var ctx = context.Background()

func TestWhatIsStoredIsThereWhenTheFileIsOpenedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a file? 100%.db")
	s, err := Open(path, Config{})
	require.NoError(t, err)
	appendAll(t, s, placed("o1", noon), placed("o2", noon))
	require.NoError(t, s.Close())

	s = openAt(t, path, Config{})
	assert.Equal(t, []bizmetrics.Outcome{bizmetrics.Duplicate, bizmetrics.Stored}, appendAll(t, s, placed("o1", noon), placed("o3", noon)))
	assert.Equal(t, bizmetrics.Money{Minor: 3000, Currency: "EUR"}, month(t, s, "revenue").Money)
	_, err = os.Stat(path)
	assert.NoError(t, err, "the path is taken as it is")
}

func TestASecondStoreOnTheFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	s := openAt(t, path, Config{})
	_, err := Open(path, Config{})
	require.ErrorIs(t, err, ErrLocked)
	assert.ErrorContains(t, err, path)
	require.NoError(t, s.Close())
	openAt(t, path, Config{})
}

func TestAFileTakesNoOtherCalendar(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	s, err := Open(path, Config{Location: berlin, MonthStart: 25})
	require.NoError(t, err)
	loc, start := s.Calendar()
	assert.Equal(t, berlin, loc)
	assert.Equal(t, 25, start)
	require.NoError(t, s.Close())

	_, err = Open(path, Config{})
	require.ErrorIs(t, err, bizmetrics.ErrInvalid)
	for _, field := range []string{"Config.Location", "Config.MonthStart", "Europe/Berlin", "25"} {
		assert.ErrorContains(t, err, field)
	}
	openAt(t, path, Config{Location: berlin, MonthStart: 25})
}

func TestAWrongConfigNamesItsFields(t *testing.T) {
	_, err := Open(filepath.Join(t.TempDir(), "events.db"), Config{MonthStart: 29, Retention: time.Hour})
	require.ErrorIs(t, err, bizmetrics.ErrInvalid)
	assert.ErrorContains(t, err, "Config.MonthStart")
	assert.ErrorContains(t, err, "Config.Retention")
}

// hostile are texts that have broken databases, and what was built on them.
var hostile = []string{
	"'; DROP TABLE events; --", `"`, "\\", "%", "_", "?1", "$1", ":a", "\u202e", "\ufeff", "\uffff", "\U0010ffff", "e\u0301", "\u00e9",
	"A", "a", " a", "a ", "\t\n\r", "NULL", "null", "0", "-1", "1e999", "\x01\x1f\x7f", strings.Repeat("\U0001f600", 64), "",
}

func TestTextsComeBackAsTheyWere(t *testing.T) {
	s := openNew(t, Config{})
	var records []*ledger.Record
	for i, text := range hostile {
		r := placed("order "+text, noon)
		r.Customer, r.Supplier, r.Tenant = text, text, text
		p := money(&ledger.Record{Kind: ledger.KindPayment, ID: fmt.Sprint(i, text), Method: "m" + text, Text: text, Succeeded: true, At: noon.UnixMicro(), AtGiven: true}, 1)
		f := &ledger.Record{Kind: ledger.KindFeature, ID: text + "x", Customer: text, Method: text, At: noon.UnixMicro(), AtGiven: true}
		records = append(records, r, p, f)
	}
	events := eventsOf(t, records...)
	for _, o := range appendAll(t, s, records...) {
		require.Equal(t, bizmetrics.Stored, o)
	}
	var scanned []bizmetrics.Event
	for e, err := range s.Scan(ctx, noon, noon.Add(1)) {
		require.NoError(t, err)
		scanned = append(scanned, e)
	}
	assert.Empty(t, scanned, "a nanosecond holds no microsecond")
	for e, err := range s.Scan(ctx, noon, noon.Add(time.Microsecond)) {
		require.NoError(t, err)
		scanned = append(scanned, e)
	}
	assert.Equal(t, events, scanned)
	for _, text := range hostile {
		for _, group := range []string{"supplier", "customer", "tenant"} {
			rows, err := s.Query(ctx, bizmetrics.Query{
				Metric: "revenue", From: noon.AddDate(0, -1, 0), To: noon.AddDate(0, 1, 0), GroupBy: []string{group}, Filter: map[string]string{group: text},
			})
			require.NoError(t, err)
			require.Len(t, rows, 1, "%s %q", group, text)
			assert.Equal(t, []string{text}, rows[0].Group)
			assert.EqualValues(t, 1, rows[0].Count)
		}
	}
}

func TestWhatADatabaseWouldChangeIsRefused(t *testing.T) {
	s := openNew(t, Config{})
	for name, e := range map[string]bizmetrics.Event{
		"NUL":             {Key: "order:placed:a\x00", Kind: "order", At: noon, Data: []byte(`{"id":"a\u0000","status":"placed","amount":{"minor":1,"currency":"EUR"}}`)},
		"negative":        {Key: "order:placed:a", Kind: "order", At: noon, Data: []byte(`{"id":"a","status":"placed","amount":{"minor":-1,"currency":"EUR"}}`)},
		"negative value":  {Key: "order:placed:a", Kind: "order", At: noon, Data: []byte(`{"id":"a","status":"placed","amount":{"minor":1,"currency":"USD"},"value":{"minor":-1,"currency":"EUR"}}`)},
		"broken":          {Key: "order:placed:a", Kind: "order", At: noon, Data: []byte(`{"id":"a"`)},
		"another's key":   {Key: "order:placed:b", Kind: "order", At: noon, Data: []byte(`{"id":"a","status":"placed","amount":{"minor":1,"currency":"EUR"}}`)},
		"of no kind":      {Key: "a", Kind: "weather", At: noon, Data: []byte(`{"id":"a"}`)},
		"before its time": {Key: "order:placed:a", Kind: "order", At: time.Unix(-1, 0), Data: []byte(`{"id":"a","status":"placed","amount":{"minor":1,"currency":"EUR"}}`)},
	} {
		_, err := s.Append(ctx, append(eventsOf(t, placed("good", noon)), e))
		if name != "broken" {
			require.ErrorIs(t, err, config.ErrInvalid, name)
		}
		assert.ErrorContains(t, err, "event 1", name)
	}
	assert.Zero(t, month(t, s, "orders").Count, "none of a batch is kept with one that is refused")
}

func TestWritersAndReadersDoNotWaitForEachOther(t *testing.T) {
	s := openNew(t, Config{})
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 20 {
				appendAll(t, s, placed(fmt.Sprint(i), noon), placed(fmt.Sprint(w, " ", i), noon))
			}
		})
		all.Go(func() {
			last := int64(0)
			for range 50 {
				r := month(t, s, "revenue")
				assert.GreaterOrEqual(t, r.Count, last)
				assert.Equal(t, 1000*r.Count, r.Money.Minor, "a snapshot is of whole batches")
				last = r.Count
				for _, err := range s.Scan(ctx, noon, noon.Add(time.Hour)) {
					assert.NoError(t, err)
				}
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 20+4*20, month(t, s, "orders").Count)
}

func TestACancelledCallChangesNothing(t *testing.T) {
	s := openNew(t, Config{})
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, err := s.Append(gone, eventsOf(t, placed("o", noon)))
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.Query(gone, bizmetrics.Query{Metric: "revenue", From: noon, To: noon.Add(1)})
	require.ErrorIs(t, err, context.Canceled)
	for _, err := range s.Scan(gone, noon, noon.Add(time.Hour)) {
		require.ErrorIs(t, err, context.Canceled)
	}
	assert.Zero(t, month(t, s, "orders").Count)
}

func TestAClosedStoreSaysSo(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "events.db"), Config{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	_, err = s.Append(ctx, eventsOf(t, placed("o", noon)))
	require.ErrorContains(t, err, "closed")
	_, err = s.Query(ctx, bizmetrics.Query{Metric: "revenue", From: noon, To: noon.Add(1)})
	require.ErrorContains(t, err, "closed")
}

func TestEventsOfOneMomentAreAllScanned(t *testing.T) {
	s := openNew(t, Config{})
	var records []*ledger.Record
	for i := range 2500 {
		records = append(records, placed(fmt.Sprint(i), noon))
	}
	records = append(records, placed("later", noon.Add(time.Second)))
	appendAll(t, s, records...)
	seen := map[string]bool{}
	for e, err := range s.Scan(ctx, noon, noon.Add(time.Hour)) {
		require.NoError(t, err)
		require.False(t, seen[e.Key])
		seen[e.Key] = true
	}
	assert.Len(t, seen, 2501)
	n := 0
	for range s.Scan(ctx, noon, noon.Add(time.Hour)) {
		if n++; n == 3 {
			break
		}
	}
}

func TestOldEventsGoAndTheirTotalsStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	now := time.Now().UTC()
	old := now.AddDate(0, 0, -100).Truncate(24 * time.Hour).Add(90 * time.Minute)
	s := openAt(t, path, Config{Retention: 30 * 24 * time.Hour})
	appendAll(t, s, placed("old", old), placed("older", old.Add(time.Minute)), placed("new", now))
	n := 0
	for e, err := range s.Scan(ctx, old.AddDate(-1, 0, 0), now.AddDate(1, 0, 0)) {
		require.NoError(t, err)
		assert.Equal(t, "order:placed:new", e.Key)
		n++
	}
	assert.Equal(t, 1, n)
	sum := func(q bizmetrics.Query) bizmetrics.Row {
		rows, err := s.Query(ctx, q)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		return rows[0]
	}
	for _, span := range []struct {
		from, to time.Duration
		want     int64
	}{
		{-24 * time.Hour, 24 * time.Hour, 2}, {-time.Hour, time.Hour, 2},
		{0, time.Hour, 2}, {2 * time.Minute, time.Hour, 0}, {-2 * time.Minute, time.Second, 2}, // by the five minutes that begin in it
	} {
		q := bizmetrics.Query{Metric: "orders", From: old.Add(span.from), To: old.Add(span.to)}
		assert.Equal(t, span.want, sum(q).Count, "%v", span)
	}
	day := bizmetrics.Query{Metric: "revenue", From: old.Truncate(24 * time.Hour), To: old.Truncate(24 * time.Hour).Add(24 * time.Hour)}
	day.Filter = map[string]string{"supplier": "s"}
	assert.EqualValues(t, 2000, sum(day).Money.Minor)
	day.To = day.To.Add(-time.Minute)
	assert.EqualValues(t, 2000, sum(day).Money.Minor, "a day counts with its start")
	day.Metric, day.Filter = "active_users", nil
	assert.True(t, isNaN(sum(day).Value), "who it was is gone")
	day.To = day.To.Add(time.Minute)
	assert.EqualValues(t, 1, sum(day).Count)
	assert.Equal(t, []bizmetrics.Outcome{bizmetrics.Duplicate}, appendAll(t, s, placed("new", now)))
}

func TestOldEventsGoAndTheirSegmentsWithThem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	e, err := openEngine(path)
	require.NoError(t, err)
	for _, l := range e.lists {
		l.sealAt = 100
	}
	inner, err := sqlstore.New(ctx, e, sqlstore.Config{})
	require.NoError(t, err)
	s := &Store{inner}
	now := time.Now().UTC()
	old := now.AddDate(0, 0, -60)
	for day := range 20 {
		var records []*ledger.Record
		for i := range 100 {
			records = append(records, placed(fmt.Sprint(day, " ", i), old.AddDate(0, 0, day)))
		}
		appendAll(t, s, records...)
	}
	segments := len(e.lists[byHash].segments)
	require.Greater(t, segments, 10)
	require.NoError(t, s.Close())

	s = openAt(t, path, Config{Retention: 50 * 24 * time.Hour})
	left := func() (n int) {
		for range s.Scan(ctx, old.AddDate(0, 0, -1), now) {
			n++
		}
		return n
	}
	for i := range 3 {
		appendAll(t, s, placed(fmt.Sprint("new", i), now.Add(time.Hour)))
	}
	assert.Equal(t, 1000, left())
	require.NoError(t, s.Close())
	e, err = openEngine(path)
	require.NoError(t, err)
	defer e.Close()
	assert.Less(t, len(e.lists[byHash].segments), segments)
}

func isNaN(v float64) bool { return v != v }
