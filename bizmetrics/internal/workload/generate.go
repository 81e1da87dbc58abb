package workload

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// generator makes one workload.
type generator struct {
	Config
	r         *rand.Rand
	suppliers *rand.Zipf
	customers *rand.Zipf
	edges     []time.Time // moments at which figures change sides
	n         int         // for IDs
	all       []Arrival
}

// Generate makes up c.Events arrivals, in the order in which they arrive.
func Generate(c Config) []Arrival {
	c = c.withDefaults()
	r := rand.New(rand.NewPCG(c.Seed, 0x9e3779b97f4a7c15))
	g := &generator{
		Config: c, r: r,
		suppliers: rand.NewZipf(r, 1.3, 4, uint64(c.Suppliers-1)),
		customers: rand.NewZipf(r, 1.1, 8, uint64(c.Customers-1)),
		edges:     edges(c.From, c.To, c.Zone),
		all:       make([]Arrival, 0, c.Events+32),
	}
	for len(g.all) < c.Events {
		switch p := r.Float64(); {
		case p < 0.60:
			g.order()
		case p < 0.85:
			g.user()
		case p < 0.95:
			g.answer()
		default:
			g.advertise()
		}
	}
	g.all = g.all[:c.Events]
	slices.SortStableFunc(g.all, func(a, b Arrival) int { return a.Clock.Compare(b.Clock) })
	return g.all
}

// add lets an event happen, and arrive once or more often.
func (g *generator) add(event any) {
	at, with := timeOf(event)
	if at.Before(g.From) || !at.Before(g.To) {
		return
	}
	if g.chance(0.04) { // without a time: it is taken when it arrives
		event = with(time.Time{})
		g.all = append(g.all, Arrival{event, at})
	} else {
		g.all = append(g.all, Arrival{event, g.arrival(at)})
	}
	for g.chance(0.05) { // delivered again
		switch p := g.r.Float64(); {
		case p < 0.6:
			g.all = append(g.all, Arrival{event, g.arrival(at)})
		case p < 0.75: // the same without its time
			g.all = append(g.all, Arrival{with(time.Time{}), g.arrival(at)})
		case p < 0.85: // the same at another time
			g.all = append(g.all, Arrival{with(at.Add(3 * time.Second)), g.arrival(at)})
		default:
			g.all = append(g.all, Arrival{other(event), g.arrival(at)})
		}
	}
}

// arrival is when an event of that time arrives: mostly at once, in disorder
// within two minutes, sometimes days late. A few are dated ahead of the clock.
func (g *generator) arrival(at time.Time) time.Time {
	switch p := g.r.Float64(); {
	case p < 0.002:
		at = at.Add(-time.Duration(g.r.Int64N(int64(2 * time.Hour))))
	case p < 0.01:
		at = at.Add(time.Duration(g.r.Int64N(int64(9 * 24 * time.Hour))))
	default:
		at = at.Add(time.Duration(g.r.Int64N(int64(2 * time.Minute))))
	}
	if at.Before(g.From) {
		return g.From
	}
	if !at.Before(g.To) {
		return g.To.Add(-1)
	}
	return at
}

// moment is any time of the span, often one where figures change sides.
func (g *generator) moment() time.Time {
	if len(g.edges) > 0 && g.chance(0.15) {
		at := g.edges[g.r.IntN(len(g.edges))]
		if g.chance(0.5) { // on it, or a hair away
			return at.Add(time.Duration(g.r.Int64N(5)-2) * time.Microsecond)
		}
		return at.Add(time.Duration(g.r.Int64N(int64(4*time.Hour))) - 2*time.Hour)
	}
	return g.From.Add(time.Duration(g.r.Int64N(int64(g.To.Sub(g.From)))))
}

// edges are the midnights of the zone, and the quarters of an hour around its
// clock changes, which count many times over.
func edges(from, to time.Time, zone *time.Location) []time.Time {
	var all []time.Time
	for at := from.In(zone); at.Before(to); {
		y, m, d := at.Date()
		next := time.Date(y, m, d+1, 0, 0, 0, 0, zone)
		all = append(all, next)
		if d == 1 {
			for range 5 {
				all = append(all, time.Date(y, m, 1, 0, 0, 0, 0, zone))
			}
		}
		at = next
	}
	for at := from.In(zone); ; {
		_, change := at.ZoneBounds()
		if change.IsZero() || !change.Before(to) {
			return all
		}
		for i := range 16 {
			all = append(all, change.Add(time.Duration(i-8)*15*time.Minute))
		}
		at = change
	}
}

func (g *generator) chance(p float64) bool { return g.r.Float64() < p }

// id is a new one.
func (g *generator) id(prefix string) string {
	g.n++
	return prefix + strconv.Itoa(g.n)
}

func (g *generator) oneOf(words ...string) string { return words[g.r.IntN(len(words))] }

// within is a duration up to d, mostly short.
func (g *generator) within(d time.Duration) time.Duration {
	f := g.r.Float64()
	return time.Duration(f * f * float64(d))
}
