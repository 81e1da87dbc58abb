package bizmetrics

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/internal/spool"
)

func closeNow(t require.TestingT, r *Recorder) { require.NoError(t, r.Close(context.Background())) }

func TestARestartChangesNoReport(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		require.NoError(rt, err)
		g := generate(rt)
		c := g.config()
		c.Dir = dir
		r := g.record(rt, c)
		closeNow(rt, r)
		r = g.record(rt, c) // all events come again
		g.checkReports(rt, r)
		if len(g.events) > 0 {
			require.Zero(rt, counted(r, "business.events", "order", "stored"), "nothing is new after a restart")
			require.Zero(rt, counted(r, "business.events", "order", "conflict"))
		}
		require.NoError(rt, r.backend.(*journaled).compact())
		closeNow(rt, r)
		r, err = New(c)
		require.NoError(rt, err)
		defer closeNow(rt, r)
		g.checkReports(rt, r)
		g.checkQueries(rt, r)
	})
}

func TestAConflictIsFoundAfterARestart(t *testing.T) {
	dir := t.TempDir()
	o := Order{ID: "o", CustomerID: "c", SupplierID: "s", Total: eur(5), At: time.Now()}
	p := Payment{ID: "p", OrderID: "o", Method: "card", FailureReason: "timeout", Amount: eur(5)}
	n := NPS{ID: "n", UserID: "u", Score: 3, Comment: "slow"}
	s := SupplierResponse{ID: "s", SupplierID: "s", OrderID: "o", After: time.Minute, Accepted: true}
	r := open(t, Config{Dir: dir})
	for _, e := range []any{o, p, n, s} {
		recordAny(t, r, e)
	}
	closeNow(t, r)

	r = open(t, Config{Dir: dir})
	for _, e := range []any{o, p, n, s} {
		recordAny(t, r, e)
	}
	assert.EqualValues(t, 4, counted(r, "business.events"))
	for _, kind := range []string{"order", "payment", "nps", "supplier_response"} {
		assert.EqualValues(t, 1, counted(r, "business.events", kind, "duplicate"), kind)
	}
	o.SupplierID, p.FailureReason, n.Score, s.Accepted = "other", "limit", 4, false
	for _, e := range []any{o, p, n, s} {
		recordAny(t, r, e)
	}
	for _, kind := range []string{"order", "payment", "nps", "supplier_response"} {
		assert.EqualValues(t, 1, counted(r, "business.events", kind, "conflict"), kind)
	}
}

func TestTheCurrencyThatTheFirstEventChoseStays(t *testing.T) {
	dir := t.TempDir()
	r := open(t, Config{Dir: dir})
	recordAny(t, r, Order{ID: "o", Total: Money{500, "JPY"}})
	closeNow(t, r)
	r = open(t, Config{Dir: dir})
	assert.ErrorIs(t, r.RecordOrder(t.Context(), Order{ID: "x", Total: eur(1)}), ErrCurrency)
	closeNow(t, r)

	_, err := New(Config{Dir: dir, Currency: "EUR"})
	require.ErrorIs(t, err, ErrInvalid, "yen are not counted as cents")
	assert.ErrorContains(t, err, "JPY")

	r = open(t, Config{Dir: dir, Currency: "EUR", Convert: testConvert})
	revenue, err := r.Revenue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, eur(300), revenue.Today.Value, "converted from what was recorded")
}

func TestADeadProcessLeavesItsEventsToTheNext(t *testing.T) {
	dir := t.TempDir()
	a := open(t, Config{Dir: dir, Currency: "EUR"})
	b := open(t, Config{Dir: dir, Currency: "EUR"})
	recordAny(t, a, Order{ID: "both", Total: eur(1)})
	recordAny(t, b, Order{ID: "both", Total: eur(1)})
	recordAny(t, a, Order{ID: "a", Total: eur(10)})
	recordAny(t, b, Order{ID: "b", Total: eur(100)})
	closeNow(t, a)
	closeNow(t, b)
	c := open(t, Config{Dir: dir, Currency: "EUR"})
	revenue, err := c.Revenue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, eur(111), revenue.Today.Value)
}

// A compaction that dies between writing the new log and removing those that
// it has taken in leaves both.
func TestWhatACompactionTookInDoesNotCountAgain(t *testing.T) {
	now := newClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	dir := t.TempDir()
	c := Config{Dir: dir, Now: now.now, Currency: "EUR"}
	r := open(t, c)
	recordAny(t, r, Order{ID: "old", Total: eur(100)})
	closeNow(t, r)
	var logs []string
	for _, name := range glob(t, dir) {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		logs = append(logs, string(data))
	}
	require.Len(t, logs, 1)

	now.set(now.now().AddDate(0, 0, 50))
	r = open(t, c)
	recordAny(t, r, Order{ID: "new", Total: eur(1)})
	require.NoError(t, r.Sync(t.Context()))
	require.NoError(t, r.backend.(*journaled).compact())
	closeNow(t, r)
	left := filepath.Join(filepath.Dir(glob(t, dir)[0]), "adopted-00000001.log")
	require.NoError(t, os.WriteFile(left, []byte(logs[0]), 0o600))

	r = open(t, c)
	rows, err := r.Query(t.Context(), Query{Metric: "revenue", From: now.now().AddDate(0, 0, -60), To: now.now().AddDate(0, 0, 1)})
	require.NoError(t, err)
	assert.Equal(t, eur(101), rows[0].Money)
}

