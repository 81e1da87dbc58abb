package ledger

import "time"

// Calendar says where the business's days and months begin. The zero Calendar
// is that of UTC and of calendar months.
type Calendar struct {
	Location   *time.Location // nil: UTC
	MonthStart int            // day of the month, 1 to 28, on which the business's month begins; 0: 1
}

// Month numbers the months of a calendar, 0 being the one that begins in
// January 1970.
type Month int

// String names the month by the calendar month in which it begins, "2026-03".
func (m Month) String() string { return m.first().Format("2006-01") }

// first is the first of the calendar month.
func (m Month) first() time.Time { return time.Date(1970, 1+time.Month(m), 1, 0, 0, 0, 0, time.UTC) }

// Zone is the calendar's location.
func (c Calendar) Zone() *time.Location {
	if c.Location == nil {
		return time.UTC
	}
	return c.Location
}

// FirstDay is the day of the month on which months begin.
func (c Calendar) FirstDay() int { return max(c.MonthStart, 1) }

// DateOf is the day of a moment.
func (c Calendar) DateOf(t time.Time) Date { return DateOf(t.In(c.Zone())) }

// DayStart is the first instant of a day.
func (c Calendar) DayStart(d Date) time.Time { return d.Start(c.Zone()) }

// MonthOf is the month of a moment.
func (c Calendar) MonthOf(t time.Time) Month {
	y, m, d := t.In(c.Zone()).Date()
	month := Month((y-1970)*12 + int(m) - 1)
	if d < c.FirstDay() {
		month--
	}
	return month
}

// FirstDate is the day on which a month begins.
func (c Calendar) FirstDate(m Month) Date {
	return Date(m.first().Unix()/86400) + Date(c.FirstDay()-1)
}

// MonthBegin is the first instant of a month.
func (c Calendar) MonthBegin(m Month) time.Time { return c.DayStart(c.FirstDate(m)) }
