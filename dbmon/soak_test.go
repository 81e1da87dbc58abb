package dbmon

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/internal/pgtest"
)

// letters is n in the letters a to z.
func letters(n int) string {
	var b []byte
	for ; n > 0; n /= 26 {
		b = append(b, byte('a'+n%26))
	}
	return string(b)
}

// A service that builds its texts makes ever new ones. The instrument does not
// grow with them.
func TestAFloodOfTenThousandTextsASecondStaysBounded(t *testing.T) {
	const perSecond, most = 10_000, 32 << 20
	length := 2 * time.Second
	if os.Getenv("SOAK") != "" {
		length = time.Minute
	}
	m := newMonitor(t, Config{})
	conn, err := pgx.Connect(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	tr := NewTracer(m)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before, peak := heap(), uint64(0)
	ctx, _ := inHTTP("/report")
	n, began := 0, time.Now()
	for second := range int(length / time.Second) {
		for range perSecond {
			n++
			word := letters(n) // digits would be normalised away
			sql := fmt.Sprintf("select a_%s, b_%s from report_%s where region = 'north' and day > $1 order by a_%s", word, word, word, word)
			tr.TraceQueryEnd(tr.TraceQueryStart(ctx, conn, pgx.TraceQueryStartData{SQL: sql, Args: []any{n}}), conn, pgx.TraceQueryEndData{})
		}
		m.registry.Sample(began.Add(time.Duration(second+1) * 10 * time.Second))
		peak = max(peak, heap())
		time.Sleep(time.Until(began.Add(time.Duration(second+1) * time.Second)))
	}
	took := time.Since(began)
	t.Logf("%d texts in %v: the heap grew by %.1f MiB", n, took.Round(time.Millisecond), float64(peak-min(peak, before))/(1<<20))
	assert.Less(t, int64(peak)-int64(before), int64(most))
	all := counts(m)
	assert.LessOrEqual(t, len(all), maxNames+1)
	var total uint64
	for _, count := range all {
		total += count
	}
	assert.Equal(t, uint64(n), total, "none is lost")
	assert.Greater(t, all[[2]string{other, ""}], uint64(n-maxNames-1), "what is beyond the bound is other")
	runtime.KeepAlive(m)
}
