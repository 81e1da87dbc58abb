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
	kinds := [][]int64{a.kinds()}
	if p.grain == GrainSupplierMonth || p.grain == GrainSupplierDay {
		kinds = kinds[:0] // one by one they are read in the order of suppliers, and need not be sorted
		for _, k := range a.kinds() {
			kinds = append(kinds, []int64{k})
		}
	}
	for _, k := range kinds {
		if err := a.totalOf(p, k); err != nil {
			return err
		}
	}
	return nil
}

func (a *answer) totalOf(p piece, kinds []int64) error {
	from := begin(a.cal, p.grain, p.first)
	var columns []string
	single := a.c.InOne(from, begin(a.cal, p.grain, p.end))
	if !single {
		columns = append(columns, "start")
	}
	facts := len(columns)
	columns = a.columns(columns...)
	s := Select{
		From: Totals, Columns: columns, Sum: a.sums("n", func(column string) (hi, lo string) { return column + "_hi", column + "_lo" }),
		Where: append([]Cond{Eq("grain", p.grain), OneOf("kind", kinds), Not("n", int64(0))}, a.filters()...),
	}
	if p.end-p.first == 1 {
		s.Where = append(s.Where, Eq("start", p.first))
	} else {
		s.Where = append(s.Where, AtLeast("start", p.first), Less("start", p.end))
	}
	return a.r.Select(s, func(row []Value) error {
		f := a.fact(columns[facts:], row[facts:])
		f.At = from
		if !single {
			f.At = begin(a.cal, p.grain, row[0].Int)
		}
		a.addSums(f, row[len(columns):])
		return nil
	})
}

// sums are what the query needs of totals: how many, and the parts of amounts or
// of times.
func (a *answer) sums(n string, parts func(column string) (hi, lo string)) []string {
	of := ""
	switch {
	case a.c.Metric.Money:
		of = "amount"
	case a.c.Metric.Kinds.Has(ledger.KindResponse):
		of = "after"
	default:
		return []string{n}
	}
	hi, lo := parts(of)
	return []string{n, hi, lo}
}

// addSums adds a fact with what sums asked for.
func (a *answer) addSums(f ledger.Fact, sums []Value) {
	if f.N = sums[0].Int; f.N == 0 {
		return
	}
	if len(sums) > 1 {
		sum := ledger.SumOfParts(sums[1].Int, sums[2].Int)
		if a.c.Metric.Money {
			f.Amount = sum
		} else {
			f.After = sum
		}
	}
	a.c.Add(f)
}
