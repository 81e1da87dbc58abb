package dbmon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/metric"
)

// attached is a pool with its name. The pool is held weakly: pgx does not say
// when one is closed, but a pool that is not closed is held by pgx itself, so
// that one which is collected has been.
type attached struct {
	name    string
	pool    weak.Pointer[pgxpool.Pool]
	probe   probe
	adopted bool         // by NewPool, under a name of its own choice
	waiting atomic.Int64 // callers
	wait    *metric.Histogram
	use     *metric.Histogram
}

// pools are the attached ones, read without a lock.
type pools struct {
	mu sync.Mutex
	m  atomic.Pointer[map[weak.Pointer[pgxpool.Pool]]*attached]
}

func (p *pools) all() map[weak.Pointer[pgxpool.Pool]]*attached {
	if m := p.m.Load(); m != nil {
		return *m
	}
	return nil
}

func (p *pools) find(pool *pgxpool.Pool) *attached {
	all := p.all()
	if len(all) == 0 {
		return nil
	}
	return all[weak.Make(pool)]
}

// living is an attached pool that is held for as long as it is looked at.
type living struct {
	*attached
	pool *pgxpool.Pool
}

// living are all by name.
func (p *pools) living() []living {
	all := p.all()
	found := make([]living, 0, len(all))
	for _, a := range all {
		if pool := a.pool.Value(); pool != nil {
			found = append(found, living{a, pool})
		}
	}
	slices.SortFunc(found, func(a, b living) int { return cmp.Compare(a.name, b.name) })
	return found
}

func (p *pools) taken(name string) bool {
	for _, a := range p.all() {
		if a.name == name {
			return true
		}
	}
	return false
}

// put keeps a. The caller holds the lock.
func (p *pools) put(a *attached) {
	grown := maps.Clone(p.all())
	if grown == nil {
		grown = map[weak.Pointer[pgxpool.Pool]]*attached{}
	}
	grown[a.pool] = a
	p.m.Store(&grown)
}

// drop forgets a, if it is still what the pool is attached as.
func (p *pools) drop(a *attached) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all()[a.pool] != a {
		return
	}
	rest := maps.Clone(p.all())
	delete(rest, a.pool)
	p.m.Store(&rest)
}

// clear forgets all, and waits for their checks until ctx ends.
func (p *pools) clear(ctx context.Context) error {
	p.mu.Lock()
	all := p.all()
	p.m.Store(nil)
	p.mu.Unlock()
	var errs []error
	for _, a := range all {
		errs = append(errs, a.probe.retire(ctx))
	}
	return errors.Join(errs...)
}

// produce emits the gauges of the pools that are attached now.
func (p *pools) produce(start time.Time, emit func(metric.Family)) {
	all := p.living()
	if len(all) == 0 {
		return
	}
	count := metric.Family{Desc: countDesc, Kind: metric.KindGauge, Start: start}
	most := metric.Family{Desc: maxDesc, Kind: metric.KindGauge, Start: start}
	pending := metric.Family{Desc: pendingDesc, Kind: metric.KindGauge, Start: start}
	waited := metric.Family{Desc: waitedDesc, Kind: metric.KindCounter, Start: start}
	for _, a := range all {
		s := a.pool.Stat()
		count.Points = append(count.Points,
			metric.Point{Values: []string{a.name, "idle"}, Value: float64(s.IdleConns())},
			metric.Point{Values: []string{a.name, "used"}, Value: float64(s.AcquiredConns())})
		name := []string{a.name}
		most.Points = append(most.Points, metric.Point{Values: name, Value: float64(s.MaxConns())})
		pending.Points = append(pending.Points, metric.Point{Values: name, Value: float64(a.waiting.Load())})
		waited.Points = append(waited.Points, metric.Point{Values: name, Value: s.EmptyAcquireWaitTime().Seconds()})
	}
	for _, f := range []metric.Family{count, most, pending, waited} {
		emit(f)
	}
}

