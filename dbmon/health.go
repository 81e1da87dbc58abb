package dbmon

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

// Verdict says in a word how the database is.
type Verdict string

// The verdicts, from good to bad.
const (
	Healthy  Verdict = "healthy"
	Degraded Verdict = "degraded"
	Critical Verdict = "critical"
)

// Health is a verdict with its reasons and figures. A share is in percent; NaN
// means that there is no data.
type Health struct {
	Verdict Verdict
	// Reasons say why the verdict is not healthy; Unchecked what could not be
	// looked at, and what it takes. Neither holds anything of a query.
	Reasons, Unchecked []string
	// SuccessRate is the share of queries that did not fail, of all but the
	// canceled; CacheHitRate the share of hits in the service's caches;
	// BufferHitRate the share of blocks that PostgreSQL found in its buffers
	// since the check before (of several databases the lowest; NaN on the first).
	SuccessRate, CacheHitRate, BufferHitRate float64
	// PoolUse is the share of the pool's maximum that is in use;
	// ServerConnectionUse the share of the connections that the server leaves to
	// clients (max_connections less the reserved ones). Of several the highest.
	PoolUse, ServerConnectionUse float64
	// P95 is the 95th percentile of query time. 0: no data.
	P95 time.Duration
	// SlowQueries is how many of the last 5 minutes are in Monitor.SlowQueries.
	SlowQueries uint64
	// Databases are the attached pools by name. They have no figures of queries
	// and caches: those are not counted by database.
	Databases map[string]Health
}

const (
	checkTimeout = 2 * time.Second // of one check, whatever the database does
	checkKeep    = 5 * time.Second // how long its result is given out again
	window       = 5 * time.Minute // of the figures of queries and caches
)

// Levels of the verdict, in percent.
const (
	minSuccess     = 99.0
	badSuccess     = 90.0
	minSuccessOf   = 20 // queries, else the rate says nothing
	maxPoolUse     = 80.0
	maxPoolWait    = 1.0 // seconds waited for a connection, of all callers, a second
	maxServerUse   = 80.0
	badServerUse   = 95.0
	minBufferHits  = 90.0
	minBufferOf    = 1000 // blocks
	minCacheHits   = 70.0
	minCacheHitsOf = 500 // look-ups
)

// checks keeps the last result, and lets one caller at a time make a new one.
type checks struct {
	turn chan struct{} // holds a token while one checks

	mu   sync.Mutex
	last Health
	at   time.Duration
	have bool

	// Of the check before, by pool; only under turn.
	blocks map[string]blocks
	waits  map[string]poolWait
}

type blocks struct{ hit, read int64 }

func (c *checks) cached(now time.Duration) (Health, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.have && now-c.at < checkKeep {
		return c.last.clone(), true
	}
	return Health{}, false
}

func (c *checks) keep(h Health, now time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last, c.at, c.have = h.clone(), now, true
}

// Health checks every attached database on a connection of its own, all at
// once, for 2 s at most, and puts it beside what the queries showed. It answers
// while the pools are exhausted, and while a database is gone: that is a
// Critical verdict, no error. A result is given out for 5 s. An error is only
// returned where ctx had ended before, or there is no Monitor.
func (m *Monitor) Health(ctx context.Context) (Health, error) {
	none := Health{Verdict: Healthy, SuccessRate: math.NaN(), CacheHitRate: math.NaN(), BufferHitRate: math.NaN(), PoolUse: math.NaN(), ServerConnectionUse: math.NaN()}
	switch {
	case m == nil:
		return none, ErrNotInitialized
	case m.disabled:
		none.Unchecked = []string{"everything: monitoring is disabled"}
		return none, nil
	}
	if err := ctx.Err(); err != nil {
		return none, fmt.Errorf("check health: %w", err)
	}
	if h, ok := m.checks.cached(m.since()); ok {
		return h, nil
	}
	select {
	case m.checks.turn <- struct{}{}:
		defer func() { <-m.checks.turn }()
	case <-ctx.Done():
		return none, fmt.Errorf("wait for a health check: %w", ctx.Err())
	}
	if h, ok := m.checks.cached(m.since()); ok { // made while we waited
		return h, nil
	}
	h := m.check(ctx)
	if ctx.Err() == nil { // else the caller's end may be all that is wrong
		m.checks.keep(h, m.since())
	}
	return h, nil
}

