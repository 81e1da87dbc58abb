package ledger

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestAMonthIsNamedByTheCalendarMonthInWhichItBegins(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	assert.NoError(t, err)
	for _, tc := range []struct {
		start       int
		at          string // in UTC
		name, begin string
	}{
		{0, "2026-03-31T21:59:59Z", "2026-03", "2026-02-28T23:00:00Z"},
		{1, "2026-03-31T22:00:00Z", "2026-04", "2026-03-31T22:00:00Z"},
		{25, "2026-01-24T22:59:59Z", "2025-12", "2025-12-24T23:00:00Z"},
		{25, "2026-01-24T23:00:00Z", "2026-01", "2026-01-24T23:00:00Z"},
		{28, "2026-02-27T23:00:00Z", "2026-02", "2026-02-27T23:00:00Z"},
		{28, "1970-01-01T00:00:00Z", "1969-12", "1969-12-27T23:00:00Z"},
	} {
		when, err := time.Parse(time.RFC3339, tc.at)
		assert.NoError(t, err)
		c := Calendar{Location: berlin, MonthStart: tc.start}
		m := c.MonthOf(when)
		assert.Equal(t, tc.name, m.String(), tc.at)
		assert.Equal(t, tc.begin, c.MonthBegin(m).UTC().Format(time.RFC3339), tc.at)
	}
}

func TestEveryMomentIsBetweenTheBoundsOfItsMonth(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom([]string{"Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "UTC"}).Draw(rt, "zone"))
		assert.NoError(t, err)
		c := Calendar{Location: loc, MonthStart: rapid.IntRange(0, 28).Draw(rt, "start")}
		at := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(rt, "at"), 0)
		m := c.MonthOf(at)
		if at.Before(c.MonthBegin(m)) || !at.Before(c.MonthBegin(m+1)) {
			rt.Fatalf("%v is not in its month: %v to %v", at, c.MonthBegin(m), c.MonthBegin(m+1))
		}
	})
}
