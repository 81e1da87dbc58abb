package perfmon

import (
	"math"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/distri-night/monitoring/metric"
)

// runtimeFigure is a family read from runtime/metrics: each of its points is
// the sum of the first names less that of the second.
type runtimeFigure struct {
	name, unit, help, key string // key: the attribute, if any
	kind                  metric.Kind
	points                []runtimePoint
}

type runtimePoint struct {
	value       string // of the key
	plus, minus []string
}

func one(name string) []runtimePoint { return []runtimePoint{{plus: []string{name}}} }

const (
	gcPauses       = "go.memory.gc.pause.duration"
	schedLatencies = "go.schedule.duration"
)

// runtimeFigures have OpenTelemetry's names, where it has one.
var runtimeFigures = []runtimeFigure{
	{name: "go.goroutine.count", unit: "{goroutine}", help: "Goroutines that live.", kind: metric.KindGauge,
		points: one("/sched/goroutines:goroutines")},
	{name: "go.memory.used", unit: "By", help: "Memory that the Go runtime uses.", key: "go.memory.type", kind: metric.KindGauge,
		points: []runtimePoint{
			{value: "stack", plus: []string{"/memory/classes/heap/stacks:bytes"}},
			{value: "other", plus: []string{"/memory/classes/total:bytes"},
				minus: []string{"/memory/classes/heap/released:bytes", "/memory/classes/heap/stacks:bytes"}},
		}},
	{name: "go.memory.limit", unit: "By", help: "GOMEMLIMIT, where it is set.", kind: metric.KindGauge, points: one("/gc/gomemlimit:bytes")},
	{name: "go.memory.heap.used", unit: "By", help: "Objects on the heap, with those that are not freed yet.", kind: metric.KindGauge,
		points: one("/memory/classes/heap/objects:bytes")},
	{name: "go.memory.heap.live", unit: "By", help: "What the last garbage collection found to be in use.", kind: metric.KindGauge,
		points: one("/gc/heap/live:bytes")},
	{name: "go.memory.allocated", unit: "By", help: "Memory allocated on the heap.", kind: metric.KindCounter, points: one("/gc/heap/allocs:bytes")},
	{name: "go.memory.allocations", unit: "{allocation}", help: "Allocations on the heap.", kind: metric.KindCounter, points: one("/gc/heap/allocs:objects")},
	{name: "go.memory.gc.goal", unit: "By", help: "Size of the heap at which the next garbage collection ends.", kind: metric.KindGauge,
		points: one("/gc/heap/goal:bytes")},
	{name: "go.memory.gc.cycles", unit: "{gc_cycle}", help: "Garbage collections that ended.", kind: metric.KindCounter,
		points: one("/gc/cycles/total:gc-cycles")},
	{name: "go.processor.limit", unit: "{thread}", help: "GOMAXPROCS: threads that run Go code at once.", kind: metric.KindGauge,
		points: one("/sched/gomaxprocs:threads")},
	{name: "go.config.gogc", unit: "%", help: "GOGC.", kind: metric.KindGauge, points: one("/gc/gogc:percent")},
	{name: "go.cpu.time", unit: "s", help: "CPU time by use, as the runtime estimates it at each garbage collection.", key: "go.cpu.state", kind: metric.KindCounter,
		points: []runtimePoint{
			{value: "user", plus: []string{"/cpu/classes/user:cpu-seconds"}},
			{value: "gc", plus: []string{"/cpu/classes/gc/total:cpu-seconds"}},
			{value: "scavenge", plus: []string{"/cpu/classes/scavenge/total:cpu-seconds"}},
			{value: "idle", plus: []string{"/cpu/classes/idle:cpu-seconds"}},
		}},
	{name: "process.thread.count", unit: "{thread}", help: "Threads that the Go runtime owns.", kind: metric.KindGauge,
		points: one("/sched/threads/total:threads")},
	{name: gcPauses, unit: "s", help: "Pauses of the whole program by a garbage collection.", kind: metric.KindHistogram,
		points: one("/sched/pauses/total/gc:seconds")},
	{name: schedLatencies, unit: "s", help: "Time that goroutines waited for a thread while they could run; the runtime times one of eight.", kind: metric.KindHistogram,
		points: one("/sched/latencies:seconds")},
}

// goRuntime reads all figures at once. What it emits is made once and written
// anew each time, so that a sample allocates nothing.
type goRuntime struct {
	mu         sync.Mutex
	samples    []metrics.Sample
	families   []metric.Family
	terms      [][]terms // of each family's points
	histograms []*runtimeHistogram
}

// terms are places among the samples.
type terms struct{ plus, minus []int }

