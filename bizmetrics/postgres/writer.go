package postgres

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// writer is a batch's transaction: the only one that writes. What it writes is
// on its way while the batch goes on; what it reads waits for that.
type writer struct {
	reader
	later  *later
	nextID int64
}

// Places in sqlstore.Events without its id.
const (
	eventAt   = 0
	eventHash = 10
	eventUnit = 11
)

// Find reads the rows with some keys.
func (w *writer) Find(t *sqlstore.Table, keys sqlstore.Columns, row func(i int, values []sqlstore.Value)) error {
	if err := w.later.wait(); err != nil {
		return err
	}
	return w.reader.Find(t, keys, row)
}

// Select reads rows, or sums of them.
func (w *writer) Select(s sqlstore.Select, row func([]sqlstore.Value) error) error {
	if err := w.later.wait(); err != nil {
		return err
	}
	return w.reader.Select(s, row)
}

// EventsByHash reads the events whose keys have one of some hashes.
func (w *writer) EventsByHash(hashes []int64, row func([]sqlstore.Value)) error {
	if err := w.later.wait(); err != nil {
		return err
	}
	return w.reader.EventsByHash(hashes, row)
}

// EventsByUnit reads the events of some units.
func (w *writer) EventsByUnit(units []int64, row func([]sqlstore.Value)) error {
	if err := w.later.wait(); err != nil {
		return err
	}
	return w.reader.EventsByUnit(units, row)
}

// Insert adds events and their keys, and makes the partitions that they need.
func (w *writer) Insert(events sqlstore.Columns) ([]int64, error) {
	n := events.Len()
	if n == 0 {
		return nil, nil
	}
	at := events[eventAt]
	w.makePartitions(at.Ints)
	numbers := sqlstore.Slice{Type: sqlstore.Int, Ints: make([]int64, n)}
	for i := range numbers.Ints {
		numbers.Ints[i] = w.nextID
		w.nextID++
	}
	rows := append(sqlstore.Columns{at, numbers}, events[1:]...)
	w.copy("insert events", w.e.events.copyEvents, rows)
	w.copy("insert keys", w.e.events.copyKeys, keysOf(events[eventHash].Ints, events[eventUnit].Ints, at.Ints, numbers.Ints))
	return numbers.Ints, nil
}

func keysOf(hash, unit, at, ids []int64) sqlstore.Columns {
	n := len(hash)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(hash[a], hash[b]) })
	rows := sqlstore.Columns{{Type: sqlstore.Int}, {Type: sqlstore.Int}, {Type: sqlstore.Int}, {Type: sqlstore.Int}}
	for j, from := range [][]int64{hash, unit, at, ids} {
		to := make([]int64, n)
		for i, k := range order {
			to[i] = from[k]
		}
		rows[j].Ints = to
	}
	return rows
}

// makePartitions makes those of some moments, and those of this month and the
// two that follow. Another replica may have dropped what was there a moment ago.
func (w *writer) makePartitions(at []int64) {
	moments := sqlstore.Slice{Type: sqlstore.Int, Ints: ahead(time.Now())}
	seen := map[int64]bool{}
	for _, t := range moments.Ints {
		seen[monthOf(t)] = true
	}
	last := int64(-1)
	for _, t := range at {
		if m := monthOf(t); m != last && !seen[m] {
			seen[m] = true
			moments.Ints = append(moments.Ints, t)
			last = m
		}
	}
	w.exec("make partitions", w.e.events.partitions, sqlstore.Columns{moments})
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
	w.exec("change events", w.e.events.effects, changes)
	return nil
}

// Add adds to rows.
func (w *writer) Add(t *sqlstore.Table, rows sqlstore.Columns) error {
	w.exec("add to "+t.Name, w.e.tables[t].add, rows)
	return nil
}

// Put writes rows.
func (w *writer) Put(t *sqlstore.Table, rows sqlstore.Columns) error {
	w.exec("write "+t.Name, w.e.tables[t].put, rows)
	return nil
}

// Delete removes rows.
func (w *writer) Delete(t *sqlstore.Table, keys sqlstore.Columns) error {
	w.exec("delete from "+t.Name, w.e.tables[t].delete, keys)
	return nil
}

// exec has a statement run that takes one array a column.
func (w *writer) exec(what, sql string, rows sqlstore.Columns) {
	if rows.Len() == 0 {
		return
	}
	w.do(what, func(c *pgconn.PgConn) error {
		values, types := make([][]byte, len(rows)), make([]uint32, len(rows))
		for i := range rows {
			values[i] = encodeArray(&rows[i])
			_, types[i] = oid(rows[i].Type)
		}
		_, err := c.ExecParams(w.ctx, sql, values, types, []int16{binaryFormat}, nil).Close()
		return err
	})
}

// copy has rows copied.
func (w *writer) copy(what, sql string, rows sqlstore.Columns) {
	w.do(what, func(c *pgconn.PgConn) error {
		_, err := c.CopyFrom(w.ctx, bytes.NewReader(encodeCopy(rows)), sql)
		return err
	})
}

func (w *writer) do(what string, f func(*pgconn.PgConn) error) {
	w.later.do(func() error {
		if err := f(w.tx.Conn().PgConn()); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	})
}
