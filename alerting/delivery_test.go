package alerting

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/spool"
	"github.com/distri-night/monitoring/metric"
)

// create raises n alerts, "t0" and so on.
func create(t *testing.T, m *Manager, n int) {
	t.Helper()
	for i := range n {
		_, err := m.CreateAlert(bg, Alert{Severity: P0, Title: fmt.Sprint("t", i)})
		require.NoError(t, err)
	}
}

func open(t *testing.T, routes ...Route) *Manager {
	t.Helper()
	m, err := New(Config{Logger: quiet, Routes: routes})
	require.NoError(t, err)
	return m
}

func queue(t *testing.T, size int64) *spool.Queue {
	t.Helper()
	q, err := spool.Open(spool.Config{MaxBytes: size})
	require.NoError(t, err)
	return q
}

func TestOneFailingReceiverHoldsUpNoOther(t *testing.T) { // cases 74
	synctest.Test(t, func(t *testing.T) {
		bad, good := &inbox{}, &inbox{}
		bad.failWith(errors.New("down"))
		hangs := notify(func(ctx context.Context, _ Notification) error { <-ctx.Done(); return ctx.Err() })
		m := open(t, Route{Name: "bad", To: bad}, Route{Name: "hangs", To: hangs}, Route{Name: "good", To: good})
		create(t, m, 3)
		synctest.Wait()
		assert.Len(t, good.messages(), 3)
		time.Sleep(time.Minute)
		assert.Equal(t, []string{"bad", "hangs"}, m.Failing())
		bad.failWith(nil)
		time.Sleep(6 * time.Minute)
		assert.Len(t, good.messages(), 3, "each message once")
		assert.Len(t, bad.messages(), 3)
		assert.Equal(t, []string{"hangs"}, m.Failing())
		assert.Equal(t, 3, m.Stats().Undelivered)
		assert.EqualError(t, m.Close(bg), "alerts: 3 notifications left in the outbox")
	})
}

func TestMessagesOfARouteComeInOrderAndRetriesCarryTheSameKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var tries, taken []string
		to := notify(func(_ context.Context, n Notification) error {
			mu.Lock()
			defer mu.Unlock()
			tries = append(tries, n.Key)
			if len(tries)%3 != 0 {
				return errors.New("not now")
			}
			taken = append(taken, n.Alerts[0].Title)
			return nil
		})
		m := open(t, Route{To: to})
		create(t, m, 4)
		time.Sleep(time.Hour)
		require.NoError(t, m.Close(bg))
		assert.Equal(t, []string{"t0", "t1", "t2", "t3"}, taken)
		for i := 0; i < len(tries); i += 3 {
			assert.Equal(t, tries[i], tries[i+1])
			assert.Equal(t, tries[i], tries[i+2])
		}
		keys := map[string]bool{}
		for _, k := range tries {
			keys[k] = true
		}
		assert.Len(t, keys, 4)
	})
}

func TestARefusedMessageIsGivenUpAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		to := notify(func(context.Context, Notification) error {
			if n.Add(1) == 1 {
				return fmt.Errorf("wrapped: %w", Permanent(errors.New("no such channel")))
			}
			return nil
		})
		m := open(t, Route{To: to})
		create(t, m, 2)
		synctest.Wait()
		assert.EqualValues(t, 2, n.Load())
		assert.Zero(t, m.Stats().Undelivered)
		assert.Equal(t, map[string]float64{"alerts/refused": 1}, dropped(m))
		require.NoError(t, m.Close(bg))
	})
}

// dropped reads monitoring.dropped as a registry would.
func dropped(m *Manager) map[string]float64 {
	got := map[string]float64{}
	m.Produce(func(f metric.Family) {
		if f.Name == "monitoring.dropped" {
			for _, p := range f.Points {
				got[strings.Join(p.Values, "/")] = p.Value
			}
		}
	})
	return got
}

func TestAPanickingReceiverHasFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		m := open(t, Route{To: notify(func(context.Context, Notification) error {
			if n.Add(1) < 3 {
				panic("boom")
			}
			return nil
		})})
		create(t, m, 1)
		time.Sleep(time.Minute)
		assert.EqualValues(t, 3, n.Load())
		require.NoError(t, m.Close(bg))
	})
}

func TestAReceiverMayChangeWhatItGets(t *testing.T) {
	a, b := &inbox{}, &inbox{}
	m := open(t, Route{Name: "a", To: notify(func(_ context.Context, n Notification) error {
		n.Alerts[0].Labels["k"] = "changed"
		return a.Notify(bg, n)
	})}, Route{Name: "b", To: b})
	_, err := m.CreateAlert(bg, Alert{Severity: P0, Title: "t", Labels: map[string]string{"k": "v"}})
	require.NoError(t, err)
	require.NoError(t, m.Flush(bg))
	require.NoError(t, m.Close(bg))
	assert.Equal(t, "v", b.messages()[0].Alerts[0].Labels["k"])
	assert.Equal(t, "v", m.Active()[0].Labels["k"])
}

func TestFlushTriesAFailedReceiverAtOnceAndSaysWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &inbox{}
		to.failWith(errors.New("down"))
		m := open(t, Route{To: to})
		create(t, m, 1)
		time.Sleep(20 * time.Minute) // deep in back-off
		ctx, cancel := context.WithTimeout(bg, time.Second)
		assert.EqualError(t, m.Flush(ctx), "alerts: 1 notification left in the outbox")
		cancel()
		to.failWith(nil)
		before := time.Now()
		require.NoError(t, m.Flush(bg))
		assert.Equal(t, before, time.Now())
		require.NoError(t, m.Close(bg))
	})
}

