//go:build unix

package bizmetrics

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	ossignal "os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// limitFiles lets no file of this process grow beyond n bytes: to whoever
// writes, the disk is full.
func limitFiles(t *testing.T, n uint64) {
	t.Helper()
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	limit.Cur = min(n, limit.Max)
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
}

// inChild runs the test in a process of its own, whose limits it may change.
func inChild(t *testing.T) (child bool) {
	t.Helper()
	const env = "BIZMETRICS_TEST_DISK"
	if os.Getenv(env) != "" {
		ossignal.Ignore(syscall.SIGXFSZ)
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), env+"=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return false
}

func TestAFullDiskIsToldAndCounted(t *testing.T) {
	if !inChild(t) {
		return
	}
	now := newClock(time.Now())
	c := Config{Currency: "EUR", Dir: t.TempDir(), Queue: 100, Now: now.now}
	r := open(t, c)
	record(t, r, "before", 10)
	require.NoError(t, r.Sync(t.Context()))
	limitFiles(t, 4<<10)
	for i := range 3 {
		record(t, r, fmt.Sprint(i, "-"), 90)
		require.ErrorIs(t, r.Sync(t.Context()), syscall.EFBIG)
	}
	assert.Positive(t, counted(r, "monitoring.dropped", "business", reasonJournal))
	now.set(now.now().Add(61 * time.Second))
	assert.EqualValues(t, 61, counted(r, "business.unstored"))
	health, err := r.HealthReport(t.Context())
	require.NoError(t, err)
	assert.Equal(t, degraded, health.Verdict)
	assert.Equal(t, eur(280), health.Today.Value, "reports have all of them")

	limitFiles(t, 1<<40)
	require.NoError(t, r.Sync(t.Context()))
	assert.Zero(t, counted(r, "business.unstored"))
	require.NoError(t, r.Close(t.Context()))
	dropped := counted(r, "monitoring.dropped", "business", reasonJournal)
	r = open(t, c)
	revenue, err := r.Revenue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, eur(280-int64(dropped)), revenue.Today.Value, "what was not dropped is on disk")
}

func TestAFullDiskBeforeAStore(t *testing.T) {
	if !inChild(t) {
		return
	}
	store := newMoody()
	c := Config{Currency: "EUR", Dir: t.TempDir(), Queue: 100, Store: store}
	r := open(t, c)
	limitFiles(t, 4<<10)
	record(t, r, "a", 90)
	require.NoError(t, r.Sync(t.Context()), "the store has it")
	assert.Equal(t, 90, store.size())

	store.isAway()
	dropped := 0
	for i := range 3 {
		for j := range 90 {
			if r.RecordOrder(t.Context(), Order{ID: fmt.Sprint(i, "-", j), Total: eur(1)}) != nil {
				dropped++
			}
		}
		if err := r.Sync(t.Context()); i > 0 {
			require.ErrorIs(t, err, syscall.EFBIG)
		}
	}
	assert.Positive(t, dropped)
	assert.EqualValues(t, dropped, counted(r, "monitoring.dropped", "business", reasonDisk))
	assert.Equal(t, degraded, healthOf(r).Verdict)

	limitFiles(t, 1<<40)
	store.fine()
	require.Eventually(t, func() bool { return r.Sync(t.Context()) == nil && store.size() == 360-dropped }, 20*time.Second, 10*time.Millisecond)
}

func healthOf(r *Recorder) HealthReport {
	h, _ := r.HealthReport(context.Background())
	return h
}
