package perfmon

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/metric"
)

// SLOWindow is the span over which an objective is to be met and its budget
// is counted.
const SLOWindow = 30 * 24 * time.Hour

// SLO is a service level objective: the share of requests that are to be good
// over 30 days. The rest is the error budget. Requests that the client gave
// up, streams, and the library's own endpoints are on neither side.
type SLO struct {
	// Name is part of the indicators' names, such as "availability" in
	// slo_availability_burn_1h. Lower-case letters, digits and "_".
	Name string
	// Objective is the share of good requests, percent: above 0, below 100.
	Objective float64
	// Latency makes a request good that was answered within it, whatever the
	// answer. The limit is that of the nearest bucket of the histogram, at most
	// 0.55 % off. 0: a request is good that was not answered 5xx and did not
	// panic.
	Latency time.Duration
}

// DefaultSLOs are those of a Config without: 99.9 % of requests do not fail,
// and 95 % are answered within 100 ms.
func DefaultSLOs() []SLO {
	return []SLO{
		{Name: "availability", Objective: 99.9},
		{Name: "latency", Objective: 95, Latency: 100 * time.Millisecond},
	}
}

var sloName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

func validateSLOs(faults *config.Faults, slos []SLO) {
	for i, o := range slos {
		field := fmt.Sprintf("SLOs[%d].", i)
		if !sloName.MatchString(o.Name) {
			faults.Add(field+"Name", `lower-case letters, digits and "_", such as "availability"`, o.Name)
		} else if slices.ContainsFunc(slos[:i], func(before SLO) bool { return before.Name == o.Name }) {
			faults.Add(field+"Name", "a name of its own", o.Name)
		}
		if !(o.Objective > 0 && o.Objective < 100) {
			faults.Add(field+"Objective", "a percentage above 0 and below 100", o.Objective)
		}
		if o.Latency < 0 {
			faults.Add(field+"Latency", "0 or more", o.Latency)
		}
	}
}

// budget is the share of requests that may be bad.
func (o SLO) budget() float64 { return 1 - o.Objective/100 }

const (
	sloEvents      = "http.server.slo.events"
	sloRequests    = "slo_requests" // the indicator that counts all
	sloMinRequests = 50             // fewer have no burn rate, as they have no error_rate
	routeKey       = "http.route"
)

// burnWindows are those of the SRE Workbook, chapter 5: a long one and a short
// one that a rule reads together, 5 m with 1 h and 30 m with 6 h.
var burnWindows = [...]struct {
	name string
	time.Duration
}{{"5m", 5 * time.Minute}, {"30m", 30 * time.Minute}, {"1h", time.Hour}, {"6h", 6 * time.Hour}}

func (o SLO) badIndicator() string { return "slo_" + o.Name + "_bad" }
func (o SLO) burnIndicator(window int) string {
	return "slo_" + o.Name + "_burn_" + burnWindows[window].name
}
func (o SLO) where(result string) metric.Selector {
	where := map[string]string{"slo": o.Name}
	if result != "" {
		where["result"] = result
	}
	return metric.Selector{Metric: sloEvents, Where: where}
}

// sloIndicators are, of each SLO, its burn rates and its bad requests, and
// what is common to all: how many requests there were.
func sloIndicators(slos []SLO, counted metric.Selector) []metric.Indicator {
	if len(slos) == 0 {
		return nil
	}
	all := []metric.Indicator{{
		Name: sloRequests, Unit: "{request}", Of: counted, Count: true, By: []string{routeKey},
		Help: "Requests that count for the objectives: aborted ones and streams are left out.",
	}}
	for _, o := range slos {
		all = append(all, metric.Indicator{
			Name: o.badIndicator(), Unit: "{request}", Of: o.where("bad"), Count: true, By: []string{routeKey},
			Help: "Requests that were not good by the objective.",
		})
		for w, window := range burnWindows {
			all = append(all, metric.Indicator{
				Name: o.burnIndicator(w), Of: o.where("bad"), Per: o.where(""),
				Scale: 1 / o.budget(), Window: window.Duration, MinSamples: sloMinRequests,
				Help: "Share of bad requests, in budgets: at 1 the budget lasts exactly 30 days.",
			})
		}
	}
	return all
}
