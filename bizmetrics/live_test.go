package bizmetrics

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

func TestReportsFollowWithoutASync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := New(Config{Currency: "EUR"})
		require.NoError(t, err)
		defer func() { require.NoError(t, r.Close(context.Background())) }()
		for i := range 5 {
			recordAny(t, r, Order{ID: strconv.Itoa(i), Total: eur(1)})
			time.Sleep(gather)
			synctest.Wait()
			revenue, err := r.Revenue(t.Context())
			require.NoError(t, err)
			assert.EqualValues(t, i+1, revenue.Today.Value.Minor)
		}
	})
}

func TestAStoreThatIsAwayIsTriedAgainWithoutASync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{memory: newMemory(ledger.Calendar{}), refusals: 3}
		r, err := New(Config{Store: store})
		require.NoError(t, err)
		defer func() { require.NoError(t, r.Close(context.Background())) }()
		recordAny(t, r, Order{ID: "o", Total: eur(1)})
		time.Sleep(gather + 7*minBackoff - 1) // 100, 200 and 400 ms
		synctest.Wait()
		assert.Zero(t, store.size())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		assert.Equal(t, 1, store.size())
	})
}

func TestAFullQueueIsCommittedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := New(Config{Queue: 10})
		require.NoError(t, err)
		defer func() { require.NoError(t, r.Close(context.Background())) }()
		for i := range 100 {
			recordAny(t, r, Order{ID: strconv.Itoa(i), Total: eur(1)})
			synctest.Wait() // no time passes
		}
	})
}

func TestWithinASecondTheJournalIsOnDisk(t *testing.T) {
	dir := t.TempDir()
	r := open(t, Config{Dir: dir})
	recordAny(t, r, Order{ID: "o", Total: eur(1)})
	assert.Eventually(t, func() bool {
		for _, name := range glob(t, dir) {
			if data, err := os.ReadFile(filepath.Clean(name)); err == nil && len(data) > 150 {
				return true
			}
		}
		return false
	}, time.Second, 5*time.Millisecond)
}

func FuzzJournalLine(f *testing.F) {
	line, err := orderEntry(Order{ID: "o", CustomerID: "c", Total: eur(5)})
	require.NoError(f, err)
	f.Add(line)
	f.Add([]byte(`{"section":{"id":"a","merged":["b"]}}`))
	f.Add([]byte(`{"totals":{"day":20000,"currency":"EUR","cells":[{"kind":1,"status":"placed","n":2,"amount":"99","after":"0"}]}}`))
	f.Add([]byte(`{"kind":"nps","t":1,"event":{"id":"n","score":-128}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &replay{}
		if err := p.line(data); err != nil {
			t.Fatal(err)
		}
		r := &core{cfg: Config{}.withDefaults()}
		m := newMemory(ledger.Calendar{})
		if p.into(m, r.convert) != nil {
			return
		}
		m.sweep(time.Now())
		_ = m.lines(section{}, func([]byte) error { return nil })
		_, _ = m.Query(t.Context(), Query{Metric: "revenue", From: time.Unix(0, 0), To: time.Now()})
	})
}

func BenchmarkReplay(b *testing.B) {
	dir := b.TempDir()
	r, err := New(Config{Currency: "EUR", Dir: dir, Queue: 1 << 20})
	require.NoError(b, err)
	const events = 100_000
	for i := range events {
		require.NoError(b, r.RecordOrder(b.Context(), Order{ID: strconv.Itoa(i), CustomerID: "c", SupplierID: "s", Total: eur(1)}))
	}
	require.NoError(b, r.Close(context.Background()))
	for b.Loop() {
		r, err := New(Config{Currency: "EUR", Dir: dir})
		require.NoError(b, err)
		require.NoError(b, r.Close(context.Background()))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
}
