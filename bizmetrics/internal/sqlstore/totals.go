package sqlstore

import "github.com/distri-night/monitoring/bizmetrics/internal/ledger"

// totalKey is the key of [Totals].
type totalKey struct {
	grain, start                               int64
	kind                                       ledger.Kind
	status, method, supplier, currency, tenant string
}

// writeTotals adds the batch's cells to each grain.
func (d *deltas) writeTotals(tx Tx) error {
	sums := make(map[totalKey]*cellSum, 4*len(d.cells))
	for c, s := range d.cells {
		if *s == (cellSum{}) {
			continue
		}
		k := totalKey{kind: c.kind, status: c.status, method: c.method, supplier: c.supplier, currency: c.currency, tenant: c.tenant}
		for _, g := range [...]struct{ grain, start int64 }{
			{GrainSupplierDay, c.date}, {GrainSupplierMonth, c.month}, {GrainSlot, c.slot}, {GrainDay, c.date}, {GrainMonth, c.month},
		} {
			k.grain, k.start = g.grain, g.start
			if g.grain < GrainSupplierDay {
				k.supplier = ""
			}
			sum := sums[k]
			if sum == nil {
				sum = &cellSum{}
				sums[k] = sum
			}
			sum.n += s.n
			sum.amount.hi, sum.amount.lo = sum.amount.hi+s.amount.hi, sum.amount.lo+s.amount.lo
			sum.after.hi, sum.after.lo = sum.after.hi+s.after.hi, sum.after.lo+s.after.lo
		}
	}
	rows := MakeColumns(Totals.Columns(), len(sums))
	for k, s := range sums {
		rows.add(0, k.grain)
		rows.add(1, int64(k.kind))
		rows.add(2, k.start)
		rows.text(3, k.supplier)
		rows.text(4, k.status)
		rows.text(5, k.method)
		rows.text(6, k.currency)
		rows.text(7, k.tenant)
		rows.adds(8, s.n, s.amount.hi, s.amount.lo, s.after.hi, s.after.lo)
	}
	return tx.Add(Totals, rows)
}

// writeValues adds the batch's order values.
func (d *deltas) writeValues(tx Tx) error {
	rows := MakeColumns(OrderValues.Columns(), len(d.values))
	for k, n := range d.values {
		if n == 0 {
			continue
		}
		rows.text(0, k.scope)
		rows.adds(1, k.month, k.level, k.value, n)
	}
	return tx.Add(OrderValues, rows)
}
