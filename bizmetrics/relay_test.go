package bizmetrics

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// moody is a store in memory that outlives its Recorders, and does what before
// says.
type moody struct {
	*memory
	before atomic.Pointer[func(ctx context.Context, events []Event) error]
	calls  atomic.Int64
}

func newMoody() *moody { return &moody{memory: newMemory(ledger.Calendar{})} }

func (m *moody) mood(f func(ctx context.Context, events []Event) error) { m.before.Store(&f) }
func (m *moody) fine()                                                  { m.before.Store(nil) }
func (m *moody) isAway() {
	m.mood(func(context.Context, []Event) error { return errors.New("no connection") })
}

func (m *moody) Append(ctx context.Context, events []Event) ([]Outcome, error) {
	m.calls.Add(1)
	if f := m.before.Load(); f != nil {
		if err := (*f)(ctx, events); err != nil {
			return nil, err
		}
	}
	return m.memory.Append(ctx, events)
}

func record(t *testing.T, r *Recorder, prefix string, n int) {
	t.Helper()
	for i := range n {
		require.NoError(t, r.RecordOrder(t.Context(), Order{ID: fmt.Sprint(prefix, i), Total: eur(1)}))
	}
}

func TestWhatIsRecordedIsReadAfterSync(t *testing.T) {
	store := newMoody()
	r := open(t, Config{Store: store, Dir: t.TempDir()})
	for i := range 5 {
		record(t, r, fmt.Sprint(i, "-"), 100)
		require.NoError(t, r.Sync(t.Context()))
		assert.Equal(t, (i+1)*100, store.size())
		assert.EqualValues(t, (i+1)*100, counted(r, "business.events", "order", "stored"))
	}
}

func TestEventsOfADeadProcessAreSentByTheNext(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	store, dir := newMoody(), t.TempDir()
	store.isAway()
	r := open(t, Config{Store: store, Dir: dir, Now: now.now, Currency: "EUR"})
	record(t, r, "a", 50)
	require.NoError(t, r.Sync(t.Context()), "in the journal")
	health := HealthReport{Verdict: healthy}
	require.Eventually(t, r.behind.Load, 5*time.Second, time.Millisecond)
	health.behind()
	assert.Equal(t, degraded, health.Verdict)
	require.EqualError(t, r.Close(t.Context()), "business: 50 events left in the journal")
	assert.Zero(t, store.size())

	store.fine()
	now.set(now.now().Add(10 * time.Minute))
	r = open(t, Config{Store: store, Dir: dir, Now: now.now, Currency: "EUR"})
	record(t, r, "a", 60)
	require.NoError(t, r.Sync(t.Context()))
	assert.Equal(t, 60, store.size())
	assert.EqualValues(t, 60, counted(r, "business.events", "order", "stored"))
	assert.EqualValues(t, 50, counted(r, "business.events", "order", "duplicate"))
	assert.EqualValues(t, 60, counted(r, "business.orders"), "they happened just now")
}

func TestEventsThatWaitedForHoursAreNotWhatHappensNow(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	store, dir := newMoody(), t.TempDir()
	store.isAway()
	c := Config{Store: store, Dir: dir, Now: now.now, Currency: "EUR"}
	r := open(t, c)
	record(t, r, "a", 50)
	require.Error(t, r.Close(t.Context()))
	store.fine()
	now.set(now.now().Add(2 * time.Hour))
	r = open(t, c)
	require.NoError(t, r.Sync(t.Context()))
	assert.EqualValues(t, 50, counted(r, "business.events", "order", "stored"))
	assert.Zero(t, counted(r, "business.orders"))
}

// Case 68: delivered twice, over a restart and by two replicas.
func TestCase68AnEventCountsOnceOnAnyReplica(t *testing.T) {
	store := newMoody()
	o := Order{ID: "o", Total: eur(10)}
	other := Order{ID: "o", Total: eur(99)}
	dirs := []string{t.TempDir(), t.TempDir()}
	counts := map[string]float64{}
	for round := range 3 { // each round both replicas start anew
		store.isAway()
		a, b := open(t, Config{Store: store, Dir: dirs[0]}), open(t, Config{Store: store, Dir: dirs[1]})
		for _, r := range []*Recorder{a, b} {
			recordAny(t, r, o)
			recordAny(t, r, o)
		}
		if round > 0 { // the first wins, whoever was first
			recordAny(t, b, other)
		}
		store.fine()
		for _, r := range []*Recorder{a, b} {
			require.Eventually(t, func() bool { return r.Sync(t.Context()) == nil && !r.behind.Load() }, 10*time.Second, time.Millisecond)
			require.NoError(t, r.Sync(t.Context()))
			for _, outcome := range []string{"stored", "duplicate", "conflict"} {
				counts[outcome] += counted(r, "business.events", "order", outcome)
			}
			revenue, err := r.Revenue(t.Context())
			require.NoError(t, err)
			assert.Equal(t, eur(10), revenue.Today.Value)
			require.NoError(t, r.Close(t.Context()))
		}
	}
	assert.Equal(t, map[string]float64{"stored": 1, "duplicate": 11, "conflict": 2}, counts)
}

