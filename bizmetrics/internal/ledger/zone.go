package ledger

import "time"

// A day here is what the zone's clocks call a day: 23 or 25 hours long where
// they change, and not always beginning at 00:00.

// Date numbers the days of a calendar, 0 being 1970-01-01.
type Date int

// DateOf is the day that clocks in the zone of t show.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Start is the first instant of the day in a zone.
func (d Date) Start(loc *time.Location) time.Time {
	y, m, day := time.Unix(int64(d)*86400, 0).UTC().Date()
	return DayStart(y, m, day, loc)
}

// Weekday is that of the day.
func (d Date) Weekday() time.Weekday { return time.Unix(int64(d)*86400, 0).UTC().Weekday() }

// DayStart is the first instant of a day. time.Date leaves open which of two
// midnights it gives where clocks go back over midnight, and gives a time of
// the day before, or after, where they skip it.
func DayStart(y int, m time.Month, d int, loc *time.Location) time.Time {
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
