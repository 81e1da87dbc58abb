package bizmetrics

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// load records events at 100,000 a second, for 20 s with SOAK set, else for 2 s.
func load(t *testing.T, r *Recorder) (events int) {
	t.Helper()
	events = 200_000
	if os.Getenv("SOAK") != "" {
		events = 2_000_000
	}
	const burst = 500
	begin := time.Now()
	for i := 0; i < events; i += burst {
		for j := i; j < i+burst; j++ {
			id := strconv.Itoa(j)
			require.NoError(t, r.RecordOrder(context.Background(), Order{ID: id, CustomerID: id[:1+len(id)/2], SupplierID: "s" + id[len(id)-1:], Total: eur(1)}))
		}
		time.Sleep(time.Until(begin.Add(time.Duration(i+burst) * 10 * time.Microsecond)))
	}
	t.Logf("%d events recorded in %v", events, time.Since(begin).Round(time.Millisecond))
	return events
}

// soakQueue is the default with SOAK set. In tests beside others it holds all:
// what is shown then is that nothing is lost, not how fast it is.
func soakQueue() int {
	if os.Getenv("SOAK") != "" {
		return 0
	}
	return 200_000
}

func TestMemoryWithAJournalKeepsUp(t *testing.T) {
	dir := t.TempDir()
	r, err := New(Config{Currency: "EUR", Dir: dir, Queue: soakQueue()})
	require.NoError(t, err)
	n := load(t, r)
	begin := time.Now()
	require.NoError(t, r.Sync(t.Context()))
	t.Logf("all durable %v later", time.Since(begin).Round(time.Millisecond))
	assert.EqualValues(t, n, counted(r, "business.events", "order", "stored"))
	assert.Zero(t, counted(r, "monitoring.dropped"))
	require.NoError(t, r.Close(context.Background()))

	begin = time.Now()
	r = open(t, Config{Currency: "EUR", Dir: dir})
	t.Logf("read back in %v, %v an event", time.Since(begin).Round(time.Millisecond), time.Since(begin)/time.Duration(n))
	rows, err := r.Query(t.Context(), Query{Metric: "gross", From: begin.Add(-time.Hour), To: begin.Add(time.Hour)})
	require.NoError(t, err)
	assert.EqualValues(t, n, rows[0].Count)
}

// tally is a store that knows orders 0 to n-1 by a bit each.
type tally struct {
	away atomic.Bool

	mu    sync.Mutex
	bits  []uint64
	found int
}

func (s *tally) Append(_ context.Context, events []Event) ([]Outcome, error) {
	if s.away.Load() {
		return nil, errors.New("no connection")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	outcomes := make([]Outcome, len(events))
	for i, e := range events {
		n, err := strconv.Atoi(e.Key[len("order:placed:"):])
		if err != nil || !json.Valid(e.Data) {
			return nil, ErrInvalid
		}
		if outcomes[i] = Duplicate; s.bits[n/64]&(1<<(n%64)) == 0 {
			s.bits[n/64] |= 1 << (n % 64)
			s.found++
			outcomes[i] = Stored
		}
	}
	return outcomes, nil
}

func (s *tally) stored() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.found
}

func (s *tally) Query(context.Context, Query) ([]Row, error) { return nil, nil }
func (s *tally) Scan(context.Context, time.Time, time.Time) iter.Seq2[Event, error] {
	return func(func(Event, error) bool) {}
}
func (s *tally) Close() error { return nil }

func TestMillionsWaitForAStoreOnDiskOnly(t *testing.T) {
	heap := func() (m runtime.MemStats) {
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m
	}
	before := heap().HeapInuse // of the tests before
	store := &tally{bits: make([]uint64, 2_000_000/64)}
	store.away.Store(true)
	r := open(t, Config{Currency: "EUR", Dir: t.TempDir(), Queue: soakQueue(), Store: store})
	n := load(t, r)
	require.NoError(t, r.Sync(t.Context()))
	assert.Zero(t, store.stored())
	m := heap()
	t.Logf("%d events wait: heap in use %d MiB, from the system %d MiB", n, m.HeapInuse>>20, m.Sys>>20)
	assert.Less(t, m.HeapInuse, before+200<<20)
	store.away.Store(false)
	begin := time.Now()
	require.Eventually(t, func() bool { return store.stored() == n }, time.Minute, 10*time.Millisecond)
	t.Logf("all in the store %v later", time.Since(begin).Round(time.Millisecond))
	require.NoError(t, r.Sync(t.Context()))
	assert.EqualValues(t, n, counted(r, "business.events", "order", "stored"))
	assert.Zero(t, counted(r, "monitoring.dropped"))
}
