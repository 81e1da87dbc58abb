package perfmon_test

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

var sink []byte

func TestTheRuntimeIsMeasured(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	begin := time.Now()
	for time.Since(begin) < 1200*time.Millisecond { // some work, and some garbage
		sink = make([]byte, 1<<20)
	}
	runtime.GC()
	b.sample()
	value := func(indicator string) float64 { return b.read(t, indicator).Value }
	assert.GreaterOrEqual(t, value("goroutines"), float64(runtime.NumGoroutine()), "those of the runtime too")
	assert.Greater(t, value("heap_bytes"), 1e5)
	assert.Greater(t, value("gc_pause_p99"), 0.0)
	assert.Less(t, value("gc_pause_p99"), 10_000.0)
	assert.Greater(t, value("sched_latency_p99"), 0.0)
	assert.Greater(t, value("gc_cpu"), 0.0)
	assert.LessOrEqual(t, value("gc_cpu"), 100.0)
	if runtime.GOOS == "linux" {
		assert.Greater(t, value("cpu_use"), 1.0)
		assert.Less(t, value("cpu_use"), 150.0, "of the limit; the sampling of both clocks is not exact")
		assert.Greater(t, value("memory_use"), 0.0)
		assert.Less(t, value("memory_use"), 100.0)
		assert.Greater(t, value("file_descriptors"), 3.0)
	}
}

// points are a family's by their values.
func points(p metric.Producer, family string) map[string]float64 {
	found := map[string]float64{}
	p.Produce(func(f metric.Family) {
		if f.Name == family {
			for _, point := range f.Points {
				key := ""
				for _, v := range point.Values {
					key += v + " "
				}
				found[key] = point.Value
			}
		}
	})
	return found
}

func TestRuntimeFiguresHaveOpenTelemetrysNames(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	limit := debug.SetMemoryLimit(math.MaxInt64)
	defer debug.SetMemoryLimit(limit)
	assert.True(t, math.IsNaN(points(b, "go.memory.limit")[""]), "no limit is no figure")
	debug.SetMemoryLimit(1 << 40)
	assert.InDelta(t, 1<<40, points(b, "go.memory.limit")[""], 0)
	for family, unit := range map[string]string{
		"go.memory.used": "By", "go.memory.allocated": "By", "go.memory.allocations": "{allocation}", "go.memory.gc.goal": "By",
		"go.memory.gc.cycles": "{gc_cycle}", "go.memory.gc.pause.duration": "s", "go.goroutine.count": "{goroutine}",
		"go.processor.limit": "{thread}", "go.schedule.duration": "s", "go.config.gogc": "%", "go.cpu.time": "s",
		"process.cpu.time": "s", "process.cpu.utilization": "1", "process.uptime": "s",
	} {
		var got metric.Family
		b.Produce(func(f metric.Family) {
			if f.Name == family {
				got = f
			}
		})
		assert.Equal(t, unit, got.Unit, family)
		assert.NotEmpty(t, got.Help, family)
	}
	assert.InDelta(t, runtime.GOMAXPROCS(0), points(b, "go.processor.limit")[""], 0)
	used := points(b, "go.memory.used")
	assert.Greater(t, used["other "], used["stack "])
	assert.Len(t, points(b, "process.build.info"), 1)
	assert.Equal(t, runtime.Version(), perfmon.ReadBuild().GoVersion)
}

func TestTwoMonitorsInOneProcessBothReport(t *testing.T) {
	a, b := newBench(t, perfmon.Config{}), newBench(t, perfmon.Config{})
	for _, m := range []*bench{a, b} {
		m.sample()
		assert.Greater(t, m.read(t, "goroutines").Value, 1.0)
	}
	require.NoError(t, a.Close(t.Context()))
	b.sample()
	assert.Greater(t, b.read(t, "heap_bytes").Value, 1e5)
}
