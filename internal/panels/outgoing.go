package panels

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/metric"
)

const busiestHosts = 4 // shown

// outgoing is how the services do that this one calls.
func outgoing(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "outgoing", Title: "Outgoing calls", Window: "by host, 5 min", Page: dashboard.Operations, Width: 4,
		Help: "Calls through the monitored transport, by the host that was called. P95 is the time until the header of the answer. " +
			"Errors are failures and answers of 5xx; both figures need 20 calls.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			table := dashboard.Table{Columns: []string{"Host", "calls/s", "P95 ms", "Errors"}}
			rates := slices.DeleteFunc(s.byHost("outgoing_throughput"), func(r metric.Reading) bool { return !(r.Value > 0) })
			slices.SortFunc(rates, func(a, b metric.Reading) int { return cmp.Compare(b.Value, a.Value) })
			p95, errors := hosts(s.byHost("outgoing_p95")), hosts(s.byHost("outgoing_error_rate"))
			for _, r := range rates[:min(len(rates), busiestHosts)] {
				host := r.Values[0]
				table.Rows = append(table.Rows, []any{
					hostName(host), r.Value,
					s.judged("outgoing_p95", lookup(p95, host), ""), s.judged("outgoing_error_rate", lookup(errors, host), "%"),
				})
			}
			table.NoData = unless(len(table.Rows) > 0, "No call through the monitored transport in 5 min.")
			if more := len(rates) - busiestHosts; more > 0 {
				table.Foot = plural(more, "more host")
			}
			return table, nil
		},
	}
}

func (s Source) byHost(indicator string) []metric.Reading {
	readings, err := s.Metrics.Read(indicator, "server.address")
	if err != nil {
		return nil
	}
	return readings
}

func hosts(readings []metric.Reading) map[string]float64 {
	all := make(map[string]float64, len(readings))
	for _, r := range readings {
		all[r.Values[0]] = r.Value
	}
	return all
}

// hostName puts into words what is no name.
func hostName(address string) string {
	switch address {
	case "":
		return "(no host)"
	case "ip":
		return "IP addresses"
	case "other":
		return "Other hosts"
	default:
		return address
	}
}
