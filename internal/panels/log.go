package panels

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/logging"
)

const logLines = 12

// recentLog is the newest warnings and worse.
func recentLog(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "log", Title: "Log", Window: "warnings and worse, live", Page: dashboard.Operations, Width: 7,
		Help: "The newest records that this process has kept, redacted. A correlation ID leads to all records of its request.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			table := dashboard.Table{Columns: []string{"Time", "Level", "Message", "ID"}, Mono: true}
			records := s.Log.Recent("")
			for _, r := range slices.Backward(records) {
				if r.Level < slog.LevelWarn {
					continue
				}
				if len(table.Rows) == logLines {
					break
				}
				id := dashboard.Cell{Value: "-"}
				if r.CorrelationID != "" {
					id = dashboard.Cell{Value: r.CorrelationID[:min(len(r.CorrelationID), 8)], Link: "api/logs?correlation_id=" + r.CorrelationID}
				}
				table.Rows = append(table.Rows, []any{r.Time, levelCell(r.Level), line(r), id})
			}
			table.NoData = unless(len(table.Rows) > 0, "No warning since the start.")
			return table, nil
		},
	}
}

// writeAttr writes a group as its members: "attributes.method=card".
func writeAttr(b *strings.Builder, key string, value any) {
	group, ok := value.(map[string]any)
	if !ok {
		fmt.Fprintf(b, " %s=%v", key, value)
		return
	}
	for _, member := range slices.Sorted(maps.Keys(group)) {
		writeAttr(b, key+"."+member, group[member])
	}
}

func levelCell(l slog.Level) dashboard.Cell {
	switch {
	case l >= logging.LevelCritical:
		return dashboard.Cell{Value: "CRITICAL", Good: -1}
	case l >= slog.LevelError:
		return dashboard.Cell{Value: "ERROR", Good: -1}
	default:
		return dashboard.Cell{Value: "WARN", Verdict: "ni"}
	}
}

// line is a record on one line: the message, then its attributes; the IDs
// stand in a column of their own.
func line(r logging.Record) string {
	var b strings.Builder
	b.WriteString(r.Message)
	for _, key := range slices.Sorted(maps.Keys(r.Attrs)) {
		switch key {
		case "correlation_id", "trace_id", "span_id", "user_id", "event_id":
			continue
		}
		writeAttr(&b, key, r.Attrs[key])
	}
	text := b.String()
	if runes := []rune(text); len(runes) > 300 {
		text = string(runes[:300]) + "…"
	}
	return text
}
