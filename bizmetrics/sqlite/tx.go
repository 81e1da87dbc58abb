package sqlite

import (
	"errors"
	"slices"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

var errReadOnly = errors.New("sqlite: a reader does not look for events")

// tx is a [sqlstore.Tx] on the writer's connection.
type tx struct {
	reader
	e *engine
}

// EventsByHash is [sqlstore.Reader]'s.
func (t *tx) EventsByHash(hashes []int64, row func([]sqlstore.Value)) error {
	return t.events(t.e.lists[byHash], hashes, row)
}

// EventsByUnit is [sqlstore.Reader]'s.
func (t *tx) EventsByUnit(units []int64, row func([]sqlstore.Value)) error {
	return t.events(t.e.lists[byUnit], units, row)
}

var eventTypes = typesOf(sqlstore.Events.Columns())

func typesOf(columns []sqlstore.Column) []sqlstore.Type {
	types := make([]sqlstore.Type, len(columns))
	for i, c := range columns {
		types[i] = c.Type
	}
	return types
}

func (t *tx) events(l *index, hashes []int64, row func([]sqlstore.Value)) error {
	ids, err := l.find(t.conn, hashes)
	if err != nil {
		return err
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return chunked(len(ids), func(from, size int) error {
		t.begin()
		for _, id := range ids[from : from+size] {
			t.arg(id)
		}
		return t.query(t.ctx, t.texts.events[size], eventTypes, func(v []sqlstore.Value) error {
			row(v)
			return nil
		})
	})
}

const insertText = "INSERT INTO events (id, at, kind, status, method, supplier, customer, currency, tenant, amount, after, hash, unit, data) VALUES "

// Insert is [sqlstore.Tx]'s.
func (t *tx) Insert(events sqlstore.Columns) ([]int64, error) {
	ids := make([]int64, events.Len())
	hash, unit := events[len(events)-3].Ints, events[len(events)-2].Ints
	return ids, chunked(len(ids), func(from, size int) error {
		t.begin()
		for i := from; i < from+size; i++ {
			t.e.lastID++
			ids[i] = t.e.lastID
			t.arg(ids[i])
			for _, c := range events {
				t.arg(c.At(i))
			}
			t.e.lists[byHash].add(hash[i], ids[i])
			if unit[i] != 0 {
				t.e.lists[byUnit].add(unit[i], ids[i])
			}
		}
		return t.exec(t.texts.inserts[size])
	})
}

const effectsText = `UPDATE events SET supplier = ?3, customer = ?4, currency = ?5, amount = ?6 WHERE id = ?2 AND at = ?1`

// Effects is [sqlstore.Tx]'s.
func (t *tx) Effects(changes sqlstore.Columns) error {
	for i := range changes.Len() {
		t.begin()
		for _, c := range changes {
			t.arg(c.At(i))
		}
		if err := t.exec(effectsText); err != nil {
			return err
		}
	}
	return nil
}

// Add is [sqlstore.Tx]'s.
func (t *tx) Add(table *sqlstore.Table, rows sqlstore.Columns) error {
	return t.write(t.texts.adds, table, rows)
}

// Put is [sqlstore.Tx]'s.
func (t *tx) Put(table *sqlstore.Table, rows sqlstore.Columns) error {
	return t.write(t.texts.puts, table, rows)
}

// Delete is [sqlstore.Tx]'s.
func (t *tx) Delete(table *sqlstore.Table, keys sqlstore.Columns) error {
	return t.write(t.texts.deletes, table, keys)
}

func (t *tx) write(texts map[textOf]string, table *sqlstore.Table, rows sqlstore.Columns) error {
	return chunked(rows.Len(), func(from, size int) error {
		t.begin()
		for i := from; i < from+size; i++ {
			for _, c := range rows {
				t.arg(c.At(i))
			}
		}
		return t.exec(texts[textOf{table, size}])
	})
}