// check looks at everything. The caller has the turn.
func (m *Monitor) check(ctx context.Context) Health {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout-probeGrace)
	defer cancel()
	pools := m.pools.living()
	found := make([]serverCheck, len(pools))
	var running sync.WaitGroup
	for i, a := range pools {
		running.Go(func() {
			found[i] = a.probe.check(ctx, func(ctx context.Context) serverCheck { return checkServer(ctx, a.pool) })
		})
	}
	running.Wait()

	traffic := m.traffic()
	h := traffic.health()
	h.SlowQueries = m.slowSince(time.Now().Add(-window))
	h.Databases = make(map[string]Health, len(pools))
	seen, waits := make(map[string]blocks, len(pools)), make(map[string]poolWait, len(pools))
	for i, a := range pools {
		before, known := m.checks.blocks[a.name]
		if found[i].answered {
			seen[a.name] = found[i].blocks
		} else if known {
			seen[a.name] = before
		}
		db := found[i].health(before, known)
		waited, knownWait := m.checks.waits[a.name]
		waits[a.name] = poolHealth(&db, a, waited, knownWait, m.since())
		h.Databases[a.name] = db
		h.include(a.name, db)
	}
	m.checks.blocks, m.checks.waits = seen, waits
	if len(pools) == 0 {
		h.Unchecked = append(h.Unchecked, "the database: no pool is attached")
	}
	return h
}

// poolWait is how long callers had waited for a pool's connections by then.
type poolWait struct{ total, at time.Duration }

// poolHealth adds the figures of this process's pool, which take no I/O. That
// a pool starves shows in the time waited: an idle one too is empty at times.
func poolHealth(h *Health, a living, before poolWait, known bool, now time.Duration) poolWait {
	s := a.pool.Stat()
	if s.MaxConns() > 0 {
		h.PoolUse = 100 * float64(s.AcquiredConns()) / float64(s.MaxConns())
	}
	if h.PoolUse > maxPoolUse {
		h.worsen(Degraded, "%d of the pool's %d connections are in use", s.AcquiredConns(), s.MaxConns())
	}
	waited := poolWait{total: s.EmptyAcquireWaitTime(), at: now}
	if rate, ok := waited.since(before); known && ok && rate > maxPoolWait {
		h.worsen(Degraded, "callers wait for the pool's connections, %.1f s in each second", rate)
	}
	return waited
}

// since is the seconds waited in each second from before to w.
func (w poolWait) since(before poolWait) (float64, bool) {
	if w.at <= before.at || w.total < before.total { // another pool of that name
		return 0, false
	}
	return float64(w.total-before.total) / float64(w.at-before.at), true
}

// worsen adds a reason.
func (h *Health) worsen(v Verdict, format string, args ...any) {
	if v == Critical || h.Verdict != Critical {
		h.Verdict = v
	}
	h.Reasons = append(h.Reasons, fmt.Sprintf(format, args...))
}

// include takes a database's health over into that of all.
func (h *Health) include(name string, db Health) {
	for _, r := range db.Reasons {
		h.worsen(db.Verdict, "%s: %s", name, r)
	}
	for _, u := range db.Unchecked {
		h.Unchecked = append(h.Unchecked, name+": "+u)
	}
	h.PoolUse = worse(h.PoolUse, db.PoolUse, math.Max)
	h.ServerConnectionUse = worse(h.ServerConnectionUse, db.ServerConnectionUse, math.Max)
	h.BufferHitRate = worse(h.BufferHitRate, db.BufferHitRate, math.Min)
}

// worse is of(a, b), or the one that is no NaN.
func worse(a, b float64, of func(a, b float64) float64) float64 {
	switch {
	case math.IsNaN(a):
		return b
	case math.IsNaN(b):
		return a
	default:
		return of(a, b)
	}
}

func (h Health) clone() Health {
	h.Reasons = append([]string(nil), h.Reasons...)
	h.Unchecked = append([]string(nil), h.Unchecked...)
	if h.Databases != nil {
		all := make(map[string]Health, len(h.Databases))
		for name, db := range h.Databases {
			all[name] = db.clone()
		}
		h.Databases = all
	}
	return h
}
