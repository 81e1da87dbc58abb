package sqlite

import (
	"context"
	"strconv"
	"strings"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// reader is a [sqlstore.Reader] on a connection in a transaction.
type reader struct {
	*conn
	ctx   context.Context
	texts *texts
}

func parameter(i int) string { return "?" + strconv.Itoa(i) }

// Select is [sqlstore.Reader]'s.
func (r *reader) Select(s sqlstore.Select, row func([]sqlstore.Value) error) error {
	text, args := s.SQL(parameter)
	r.begin()
	for _, a := range args {
		r.arg(a)
	}
	return r.query(r.ctx, text, s.Types(), row)
}

// chunks are how many rows one statement takes: rows beyond the largest go
// round again, what is left is done by the smaller ones.
var chunks = [...]int{64, 8, 1}

// chunked calls do for parts of n rows, each as long as one of chunks.
func chunked(n int, do func(from, size int) error) error {
	for from := 0; from < n; {
		for _, size := range chunks {
			if from+size <= n {
				if err := do(from, size); err != nil {
					return err
				}
				from += size
				break
			}
		}
	}
	return nil
}

// Find is [sqlstore.Reader]'s.
func (r *reader) Find(t *sqlstore.Table, keys sqlstore.Columns, row func(i int, values []sqlstore.Value)) error {
	types := []sqlstore.Type{sqlstore.Int}
	for _, v := range t.Values {
		types = append(types, v.Type)
	}
	return chunked(keys.Len(), func(from, size int) error {
		r.begin()
		for i := from; i < from+size; i++ {
			for _, k := range keys {
				r.arg(k.At(i))
			}
		}
		return r.query(r.ctx, r.texts.find(t, size), types, func(v []sqlstore.Value) error {
			row(from+int(v[0].Int), v[1:])
			return nil
		})
	})
}

// EventsByHash is [sqlstore.Reader]'s. Only the writer looks for events.
func (r *reader) EventsByHash([]int64, func([]sqlstore.Value)) error { return errReadOnly }

// EventsByUnit is [sqlstore.Reader]'s.
func (r *reader) EventsByUnit([]int64, func([]sqlstore.Value)) error { return errReadOnly }

// texts are the statements on whole tables, by table and number of rows.
type texts struct {
	finds, adds, puts, deletes map[textOf]string
	events, inserts            map[int]string
}

type textOf struct {
	table *sqlstore.Table
	rows  int
}

func newTexts() *texts {
	t := &texts{finds: map[textOf]string{}, adds: map[textOf]string{}, puts: map[textOf]string{}, deletes: map[textOf]string{}, events: map[int]string{}, inserts: map[int]string{}}
	for _, size := range chunks {
		t.inserts[size] = insertText + list("("+list("?", len(sqlstore.Events.Columns()))+")", size)
		t.events[size] = "SELECT " + names(sqlstore.Events.Columns(), "") + " FROM events WHERE id IN (" + list("?", size) + ")"
		for _, table := range sqlstore.Tables {
			of := textOf{table, size}
			t.finds[of] = findText(table, size)
			t.deletes[of] = deleteText(table, size)
			t.adds[of] = upsertText(table, size, func(column string) string { return column + " = " + column + " + excluded." + column })
			t.puts[of] = upsertText(table, size, func(column string) string { return column + " = excluded." + column })
		}
	}
	return t
}

func (t *texts) find(table *sqlstore.Table, rows int) string { return t.finds[textOf{table, rows}] }

func list(what string, n int) string { return strings.TrimSuffix(strings.Repeat(what+", ", n), ", ") }

func names(columns []sqlstore.Column, prefix string) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = prefix + c.Name
	}
	return strings.Join(all, ", ")
}

// findText joins the keys, numbered, with the table: a statement for many rows
// costs little more than one for one.
func findText(t *sqlstore.Table, rows int) string {
	var b strings.Builder
	b.WriteString("WITH wanted (i, " + names(t.Key, "k_") + ") AS (VALUES ")
	for i := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + strconv.Itoa(i) + ", " + list("?", len(t.Key)) + ")")
	}
	b.WriteString(") SELECT wanted.i, " + names(t.Values, "t.") + " FROM wanted CROSS JOIN " + t.Name + " t ON ")
	for i, k := range t.Key {
		if i > 0 {
			b.WriteString(" AND ")
		}
		b.WriteString("t." + k.Name + " = wanted.k_" + k.Name)
	}
	return b.String()
}

func upsertText(t *sqlstore.Table, rows int, set func(column string) string) string {
	columns := t.Columns()
	sets := make([]string, len(t.Values))
	for i, v := range t.Values {
		sets[i] = set(v.Name)
	}
	return "INSERT INTO " + t.Name + " (" + names(columns, "") + ") VALUES " + list("("+list("?", len(columns))+")", rows) +
		" ON CONFLICT (" + names(t.Key, "") + ") DO UPDATE SET " + strings.Join(sets, ", ")
}

func deleteText(t *sqlstore.Table, rows int) string {
	return "DELETE FROM " + t.Name + " WHERE (" + names(t.Key, "") + ") IN (VALUES " + list("("+list("?", len(t.Key))+")", rows) + ")"
}
