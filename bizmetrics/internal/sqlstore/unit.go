package sqlstore

import (
	"fmt"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// entry is an event with its effect.
type entry struct {
	rec        *ledger.Record
	id         int64 // 0: not yet in the database
	hash, unit int64
	data       []byte
	fact       ledger.Fact
	changed    bool // fact has been told anew since it was written
	written    effect
}

// effect is what may change of an entry's fact.
type effect struct {
	supplier, customer, currency string
	amount                       int64
}

func effectOf(f ledger.Fact) effect {
	amount, _ := f.Amount.Int64() // of one event: it fits
	return effect{f.Supplier, f.Customer, f.Currency, amount}
}

// unit is a [ledger.Unit] that knows its entries.
type unit struct {
	ledger.Unit
	entries []*entry // as Records
	byRec   map[*ledger.Record]*entry
}

const manyEntries = 16

func (u *unit) entry(r *ledger.Record) *entry {
	if len(u.entries) <= manyEntries {
		for _, e := range u.entries {
			if e.rec == r {
				return e
			}
		}
		return nil
	}
	if u.byRec == nil {
		u.byRec = make(map[*ledger.Record]*entry, 2*len(u.entries))
		for _, e := range u.entries {
			u.byRec[e.rec] = e
		}
	}
	return u.byRec[r]
}

// take adds e to the unit, and tells what that adds to and removes from facts.
func (u *unit) take(e *entry, add, remove func(ledger.Fact)) {
	u.entries = append(u.entries, e)
	if u.byRec != nil {
		u.byRec[e.rec] = e
	}
	u.Take(e.rec, func(f ledger.Fact) {
		of := u.entry(f.Of)
		of.fact, of.changed = f, true
		add(f)
	}, remove)
}

// restore adds an entry that the database has.
func (u *unit) restore(e *entry) {
	nothing := func(ledger.Fact) {}
	u.take(e, nothing, nothing)
}

// settle notes that all facts are as the database has them.
func (u *unit) settle() {
	for _, e := range u.entries {
		e.written, e.changed, e.data = effectOf(e.fact), false, nil
	}
}

// The places of the columns of [Events].
const (
	colAt = iota
	colID
	colKind
	colStatus
	colMethod
	colSupplier
	colCustomer
	colCurrency
	colTenant
	colAmount
	colAfter
	colHash
	colUnit
	colData
)

// recordOf is the record in a row of [Events].
func recordOf(row []Value) (*ledger.Record, error) {
	id, kind := row[colID].Int, row[colKind].Int
	if kind <= 0 || kind >= int64(ledger.Kinds) {
		return nil, fmt.Errorf("read event %d: kind %d is unknown: a later version wrote it", id, kind)
	}
	r, err := ledger.DecodeData(ledger.Kind(kind).Name(), row[colAt].Int, row[colData].Bytes)
	if err != nil {
		return nil, fmt.Errorf("read event %d: %w", id, err)
	}
	return r, nil
}

func entryOf(row []Value) (*entry, error) {
	r, err := recordOf(row)
	if err != nil {
		return nil, err
	}
	return &entry{rec: r, id: row[colID].Int, hash: row[colHash].Int, unit: row[colUnit].Int}, nil
}
