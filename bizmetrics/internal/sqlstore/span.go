package sqlstore

import (
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// piece is a stretch of a span: whole units of a grain by their numbers, or, of
// grainEvents, microseconds.
type piece struct {
	grain      int64
	first, end int64
}

const grainEvents = 0 // a stretch whose events must be scanned

// step is the part of a query's span that one step has.
type step struct{ from, to int64 }

// stepsOf are the steps of a query, the one before the first among them if the
// metric compares with it.
func stepsOf(c *ledger.Collector) []step {
	steps := make([]step, 0, len(c.Bounds)-1)
	for i := range len(c.Bounds) - 1 {
		s := step{max(c.Bounds[i], c.From), min(c.Bounds[i+1], c.To)}
		if c.Metric.Return && i > 0 {
			s.from = max(s.from, c.Q.From.UnixMicro())
		}
		steps = append(steps, s)
	}
	return steps
}

// cutter takes spans apart by a calendar.
type cutter struct {
	cal    ledger.Calendar
	slots  bool // slots may be used
	month  int64
	day    int64
	pieces []piece
}

// cut takes steps apart into the largest pieces there are.
func cut(cal ledger.Calendar, steps []step, month, day int64, slots bool) []piece {
	c := cutter{cal: cal, slots: slots, month: month, day: day}
	for _, s := range steps {
		if s.from < s.to {
			c.step(s)
		}
	}
	return c.pieces
}

func (c *cutter) step(s step) {
	first, end := wholeDays(c.cal, s)
	if first >= end {
		c.ragged(s.from, s.to)
		return
	}
	c.ragged(s.from, c.dayBegin(first))
	firstMonth, endMonth := wholeMonths(c.cal, first, end)
	if firstMonth < endMonth {
		c.put(c.day, first, int64(c.cal.FirstDate(ledger.Month(firstMonth))))
		c.put(c.month, firstMonth, endMonth)
		c.put(c.day, int64(c.cal.FirstDate(ledger.Month(endMonth))), end)
	} else {
		c.put(c.day, first, end)
	}
	c.ragged(c.dayBegin(end), s.to)
}

func (c *cutter) dayBegin(date int64) int64 { return c.cal.DayStart(ledger.Date(date)).UnixMicro() }

// ragged is less than a day on either side.
func (c *cutter) ragged(from, to int64) {
	first, end := nextSlot(from), slotOf(to)
	if !c.slots || first >= end {
		c.put(grainEvents, from, to)
		return
	}
	c.put(grainEvents, from, first*slotLength)
	c.put(GrainSlot, first, end)
	c.put(grainEvents, end*slotLength, to)
}

// put adds a piece to the last one if it continues that.
func (c *cutter) put(grain, first, end int64) {
	if first >= end {
		return
	}
	if n := len(c.pieces); n > 0 && c.pieces[n-1].grain == grain && c.pieces[n-1].end == first {
		c.pieces[n-1].end = end
		return
	}
	c.pieces = append(c.pieces, piece{grain, first, end})
}

// wholeDays are the days that lie in a step.
func wholeDays(cal ledger.Calendar, s step) (first, end int64) {
	date := cal.DateOf(time.UnixMicro(s.from))
	if cal.DayStart(date).UnixMicro() < s.from {
		date++
	}
	return int64(date), int64(cal.DateOf(time.UnixMicro(s.to)))
}

// wholeMonths are the months that lie in some days.
func wholeMonths(cal ledger.Calendar, first, end int64) (firstMonth, endMonth int64) {
	monthOf := func(date int64) ledger.Month { return cal.MonthOf(cal.DayStart(ledger.Date(date))) }
	month := monthOf(first)
	if int64(cal.FirstDate(month)) < first {
		month++
	}
	return int64(month), int64(monthOf(end))
}

// inDays tells which days each step is made of; ok: of whole ones only.
func inDays(cal ledger.Calendar, steps []step) (days []piece, ok bool) {
	for _, s := range steps {
		first, end := wholeDays(cal, s)
		if cal.DayStart(ledger.Date(first)).UnixMicro() != s.from || cal.DayStart(ledger.Date(end)).UnixMicro() != s.to {
			return nil, false
		}
		days = append(days, piece{GrainDay, first, end})
	}
	return days, true
}

// inMonths tells which months each step is made of; ok: of whole ones only.
func inMonths(cal ledger.Calendar, steps []step) (months []piece, ok bool) {
	days, ok := inDays(cal, steps)
	for _, d := range days {
		first, end := wholeMonths(cal, d.first, d.end)
		if int64(cal.FirstDate(ledger.Month(first))) != d.first || int64(cal.FirstDate(ledger.Month(end))) != d.end {
			return nil, false
		}
		months = append(months, piece{GrainMonth, first, end})
	}
	return months, ok
}

// begin is the first moment of a unit of a grain.
func begin(cal ledger.Calendar, grain, number int64) int64 {
	switch grain {
	case GrainSlot:
		return number * slotLength
	case GrainDay, GrainSupplierDay:
		return cal.DayStart(ledger.Date(number)).UnixMicro()
	case GrainMonth, GrainSupplierMonth:
		return cal.MonthBegin(ledger.Month(number)).UnixMicro()
	}
	return number
}
