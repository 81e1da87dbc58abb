//go:build unix

package monitoring_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
)

// The disk is full to a process whose files may not grow; it runs in a process
// of its own.
func TestAFullDiskRaisesAnAlert(t *testing.T) {
	const env = "MONITORING_TEST_DISK"
	if os.Getenv(env) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.count=1")
		cmd.Env = append(os.Environ(), env+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	ctx := t.Context()
	var clock atomic.Int64 // read by the monitor's goroutines too
	clock.Store(time.Now().UnixNano())
	got := make(inbox, 8)
	c := monitoring.Config{Service: "shop", StateDir: t.TempDir()}
	c.Log.Output = io.Discard
	c.Metrics.Manual = true
	c.Metrics.Now = func() time.Time { return time.Unix(0, clock.Load()) }
	c.Alerts.Now, c.Business.Now = c.Metrics.Now, c.Metrics.Now
	c.Alerts.Routes = []alerting.Route{{Name: "chat", To: got}}
	c.Business.Currency, c.Business.Queue = "EUR", 100
	m, err := monitoring.New(ctx, c)
	require.NoError(t, err)
	sample := func() {
		now := time.Unix(0, clock.Add(int64(10*time.Second)))
		m.Metrics.Sample(now)
		m.Alerts.EvaluateNow(now)
	}
	raised := func() []string {
		var names []string
		for _, a := range m.Alerts.Active() {
			names = append(names, a.Rule)
		}
		return names
	}
	n := 0
	order := func() error {
		n++
		return m.Business.RecordOrder(ctx, bizmetrics.Order{ID: strconv.Itoa(n), Total: bizmetrics.Money{Minor: 1, Currency: "EUR"}})
	}
	sample()
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	limit.Cur = 1 << 10
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	for range 50 {
		require.NoError(t, order())
	}
	require.ErrorIs(t, m.Business.Sync(ctx), syscall.EFBIG)
	for range 7 { // nothing is dropped yet: a quiet shop is told all the same
		sample()
	}
	assert.Equal(t, []string{"business_unstored"}, raised())
	for range 60 {
		require.NoError(t, order())
		_ = m.Business.Sync(ctx)
	}
	sample()
	sample()
	assert.ElementsMatch(t, []string{"business_unstored", "monitoring_dropped"}, raised())

	limit.Cur = limit.Max
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	require.NoError(t, m.Shutdown(context.Background()))
}