func TestAFullOutboxLosesNewMessagesAndCountsThem(t *testing.T) {
	q := queue(t, 200)
	lost := map[string]int{}
	release := make(chan struct{})
	o, _ := newOutbox(q, []Route{{Name: "r", To: notify(func(context.Context, Notification) error { <-release; return nil })}},
		func(reason string, n int) { lost[reason] += n }, (&Manager{conf: Config{Logger: quiet}}).log)
	for i := range 5 {
		o.add(message{Route: "r", Notification: Notification{Key: fmt.Sprint(i), Alerts: []Alert{{Title: "t", Severity: P0}}}})
	}
	o.add(message{Route: "unknown"})
	close(release)
	require.NoError(t, o.flush(bg))
	require.NoError(t, o.close(bg, 0))
	assert.Positive(t, lost[lostFull])
	assert.Less(t, lost[lostFull], 6)
}

func TestAMessageForARouteThatIsGoneIsCounted(t *testing.T) {
	q := queue(t, 0)
	_, _ = q.Append([]byte(`{"route":"gone","Key":"k"}`), true)
	_, _ = q.Append([]byte(`{broken`), true)
	lost := map[string]int{}
	o, known := newOutbox(q, nil, func(reason string, n int) { lost[reason] += n }, (&Manager{conf: Config{Logger: quiet}}).log)
	require.NoError(t, o.close(bg, 0))
	assert.True(t, known["k"])
	assert.Equal(t, map[string]int{lostRoute: 1, lostBroken: 1}, lost)
}

func TestThePauseGrowsToFiveMinutesWithJitter(t *testing.T) {
	assert.Equal(t, 750*time.Millisecond, backoff(1, 0))
	assert.Equal(t, 1250*time.Millisecond, backoff(1, 1))
	assert.Equal(t, 8*time.Second, backoff(4, 0.5))
	for _, failed := range []int{10, 60, 1000} {
		assert.Equal(t, 5*time.Minute, backoff(failed, 0.5))
	}
}

func TestRoutesTakeWhatFitsThem(t *testing.T) {
	a := Alert{Severity: P1, Labels: map[string]string{"pool": "x", "zone": "1"}}
	for _, tc := range []struct {
		r    Route
		fits bool
	}{
		{Route{}, true},
		{Route{Severities: []Severity{P0, P1}}, true},
		{Route{Severities: []Severity{P0}}, false},
		{Route{Match: map[string]string{"pool": "x"}}, true},
		{Route{Match: map[string]string{"pool": "x", "zone": "2"}}, false},
		{Route{Match: map[string]string{"absent": ""}}, false},
	} {
		assert.Equal(t, tc.fits, tc.r.fits(a), "%+v", tc.r)
	}
}

// hangingStore does not answer before its context ends.
type hangingStore struct{ MemoryStore }

func (s *hangingStore) Upsert(ctx context.Context, _ string, a Alert) (Alert, bool, error) {
	<-ctx.Done()
	return a, false, ctx.Err()
}

func TestCloseIsDoneByItsDeadlineWithAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, err := New(Config{Logger: quiet, Store: &hangingStore{}, Routes: []Route{{To: &inbox{}}}})
		require.NoError(t, err)
		create(t, m, 3)
		synctest.Wait()
		assert.Equal(t, 3, m.Stats().Undelivered)
		ctx, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		began := time.Now()
		assert.EqualError(t, m.Close(ctx), "alerts: 3 notifications left in the outbox")
		assert.Less(t, time.Since(began), time.Second+100*time.Millisecond)
		time.Sleep(time.Minute) // the store's calls time out, and the goroutine ends
	})
}

func TestTooManyAlertsAreRefusedAndCounted(t *testing.T) {
	b := newBench(t, Config{})
	for i := range maxActive {
		_, err := b.CreateAlert(bg, Alert{Severity: P3, Title: fmt.Sprint(i)})
		require.NoError(t, err)
	}
	_, err := b.CreateAlert(bg, Alert{Severity: P0, Title: "one more"})
	assert.ErrorIs(t, err, ErrTooMany)
	assert.ErrorIs(t, b.CheckMetric(bg, "error_rate", 5), ErrTooMany)
	assert.Equal(t, 2.0, dropped(b.Manager)["alerts/too_many"])
	_, err = b.CreateAlert(bg, Alert{Severity: P3, Title: "7"})
	assert.NoError(t, err, "one that is known is no more")
}

func TestConcurrentUseIsSafe(t *testing.T) {
	b := newBench(t, Config{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 200 {
				_ = b.CheckMetric(bg, "error_rate", float64(n%5))
				a, err := b.CreateAlert(bg, Alert{Severity: P2, Title: fmt.Sprint("t", i)})
				assert.NoError(t, err)
				_ = b.Acknowledge(bg, a.ID, "x")
				_ = b.Resolve(bg, a.ID)
				b.Active()
				b.Stats()
				b.evaluate(start.Add(time.Duration(n) * time.Second))
				assert.NoError(t, b.SetRule(bg, Rule{Indicator: fmt.Sprint("r", i), Levels: []Level{{Severity: P3, Threshold: float64(n)}}}))
			}
		})
	}
	wg.Wait()
	b.delivered()
}
