package errortracking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/sentrytest"
)

// segments is all that is on disk below dir.
func segments(t testing.TB, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.seg"))
	require.NoError(t, err)
	var b strings.Builder
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		b.Write(data)
	}
	return b.String()
}

func TestAnEventIsInTheKernelWithin50Milliseconds(t *testing.T) {
	s := sentrytest.New(t)
	s.Hang()
	dir := t.TempDir()
	tr := tracker(t, Config{DSN: s.DSN, SpoolDir: dir})
	id := tr.CaptureException(context.Background(), errors.New("x"))
	at := time.Now()
	for !strings.Contains(segments(t, dir), id) {
		require.Less(t, time.Since(at), 5*time.Second)
		time.Sleep(time.Millisecond)
	}
	assert.Less(t, time.Since(at), 50*time.Millisecond)
}

func TestACriticalEventIsOnDiskAfterThoseBefore(t *testing.T) {
	s := sentrytest.New(t)
	s.Hang()
	dir := t.TempDir()
	tr := tracker(t, Config{DSN: s.DSN, SpoolDir: dir, FloodLimit: 100})
	for round := range 20 {
		before := tr.CaptureException(context.Background(), fmt.Errorf("before %d", round))
		critical := tr.CaptureMessage(context.Background(), LevelCritical, fmt.Sprintf("critical %d", round))
		disk := segments(t, dir)
		require.Contains(t, disk, critical)
		require.Contains(t, disk, before)
		require.Less(t, strings.Index(disk, before), strings.Index(disk, critical))
	}
}

func TestASnapshotIsTakenBeforeTheCaptureReturns(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN})
	err := &changing{text: "as it was"}
	list := []string{"as", "it", "was"}
	ctx := withID(context.Background(), "job")
	AddBreadcrumb(ctx, Breadcrumb{Message: "crumb", Data: map[string]any{"list": list}})
	tr.writing.Lock() // the worker has to wait
	tr.CaptureException(ctx, err, "list", list)
	err.text, list[0] = "changed", "changed"
	tr.writing.Unlock()
	flush(t, tr)
	require.Len(t, s.Events(), 1)
	e := s.Events()[0]
	assert.Equal(t, "as it was", e.Text("exception.0.value"))
	assert.Equal(t, "as", e.Text("contexts.attributes.list.0"))
	assert.Equal(t, "as", e.Text("breadcrumbs.0.data.list.0"))
}

type changing struct{ text string }

func (c *changing) Error() string { return c.text }

func TestAWorkerThatIsBehindKeepsTheFirstsAndDropsRepeats(t *testing.T) {
	s := sentrytest.New(t)
	s.Hang()
	tr := tracker(t, Config{DSN: s.DSN, SpoolDir: t.TempDir(), FloodLimit: 1 << 20})
	tr.writing.Lock()
	var kept []string
	for range 3 * repeatsPending {
		if id := tr.CaptureException(context.Background(), errors.New("again and again")); id != "" {
			kept = append(kept, id)
		}
	}
	require.Len(t, kept, repeatsPending)
	for i := range 1000 {
		id := tr.CaptureException(context.Background(), errors.New("first "+word(i)))
		require.NotEmpty(t, id, i)
		kept = append(kept, id)
	}
	assert.EqualValues(t, 2*repeatsPending, counter(tr, metricDropped, reasonRepeat))
	for i := range maxPending {
		tr.CaptureException(context.Background(), errors.New("too many "+word(i)))
	}
	assert.EqualValues(t, repeatsPending+1000, counter(tr, metricDropped, reasonQueue))
	waiting, _ := tr.Delivery()
	assert.Equal(t, maxPending, waiting)
	tr.writing.Unlock()
	tr.writePending()
	disk := segments(t, tr.config.SpoolDir)
	last := -1
	for i, id := range kept {
		at := strings.Index(disk, id)
		require.Greater(t, at, last, "event %d is there, in order", i)
		last = at
	}
}

func TestPendingIsBoundedInBytes(t *testing.T) {
	var p pending
	p.init(64 << 20)
	p.room.Store(64 << 20)
	n := 0
	for i := range maxPending {
		d := &draft{event: Event{Fingerprint: []string{word(i)}, Attrs: map[string]any{"x": strings.Repeat("x", 60<<10)}}}
		if p.push(d, time.Unix(int64(i), 0)) != admitted {
			break
		}
		n++
	}
	assert.InDelta(t, maxPendingBytes/(60<<10), n, 10)
	for _, d := range p.take() {
		p.wrote(d)
	}
	assert.Zero(t, p.bytes)
	assert.Zero(t, p.len())
}

func TestARepeatIsAFirstAgainAfterAMinute(t *testing.T) {
	var p pending
	p.init(1 << 20)
	p.room.Store(p.half) // the spool is half full
	now := time.Unix(1e9, 0)
	push := func(suppressed int) admission {
		return p.push(&draft{event: Event{Fingerprint: []string{"a"}, Suppressed: suppressed}}, now)
	}
	assert.Equal(t, admitted, push(0))
	assert.Equal(t, refusedRepeat, push(0))
	assert.Equal(t, admitted, push(7), "a count of what was held back is news")
	now = now.Add(firstsKnown)
	assert.Equal(t, admitted, push(0))
	now = now.Add(-time.Hour) // the clock is set back
	assert.Equal(t, admitted, push(0))
	p.room.Store(10)
	assert.Equal(t, refusedSpool, push(0))
}

func TestALogThatCapturesDoesNotLockTheWorker(t *testing.T) {
	s := sentrytest.New(t)
	s.Hang()
	var l logged
	h := &capturing{Handler: slog.NewJSONHandler(&l, nil)}
	tr := tracker(t, Config{DSN: s.DSN, Logger: slog.New(h)})
	h.t = tr
	tr.pending.room.Store(0) // as if the spool were full
	done := make(chan struct{})
	go func() {
		defer close(done)
		tr.CaptureException(context.Background(), errors.New("x"))
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("locked")
	}
}

// capturing is a log handler that reports a critical error for each record.
type capturing struct {
	slog.Handler
	t    *Tracker
	deep bool
}

func (c *capturing) Handle(ctx context.Context, r slog.Record) error {
	if !c.deep {
		c.deep = true
		c.t.CaptureMessage(ctx, LevelCritical, "from the log")
		c.t.writePending()
		c.deep = false
	}
	return c.Handler.Handle(ctx, r)
}

func TestTheWorkerEndsWithTheTracker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, err := New(Config{DSN: "http://key@127.0.0.1:1/1", Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		tr.CaptureException(context.Background(), errors.New("x"))
		require.Error(t, tr.Close(ctx))
		assert.NotEmpty(t, tr.CaptureException(context.Background(), errors.New("late")), "to the log")
	})
}
