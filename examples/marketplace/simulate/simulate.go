// Package simulate keeps the shop alive: shoppers who browse, fill baskets and
// pay, suppliers who answer and deliver. They know nothing of the shop but its
// address, and use its pages over HTTP as a browser would.
package simulate

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// Config says who comes.
type Config struct {
	URL       string  // of the shop: "http://127.0.0.1:8080"
	Shoppers  int     // at a time; 0: nobody, suppliers neither
	Clients   []int64 // users who shop
	Suppliers []int64 // users who answer and deliver
	Seed      uint64
	Speed     float64 // 0: 1; 2 waits half as long
	Logger    *slog.Logger
}

// Simulation is a set of running shoppers and suppliers. Safe for concurrent use.
type Simulation struct {
	c    Config
	gate *gate
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu    sync.Mutex
	speed float64
}

// New returns a simulation that has not started.
func New(c Config) *Simulation {
	if c.Speed == 0 {
		c.Speed = 1
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Simulation{c: c, gate: newGate(true), speed: c.Speed, stop: func() {}}
}

// supplierWorkers share the suppliers between them.
const supplierWorkers = 4

// Start lets shoppers and suppliers in, until Stop. It is called once.
func (s *Simulation) Start() {
	if s.c.Shoppers == 0 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	for i := range s.c.Shoppers {
		a := s.actor(uint64(i))
		s.wg.Go(func() { a.loop(ctx, a.shop) })
	}
	for i := range supplierWorkers {
		a := s.actor(uint64(1000 + i))
		var mine []int64
		for j, id := range s.c.Suppliers {
			if j%supplierWorkers == i {
				mine = append(mine, id)
			}
		}
		if len(mine) > 0 {
			f := &floor{actor: a, suppliers: mine, visitors: map[int64]*visitor{}}
			s.wg.Go(func() { a.loop(ctx, f.round) })
		}
	}
}

// Stop sends all away and waits until they have gone. It may come twice.
func (s *Simulation) Stop() {
	s.stop()
	s.wg.Wait()
}

// Set pauses or resumes, and sets the speed. When it returns from a pause, no
// request is under way any more.
func (s *Simulation) Set(ctx context.Context, running bool, speed float64) error {
	s.mu.Lock()
	s.speed = speed
	s.mu.Unlock()
	if running {
		s.gate.open()
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	return s.gate.close(ctx)
}

// State returns whether shoppers run, how many there are, and how fast.
func (s *Simulation) State() (running bool, shoppers int, speed float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gate.isOpen() && s.c.Shoppers > 0, s.c.Shoppers, s.speed
}

// actor is one of the people, with dice of its own.
type actor struct {
	s    *Simulation
	rand *rand.Rand
}

func (s *Simulation) actor(n uint64) *actor {
	return &actor{s: s, rand: rand.New(rand.NewPCG(s.c.Seed, n+1))}
}

// loop repeats f until ctx ends. What goes wrong is the shop's to report; the
// actor waits a little and comes again.
func (a *actor) loop(ctx context.Context, f func(ctx context.Context) error) {
	for ctx.Err() == nil {
		if err := f(ctx); err != nil && !errors.Is(err, context.Canceled) {
			a.s.c.Logger.Debug("simulated visit ended early", "error", err)
			a.pause(ctx, time.Second)
		}
	}
}

// pause waits about mean, log-normal, at the simulation's speed.
func (a *actor) pause(ctx context.Context, mean time.Duration) {
	a.s.mu.Lock()
	speed := a.s.speed
	a.s.mu.Unlock()
	d := time.Duration(a.logNormal(float64(mean), .5) / speed)
	select {
	case <-time.After(min(d, 10*mean)):
	case <-ctx.Done():
	}
}

func (a *actor) chance(p float64) bool { return a.rand.Float64() < p }

// logNormal is what waiting times and page loads look like.
func (a *actor) logNormal(median, sigma float64) float64 {
	return median * math.Exp(sigma*a.rand.NormFloat64())
}
