package panels

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/errortracking"
)

const topIssueRows = 8

// topIssues are the errors that most users have met.
func topIssues(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "top-issues", Title: "Top user issues", Window: "by users affected, since the start", Page: dashboard.Product, Width: 12,
		Help: "Errors of one fingerprint, by how many signed-in users have met them since this process started. The title leads to the last event in Sentry.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			table := dashboard.Table{Columns: []string{"Issue", "Users", "Times", "Where", "First seen", "Last seen"}}
			for _, issue := range mostUsers(s.Errors.Recent()) {
				if issue.Users == 0 || len(table.Rows) == topIssueRows {
					break
				}
				table.Rows = append(table.Rows, []any{
					dashboard.Cell{Value: issue.Title, Link: ""}, issue.Users, issue.Count,
					named(issue.Route, "no route"), s.moment(issue.First), s.moment(issue.Last),
				})
			}
			table.NoData = unless(len(table.Rows) > 0, "No signed-in user has met an error since the start.")
			return table, nil
		},
	}
}

func mostUsers(issues []errortracking.Issue) []errortracking.Issue {
	slices.SortStableFunc(issues, func(a, b errortracking.Issue) int {
		return cmp.Or(cmp.Compare(b.Users, a.Users), cmp.Compare(b.Count, a.Count))
	})
	return issues
}
