package main

import (
	"math"
	"runtime"
	"slices"
	"time"
)

// subject is one thing to be measured: loop does it n times.
type subject struct {
	name string
	loop func(n int)
}

// figures are what was measured of one subject: a time for each round.
type figures struct {
	name   string
	ns     []float64
	allocs float64 // of one operation
}

func (f figures) median() float64 { return median(f.ns) }

// less is f's figures without those of base, round by round.
func (f figures) less(base figures) figures {
	out := figures{name: f.name, allocs: f.allocs - base.allocs}
	for i := range f.ns {
		out.ns = append(out.ns, f.ns[i]-base.ns[i])
	}
	return out
}

// ratio is the median of the ratios of the rounds: in one round both were
// measured within milliseconds of each other, so that what else the machine
// does hits both.
func (f figures) ratio(peer figures) float64 {
	var all []float64
	for i := range f.ns {
		if peer.ns[i] > 0 {
			all = append(all, f.ns[i]/peer.ns[i])
		}
	}
	return median(all)
}

// measure runs the subjects side by side: in each round every subject has one
// block of about the given time, in an order that turns from round to round.
// Blocks are short and many: on a busy machine most of them run undisturbed, and
// the median is one of those.
func measure(rounds int, block time.Duration, subjects ...subject) []figures {
	out := make([]figures, len(subjects))
	counts := make([]int, len(subjects))
	for i, s := range subjects {
		out[i].name = s.name
		s.loop(2048) // caches, pages and tables that grow
		counts[i] = calibrate(s, block)
		out[i].allocs = allocations(s, min(counts[i], 20_000))
	}
	for r := range rounds {
		for k := range subjects {
			i := (k + r) % len(subjects)
			runtime.GC()
			began := time.Now()
			subjects[i].loop(counts[i])
			out[i].ns = append(out[i].ns, float64(time.Since(began))/float64(counts[i]))
		}
	}
	return out
}

// calibrate finds how often s fits into block.
func calibrate(s subject, block time.Duration) int {
	for n := 16; ; n *= 4 {
		began := time.Now()
		s.loop(n)
		if took := time.Since(began); took > block/8 || n > 1<<28 {
			return max(1, int(float64(n)*float64(block)/float64(took)))
		}
	}
}

// allocations counts those of one operation, as testing.AllocsPerRun does. A
// fraction is somebody else's, or a buffer that grew.
func allocations(s subject, n int) float64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.loop(n)
	runtime.ReadMemStats(&after)
	return math.Floor(float64(after.Mallocs-before.Mallocs)/float64(n) + 0.1)
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	v = slices.Sorted(slices.Values(v))
	if len(v)%2 == 1 {
		return v[len(v)/2]
	}
	return (v[len(v)/2-1] + v[len(v)/2]) / 2
}
