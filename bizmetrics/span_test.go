package bizmetrics

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

func TestSpansEndWhereTheirPredecessorsDid(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	calendarMonth := func(n time.Time) span { return thisMonth(n, ledger.Calendar{Location: berlin}) }
	from25 := func(n time.Time) span { return thisMonth(n, ledger.Calendar{Location: berlin, MonthStart: 25}) }
	for _, tc := range []struct {
		name, now              string
		of                     func(time.Time) span
		from, to, before, same string
		days                   int
	}{
		{"today", "2026-05-20 14:37", today, "2026-05-20 00:00", "2026-05-21 00:00", "2026-05-19 00:00", "2026-05-19 14:37", 1},
		{"the day after a short one", "2026-03-30 02:30", today, "2026-03-30 00:00", "2026-03-31 00:00", "2026-03-29 00:00", "2026-03-29 03:30", 1},
		{"week from Monday", "2026-05-20 14:37", func(n time.Time) span { return thisWeek(n, time.Monday) }, "2026-05-18 00:00", "2026-05-25 00:00", "2026-05-11 00:00", "2026-05-13 14:37", 7},
		{"week from Sunday", "2026-05-20 14:37", func(n time.Time) span { return thisWeek(n, time.Sunday) }, "2026-05-17 00:00", "2026-05-24 00:00", "2026-05-10 00:00", "2026-05-13 14:37", 7},
		{"on the first day of the week", "2026-05-18 00:00", func(n time.Time) span { return thisWeek(n, time.Monday) }, "2026-05-18 00:00", "2026-05-25 00:00", "2026-05-11 00:00", "2026-05-11 00:00", 7},
		{"month", "2026-05-20 14:37", calendarMonth, "2026-05-01 00:00", "2026-06-01 00:00", "2026-04-01 00:00", "2026-04-20 14:37", 31},
		{"a day that the month before lacks", "2026-03-31 09:00", calendarMonth, "2026-03-01 00:00", "2026-04-01 00:00", "2026-02-01 00:00", "2026-03-01 00:00", 31},
		{"January", "2026-01-15 09:00", calendarMonth, "2026-01-01 00:00", "2026-02-01 00:00", "2025-12-01 00:00", "2025-12-15 09:00", 31},
		{"leap February", "2024-02-29 09:00", calendarMonth, "2024-02-01 00:00", "2024-03-01 00:00", "2024-01-01 00:00", "2024-01-29 09:00", 29},
		{"month from the 25th", "2026-04-03 09:00", from25, "2026-03-25 00:00", "2026-04-25 00:00", "2026-02-25 00:00", "2026-03-06 09:00", 31},
		{"on its first day", "2026-03-25 09:00", from25, "2026-03-25 00:00", "2026-04-25 00:00", "2026-02-25 00:00", "2026-02-25 09:00", 31},
		{"on its last day, the month before is short", "2026-04-24 09:00", from25, "2026-03-25 00:00", "2026-04-25 00:00", "2026-02-25 00:00", "2026-03-25 00:00", 31},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := tc.of(at(t, berlin, tc.now))
			show := func(t time.Time) string { return t.Format("2006-01-02 15:04") }
			assert.Equal(t, []string{tc.from, tc.to, tc.before, tc.same}, []string{show(s.from), show(s.to), show(s.before), show(s.sameTime)})
			assert.Equal(t, tc.days, s.days)
		})
	}
}
