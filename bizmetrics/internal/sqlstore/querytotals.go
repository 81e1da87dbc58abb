package sqlstore

import (
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// totals answers from [Totals], and from events at the ends.
func (a *answer) totals() (bool, error) {
	if a.c.NeedsEvents() || a.c.Metric.Values() {
		return false, nil
	}
	month, day, slots := int64(GrainMonth), int64(GrainDay), true
	if a.asked("supplier") {
		month, day, slots = GrainSupplierMonth, GrainSupplierDay, false
	}
	horizon, err := readHorizon(a.r)
	if err != nil {
		return true, err
	}
	var events []piece
	for _, p := range cut(a.cal, a.steps, month, day, slots) {
		if p.grain == grainEvents && p.first < horizon {
			gone := piece{grainEvents, p.first, min(p.end, horizon)}
			p.first = gone.end
			if err := a.total(a.beginIn(gone, day, slots)); err != nil {
				return true, err
			}
		}
		if p.grain == grainEvents {
			events = append(events, p)
			continue
		}
		if err := a.total(p); err != nil {
			return true, err
		}
	}
	return true, a.scan(events)
}

// beginIn are the days, or slots, that begin in a stretch.
func (a *answer) beginIn(p piece, day int64, slots bool) piece {
	if slots {
		return piece{GrainSlot, nextSlot(p.first), nextSlot(p.end)}
	}
	first, _ := wholeDays(a.cal, step{p.first, p.first})
	end, _ := wholeDays(a.cal, step{p.end, p.end})
	return piece{day, first, end}
}

// total adds a stretch of totals.
func (a *answer) total(p piece) error {
	if p.first >= p.end {
		return nil
	}
	from := begin(a.cal, p.grain, p.first)
	var columns []string
	single := a.c.InOne(from, begin(a.cal, p.grain, p.end))
	if !single {
		columns = append(columns, "start")
	}
	facts := len(columns)
	columns = a.columns(columns...)
	sums := len(columns)
	s := Select{
		From: Totals, Columns: columns, Sum: []string{"n", "amount_hi", "amount_lo", "after_hi", "after_lo"},
		Where: append([]Cond{
			Eq("grain", p.grain), OneOf("kind", a.kinds()), AtLeast("start", p.first), Less("start", p.end), Not("n", int64(0)),
		}, a.filters()...),
	}
	return a.r.Select(s, func(row []Value) error {
		f := factIn(columns[facts:], row[facts:])
		f.At = from
		if !single {
			f.At = begin(a.cal, p.grain, row[0].Int)
		}
		f.N = row[sums].Int
		f.Amount = ledger.SumOfParts(row[sums+1].Int, row[sums+2].Int)
		f.After = ledger.SumOfParts(row[sums+3].Int, row[sums+4].Int)
		a.c.Add(f)
		return nil
	})
}
