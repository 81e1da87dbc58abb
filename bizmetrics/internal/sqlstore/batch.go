package sqlstore

import (
	"cmp"
	"slices"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// batch is what one call of Append does in its transaction.
type batch struct {
	tx       Tx
	cache    *caches
	deltas   *deltas
	entries  []*entry
	outcomes []bizmetrics.Outcome
	fresh    []*entry
	touched  map[*unit]struct{}
}

// eventKey is what an event counts once by.
type eventKey struct {
	kind ledger.Kind
	id   string
}

func keyOf(r *ledger.Record) eventKey { return eventKey{r.Kind, r.ID} }

func (b *batch) run() error {
	for _, step := range []func() error{b.judge, b.place, b.insert, b.updateEffects} {
		if err := step(); err != nil || len(b.fresh) == 0 {
			return err
		}
	}
	for _, write := range []func(Tx) error{
		b.deltas.writeTotals, b.deltas.writeValues,
		func(tx Tx) error { return b.deltas.writeUsers(tx, b.cache) },
		func(tx Tx) error { return b.deltas.writeCustomers(tx, b.cache) },
	} {
		if err := write(b.tx); err != nil {
			return err
		}
	}
	return nil
}

// judge finds out which events are new.
func (b *batch) judge() error {
	first := make(map[eventKey]*entry, len(b.entries))
	hashes := make([]int64, 0, len(b.entries))
	asked := make(map[int64]struct{}, len(b.entries))
	for _, e := range b.entries {
		if _, twice := asked[e.hash]; !twice {
			asked[e.hash] = struct{}{}
			hashes = append(hashes, e.hash)
		}
	}
	known := map[eventKey]*ledger.Record{}
	var broken error
	if err := b.tx.EventsByHash(hashes, func(row []Value) {
		r, err := recordOf(row)
		if err != nil {
			broken = err
			return
		}
		known[keyOf(r)] = r
	}); err != nil {
		return err
	}
	if broken != nil {
		return broken
	}
	for i, e := range b.entries {
		k := keyOf(e.rec)
		old := known[k]
		if old == nil && first[k] != nil {
			old = first[k].rec
		}
		switch {
		case old == nil:
			first[k] = e
			b.outcomes[i] = bizmetrics.Stored
			b.fresh = append(b.fresh, e)
		case old.Same(e.rec):
			b.outcomes[i] = bizmetrics.Duplicate
		default:
			b.outcomes[i] = bizmetrics.Conflict
		}
	}
	return nil
}

// place puts the new events into their units, which tells their effects and
// what they change in those of others.
func (b *batch) place() error {
	units, err := b.units()
	if err != nil {
		return err
	}
	for _, e := range b.fresh {
		u := units[e.rec.Unit()]
		if e.unit == 0 {
			u = &unit{}
		}
		u.take(e, b.deltas.add, b.deltas.remove)
		b.touched[u] = struct{}{}
	}
	return nil
}

// units are those that the new events belong to, by the order's ID.
func (b *batch) units() (map[string]*unit, error) {
	units := map[string]*unit{}
	asked := map[int64]struct{}{}
	var hashes []int64
	for _, e := range b.fresh {
		if e.unit == 0 {
			continue
		}
		order := e.rec.Unit()
		if units[order] != nil {
			continue
		}
		if u, cached := b.cache.units.get(order); cached {
			units[order] = u
			continue
		}
		u := &unit{}
		units[order] = u
		b.cache.units.put(order, u)
		if _, twice := asked[e.unit]; !twice {
			asked[e.unit] = struct{}{}
			hashes = append(hashes, e.unit)
		}
	}
	if len(hashes) == 0 {
		return units, nil
	}
	var found []*entry
	var broken error
	err := b.tx.EventsByUnit(hashes, func(row []Value) {
		e, err := entryOf(row)
		if err != nil {
			broken = err
			return
		}
		found = append(found, e)
	})
	if err = cmp.Or(err, broken); err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b *entry) int { return cmp.Compare(a.id, b.id) })
	for _, e := range found {
		if u := units[e.rec.Unit()]; u != nil { // else one that shares the hash only
			u.restore(e)
			u.settle()
		}
	}
	return units, nil
}

// insert writes the new events with their effects.
func (b *batch) insert() error {
	columns := slices.DeleteFunc(Events.Columns(), func(c Column) bool { return c.Name == "id" })
	rows := MakeColumns(columns, len(b.fresh))
	for _, e := range b.fresh {
		f := &e.fact
		amount, _ := f.Amount.Int64()
		after, _ := f.After.Int64()
		rows.adds(0, f.At, int64(f.Kind))
		rows.text(2, f.Status)
		rows.text(3, f.Method)
		rows.text(4, f.Supplier)
		rows.text(5, f.Customer)
		rows.text(6, f.Currency)
		rows.text(7, f.Tenant)
		rows.adds(8, amount, after, e.hash, e.unit)
		rows.bytes(12, e.data)
	}
	ids, err := b.tx.Insert(rows)
	if err != nil {
		return err
	}
	for i, e := range b.fresh {
		e.id = ids[i]
		e.written = effectOf(e.fact)
	}
	return nil
}

// updateEffects writes what the new events change in the effects of others.
func (b *batch) updateEffects() error {
	var columns Columns
	for u := range b.touched {
		for _, e := range u.entries {
			if !e.changed {
				continue
			}
			e.changed, e.data = false, nil
			now := effectOf(e.fact)
			if now == e.written {
				continue
			}
			e.written = now
			if columns == nil {
				columns = MakeColumns([]Column{{"at", Int}, {"id", Int}, {"supplier", Text}, {"customer", Text}, {"currency", Text}, {"amount", Int}}, 16)
			}
			columns.adds(0, e.rec.At, e.id)
			columns.text(2, now.supplier)
			columns.text(3, now.customer)
			columns.text(4, now.currency)
			columns.add(5, now.amount)
		}
	}
	if columns == nil {
		return nil
	}
	return b.tx.Effects(columns)
}