func TestCase68AnEventCountsOnceOverARestartWithAJournal(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		r := open(t, Config{Dir: dir, Currency: "EUR"})
		recordAny(t, r, Order{ID: "o", Total: eur(10)})
		recordAny(t, r, Order{ID: "o", Total: eur(99)})
		require.NoError(t, r.Sync(t.Context()))
		assert.EqualValues(t, min(round, 1), counted(r, "business.events", "order", "duplicate"))
		assert.EqualValues(t, 1, counted(r, "business.events", "order", "conflict"))
		revenue, err := r.Revenue(t.Context())
		require.NoError(t, err)
		assert.Equal(t, eur(10), revenue.Today.Value)
		require.NoError(t, r.Close(t.Context()))
	}
}

func TestAnEventThatTheStoreRefusesDoesNotHoldUpTheOthers(t *testing.T) {
	for name, dir := range map[string]string{"with a journal": t.TempDir(), "without": ""} {
		t.Run(name, func(t *testing.T) {
			store := newMoody()
			store.mood(func(_ context.Context, events []Event) error {
				for _, e := range events {
					if strings.Contains(e.Key, "bad") {
						return fmt.Errorf("%w: %s", ErrInvalid, e.Key)
					}
				}
				return nil
			})
			r := open(t, Config{Store: store, Dir: dir})
			for _, prefix := range []string{"good", "bad-1-", "fine"} {
				record(t, r, prefix, 300)
				record(t, r, prefix+"bad", 1)
			}
			require.NoError(t, r.Sync(t.Context()))
			assert.Equal(t, 600, store.size())
			assert.EqualValues(t, 303, counted(r, "monitoring.dropped", "business", reasonRefused))
			assert.EqualValues(t, 600, counted(r, "business.events", "order", "stored"))
			health, err := r.HealthReport(t.Context())
			require.NoError(t, err)
			assert.Equal(t, degraded, health.Verdict)
		})
	}
}

func TestAStoreThatPanicsIsOneThatIsAway(t *testing.T) {
	store := newMoody()
	store.mood(func(context.Context, []Event) error { panic("bug") })
	r := open(t, Config{Store: store, Dir: t.TempDir()})
	record(t, r, "a", 5)
	require.NoError(t, r.Sync(t.Context()))
	store.fine()
	require.Eventually(t, func() bool { return store.size() == 5 }, 10*time.Second, time.Millisecond)
}

func TestSyncWaitsForAStoreThatHangsOnlyForSeconds(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store := newMoody()
		store.mood(func(ctx context.Context, _ []Event) error { <-ctx.Done(); return ctx.Err() })
		r, err := New(Config{Store: store, Dir: dir})
		require.NoError(t, err)
		record(t, r, "a", 5)
		begin := time.Now()
		require.NoError(t, r.Sync(t.Context()), "it is in the journal")
		assert.Equal(t, patience, time.Since(begin))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, r.Sync(ctx), context.DeadlineExceeded)

		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin = time.Now()
		err = r.Close(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "5 events left in the journal")
		assert.Equal(t, time.Second, time.Since(begin))
		<-r.stopped
	})
	store := newMoody()
	r := open(t, Config{Store: store, Dir: dir})
	require.NoError(t, r.Sync(t.Context()))
	assert.Equal(t, 5, store.size(), "sent by the next process")
}

func TestAStoreThatComesBackGetsAllInOrder(t *testing.T) {
	store := newMoody()
	store.isAway()
	r := open(t, Config{Store: store, Dir: t.TempDir(), Queue: 100})
	for i := range 50 { // far more than the queue holds
		record(t, r, fmt.Sprint(i, "-"), 90)
		require.NoError(t, r.Sync(t.Context()))
	}
	var keys []string
	store.mood(func(_ context.Context, events []Event) error {
		for _, e := range events {
			keys = append(keys, e.Key)
		}
		return nil
	})
	require.Eventually(t, func() bool { return store.size() == 4500 }, 10*time.Second, time.Millisecond)
	require.NoError(t, r.Close(t.Context()))
	for i, key := range keys {
		require.Equal(t, fmt.Sprint("order:placed:", i/90, "-", i%90), key)
	}
	assert.Zero(t, counted(r, "monitoring.dropped"))
}
