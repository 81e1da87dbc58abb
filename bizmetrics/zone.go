package bizmetrics

import "time"

// A day here is what the zone's clocks call a day: 23 or 25 hours long where
// they change, and not always beginning at 00:00.

// date numbers the days of a calendar, 0 being 1970-01-01.
type date int

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d date) start(loc *time.Location) time.Time {
	y, m, day := time.Unix(int64(d)*86400, 0).UTC().Date()
	return dayStart(y, m, day, loc)
}

func (d date) weekday() time.Weekday { return time.Unix(int64(d)*86400, 0).UTC().Weekday() }

// dayStart is the first instant of a day. time.Date leaves open which of two
// midnights it gives where clocks go back over midnight, and gives a time of
// the day before, or after, where they skip it.
func dayStart(y int, m time.Month, d int, loc *time.Location) time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, loc)
	midnight := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	begin, end := t.ZoneBounds()
	_, offset := t.Zone()
	if t.Unix()+int64(offset) != midnight.Unix() { // skipped: the day begins at the change
		if t.Unix()+int64(offset) < midnight.Unix() {
			return end
		}
		return begin
	}
	if begin.IsZero() {
		return t
	}
	_, before := begin.Add(-1).Zone()
	if first := midnight.Add(-time.Duration(before) * time.Second); first.Before(begin) {
		return first.In(loc)
	}
	return t
}

// span is a stretch of time, with the same part of the stretch before it.
type span struct {
	from, to         time.Time // all of it: what is dated later than now counts too
	before, sameTime time.Time // the start of the span before, and where it was by now
	days             int
}

// today, and yesterday until the same time of day.
func today(now time.Time) span {
	d, loc := dateOf(now), now.Location()
	return span{
		from: d.start(loc), to: (d + 1).start(loc), days: 1,
		before: (d - 1).start(loc), sameTime: clockOn(d-1, now),
	}
}

// thisWeek, and the week before until the same weekday and time of day.
func thisWeek(now time.Time, first time.Weekday) span {
	d, loc := dateOf(now), now.Location()
	monday := d - date((d.weekday()-first+7)%7)
	return span{
		from: monday.start(loc), to: (monday + 7).start(loc), days: 7,
		before: (monday - 7).start(loc), sameTime: clockOn(d-7, now),
	}
}

// thisMonth, and the month before until the same day and time of day; all of
// it where it is too short for that.
func thisMonth(now time.Time) span {
	y, m, day := now.Date()
	loc := now.Location()
	s := span{from: dayStart(y, m, 1, loc), to: dayStart(y, m+1, 1, loc), before: dayStart(y, m-1, 1, loc)}
	first, next := dateOf(time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)), dateOf(time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC))
	s.days = int(next - first)
	last := dateOf(time.Date(y, m-1, 1, 0, 0, 0, 0, time.UTC))
	if same := last + date(day-1); same < first {
		s.sameTime = clockOn(same, now)
	} else {
		s.sameTime = s.from
	}
	return s
}

// clockOn is the instant of day d at which clocks show the time of now, or
// the nearest that the day has.
func clockOn(d date, now time.Time) time.Time {
	loc := now.Location()
	y, m, day := time.Unix(int64(d)*86400, 0).UTC().Date()
	hour, minute, second := now.Clock()
	t := time.Date(y, m, day, hour, minute, second, now.Nanosecond(), loc)
	if start := d.start(loc); t.Before(start) {
		return start
	}
	if end := (d + 1).start(loc); t.After(end) {
		return end
	}
	return t
}
