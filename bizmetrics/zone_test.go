package bizmetrics

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestADayBeginsWhereTheZoneSaysSo(t *testing.T) {
	for _, tc := range []struct {
		zone, day string
		begins    string // in UTC
		hours     float64
	}{
		{"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", 23},
		{"Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", 25},
		{"Asia/Kolkata", "2026-05-01", "2026-04-30T18:30:00Z", 24},
		{"Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", 24.5},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", 23}, // no midnight: 00:00 is 01:00
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", 25},    // midnight twice: the first
		{"America/Havana", "2026-03-08", "2026-03-08T05:00:00Z", 23},
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", 24}, // the day before it did not exist
		{"UTC", "2024-02-29", "2024-02-29T00:00:00Z", 24},
	} {
		t.Run(tc.zone+" "+tc.day, func(t *testing.T) {
			loc := zone(t, tc.zone)
			day, err := time.Parse("2006-01-02", tc.day)
			assert.NoError(t, err)
			d := dateOf(day)
			begin := d.start(loc)
			assert.Equal(t, tc.begins, begin.UTC().Format(time.RFC3339))
			assert.Equal(t, tc.hours, (d + 1).start(loc).Sub(begin).Hours())
			assert.Equal(t, d, dateOf(begin), "the first instant is of the day")
			assert.NotEqual(t, d, dateOf(begin.Add(-1)), "and the one before is not")
		})
	}
}

func TestEveryMomentIsBetweenTheBoundsOfItsDay(t *testing.T) {
	names := []string{"Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "Asia/Beirut", "Pacific/Apia", "America/Asuncion"}
	rapid.Check(t, func(rt *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(names).Draw(rt, "zone"))
		assert.NoError(t, err)
		at := time.Unix(rapid.Int64Range(0, 2_000_000_000).Draw(rt, "at"), 0).In(loc)
		d := dateOf(at)
		if at.Before(d.start(loc)) || !at.Before((d + 1).start(loc)) {
			rt.Fatalf("%v is not in its day: %v to %v", at, d.start(loc), (d + 1).start(loc))
		}
	})
}

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
