package ledger

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
			loc, err := time.LoadLocation(tc.zone)
			assert.NoError(t, err)
			day, err := time.Parse("2006-01-02", tc.day)
			assert.NoError(t, err)
			d := DateOf(day)
			begin := d.Start(loc)
			assert.Equal(t, tc.begins, begin.UTC().Format(time.RFC3339))
			assert.Equal(t, tc.hours, (d + 1).Start(loc).Sub(begin).Hours())
			assert.Equal(t, d, DateOf(begin), "the first instant is of the day")
			assert.NotEqual(t, d, DateOf(begin.Add(-1)), "and the one before is not")
		})
	}
}

func TestEveryMomentIsBetweenTheBoundsOfItsDay(t *testing.T) {
	names := []string{"Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "Asia/Beirut", "Pacific/Apia", "America/Asuncion"}
	rapid.Check(t, func(rt *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(names).Draw(rt, "zone"))
		assert.NoError(t, err)
		at := time.Unix(rapid.Int64Range(0, 2_000_000_000).Draw(rt, "at"), 0).In(loc)
		d := DateOf(at)
		if at.Before(d.Start(loc)) || !at.Before((d + 1).Start(loc)) {
			rt.Fatalf("%v is not in its day: %v to %v", at, d.Start(loc), (d + 1).Start(loc))
		}
	})
}
