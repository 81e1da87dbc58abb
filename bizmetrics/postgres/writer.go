package postgres

import (
	"fmt"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// writer is a batch's transaction: the only one that writes.
type writer struct{ reader }

// places in sqlstore.Events without its id
const (
	eventAt   = 0
	eventHash = 10
	eventUnit = 11
)

// Insert adds events and their keys, and makes the partitions that they need.
func (w *writer) Insert(events sqlstore.Columns) ([]int64, error) {
	n := events.Len()
	if n == 0 {
		return nil, nil
	}
	at := events[eventAt].Ints
	if err := w.makePartitions(at); err != nil {
		return nil, err
	}
	var first int64
	if err := w.tx.QueryRow(w.ctx, w.e.events.reserve, int64(n)).Scan(&first); err != nil {
		return nil, fmt.Errorf("number events: %w", err)
	}
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = first + int64(i)
	}
	rows := append(append(args(events[:1]), ids), args(events[1:])...)
	if err := w.exec("insert events", w.e.events.insertEvents, rows...); err != nil {
		return nil, err
	}
	return ids, w.exec("insert keys", w.e.events.insertKeys, events[eventHash].Ints, events[eventUnit].Ints, at, ids)
}

// makePartitions makes those of some moments, and those of this month and the
// two that follow. Another replica may have dropped what was there a moment ago.
func (w *writer) makePartitions(at []int64) error {
	seen := map[int64]bool{}
	var moments []int64
	for _, t := range append(ahead(time.Now()), at...) {
		m := monthOf(t)
		if !seen[m] {
			seen[m] = true
			moments = append(moments, t)
		}
	}
	return w.exec("make partitions", w.e.events.partitions, moments)
}

func ahead(now time.Time) []int64 {
	y, m, _ := now.UTC().Date()
	var moments []int64
	for i := range time.Month(3) {
		moments = append(moments, time.Date(y, m+i, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	}
	return moments
}

func monthOf(at int64) int64 {
	t := time.UnixMicro(at).UTC()
	return int64(t.Year())*12 + int64(t.Month())
}

// Effects changes the effects of events.
func (w *writer) Effects(changes sqlstore.Columns) error {
	return w.exec("change events", w.e.events.effects, args(changes)...)
}

// Add adds to rows.
func (w *writer) Add(t *sqlstore.Table, rows sqlstore.Columns) error {
	return w.each("add to ", t, w.e.tables[t].add, rows)
}

// Put writes rows.
func (w *writer) Put(t *sqlstore.Table, rows sqlstore.Columns) error {
	return w.each("write ", t, w.e.tables[t].put, rows)
}

// Delete removes rows.
func (w *writer) Delete(t *sqlstore.Table, keys sqlstore.Columns) error {
	return w.each("delete from ", t, w.e.tables[t].delete, keys)
}

func (w *writer) each(what string, t *sqlstore.Table, sql string, rows sqlstore.Columns) error {
	if rows.Len() == 0 {
		return nil
	}
	return w.exec(what+t.Name, sql, args(rows)...)
}

func (w *writer) exec(what, sql string, args ...any) error {
	if _, err := w.tx.Exec(w.ctx, sql, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
