package panels

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

const recentIssues = 6

// recentErrors are the newest errors, grouped as Sentry groups them.
func recentErrors(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "errors", Title: "Recent errors", Window: "grouped, newest first", Page: dashboard.Operations, Width: 5,
		Help: "Errors that this process captured, by fingerprint: how often, how many users, and the route of the last one. The title leads to the last event in Sentry, where there is one, else to the log of its request.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			issues := s.Errors.Recent()
			list := dashboard.List{NoData: unless(len(issues) > 0, "No error since the start.")}
			for _, issue := range issues[:min(len(issues), recentIssues)] {
				detail := fmt.Sprintf("%s · %s", issueRoute(issue.Route), times(issue.Count))
				if issue.Users > 0 {
					detail += fmt.Sprintf(", %s", plural(issue.Users, "user"))
				}
				detail += " · " + string(issue.Category)
				level := "error"
				if issue.Level < slog.LevelError {
					level = "warn"
				}
				item := dashboard.Item{ID: issue.ID, Title: issue.Title, Detail: detail, Level: level, At: issue.Last}
				log := ""
				if issue.CorrelationID != "" {
					log = "api/logs?correlation_id=" + issue.CorrelationID
				}
				if item.Link = issue.Link; item.Link == "" {
					item.Link = log
				} else if log != "" {
					item.Actions = []dashboard.Action{{Text: "Log of the request", Href: log}}
				}
				list.Items = append(list.Items, item)
			}
			return list, nil
		},
	}
}

// issueRoute leaves out ServeMux's mark for the end of a path.
func issueRoute(route string) string {
	return named(strings.TrimSuffix(route, "{$}"), "no route")
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
