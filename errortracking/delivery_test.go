package errortracking

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
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

func within(d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	context.AfterFunc(ctx, cancel)
	return ctx
}

func TestAnOutageLosesNothingAndKeepsTheOrder(t *testing.T) {
	s := sentrytest.New(t)
	s.Fail(http.StatusServiceUnavailable)
	tr := tracker(t, Config{DSN: s.DSN, FloodLimit: 100})
	var ids []string
	for i := range 20 {
		ids = append(ids, tr.CaptureException(context.Background(), fmt.Errorf("failure %d", i)))
	}
	require.EqualError(t, tr.Flush(within(100*time.Millisecond)), "errors: 20 events left in the spool, which is in memory")
	waiting, err := tr.Delivery()
	assert.Equal(t, 20, waiting)
	require.ErrorContains(t, err, "503")
	s.Heal()
	flush(t, tr)
	waiting, err = tr.Delivery()
	assert.Zero(t, waiting)
	require.NoError(t, err)
	var got []string
	for _, e := range s.Events() {
		got = append(got, e.ID())
	}
	assert.Equal(t, ids, got)
}

func TestWhatIsLeftGoesOutFromTheNextProcessWithItsID(t *testing.T) {
	s := sentrytest.New(t)
	s.Hang()
	dir := t.TempDir()
	first := tracker(t, Config{DSN: s.DSN, SpoolDir: dir})
	var ids []string
	for i := range 3 {
		ids = append(ids, first.CaptureException(context.Background(), fmt.Errorf("failure %d", i)))
	}
	start := time.Now()
	require.EqualError(t, first.Close(within(50*time.Millisecond)), "errors: 3 events left in the spool")
	assert.Less(t, time.Since(start), time.Second, "soon after the deadline, though Sentry hangs")
	require.NoError(t, first.Close(context.Background()), "twice")

	s.Heal()
	second := tracker(t, Config{DSN: s.DSN, SpoolDir: dir})
	flush(t, second)
	var got []string
	for _, e := range s.Events() {
		got = append(got, e.ID())
	}
	assert.Equal(t, ids, got)
}

func TestAPanicIsOnDiskWhenTheCaptureReturns(t *testing.T) {
	s := sentrytest.New(t)
	s.Hang()
	dir := t.TempDir()
	tr := tracker(t, Config{DSN: s.DSN, SpoolDir: dir})
	func() {
		defer func() { _ = recover() }()
		defer tr.Recover(context.Background())
		panic("x")
	}()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.seg"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	b, err := os.ReadFile(files[0])
	require.NoError(t, err)
	assert.Contains(t, string(b), `"level":"fatal"`)
}

func TestWhatSentryRefusesForGoodIsCountedAndNotTriedAgain(t *testing.T) {
	s := sentrytest.New(t)
	s.Fail(http.StatusRequestEntityTooLarge)
	tr := tracker(t, Config{DSN: s.DSN})
	tr.CaptureException(context.Background(), errors.New("a"))
	flush(t, tr)
	s.Heal()
	tr.CaptureException(context.Background(), errors.New("b"))
	flush(t, tr)
	assert.Equal(t, 2, s.Attempts())
	assert.Len(t, s.Events(), 1)
	assert.EqualValues(t, 1, counter(tr, metricDropped, reasonRefused))
}

func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere := sentrytest.New(t)
	s := sentrytest.New(t)
	s.Fail(http.StatusTemporaryRedirect, "Location", elsewhere.URL+"/api/42/envelope/")
	tr := tracker(t, Config{DSN: s.DSN})
	tr.CaptureException(context.Background(), errors.New("a"))
	require.Error(t, tr.Flush(within(100*time.Millisecond)))
	assert.Zero(t, elsewhere.Attempts())
}

func TestALongEventIsCompressed(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN})
	tr.CaptureException(context.Background(), errors.New("a"), "long", string(bytes.Repeat([]byte("x"), 2000)))
	flush(t, tr)
	envelopes := s.Envelopes()
	require.Len(t, envelopes, 1)
	assert.Equal(t, "gzip", envelopes[0].Request.Get("Content-Encoding"))
	assert.Equal(t, envelopes[0].Header["event_id"], s.Events()[0].ID())
}

