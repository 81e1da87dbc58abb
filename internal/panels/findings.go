package panels

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/dbmon"
)

const maxFindings = 4 // shown

// findings is what requests do to the database that they should not, and what
// they keep from others now.
func findings(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "database-findings", Title: "Database findings", Window: "last 24 h", Page: dashboard.Operations, Width: 4,
		Help: "Queries that one request repeats 10 times or more, results of more than 10,000 rows, transactions held open over calls to others, " +
			"retries that hammer; connections held too long and results never closed.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			var list dashboard.List
			for _, h := range s.DB.HeldConnections() {
				list.Items = append(list.Items, dashboard.Item{
					Title: "Connection of pool " + h.Pool + " held for " + span(h.Held), Detail: h.Caller, Level: "error", At: h.Since,
				})
			}
			all := s.DB.Findings()
			for _, f := range all {
				list.Items = append(list.Items, dashboard.Item{Title: found(f), Detail: evidence(f), Level: "warn", At: f.Last})
			}
			if n := len(list.Items); n > maxFindings {
				list.Items, list.Count = list.Items[:maxFindings], fmt.Sprintf("%d of %d", maxFindings, n)
			}
			list.NoData = unless(len(list.Items) > 0, "Nothing found in 24 h.")
			return list, nil
		},
	}
}

// found is a finding in words.
func found(f dbmon.Finding) string {
	switch f.Kind {
	case dbmon.NPlusOne:
		return fmt.Sprintf("%s ran %d times in one request", f.Query, f.Most)
	case dbmon.LargeResult:
		return fmt.Sprintf("%s returned %d rows", f.Query, f.Most)
	case dbmon.HeldTransaction:
		return f.Query + ": transaction held open over other calls"
	case dbmon.Retries:
		return fmt.Sprintf("%s failed %d times in one request", f.Query, f.Most)
	default:
		return f.Query + ": " + sentence(string(f.Kind))
	}
}

func evidence(f dbmon.Finding) string {
	text := named(f.Route, "outside of a request") + " · " + plural(int(f.Requests), "request")
	if f.Caller != "" {
		text += " · " + f.Caller
	}
	return text
}
