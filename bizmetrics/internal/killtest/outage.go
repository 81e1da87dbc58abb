package killtest

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
)

// Outage records some thousand events a second while down and then, 2 s later
// (30 with SOAK set), up is called. Meanwhile nothing may be refused, and Sync
// must make durable without the store what comes. At the end each event is
// there, once. c needs a Dir.
func Outage(t *testing.T, c bizmetrics.Config, down, up func()) {
	t.Helper()
	away := 2 * time.Second
	if os.Getenv("SOAK") != "" {
		away = 30 * time.Second
	}
	ctx := context.Background()
	r, err := bizmetrics.New(c)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close(ctx)) }()
	var sent []batch
	load := func(until time.Time) {
		for next := time.Now(); time.Now().Before(until); time.Sleep(time.Until(next)) {
			b := batch{0, len(sent)}
			require.NoError(t, b.record(ctx, r))
			sent = append(sent, b)
			next = next.Add(5 * time.Millisecond)
		}
	}
	load(time.Now().Add(300 * time.Millisecond))
	require.NoError(t, r.Sync(ctx))
	down()
	load(time.Now().Add(away / 2))
	begin := time.Now()
	require.NoError(t, r.Sync(ctx), "durable in the journal while the store is away")
	t.Logf("Sync took %v while the store was away", time.Since(begin))
	load(time.Now().Add(away / 2))
	up()
	load(time.Now().Add(300 * time.Millisecond))
	begin = time.Now()
	require.Eventually(t, func() bool {
		require.NoError(t, r.Sync(ctx))
		held, err := Read(ctx, r)
		return err == nil && held.missing(sent) == ""
	}, time.Minute, 50*time.Millisecond)
	t.Logf("%d events, all of them in the store %v after its return", len(sent)*batchSize, time.Since(begin))
}
