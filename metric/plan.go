package metric

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// plan says into which group each stream of a family goes, for one selector
// and breakdown. It is made once, and again when there are more streams.
type plan struct {
	family  *aggregate
	groups  [][]string // values of by, sorted
	group   []int32    // of each stream; -1: not selected
	streams int        // as many were there
}

type planKey struct{ metric, where, by string }

// maxPlans bounds the caches: breakdowns and windows come from callers.
const maxPlans = 4096

// plan is nil while nobody has the metric.
func (s *state) plan(sel Selector, by []string) (*plan, planKey) {
	key := planKey{metric: sel.Metric, where: whereKey(sel.Where), by: joined(by)}
	a := s.families[sel.Metric]
	if a == nil {
		return nil, key
	}
	p := s.plans[key]
	if p != nil && p.streams == len(a.streams) {
		return p, key
	}
	if len(s.plans) >= maxPlans {
		clear(s.plans)
	}
	p = newPlan(a, sel.Where, by)
	s.plans[key] = p
	return p, key
}

func whereKey(where map[string]string) string {
	if len(where) == 0 {
		return ""
	}
	flat := make([]string, 0, 2*len(where))
	for _, k := range slices.Sorted(maps.Keys(where)) {
		flat = append(flat, k, where[k])
	}
	return joined(flat)
}

func newPlan(a *aggregate, where map[string]string, by []string) *plan {
	p := &plan{family: a, group: make([]int32, len(a.streams)), streams: len(a.streams)}
	conditions := make([]condition, 0, len(where))
	for k, v := range where {
		conditions = append(conditions, condition{slices.Index(a.Keys, k), v, strings.Split(v, "|")})
	}
	columns := make([]int, len(by))
	for i, k := range by {
		columns[i] = slices.Index(a.Keys, k)
	}
	index := make(map[string]int32)
	if len(by) == 0 {
		p.groups = [][]string{nil} // in all: there, even of nothing
		index[""] = 0
	}
	values := make([]string, len(by))
	for i, st := range a.streams {
		p.group[i] = -1
		if !selected(st, conditions) {
			continue
		}
		for c, column := range columns {
			values[c] = st.valueOf(column)
		}
		key := joined(values)
		g, ok := index[key]
		if !ok {
			g = int32(len(p.groups))
			index[key] = g
			p.groups = append(p.groups, slices.Clone(values))
		}
		p.group[i] = g
	}
	p.sort()
	return p
}

// sort puts the groups in the order of their values.
func (p *plan) sort() {
	order := make([]int32, len(p.groups))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return slices.Compare(p.groups[a], p.groups[b]) })
	place := make([]int32, len(order))
	sorted := make([][]string, len(order))
	for to, from := range order {
		place[from] = int32(to)
		sorted[to] = p.groups[from]
	}
	p.groups = sorted
	for i, g := range p.group {
		if g >= 0 {
			p.group[i] = place[g]
		}
	}
}

// condition is what a Selector wants of one key.
type condition struct {
	column int // -1: the family lacks the key
	want   string
	any    []string // want, split
}

func selected(s *stream, conditions []condition) bool {
	for _, c := range conditions {
		if v := s.valueOf(c.column); v != c.want && !slices.Contains(c.any, v) {
			return false
		}
	}
	return true
}

// valueOf is "" for a key that the family lacks.
func (s *stream) valueOf(column int) string {
	if column < 0 {
		return ""
	}
	return s.values[column]
}

// amount is what a plan's group adds up to.
type amount struct {
	value   float64
	samples uint64 // events, or a gauge's series
}

// amounts adds each group up over what came after edge.
func (s *state) amounts(p *plan, edge int64) []amount {
	out := make([]amount, len(p.groups))
	for i, g := range p.group {
		if g < 0 {
			continue
		}
		st := p.family.streams[i]
		if st.kind == KindGauge {
			if st.seq == s.seq {
				out[g].value += st.value
				out[g].samples++
			}
			continue
		}
		by := st.increase(edge)
		out[g].value += by
		out[g].samples += uint64(math.Ceil(by)) // a counter of seconds has parts
	}
	return out
}