func TestAFullSpoolCountsWhatIsLost(t *testing.T) {
	s := sentrytest.New(t)
	s.Hang()
	var l logged
	tr := tracker(t, Config{DSN: s.DSN, FloodLimit: 1 << 20, Logger: l.logger()})
	lost := 0
	for i := 0; lost < 3; i++ {
		require.Less(t, i, 20_000)
		if tr.CaptureException(context.Background(), errors.New(word(i)), "big", strings.Repeat("x", 4000), "b", strings.Repeat("y", 4000)) == "" {
			lost++
		}
		tr.writePending()
	}
	assert.EqualValues(t, 3, counter(tr, metricDropped, reasonFull))
	assert.LessOrEqual(t, counter(tr, "monitoring.spool.bytes", component), float64(memoryBytes))
	logs := 0
	for _, r := range l.records(t) {
		if r["event_id"] != nil {
			logs++
		}
	}
	assert.Equal(t, 3, logs, "better in the log than nowhere")
}

// word has letters only, so that each makes a fingerprint of its own.
func word(i int) string {
	var b []byte
	for ; i > 0 || len(b) == 0; i /= 26 {
		b = append(b, byte('a'+i%26))
	}
	return string(b)
}

func TestAFolderThatCannotBeUsedIsSaidOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	s := sentrytest.New(t)
	var l logged
	tr := tracker(t, Config{DSN: s.DSN, SpoolDir: file, Logger: l.logger()})
	assert.NotEmpty(t, tr.CaptureException(context.Background(), errors.New("x")))
	flush(t, tr)
	assert.Len(t, s.Events(), 1)
	require.Len(t, l.records(t), 1)
	assert.Equal(t, false, l.records(t)[0]["on_disk"])
}

func TestAfterCloseEventsGoToTheLog(t *testing.T) {
	s := sentrytest.New(t)
	var l logged
	tr := tracker(t, Config{DSN: s.DSN, Logger: l.logger()})
	require.NoError(t, tr.Close(context.Background()))
	assert.NotEmpty(t, tr.CaptureException(context.Background(), errors.New("late")))
	assert.Len(t, l.records(t), 1)
	assert.Zero(t, s.Attempts())
}

func TestOfAFloodTenGoOutAndThenOneAMinuteWithTheCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k kept
		tr := tracker(t, Config{Sink: k.sink})
		fail := func() { tr.CaptureException(context.Background(), errors.New("dead")) }
		for range 100 {
			fail()
		}
		tr.CaptureException(context.Background(), fmt.Errorf("else: %w", os.ErrClosed))
		require.Len(t, k.all(), 11, "another fingerprint is not held")
		time.Sleep(61 * time.Second)
		synctest.Wait()
		require.Len(t, k.all(), 12)
		assert.Equal(t, 90, k.all()[11].Suppressed)

		for range 600 { // the flood lasts ten minutes
			time.Sleep(time.Second)
			fail()
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		sum := 0
		for _, e := range k.all()[12:] {
			sum += e.Suppressed
			assert.Positive(t, e.Suppressed)
		}
		assert.Equal(t, 600, sum, "never silence")
		assert.InDelta(t, 10, len(k.all())-12, 1)

		n := len(k.all())
		time.Sleep(2 * time.Minute)
		fail()
		assert.Len(t, k.all(), n+1, "after a calm minute all is as before")
		assert.Zero(t, k.all()[n].Suppressed)
		issues := tr.Recent()
		assert.Equal(t, 701, issues[0].Count)
	})
}

func TestAFlushTellsWhatWasHeldBack(t *testing.T) {
	var k kept
	tr := tracker(t, Config{Sink: k.sink, FloodLimit: 1})
	for range 5 {
		tr.CaptureException(context.Background(), errors.New("x"))
	}
	flush(t, tr)
	require.Len(t, k.all(), 2)
	assert.Equal(t, 4, k.all()[1].Suppressed)
	assert.NotEqual(t, k.all()[0].ID, k.all()[1].ID)
}

