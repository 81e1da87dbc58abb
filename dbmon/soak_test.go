package dbmon

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
)

// A service that puts values into its queries' texts, or makes them by machine,
// must not grow the process.
func TestAFloodOfDistinctTextsIsBoundedInMemory(t *testing.T) {
	const perSecond, limit = 10_000, 32 << 20
	seconds := 2
	if os.Getenv("SOAK") != "" {
		seconds = 60
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, pgtest.URL(t)) // whose state is the instrument's too; nothing is sent
	require.NoError(t, err)
	defer func() { _ = conn.Close(ctx) }()

	before := live()
	m := newMonitor(t, Config{})
	tr := NewTracer(m)
	flood := func(i int) {
		text := fmt.Sprintf("select %s, b from %s where c = 'some value' and d in (1, 2, %d)", word(i), word(i/7), i)
		ctx := tr.TraceQueryStart(ctx, conn, pgx.TraceQueryStartData{SQL: text})
		tr.TraceQueryEnd(ctx, conn, pgx.TraceQueryEndData{})
		tr.TracePrepareStart(ctx, conn, pgx.TracePrepareStartData{Name: fmt.Sprint("pgx_", i), SQL: text})
	}
	var peak, peakUncollected uint64
	began := time.Now()
	for second := range seconds {
		for tenth := range 10 {
			for i := range perSecond / 10 {
				flood(second*perSecond + tenth*perSecond/10 + i)
			}
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			peakUncollected = max(peakUncollected, stats.HeapAlloc)
			time.Sleep(time.Until(began.Add(time.Duration(second*10+tenth+1) * 100 * time.Millisecond)))
		}
		m.registry.Sample(began.Add(time.Duration(second+1) * 10 * time.Second))
		peak = max(peak, live())
	}
	after := live()
	t.Logf("%d texts in %v: %.1f MiB kept, %.1f at most, %.1f with garbage", seconds*perSecond, time.Since(began).Round(time.Millisecond),
		mib(after, before), mib(peak, before), mib(peakUncollected, before))
	assert.Less(t, mib(peak, before), float64(limit>>20))
	assert.Less(t, mib(after, before), float64(limit>>20))

	got := counts(m)
	assert.Len(t, got, maxNames+1)
	assert.EqualValues(t, seconds*perSecond-maxNames, got[[2]string{other, ""}], "what is beyond the bound is in one name")
	for name := range got {
		assert.False(t, strings.Contains(name[0], "value"), name[0])
	}
	runtime.KeepAlive(m)
}

// word is a column's name without digits, which a fingerprint does not tell
// apart.
func word(i int) string {
	b := []byte("c_")
	for ; i > 0; i /= 26 {
		b = append(b, byte('a'+i%26))
	}
	return string(b)
}

// live is what the heap holds once the garbage is gone.
func live() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func mib(now, before uint64) float64 { return float64(int64(now)-int64(before)) / (1 << 20) }