func glob(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*", "own.log"))
	require.NoError(t, err)
	return names
}

func TestABadEntryIsCountedAndTheRestIsRead(t *testing.T) {
	dir := t.TempDir()
	log, err := spool.OpenLog(dir, func([]byte) error { return nil })
	require.NoError(t, err)
	good, err := orderEntry(Order{ID: "o", Total: eur(7)})
	require.NoError(t, err)
	require.NoError(t, log.Append(
		[]byte("not json"), []byte("{}"), []byte("null"), []byte(`{"kind":"order","event":{"id":"x","status":"lost"}}`),
		[]byte(`{"kind":"order","event":{"id":"x","status":"placed"}}`), []byte(`{"totals":{"cells":[{"amount":"x"}]}}`), good))
	require.NoError(t, log.Close())
	var said bytes.Buffer
	r := open(t, Config{Dir: dir, Logger: slog.New(slog.NewTextHandler(&said, nil))})
	revenue, err := r.Revenue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, eur(7), revenue.Today.Value)
	assert.EqualValues(t, 6, counted(r, "monitoring.dropped", "business", reasonBroken))
	assert.Contains(t, said.String(), "entries=6")
}

// orderEntry is an order recorded now, as the journal has it.
func orderEntry(o Order) ([]byte, error) {
	e := o.record()
	e.At, e.Arrived = time.Now().UnixMicro(), time.Now().UnixMicro()
	e.Value, e.Base = e.Amount.Minor, e.Amount.Currency
	e.Own()
	return e.AppendLine(nil), nil
}

func TestADiskThatRefusesIsToldBySyncAndReportsGoOn(t *testing.T) {
	var said bytes.Buffer
	r, err := New(Config{Dir: t.TempDir(), Currency: "EUR", Queue: 10, Logger: slog.New(slog.NewTextHandler(&said, nil))})
	require.NoError(t, err)
	ctx := t.Context()
	recordAny(t, r, Order{ID: "before", Total: eur(1)})
	require.NoError(t, r.Sync(ctx))
	require.NoError(t, r.backend.(*journaled).log.Close())
	for i := range 3 {
		for j := range 8 {
			recordAny(t, r, Order{ID: fmt.Sprint(i, "-", j), Total: eur(1)})
		}
		assert.ErrorIs(t, r.Sync(ctx), spool.ErrClosed)
	}
	revenue, err := r.Revenue(ctx)
	require.NoError(t, err)
	assert.Equal(t, eur(25), revenue.Today.Value)
	assert.EqualValues(t, 14, counted(r, "monitoring.dropped", "business", reasonJournal), "the bound holds, the rest is counted")
	assert.Equal(t, 1, strings.Count(said.String(), "cannot be stored"), "said once")
	health, err := r.HealthReport(ctx)
	require.NoError(t, err)
	assert.Equal(t, "degraded", health.Verdict)
	assert.Error(t, r.Close(ctx))
}

func TestAFolderThatCannotBeUsedLeavesMemory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	var said bytes.Buffer
	r := open(t, Config{Dir: filepath.Join(file, "below"), Logger: slog.New(slog.NewTextHandler(&said, nil))})
	recordAny(t, r, Order{ID: "o", Total: eur(1)})
	require.NoError(t, r.Sync(t.Context()))
	assert.Contains(t, said.String(), "memory only")
}

const childDir = "BIZMETRICS_TEST_DIR"

// TestMain's child: records and syncs until it is killed, printing what is
// durable.
func TestChildRecordsUntilItIsKilled(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("runs as a child of TestAKillLosesNothingThatWasSynced")
	}
	r, err := New(Config{Dir: dir, Currency: "EUR"})
	require.NoError(t, err)
	prefix := fmt.Sprint(os.Getpid())
	for i := 0; ; i++ {
		recordAny(t, r, Order{ID: fmt.Sprint(prefix, "-", i), Total: eur(1)})
		if i%10 == 9 {
			require.NoError(t, r.Sync(context.Background()))
			fmt.Println("durable", i+1)
		}
	}
}

func TestAKillLosesNothingThatWasSynced(t *testing.T) {
	dir := t.TempDir()
	durable := 0
	for round := range 10 {
		child := exec.Command(os.Args[0], "-test.run=^TestChildRecordsUntilItIsKilled$", "-test.v")
		child.Env = append(os.Environ(), childDir+"="+dir)
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		durable += killAfter(t, child, out, 20+13*round)
	}
	r := open(t, Config{Dir: dir, Currency: "EUR"})
	rows, err := r.Query(t.Context(), Query{Metric: "orders", From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	assert.GreaterOrEqual(t, rows[0].Count, int64(durable))
	assert.Less(t, rows[0].Count, int64(durable+10*30), "none twice")
}
