package alerting

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/spool"
)

// end closes the Manager as a process that has no time ends.
func (b *bench) end() error {
	ctx, cancel := context.WithTimeout(bg, time.Second)
	defer cancel()
	return b.Close(ctx)
}

// at moves the clock of a new process to where the old one's was.
func (b *bench) at(now time.Time) *bench {
	b.clock.now = now
	return b
}

func TestARestartNeitherRepeatsNorForgets(t *testing.T) {
	for name, act := range map[string]func(t *testing.T, b *bench){
		"firing": func(*testing.T, *bench) {},
		"acknowledged": func(t *testing.T, b *bench) {
			require.NoError(t, b.Acknowledge(bg, b.Active()[0].ID, "ada"))
		},
		"eased": func(_ *testing.T, b *bench) { b.feed("error_rate", times(31, 1.2)...) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b := newBench(t, Config{Dir: dir})
			b.feed("error_rate", 5)
			act(t, b)
			assert.Equal(t, []string{"P0 firing"}, b.said())
			before := b.Active()
			require.NoError(t, b.end())

			c := newBench(t, Config{Dir: dir}).at(b.Now().Add(2 * time.Hour))
			require.Equal(t, before, c.Active())
			c.feed("error_rate", times(10, 1.2)...)
			require.Len(t, c.Active(), 1)
			assert.Empty(t, c.said(), "who was told is not told again")
			c.feed("error_rate", times(31, 0)...)
			assert.Empty(t, c.Active())
			assert.Len(t, c.said(), 1, "the end is told to who was told by the process before")
			assert.Equal(t, before[0].ID, c.all.messages()[0].Alerts[0].ID)
			assert.Equal(t, 1, c.Stats().Total[P0])
			require.NoError(t, c.end())

			d := newBench(t, Config{Dir: dir}).at(c.Now())
			assert.Empty(t, d.Active())
			assert.Empty(t, d.said())
			assert.Len(t, d.Alerts(start), 1)
			assert.Equal(t, 1, d.Stats().Total[P0])
			assert.Positive(t, d.Stats().MTTR)
		})
	}
}

func TestAPushedAlertGoesOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t, Config{Dir: dir})
	require.NoError(t, b.CheckMetric(bg, "error_rate", 5))
	require.NoError(t, b.end())
	c := newBench(t, Config{Dir: dir}).at(b.Now())
	require.NoError(t, c.CheckMetric(bg, "error_rate", 0))
	assert.Empty(t, c.Active(), "a good reading ends it")
	assert.Equal(t, []string{"P1 resolved"}, replaceSeverity(c.said()))
}

// replaceSeverity leaves out what a test does not care for.
func replaceSeverity(said []string) []string {
	for i := range said {
		said[i] = "P1" + said[i][2:]
	}
	return said
}

func TestWhatWasNotDeliveredGoesOutInTheNextProcess(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t, Config{Dir: dir})
	b.all.failWith(errors.New("down"))
	b.feed("error_rate", 1.5, 5)
	b.feed("payment_success", 50)
	assert.EqualError(t, b.end(), "alerts: 3 notifications left in the outbox")

	c := newBench(t, Config{Dir: dir}).at(b.Now())
	assert.Equal(t, []string{"P1 firing", "P0 firing", "P0 firing"}, c.said(), "in order")
	keys := map[string]bool{}
	for _, n := range c.all.messages() {
		keys[n.Key] = true
	}
	assert.Len(t, keys, 3)
	require.NoError(t, c.end())
	d := newBench(t, Config{Dir: dir}).at(b.Now())
	assert.Empty(t, d.said())
}

// A process may die between any two of: alert kept, messages owed, messages in
// the outbox, nothing owed any more.
func TestAProcessThatDiesInBetweenStillTellsOnce(t *testing.T) {
	a := Alert{ID: "0123456789abcdef", Rule: "error_rate", Title: "t", Severity: P0, Worst: P0, State: Firing, Value: 5, Threshold: 2, StartedAt: start}
	m := message{Route: "all", Notification: Notification{Key: a.ID + "/1/all", Alerts: []Alert{a}}}
	owing, err := json.Marshal(record{Evaluated: source{Level: P0, Value: 5, Threshold: 2}, Told: map[string]time.Time{"all": start}, Sent: 1, Owed: []message{m}})
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		record   []byte
		inOutbox bool
	}{
		"before it noted whom it owes":   {nil, false},
		"before the outbox had it":       {owing, false},
		"before it noted that it had it": {owing, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openFile(t, filepath.Join(dir, "alerts"), func() time.Time { return start })
			_, _, err := s.Upsert(bg, "", a)
			require.NoError(t, err)
			if tc.record != nil {
				require.NoError(t, s.Save(bg, recordKind, a.ID, tc.record, time.Time{}))
			}
			require.NoError(t, s.Close())
			if tc.inOutbox {
				q, err := spool.Open(spool.Config{Dir: filepath.Join(dir, "outbox")})
				require.NoError(t, err)
				data, err := json.Marshal(m)
				require.NoError(t, err)
				_, err = q.Append(data, true)
				require.NoError(t, err)
				require.NoError(t, q.Close())
			}
			b := newBench(t, Config{Dir: dir})
			assert.Equal(t, []string{"P0 firing"}, b.said())
			assert.Equal(t, m.Key, b.all.messages()[0].Key)
			require.NoError(t, b.end())
			c := newBench(t, Config{Dir: dir})
			assert.Empty(t, c.said())
			assert.Len(t, c.Active(), 1)
		})
	}
}

func TestAStateFolderThatCannotBeUsedIsSaidAndMemoryServes(t *testing.T) {
	m, err := New(Config{Logger: quiet, Dir: "/dev/null/nowhere"})
	require.NoError(t, err)
	create(t, m, 1)
	assert.Len(t, m.Active(), 1)
	require.NoError(t, m.Close(bg))
}

func TestTheJournalIsRewrittenBeforeItGrowsForEver(t *testing.T) {
	s := openFile(t, t.TempDir(), func() time.Time { return start })
	value := make([]byte, 64<<10)
	for range 100 {
		require.NoError(t, s.Save(bg, "k", "one", value, time.Time{}))
	}
	assert.Less(t, s.log.Bytes(), int64(2<<20))
	require.NoError(t, s.Close())
}

// brokenStore fails while it is told to.
type brokenStore struct {
	MemoryStore
	err error
}

func (s *brokenStore) Upsert(ctx context.Context, instance string, a Alert) (Alert, bool, error) {
	if s.err != nil {
		return Alert{}, false, s.err
	}
	return s.MemoryStore.Upsert(ctx, instance, a)
}

func (s *brokenStore) List(ctx context.Context, since time.Time) ([]Alert, error) {
	if s.err != nil {
		return nil, s.err
	}
	return s.MemoryStore.List(ctx, since)
}

func TestAlertingGoesOnWithoutItsStore(t *testing.T) {
	b := newBench(t, Config{Store: &brokenStore{err: errors.New("away")}})
	b.feed("error_rate", 5)
	assert.Len(t, b.Active(), 1)
	assert.Equal(t, []string{"P0 firing"}, b.said())
}