func TestFloodControlIsBounded(t *testing.T) {
	all := issues{limit: 1}
	now := time.Now()
	for i := range 10 * maxIssues {
		is, fresh := all.get([]string{fmt.Sprint(i)})
		require.True(t, fresh)
		now = now.Add(time.Millisecond)
		is.see(&sighting{at: now, sampled: true}, 1)
	}
	assert.LessOrEqual(t, len(all.byHash), maxIssues)
	_, fresh := all.get([]string{fmt.Sprint(10*maxIssues - 1)})
	assert.False(t, fresh, "the newest are kept")
	_, fresh = all.get([]string{"0"})
	assert.True(t, fresh, "the oldest are forgotten")
}

func TestWhatIsHeldBackIsToldOfAlsoIfItsIssueIsForgotten(t *testing.T) {
	all := issues{limit: 1}
	now := time.Now()
	for i := range maxIssues + 1 {
		is, _ := all.get([]string{fmt.Sprint(i)})
		now = now.Add(time.Millisecond)
		for range 3 {
			v, _ := is.see(&sighting{at: now, sampled: true}, 1)
			if v == holdFirst {
				is.keep(&draft{issue: is})
			}
		}
	}
	due, _ := all.due(now, true)
	held := 0
	for _, d := range due {
		held += d.event.Suppressed
	}
	assert.Equal(t, 2*(maxIssues+1), held)
}

func TestUsersAreCountedExactlyUpTo64AndCloselyAbove(t *testing.T) {
	var s userSet
	seed := maphash.MakeSeed()
	for i := range 100_000 {
		for range 2 {
			s.add(maphash.String(seed, fmt.Sprint("user-", i)))
		}
		switch n := i + 1; {
		case n <= exactUsers:
			require.Equal(t, n, s.count())
		case n%9973 == 0, n == 100, n == 1000:
			require.InEpsilon(t, n, s.count(), 0.15)
		}
	}
}

func TestTextsOfOneIssueAreNormalizedAlike(t *testing.T) {
	for a, b := range map[string]string{
		"user 17 not found":                    "user 4711 not found",
		"order 8f14e45f-ceea-467a: gone":       "order 1b2c3d4e-aaaa-467a: gone",
		`open "/tmp/a": no such file`:          `open "/tmp/b/c": no such file`,
		"mail to ada@example.org failed":       "mail to bob@example.com failed",
		"dial tcp 10.0.0.1:5432: refused":      "dial tcp 10.0.0.2:6543: refused",
		"column 'a' of 'b' does not exist":     "column 'c' of 'd' does not exist",
		"can't read: it's 5 bytes, don't know": "can't read: it's 7 bytes, don't know",
	} {
		assert.Equal(t, normalize(a), normalize(b))
	}
	assert.NotEqual(t, normalize("user not found"), normalize("order not found"))
	assert.Equal(t, "can't read: it's * bytes, don't know", normalize("can't read: it's 5 bytes, don't know"))
}

func FuzzNormalize(f *testing.F) {
	f.Add("user 17 'x' \"y\" a@b.c 日本")
	f.Fuzz(func(t *testing.T, s string) {
		if n := normalize(s); len(n) > maxNormalized+4*maxNormalized {
			t.Fatalf("%d bytes", len(n))
		}
	})
}

func TestEventsOfAProcessThatDiesWhileThisOneLivesGoOut(t *testing.T) {
	s := sentrytest.New(t)
	s.Hang()
	dir := t.TempDir()
	living := tracker(t, Config{DSN: s.DSN, SpoolDir: dir})
	dying := tracker(t, Config{DSN: s.DSN, SpoolDir: dir})
	id := dying.CaptureException(context.Background(), errors.New("x"))
	require.Error(t, dying.Close(within(time.Millisecond)))
	s.Heal()
	living.delivery.stop(within(0)) // its goroutine, so that next can be asked here
	living.delivery.adopted = time.Now().Add(-adoptEvery)
	p, err := living.delivery.next(within(5 * time.Second))
	require.NoError(t, err)
	assert.Equal(t, id, p.header.EventID)
}
