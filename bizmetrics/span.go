package bizmetrics

import (
	"math/bits"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// span is a stretch of time, with the same part of the stretch before it.
type span struct {
	from, to         time.Time // all of it: what is dated later than now counts too
	before, sameTime time.Time // the start of the span before, and where it was by now
	days             int
}

// today, and yesterday until the same time of day.
func today(now time.Time) span {
	d, loc := ledger.DateOf(now), now.Location()
	return span{
		from: d.Start(loc), to: (d + 1).Start(loc), days: 1,
		before: (d - 1).Start(loc), sameTime: clockOn(d-1, now),
	}
}

// thisWeek, and the week before until the same weekday and time of day.
func thisWeek(now time.Time, first time.Weekday) span {
	d, loc := ledger.DateOf(now), now.Location()
	monday := d - ledger.Date((d.Weekday()-first+7)%7)
	return span{
		from: monday.Start(loc), to: (monday + 7).Start(loc), days: 7,
		before: (monday - 7).Start(loc), sameTime: clockOn(d-7, now),
	}
}

// thisMonth, and the month before until the same day of it and time of day;
// all of it where it is too short for that.
func thisMonth(now time.Time, cal ledger.Calendar) span {
	month := cal.MonthOf(now)
	last, first, next := cal.FirstDate(month-1), cal.FirstDate(month), cal.FirstDate(month+1)
	s := span{from: cal.DayStart(first), to: cal.DayStart(next), before: cal.DayStart(last), days: int(next - first)}
	s.sameTime = s.from
	if same := last + cal.DateOf(now) - first; same < first {
		s.sameTime = clockOn(same, now)
	}
	return s
}

// soFar is what is due by now of an amount that is due each day. All of the
// span's days fit what is asked, so a part of them does too.
func (s span) soFar(aDay int64, now time.Time) int64 {
	day := ledger.DateOf(now)
	begin, end := day.Start(now.Location()), (day + 1).Start(now.Location())
	over := int64(day - ledger.DateOf(s.from))
	high, low := bits.Mul64(uint64(aDay), uint64(now.Sub(begin)))
	low, carry := bits.Add64(low, uint64(end.Sub(begin))/2, 0)
	part, _ := bits.Div64(high+carry, low, uint64(end.Sub(begin)))
	return aDay*over + int64(part)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// clockOn is the instant of day d at which clocks show the time of now, or
// the nearest that the day has.
func clockOn(d ledger.Date, now time.Time) time.Time {
	loc := now.Location()
	y, m, day := time.Unix(int64(d)*86400, 0).UTC().Date()
	hour, minute, second := now.Clock()
	t := time.Date(y, m, day, hour, minute, second, now.Nanosecond(), loc)
	if start := d.Start(loc); t.Before(start) {
		return start
	}
	if end := (d + 1).Start(loc); t.After(end) {
		return end
	}
	return t
}
