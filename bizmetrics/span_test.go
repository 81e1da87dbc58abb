package bizmetrics

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestSpansEndWhereTheirPredecessorsDid(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
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
		{"month", "2026-05-20 14:37", thisMonth, "2026-05-01 00:00", "2026-06-01 00:00", "2026-04-01 00:00", "2026-04-20 14:37", 31},
		{"a day that the month before lacks", "2026-03-31 09:00", thisMonth, "2026-03-01 00:00", "2026-04-01 00:00", "2026-02-01 00:00", "2026-03-01 00:00", 31},
		{"January", "2026-01-15 09:00", thisMonth, "2026-01-01 00:00", "2026-02-01 00:00", "2025-12-01 00:00", "2025-12-15 09:00", 31},
		{"leap February", "2024-02-29 09:00", thisMonth, "2024-02-01 00:00", "2024-03-01 00:00", "2024-01-01 00:00", "2024-01-29 09:00", 29},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := tc.of(at(t, berlin, tc.now))
			show := func(t time.Time) string { return t.Format("2006-01-02 15:04") }
			assert.Equal(t, []string{tc.from, tc.to, tc.before, tc.same}, []string{show(s.from), show(s.to), show(s.before), show(s.sameTime)})
			assert.Equal(t, tc.days, s.days)
		})
	}
}
