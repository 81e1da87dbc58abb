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
	base   float64 // what is not the subject's own
	allocs float64 // of one operation
}

// time is the lower quartile of the rounds: whatever else the machine does can
// only add to a round's time, never take off.
func (f figures) time() float64 { return quantile(f.ns, 0.25) - f.base }

// less is f's figures without those of base.
func (f figures) less(base figures) figures {
	f.base += base.time()
	f.allocs -= base.allocs
	return f
}

func (f figures) ratio(peer figures) float64 { return f.time() / peer.time() }

// measure runs the subjects side by side: in each round every subject has one
// block of about the given time, in an order that turns from round to round.
// Blocks are short and many: on a busy machine some of them run undisturbed.
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

// quantile is the value below which a share q of the values lies.
func quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	return slices.Sorted(slices.Values(v))[int(q*float64(len(v)))]
}
