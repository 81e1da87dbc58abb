package dbmon

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// QueryStat is one query's part in the last five minutes.
type QueryStat struct {
	Name          string
	Calls         uint64
	Rate          float64       // a second
	P50, P95, P99 time.Duration // 0: no data
	Max           time.Duration // within 0.55 %
	Mean          time.Duration
	Rows          float64 // a second, returned or changed
	Share         float64 // of the time of all queries, %
	Errors        float64 // that failed, of all but the canceled, %
}

// TopQueries are the queries of the last five minutes, as of the registry's
// last sample, those with the largest share of time first.
func (m *Monitor) TopQueries() []QueryStat {
	if !m.active() {
		return nil
	}
	byName := map[string]*QueryStat{}
	read := func(indicator string, set func(s *QueryStat, value float64, samples uint64)) {
		readings, err := m.registry.Read(indicator, keyName)
		if err != nil {
			return
		}
		for _, r := range readings {
			if len(r.Values) != 1 || math.IsNaN(r.Value) {
				continue
			}
			s := byName[r.Values[0]]
			if s == nil {
				s = &QueryStat{Name: r.Values[0]}
				byName[s.Name] = s
			}
			set(s, r.Value, r.Samples)
		}
	}
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	read("query_rate", func(s *QueryStat, v float64, n uint64) { s.Rate, s.Calls = v, n })
	read("query_p50", func(s *QueryStat, v float64, _ uint64) { s.P50 = ms(v) })
	read("query_p95", func(s *QueryStat, v float64, _ uint64) { s.P95 = ms(v) })
	read("query_p99", func(s *QueryStat, v float64, _ uint64) { s.P99 = ms(v) })
	read("query_max", func(s *QueryStat, v float64, _ uint64) { s.Max = ms(v) })
	read("query_rows", func(s *QueryStat, v float64, _ uint64) { s.Rows = v })
	read("query_mean", func(s *QueryStat, v float64, _ uint64) { s.Mean = ms(v) })
	read("query_errors", func(s *QueryStat, v float64, _ uint64) { s.Errors = v })

	var total float64
	for _, s := range byName {
		total += s.Mean.Seconds() * float64(s.Calls)
	}
	all := make([]QueryStat, 0, len(byName))
	for _, s := range byName {
		if total > 0 {
			s.Share = 100 * s.Mean.Seconds() * float64(s.Calls) / total
		}
		if s.Calls > 0 {
			all = append(all, *s)
		}
	}
	slices.SortFunc(all, func(a, b QueryStat) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Name, b.Name))
	})
	return all
}
