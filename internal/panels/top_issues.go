package panels

import (
	"context"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

const topIssueRows = 8

// topIssues are the errors that most users have met.
func topIssues(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "top-issues", Title: "Top user issues", Window: "by users affected, since the start", Page: dashboard.Product, Width: 12,
		Help: "Errors of one fingerprint, by how many signed-in users have met them since this process started. The title leads to the last event in Sentry.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			table := dashboard.Table{Columns: []string{"Issue", "Users", "Times", "Where", "First seen", "Last seen"}}
			for _, issue := range s.Errors.TopIssues(topIssueRows) {
				if issue.Users == 0 {
					break
				}
				table.Rows = append(table.Rows, []any{
					dashboard.Cell{Value: issue.Title, Link: issue.Link}, issue.Users, issue.Count,
					issueRoute(issue.Route), s.moment(issue.First), s.moment(issue.Last),
				})
			}
			table.NoData = unless(len(table.Rows) > 0, "No signed-in user has met an error since the start.")
			return table, nil
		},
	}
}
