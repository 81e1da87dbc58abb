package dbmon

import (
	"math"
	"time"
)

// PoolStat is one attached pool as it is now.
type PoolStat struct {
	Name            string
	Used, Idle, Max int
	Waiting         int           // callers that wait for a connection
	AcquireP95      time.Duration // of the last five minutes; 0: no data
	Starvation      float64       // seconds waited a second in the last five minutes; NaN: no data
}

// Pools are the attached ones by name.
func (m *Monitor) Pools() []PoolStat {
	if !m.active() {
		return nil
	}
	acquire, starvation := m.byPool("db_acquire_p95"), m.byPool("db_pool_starvation")
	var all []PoolStat
	for _, a := range m.pools.living() {
		s := a.pool.Stat()
		p := PoolStat{
			Name: a.name, Used: int(s.AcquiredConns()), Idle: int(s.IdleConns()), Max: int(s.MaxConns()),
			Waiting: int(a.waiting.Load()), Starvation: math.NaN(),
		}
		if v, ok := acquire[a.name]; ok {
			p.AcquireP95 = time.Duration(v * float64(time.Millisecond))
		}
		if v, ok := starvation[a.name]; ok {
			p.Starvation = v
		}
		all = append(all, p)
	}
	return all
}

// byPool are the readings of an indicator by pool.
func (m *Monitor) byPool(indicator string) map[string]float64 {
	readings, err := m.registry.Read(indicator, keyPool)
	if err != nil {
		return nil
	}
	values := make(map[string]float64, len(readings))
	for _, r := range readings {
		if len(r.Values) == 1 && !math.IsNaN(r.Value) {
			values[r.Values[0]] = r.Value
		}
	}
	return values
}
