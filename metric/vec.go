package metric

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
)

// maxVecSeries bounds the series of one Vec: the limits of three keys allow
// eight million.
const maxVecSeries = 10_000

// Vec is a metric with attributes. A nil Vec is a no-op: its With gives nil
// handles, which are no-ops too. Safe for concurrent use.
type Vec[M interface{ Counter | Gauge | Histogram }] struct {
	desc  Desc
	kind  Kind
	set   *Set
	seed  maphash.Seed
	table atomic.Pointer[table[M]]

	mu     sync.Mutex
	series []*series[M] // in the order they were made; only appended to
	limits []limiter    // of the keys
	warned uint8        // which of the warnings below were given
}

const (
	warnedCount uint8 = 1 << iota
	warnedSeries
)

type series[M any] struct {
	values []string
	hash   uint64
	metric M
}

// table is a hash table with open addressing: read without a lock, written
// under the Vec's by publishing one slot, replaced when half full.
type table[M any] struct {
	mask  uint64
	slots []atomic.Pointer[series[M]]
}

func newTable[M any](size int) *table[M] {
	return &table[M]{mask: uint64(size - 1), slots: make([]atomic.Pointer[series[M]], size)}
}

func (t *table[M]) find(hash uint64, values []string) *series[M] {
	for i := hash & t.mask; ; i = (i + 1) & t.mask {
		s := t.slots[i].Load()
		if s == nil || s.hash == hash && slices.Equal(s.values, values) {
			return s
		}
	}
}

func (t *table[M]) put(s *series[M]) {
	for i := s.hash & t.mask; ; i = (i + 1) & t.mask {
		if t.slots[i].Load() == nil {
			t.slots[i].Store(s)
			return
		}
	}
}

func newVec[M interface{ Counter | Gauge | Histogram }](s *Set, d Desc, k Kind) *Vec[M] {
	v := &Vec[M]{desc: d.clone(), kind: k, set: s, seed: maphash.MakeSeed(), limits: make([]limiter, len(d.Keys))}
	for i := range v.limits {
		v.limits[i].max = d.limit()
	}
	size := 8
	if len(d.Keys) == 0 {
		size = 2
	}
	v.table.Store(newTable[M](size))
	return v
}

// With finds or makes the series of values, in the order of the Desc's Keys.
// A known series costs one look-up and no allocation. Missing values are "",
// surplus ones are left out, and that is warned of once.
func (v *Vec[M]) With(values ...string) *M {
	if v == nil {
		return nil
	}
	if len(values) == len(v.desc.Keys) {
		if s := v.table.Load().find(v.hash(values), values); s != nil {
			return &s.metric
		}
	}
	return v.with(values)
}

func (v *Vec[M]) hash(values []string) uint64 {
	var h uint64
	for _, s := range values {
		h = h*0x9e3779b97f4a7c15 ^ maphash.String(v.seed, s)
	}
	return h
}

// with is With for what is not in the table as it was asked for.
func (v *Vec[M]) with(asked []string) *M {
	values := make([]string, len(v.desc.Keys))
	for i := range values {
		if i < len(asked) {
			values[i] = clean(asked[i])
		}
	}
	var warn []warning
	v.mu.Lock()
	if len(asked) != len(values) && v.first(warnedCount) {
		warn = append(warn, warning{"metric: With has the wrong number of values", []any{
			"metric", v.desc.Name, "got", len(asked), "want", len(values)}})
	}
	for i := range values {
		admitted, first := v.limits[i].admit(values[i])
		values[i] = admitted
		if first {
			warn = append(warn, warning{"metric: attribute has too many values, the rest becomes \"other\"", []any{
				"metric", v.desc.Name, "attribute", v.desc.Keys[i], "limit", v.limits[i].max}})
		}
	}
	s := v.table.Load().find(v.hash(values), values)
	if s == nil && len(v.series) >= maxVecSeries {
		for i := range values {
			values[i] = other
		}
		s = v.table.Load().find(v.hash(values), values)
		if v.first(warnedSeries) {
			warn = append(warn, warning{"metric: too many series, the rest becomes \"other\"", []any{
				"metric", v.desc.Name, "limit", maxVecSeries}})
		}
	}
	if s == nil {
		s = v.add(values)
	}
	v.mu.Unlock()
	for _, w := range warn { // outside the lock: the logger may count records in this Vec
		v.set.warn(w)
	}
	return &s.metric
}

func (v *Vec[M]) first(bit uint8) bool {
	was := v.warned&bit != 0
	v.warned |= bit
	return !was
}

// add makes a series. The caller holds the lock.
func (v *Vec[M]) add(values []string) *series[M] {
	s := &series[M]{values: values, hash: v.hash(values)}
	switch m := any(&s.metric).(type) {
	case *Gauge:
		m.owner = v.set
	case *Histogram:
		m.owner = v.set
	}
	v.series = append(v.series, s)
	t := v.table.Load()
	if len(v.series)*2 <= len(t.slots) {
		t.put(s)
		return s
	}
	larger := newTable[M](len(t.slots) * 2)
	for _, s := range v.series {
		larger.put(s)
	}
	v.table.Store(larger)
	return s
}

// all are the series there are; the slice is not to be changed.
func (v *Vec[M]) all() []*series[M] {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.series
}

func (v *Vec[M]) describe() (Desc, Kind) { return v.desc, v.kind }
