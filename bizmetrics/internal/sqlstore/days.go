package sqlstore

import (
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// slotLength is that of [GrainSlot], in µs. Every zone's days begin with one. A
// shorter one would make more rows of totals, a longer one more events to scan
// at the ends of spans.
const slotLength = 5 * int64(time.Minute/time.Microsecond)

// slotOf is the number of the slot, nextSlot that of the first
// one that does not begin before.
func slotOf(at int64) int64 {
	slot := at / slotLength
	if at%slotLength < 0 {
		slot--
	}
	return slot
}

func nextSlot(at int64) int64 { return -slotOf(-at) }

// day is a day of the calendar.
type day struct {
	date, month int64
	begin, end  int64 // µs
}

const maxDays = 1 << 16

// days tells the day of a moment. Asking the zone each time would take longer
// than all else that is counted of an event. It is not safe for concurrent use.
type days struct {
	cal   ledger.Calendar
	known map[int64]day // by slot
}

func newDays(cal ledger.Calendar) *days { return &days{cal: cal, known: map[int64]day{}} }

func (d *days) of(at int64) day {
	slot := slotOf(at)
	if found, ok := d.known[slot]; ok && at >= found.begin && at < found.end {
		return found
	}
	t := time.UnixMicro(at)
	date := d.cal.DateOf(t)
	found := day{
		date: int64(date), month: int64(d.cal.MonthOf(t)),
		begin: d.cal.DayStart(date).UnixMicro(), end: d.cal.DayStart(date + 1).UnixMicro(),
	}
	if len(d.known) >= maxDays {
		clear(d.known)
	}
	d.known[slot] = found
	return found
}
