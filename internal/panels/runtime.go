package panels

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"strings"
	"time"

	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/perfmon"
)

// sparkColumns is what a spark in a table can show.
const sparkColumns = 84

// useHigh is the share of a limit from which a use is coloured, percent.
const useHigh = 90

// runtimeFigures is how the process itself does.
func runtimeFigures(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "runtime", Title: "Runtime", Window: "this process", Page: dashboard.Operations, Width: 4,
		Help: "CPU and memory of what the container, or else the machine, allows. The heap's limit is GOMEMLIMIT, else the size at which the next collection ends. " +
			"Pauses by garbage collections and the wait of goroutines for a thread are 99th percentiles of 5 minutes.",
		Data: func(_ context.Context, from, to time.Time) (any, error) {
			table := dashboard.Table{Columns: []string{"Figure", "Now", "Range", "Limit"}, Foot: s.builtFrom(), Minor: []int{2}}
			for _, row := range []struct{ title, indicator, limit string }{
				{"CPU", "cpu_use", s.cpuLimit()},
				{"Memory", "memory_use", s.size("memory_limit_bytes")},
				{"Heap", "heap_bytes", s.heapLimit()},
				{"Goroutines", "goroutines", ""},
				{"GC pause P99", "gc_pause_p99", s.gcNote()},
				{"Scheduler wait P99", "sched_latency_p99", ""},
				{"Open files", "file_descriptors", ""},
			} {
				value, _ := s.reading(row.indicator)
				if math.IsNaN(value) {
					continue
				}
				_, spark := s.points(row.indicator, from, to)
				table.Rows = append(table.Rows, []any{row.title, s.runtimeCell(row.indicator, value), dashboard.Cell{Spark: extremes(spark, sparkColumns)}, row.limit})
			}
			table.NoData = unless(len(table.Rows) > 0, "No sample yet.")
			return table, nil
		},
	}
}

func (s Source) runtimeCell(indicator string, value float64) dashboard.Cell {
	def, _ := s.Metrics.Lookup(indicator)
	switch def.Unit {
	case "By":
		return dashboard.Cell{Value: size(value)}
	case "%":
		cell := dashboard.Cell{Value: value, Unit: "%"}
		if value >= useHigh {
			cell.Good = -1
		}
		return cell
	case "ms":
		return dashboard.Cell{Value: value, Unit: "ms"}
	default:
		return dashboard.Cell{Value: value}
	}
}

// extremes keeps of each of n columns the lowest and the highest value, in
// their order.
func extremes(values []float64, n int) []float64 {
	if len(values) <= 2*n {
		return values
	}
	out := make([]float64, 0, 2*n)
	for i := range n {
		low, high := -1, -1
		for k := i * len(values) / n; k < (i+1)*len(values)/n; k++ {
			if v := values[k]; !math.IsNaN(v) {
				if low < 0 || v < values[low] {
					low = k
				}
				if high < 0 || v > values[high] {
					high = k
				}
			}
		}
		if low < 0 {
			out = append(out, math.NaN(), math.NaN())
			continue
		}
		out = append(out, values[min(low, high)], values[max(low, high)])
	}
	return out
}

func (s Source) cpuLimit() string {
	cpus, noData := s.reading("cpu_limit")
	if noData != "" {
		cpus = float64(runtime.NumCPU())
	}
	if cpus == 1 {
		return "1 CPU"
	}
	return fmt.Sprintf("%.3g CPUs", cpus)
}

func (s Source) heapLimit() string {
	return cmp.Or(s.size("go_memory_limit_bytes"), s.size("heap_goal_bytes"))
}

// size is an indicator in bytes; "": it has no reading.
func (s Source) size(indicator string) string {
	bytes, _ := s.reading(indicator)
	return size(bytes)
}

func (s Source) gcNote() string {
	share, noData := s.reading("gc_cpu")
	if noData != "" {
		return ""
	}
	return fmt.Sprintf("%.2g\u202f%% of CPU", share)
}

// builtFrom is "v2.14.0 (4f2a1b9c, modified) since 22:31, go1.26.0".
func (s Source) builtFrom() string {
	b := perfmon.ReadBuild()
	text := named(s.Release, b.Version)
	if revision := b.Revision[:min(len(b.Revision), 8)]; revision != "" && !strings.Contains(text, revision) {
		if b.Modified {
			revision += ", modified"
		}
		text = strings.TrimSpace(text + " (" + revision + ")")
	}
	return capital(strings.TrimSpace(fmt.Sprintf("%s since %s, Go %s", text, s.moment(s.Started), strings.TrimPrefix(b.GoVersion, "go"))))
}