func newGoRuntime(start time.Time) *goRuntime {
	g := &goRuntime{}
	place := make(map[string]int)
	places := func(names []string) (all []int) {
		for _, name := range names {
			if _, known := place[name]; !known {
				place[name] = len(g.samples)
				g.samples = append(g.samples, metrics.Sample{Name: name})
			}
			all = append(all, place[name])
		}
		return all
	}
	for _, f := range runtimeFigures {
		family := metric.Family{Kind: f.kind, Start: start, Desc: metric.Desc{Name: f.name, Unit: f.unit, Help: f.help}}
		if f.key != "" {
			family.Keys = []string{f.key}
		}
		var sums []terms
		for _, p := range f.points {
			point := metric.Point{}
			if f.key != "" {
				point.Values = []string{p.value}
			}
			if f.kind == metric.KindHistogram {
				h := &runtimeHistogram{}
				point.Hist = &h.snapshot
				g.histograms = append(g.histograms, h)
			}
			family.Points = append(family.Points, point)
			sums = append(sums, terms{places(p.plus), places(p.minus)})
		}
		g.families = append(g.families, family)
		g.terms = append(g.terms, sums)
	}
	return g
}

func (g *goRuntime) produce(emit func(metric.Family)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	metrics.Read(g.samples)
	histograms := g.histograms
	for i := range g.families {
		f := &g.families[i]
		if f.Kind == metric.KindHistogram {
			known := histograms[0].set(g.samples[g.terms[i][0].plus[0]].Value)
			if histograms = histograms[1:]; known {
				emit(*f)
			}
			continue
		}
		known := true
		for p := range f.Points {
			v := g.sum(g.terms[i][p])
			f.Points[p].Value = v
			known = known && (f.Kind == metric.KindGauge || !math.IsNaN(v))
		}
		if known {
			emit(*f)
		}
	}
}

// sum is NaN if the runtime lacks a figure or says that there is none: a limit
// that is off is the largest number.
func (g *goRuntime) sum(t terms) (total float64) {
	for _, i := range t.plus {
		total += figureOf(g.samples[i].Value)
	}
	for _, i := range t.minus {
		total -= figureOf(g.samples[i].Value)
	}
	return total
}

func figureOf(v metrics.Value) float64 {
	switch v.Kind() {
	case metrics.KindUint64:
		if n := v.Uint64(); n < math.MaxInt64 {
			return float64(n)
		}
	case metrics.KindFloat64:
		return v.Float64()
	default:
	}
	return math.NaN()
}

func runtimeIndicators() []metric.Indicator {
	gauge := func(name, unit, help, of string) metric.Indicator {
		return metric.Indicator{Name: name, Unit: unit, Help: help, Of: metric.Selector{Metric: of}}
	}
	cpuTime := func(states string) metric.Selector {
		return metric.Selector{Metric: "go.cpu.time", Where: map[string]string{"go.cpu.state": states}}
	}
	return []metric.Indicator{
		gauge("goroutines", "{goroutine}", "Goroutines that live.", "go.goroutine.count"),
		gauge("heap_bytes", "By", "Objects on the heap, with those that are not freed yet.", "go.memory.heap.used"),
		gauge("heap_goal_bytes", "By", "Size of the heap at which the next garbage collection ends.", "go.memory.gc.goal"),
		gauge("go_memory_limit_bytes", "By", "GOMEMLIMIT, where it is set.", "go.memory.limit"),
		gauge("memory_limit_bytes", "By", "Memory that the container or else the machine allows.", memoryLimit),
		gauge("cpu_limit", "{cpu}", "CPUs that the container may use, where it has a limit.", "container.cpu.limit"),
		gauge("file_descriptors", "{file_descriptor}", "Files and connections that the process has open.", fileDescriptors),
		{Name: "gc_pause_p99", Unit: "ms", Help: "99th percentile of the pauses by garbage collections.", Scale: 1000,
			Of: metric.Selector{Metric: gcPauses}, Quantile: 0.99},
		{Name: "sched_latency_p99", Unit: "ms", Help: "99th percentile of the time that goroutines waited for a thread.", Scale: 1000,
			Of: metric.Selector{Metric: schedLatencies}, Quantile: 0.99},
		{Name: "gc_cpu", Unit: "%", Help: "Garbage collection's share of the CPU time used.",
			Of: cpuTime("gc"), Per: cpuTime("user|gc|scavenge")},
		{Name: "cpu_use", Unit: "%", Help: "CPU time used, of what the container or else the machine allows.",
			Of: metric.Selector{Metric: cpuUtilization}},
		{Name: "cpu_throttled", Unit: "ms/s", Help: "Time that the container was held back for its CPU limit.", Scale: 1000,
			Of: metric.Selector{Metric: throttledTime}},
		{Name: "memory_use", Unit: "%", Help: "Physical memory of the process, of what the container or else the machine allows.",
			Of: metric.Selector{Metric: memoryUsage}, Per: metric.Selector{Metric: memoryLimit}},
	}
}
