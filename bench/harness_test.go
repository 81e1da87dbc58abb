package main

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestATimeIsTheLowerQuartileAndARatioIsOfTimes(t *testing.T) {
	ours := figures{ns: []float64{10, 400, 20, 30}}
	peer := figures{ns: []float64{41, 40, 39, 900}}
	if got := ours.ratio(peer); got != 0.5 {
		t.Errorf("ratio = %v, want 0.5", got)
	}
	if got := ours.less(figures{ns: []float64{1, 1, 1, 1}}).time(); got != 19 {
		t.Errorf("cost = %v, want 19", got)
	}
	if !math.IsNaN(quantile(nil, 0.25)) {
		t.Error("a quantile of nothing is a number")
	}
}

func TestMeasureCountsTimeAndAllocations(t *testing.T) {
	var sink []byte
	f := measure(3, time.Millisecond,
		subject{"allocates twice", func(n int) {
			for range n {
				sink = make([]byte, 64)
				sink = append(sink, make([]byte, 64)...)
			}
		}},
		subject{"does nothing", func(n int) {
			for range n {
				sink = sink[:0]
			}
		}})
	if f[0].allocs != 2 || f[1].allocs != 0 {
		t.Errorf("allocs = %v and %v, want 2 and 0", f[0].allocs, f[1].allocs)
	}
	if !(f[0].time() > f[1].time()) {
		t.Errorf("allocating took %v ns, doing nothing %v", f[0].time(), f[1].time())
	}
}

func TestTheTableSaysWhatIsMissed(t *testing.T) {
	f := figures{name: "a", ns: []float64{10}}
	peer := figures{name: "b", ns: []float64{20}, allocs: 1}
	var out strings.Builder
	missed := write(&out, []row{beside("x", f, peer, 0.7, 0), beside("y", f, peer, 0.4, nothing), alone("z", peer, 30, 0), alone("info", f, nothing, nothing)})
	if missed != 2 {
		t.Errorf("missed = %d, want 2:\n%s", missed, out.String())
	}
	for _, want := range []string{"| x | 10 ns | 0 | b | 20 ns | 1 | 0.5 | ratio ≤ 0.7, ≤ 0 allocs | met |", "| **missed** |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
