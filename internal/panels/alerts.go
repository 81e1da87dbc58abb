package panels

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/dashboard"
)

// activeAlerts lists what fires now, with the way to acknowledge it.
func activeAlerts(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "alerts", Title: "Active alerts", Page: dashboard.Operations, Width: 4,
		Help: "Alerts that fire, worst first. Acknowledging stops repeats and tells nobody.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			active := s.Alerts.Active()
			list := dashboard.List{Count: fmt.Sprint(len(active))}
			if len(active) == 0 {
				list.NoData = "No alert fires."
			}
			for _, a := range active {
				list.Items = append(list.Items, dashboard.Item{
					ID: a.ID, Title: a.Title, Detail: s.alertDetail(a), Level: a.Severity.String(), At: a.StartedAt,
					Actions: append(acknowledgement(a), dashboard.Action{Text: "Resolve", Post: "api/alerts/" + a.ID + "/resolve"}),
				})
			}
			return list, nil
		},
	}
}

// alertDetail is labels, message, and who knows.
func (s Source) alertDetail(a alerting.Alert) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(a.Labels)) {
		parts = append(parts, key+"="+a.Labels[key])
	}
	detail := strings.Join(parts, " ")
	if detail != "" {
		detail += ". "
	}
	return detail + s.told(a)
}