// Attach watches a pool that the service configured itself: its gauges are
// sampled, its waits counted, and its server is part of [Monitor.Health]. The
// pool's configuration must have a [Tracer] of this Monitor or a zero one, also
// in a multitracer, else the error Is [ErrInvalid]; so it is for a name that
// another pool has, and for a pool that is attached already. A pool of
// [Monitor.NewPool] takes the new name.
//
// detach may come twice. It waits for a check of the pool that is under way, for
// 2 s at most. A pool that was closed and not detached is let go when the
// collector finds that the service has forgotten it.
func (m *Monitor) Attach(name string, p *pgxpool.Pool) (detach func(), err error) {
	nothing := func() {}
	switch {
	case m == nil:
		return nothing, ErrNotInitialized
	case m.disabled:
		return nothing, nil
	}
	var faults config.Faults
	if name == "" {
		faults.Add("name", "a name", name)
	}
	if p == nil {
		faults.Add("pool", "a pool", nil)
	} else if !m.traces(p.Config().ConnConfig.Tracer) {
		faults.Add("pool", "a pool whose ConnConfig.Tracer is a *dbmon.Tracer of this Monitor", nil)
	}
	if err := faults.Err(); err != nil {
		return nothing, fmt.Errorf("attach pool: %w", err)
	}
	m.pools.mu.Lock()
	defer m.pools.mu.Unlock()
	was := m.pools.find(p)
	switch {
	case was != nil && !was.adopted:
		faults.Add("pool", "a pool that is not attached already", was.name)
	case m.pools.taken(name) && (was == nil || was.name != name):
		faults.Add("name", "a name that no other pool has", name)
	}
	if err := faults.Err(); err != nil {
		return nothing, fmt.Errorf("attach pool: %w", err)
	}
	a := m.attached(name, p)
	m.pools.put(a)
	return func() { m.detach(a) }, nil
}

func (m *Monitor) attached(name string, p *pgxpool.Pool) *attached {
	a := &attached{name: name, pool: weak.Make(p), wait: m.waits.With(name), use: m.uses.With(name)}
	runtime.AddCleanup(p, m.pools.drop, a)
	return a
}

// detach forgets a, and waits for its check.
func (m *Monitor) detach(a *attached) {
	m.pools.drop(a)
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	if err := a.probe.retire(ctx); err != nil {
		m.logger.Warn("a detached pool still has a health check under way", "pool", a.name, "error", err)
	}
}

// traces reports whether what t sees gets to m.
func (m *Monitor) traces(t pgx.QueryTracer) bool {
	switch t := t.(type) {
	case *Tracer:
		return t != nil && (t.m == nil || t.m == m)
	case *multitracer.Tracer:
		return t != nil && slices.ContainsFunc(t.QueryTracers, m.traces)
	default:
		return false
	}
}

// adopt attaches a pool of NewPool, under the first name that is free.
func (m *Monitor) adopt(name string, p *pgxpool.Pool) {
	m.pools.mu.Lock()
	defer m.pools.mu.Unlock()
	if m.pools.find(p) != nil {
		return
	}
	c := p.Config().ConnConfig
	free := name
	for i := 1; m.pools.taken(free); i++ {
		free = net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))) + "/" + name
		if i > 1 {
			free = name + "-" + strconv.Itoa(i)
		}
	}
	a := m.attached(free, p)
	a.adopted = true
	m.pools.put(a)
}

// urlWant is what NewPool takes. An error of the parser is not shown: it may
// hold a part of the password.
const urlWant = "a PostgreSQL URL such as postgres://user:password@host:5432/database, or key=value pairs"

// NewPool makes a traced pool, connects once, and attaches the pool under the
// database's name (with the host, or a number, before or after it if another
// pool has that). A url that cannot be parsed, or an empty one where the
// environment has no PGHOST, PGSERVICE or PGDATABASE either, Is [ErrInvalid].
// No error names the password.
//
// The pool is the caller's to close, and stays attached until then: it is let go
// when the collector finds it closed and forgotten. To detach it at once, give
// it a name with [Monitor.Attach]. A nil Monitor gives a pool that is attached
// to the first default that its queries find.
func (m *Monitor) NewPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	if url == "" && os.Getenv("PGHOST") == "" && os.Getenv("PGSERVICE") == "" && os.Getenv("PGDATABASE") == "" {
		return nil, fmt.Errorf("make pool: %w", &config.FieldError{Field: "url", Want: urlWant, Got: ""})
	}
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("make pool: %w", &config.FieldError{Field: "url", Want: urlWant})
	}
	name := cmp.Or(c.ConnConfig.Database, c.ConnConfig.User, "database")
	tracer := &Tracer{m: m}
	if m == nil {
		tracer.attach = name
	}
	c.ConnConfig.Tracer = tracer
	p, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("make pool: %w", err)
	}
	if err := p.Ping(ctx); err != nil {
		p.Close()
		return nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	if m.active() {
		m.adopt(name, p)
	}
	return p, nil
}
