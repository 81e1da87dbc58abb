package perfmon

import (
	"math"
	"slices"
	"sync"

	"github.com/distri-night/monitoring/metric"
)

// sloCounter counts good and bad requests by SLO and route. It costs the
// request nothing: it reads the histograms of request time as they are emitted
// for a sample. Windows of hours are then kept of a few counters, not of the
// histograms of each method and outcome.
type sloCounter struct {
	slos []SLO

	mu     sync.Mutex // of one Produce
	emit   func(metric.Family)
	tap    func(metric.Family) // take, bound once
	routes map[string]*routeEvents
	order  []*routeEvents
	family metric.Family
}

// routeEvents is what a route has had, by SLO, since the process started.
type routeEvents struct {
	requests uint64
	good     []uint64
	points   int // its first one in the family
}

func newSLOCounter(slos []SLO) *sloCounter {
	c := &sloCounter{slos: slices.Clone(slos), routes: map[string]*routeEvents{}}
	c.tap = c.take
	c.family = metric.Family{Kind: metric.KindCounter, Desc: metric.Desc{
		Name: sloEvents, Unit: "{request}", Help: "Requests that met an objective, and that did not.",
		Keys: []string{"slo", routeKey, "result"},
	}}
	return c
}

// produce emits set, and the events counted of it.
func (c *sloCounter) produce(set *metric.Set, emit func(metric.Family)) {
	if len(c.slos) == 0 {
		set.Produce(emit)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.order {
		r.requests = 0
		clear(r.good)
	}
	c.emit = emit
	set.Produce(c.tap)
	for _, r := range c.order {
		for i := range c.slos {
			// Never less than before, should a histogram ever be read short.
			good, bad := &c.family.Points[r.points+2*i], &c.family.Points[r.points+2*i+1]
			good.Value = max(good.Value, float64(r.good[i]))
			bad.Value = max(bad.Value, float64(r.requests-r.good[i]))
		}
	}
	emit(c.family)
}

// take passes a family on and counts it.
func (c *sloCounter) take(f metric.Family) {
	c.emit(f)
	if f.Name != requestDuration {
		return
	}
	route, outcome := slices.Index(f.Keys, routeKey), slices.Index(f.Keys, "outcome")
	for i := range f.Points {
		p := &f.Points[i]
		result := p.Values[outcome]
		if result == outcomeNames[outcomeAborted] {
			continue
		}
		r := c.route(p.Values[route])
		r.requests += p.Hist.Count
		for i, o := range c.slos {
			switch {
			case o.Latency > 0:
				r.good[i] += within(p.Hist, o.Latency.Seconds())
			case result != outcomeNames[outcomeError]:
				r.good[i] += p.Hist.Count
			}
		}
	}
}

func (c *sloCounter) route(name string) *routeEvents {
	if r := c.routes[name]; r != nil {
		return r
	}
	r := &routeEvents{good: make([]uint64, len(c.slos)), points: len(c.family.Points)}
	for _, o := range c.slos {
		for _, result := range []string{"good", "bad"} {
			c.family.Points = append(c.family.Points, metric.Point{Values: []string{o.Name, name, result}})
		}
	}
	c.routes[name] = r
	c.order = append(c.order, r)
	return r
}

// within counts the observations in the buckets up to the bound that is
// nearest to limit. Whole buckets keep the count a count.
func within(h *metric.Snapshot, limit float64) uint64 {
	bound := int(math.Round(math.Ldexp(math.Log2(limit), h.Scale)))
	n := h.Zero
	for _, count := range h.Buckets[:max(0, min(len(h.Buckets), bound-h.Offset))] {
		n += count
	}
	return n
}
