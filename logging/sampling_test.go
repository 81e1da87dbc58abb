package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
)

// counted is a counter of l, by level.
func counted(l *Logger, name string) map[string]float64 {
	found := map[string]float64{}
	l.Produce(func(f metric.Family) {
		if f.Name == name {
			for _, p := range f.Points {
				found[p.Values[0]] += p.Value
			}
		}
	})
	return found
}

func TestEveryRecordIsWrittenUnlessSamplingIsSet(t *testing.T) {
	l, out := open(t, Config{})
	for range 5000 {
		l.Info("the same")
	}
	assert.Equal(t, 5000, strings.Count(out.String(), "\n"))
	assert.NotContains(t, counted(l, "log.sampled"), "info", "no such metric")
}

func TestAFloodIsThinnedAndToldWithItsCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &buffer{}
		l, err := New(Config{Output: out, Format: "json", Level: slog.LevelDebug, Sampling: &Sampling{First: 3, Every: 10}})
		require.NoError(t, err)
		db := l.Named("db")
		for i := range 33 {
			l.Info("flood token=hunter2", "i", i)
			db.Info("flood token=hunter2", "i", i)
			l.Debug("flood token=hunter2")
			l.Warn("flood token=hunter2")
			l.Critical("flood token=hunter2")
		}
		l.Info("another")
		// 3 first and 3 tenths of each of three kinds, all of two, one.
		assert.Equal(t, 3*6+2*33+1, strings.Count(out.String(), "\n"))
		assert.Equal(t, map[string]float64{"debug": 27, "info": 54}, counted(l, "log.sampled"))
		assert.Equal(t, 13.0, counted(l, "log.records")["info"], "records are those that were written")
		assert.Len(t, l.Recent(""), 3*6+2*33+1, "nor is what was left out kept")

		out.Reset()
		time.Sleep(time.Second)
		synctest.Wait()
		text := out.String()
		assert.Equal(t, 3, strings.Count(text, `"repeated":27`), text)
		assert.Equal(t, 3, strings.Count(text, "\n"), text)
		assert.Equal(t, 1, strings.Count(text, `"level":"info","msg":"flood token=[redacted]","logger":"db","repeated":27`), text)
		assert.Equal(t, 1, strings.Count(text, `"level":"debug"`), text)

		out.Reset()
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Empty(t, out.String(), "told once")
		for range 5 {
			l.Info("flood token=hunter2")
		}
		assert.Equal(t, 3, strings.Count(out.String(), "\n"), "a new interval begins anew")
		out.Reset()
		require.NoError(t, l.Close(context.Background()))
		assert.Contains(t, out.String(), `"repeated":2`, "Close tells what is held")
		out.Reset()
		for range 50 {
			l.Info("flood token=hunter2")
		}
		assert.Equal(t, 50, strings.Count(out.String(), "\n"), "after Close nothing is left out, as nobody would tell")
	})
}

func TestNothingIsLeftOutUncountedWhateverRunsAtOnce(t *testing.T) {
	out := &buffer{}
	l, err := New(Config{Output: out, Format: "json", Recent: -1, Sampling: &Sampling{First: 1, Interval: time.Millisecond}})
	require.NoError(t, err)
	const workers, each = 4, 2000
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range each {
				l.Info(fmt.Sprint("m", i%3))
			}
		})
	}
	wg.Go(func() { time.Sleep(time.Millisecond); _ = l.Close(context.Background()) })
	wg.Wait()
	l.core.sampler.tell()
	written, repeated := 0, 0
	for _, text := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if _, count, ok := strings.Cut(text, `"repeated":`); ok {
			var n int
			_, err := fmt.Sscanf(count, "%d", &n)
			require.NoError(t, err)
			repeated += n
			continue
		}
		written++
	}
	assert.Equal(t, workers*each, written+repeated)
	assert.Equal(t, float64(repeated), counted(l, "log.sampled")["info"])
}

func TestFloodsOfManyKindsAreBoundedAndLoseNothing(t *testing.T) {
	out := &buffer{}
	l, _ := open(t, Config{Output: out, Recent: -1, Sampling: &Sampling{First: 1, Interval: time.Hour}})
	for i := range 10_000 {
		l.Info(fmt.Sprint("m", i))
	}
	assert.Equal(t, 10_000, strings.Count(out.String(), "\n"))
}

func TestATimeThatStandsStillOrRunsBackStartsAnew(t *testing.T) {
	s := newSampler(&Sampling{First: 1}, func(summary) {})
	defer s.close()
	now := time.Now()
	pass := func(at time.Time) bool { return s.pass("", slog.LevelInfo, "m", at) }
	assert.True(t, pass(now))
	assert.False(t, pass(now))
	assert.True(t, pass(now.Add(-time.Hour)))
	assert.False(t, pass(now.Add(-time.Hour)))
	assert.True(t, pass(now.Add(time.Hour)))
}

func TestFaultySamplingIsNamed(t *testing.T) {
	err := Config{Sampling: &Sampling{First: -1, Every: -1, Interval: 2 * time.Hour}}.Validate()
	for _, field := range []string{"Sampling.First", "Sampling.Every", "Sampling.Interval"} {
		assert.ErrorContains(t, err, field)
	}
	assert.NoError(t, Config{Sampling: &Sampling{}}.Validate())
}

func TestALeftOutRecordAllocatesNothing(t *testing.T) {
	l, _ := open(t, Config{Output: io.Discard, Sampling: &Sampling{First: 1, Interval: time.Hour}})
	named := l.Named("db")
	assert.Zero(t, testing.AllocsPerRun(1000, func() { fiveAttrs(context.Background(), named.Logger) }))
}

func BenchmarkALeftOutRecord(b *testing.B) {
	l, _ := open(b, Config{Output: io.Discard, Sampling: &Sampling{First: 1, Interval: time.Hour}})
	b.ReportAllocs()
	for b.Loop() {
		fiveAttrs(context.Background(), l.Logger)
	}
}
