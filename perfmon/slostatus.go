package perfmon

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/metric"
)

// SLOStatus is how an SLO stands, for the service or for one route.
type SLOStatus struct {
	SLO
	Route string // "": all requests of the service, those without a route too
	// Since is when the earliest request counted came, 30 days ago at most. Of
	// a service that is younger, or has no state folder, the budget is that of
	// the time since. Zero: there was no request.
	Since         time.Time
	Requests, Bad uint64 // since then
	// BudgetLeft is the part of the error budget that is left, percent:
	// 100 (1 - Bad / ((1 - objective) Requests)). Below 0: overspent. NaN: no
	// request.
	BudgetLeft float64
	// The burn rates: the share of bad requests in the window over the share
	// that the objective allows. At 1 the budget lasts exactly 30 days. NaN:
	// fewer than 50 requests.
	Burn5m, Burn30m, Burn1h, Burn6h float64
	// Ends is when the budget is spent if the last hour's burn rate and traffic
	// go on; not in the future if it is spent already. Zero: never at this rate.
	Ends time.Time
}

// SLOs tells how each SLO stands as of the Registry's last sample: for the
// service and then for its routes, by name. Formulas: Google, The Site
// Reliability Workbook, chapter 5.
func (m *Monitor) SLOs() []SLOStatus {
	if m == nil || m.slos == nil || m.registry == nil {
		return nil
	}
	now := m.now()
	requests := m.sums(sloRequests, now)
	var all []SLOStatus
	for _, o := range m.slos.slos {
		bad := m.sums(o.badIndicator(), now)
		var burns [len(burnWindows)]map[string]float64
		for w := range burnWindows {
			burns[w] = m.byRoute(o.burnIndicator(w))
		}
		for route, counted := range requests {
			if route == noRoute {
				continue
			}
			burn := func(w int) float64 {
				if v, ok := burns[w][route]; ok {
					return v
				}
				return math.NaN()
			}
			s := SLOStatus{
				SLO: o, Route: strings.TrimPrefix(route, routePrefix), Since: counted.Since,
				Requests: uint64(counted.Value), Bad: uint64(bad[route].Value),
				Burn5m: burn(0), Burn30m: burn(1), Burn1h: burn(2), Burn6h: burn(3),
			}
			s.judge(now)
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b SLOStatus) int { return strings.Compare(a.Route, b.Route) })
	order := make(map[string]int, len(m.slos.slos))
	for i, o := range m.slos.slos {
		order[o.Name] = i
	}
	slices.SortStableFunc(all, func(a, b SLOStatus) int { return order[a.Name] - order[b.Name] })
	return all
}

// The service is "" among the routes, whose names are prefixed: a request that
// no route matched has the name "".
const (
	routePrefix = "r"
	noRoute     = routePrefix
)

// sums are a count of the last 30 days, of the service and by route.
func (m *Monitor) sums(indicator string, now time.Time) map[string]metric.Sum {
	from, to := now.Add(-SLOWindow), now.Add(time.Minute)
	sums := map[string]metric.Sum{}
	if all, err := m.registry.Sum(indicator, from, to); err == nil && len(all) == 1 {
		sums[""] = all[0]
	}
	routes, err := m.registry.Sum(indicator, from, to, routeKey)
	if err != nil {
		return sums
	}
	for _, r := range routes {
		if r.Value > 0 {
			sums[routePrefix+r.Values[0]] = r
		}
	}
	return sums
}

// byRoute are the readings of a burn rate, of the service and by route.
func (m *Monitor) byRoute(indicator string) map[string]float64 {
	values := map[string]float64{}
	if all, err := m.registry.Read(indicator); err == nil && len(all) == 1 {
		values[""] = all[0].Value
	}
	routes, err := m.registry.Read(indicator, routeKey)
	if err != nil {
		return values
	}
	for _, r := range routes {
		values[routePrefix+r.Values[0]] = r.Value
	}
	return values
}

// judge works out what is left and when it ends.
func (s *SLOStatus) judge(now time.Time) {
	left := 1 - float64(s.Bad)/(s.budget()*float64(s.Requests)) // NaN of no request
	if s.Requests == 0 {
		left = math.NaN()
	}
	s.BudgetLeft = 100 * left
	known := min(max(now.Sub(s.Since), 0), SLOWindow)
	if after, ends := budgetEnds(left, s.Burn1h, known); ends {
		s.Ends = now.Add(after)
	}
}

// budgetEnds is how long the rest of a budget lasts at a burn rate. left is a
// share of the budget of the time known, with as much traffic as then. While
// less than 30 days are known the budget grows with them, by 1 a unit of time
// as the burn takes from it; after that it is left x 30 days / burn. Requests
// that leave the window are not reckoned with, so it may last longer; at a burn
// of 1 or less it does not end.
func budgetEnds(left, burn float64, known time.Duration) (after time.Duration, ends bool) {
	if left <= 0 {
		return 0, true
	}
	if !(burn > 1) || math.IsNaN(left) {
		return 0, false
	}
	rest, grows := left*float64(known), float64(SLOWindow-known)
	if t := rest / (burn - 1); t <= grows {
		return time.Duration(t), true
	}
	return time.Duration(grows + (rest-(burn-1)*grows)/burn), true
}
