package alerting

import (
	"context"
	"log/slog"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// crumb notes in the request that it began an alert: whoever looks at an error
// of the same request later sees so.
func crumb(ctx context.Context, a *Alert) {
	scope := reqctx.From(ctx)
	if scope == nil {
		return
	}
	title := a.Title
	if title == "" {
		title = a.Rule
	}
	scope.Request.AddBreadcrumb(reqctx.Breadcrumb{
		Category: "alert", Message: title, Level: slog.LevelWarn, At: a.StartedAt,
		Data: map[string]any{"alert_id": a.ID, "severity": a.Severity.String()},
	})
}
