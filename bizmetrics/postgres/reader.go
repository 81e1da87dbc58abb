package postgres

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// reader is one transaction: a snapshot, or a batch's.
type reader struct {
	ctx context.Context
	q   interface {
		Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	}
	e *engine
	// settings are the rows of that table, if they came with the snapshot: every
	// query asks for one.
	settings map[string]string
}

// Find reads the rows with some keys.
func (r *reader) Find(t *sqlstore.Table, keys sqlstore.Columns, row func(i int, values []sqlstore.Value)) error {
	if keys.Len() == 0 {
		return nil
	}
	if t == sqlstore.Settings && r.settings != nil {
		for i, name := range keys[0].Texts {
			if value, there := r.settings[name]; there {
				row(i, []sqlstore.Value{{Text: value}})
			}
		}
		return nil
	}
	types := append([]sqlstore.Type{sqlstore.Int}, typesOf(t.Values)...)
	return r.rows("find "+t.Name, types, func(values []sqlstore.Value) error {
		row(int(values[0].Int)-1, values[1:])
		return nil
	}, r.e.tables[t].find, args(keys)...)
}

// Select reads rows, or sums of them.
func (r *reader) Select(s sqlstore.Select, row func([]sqlstore.Value) error) error {
	types, name := s.Types(), s.From.Name
	s.From = &r.e.tables[s.From].table
	sql, args := s.SQL(func(i int) string { return "$" + strconv.Itoa(i) })
	return r.rows("select "+name, types, row, sql, args...)
}

// EventsByHash reads the events whose keys have one of some hashes.
func (r *reader) EventsByHash(hashes []int64, row func([]sqlstore.Value)) error {
	return r.eventsBy(r.e.events.byHash, hashes, row)
}

// EventsByUnit reads the events of some units.
func (r *reader) EventsByUnit(units []int64, row func([]sqlstore.Value)) error {
	return r.eventsBy(r.e.events.byUnit, units, row)
}

func (r *reader) eventsBy(sql string, hashes []int64, row func([]sqlstore.Value)) error {
	if len(hashes) == 0 {
		return nil
	}
	return r.rows("find events", typesOf(sqlstore.Events.Columns()), func(values []sqlstore.Value) error {
		row(values)
		return nil
	}, sql, hashes)
}

// rows hands over each row of an answer.
func (r *reader) rows(what string, types []sqlstore.Type, row func([]sqlstore.Value) error, sql string, args ...any) error {
	rows, err := r.q.Query(r.ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer rows.Close()
	values := make([]sqlstore.Value, len(types))
	to := make([]any, len(types))
	for i, t := range types {
		switch t {
		case sqlstore.Text:
			to[i] = &values[i].Text
		case sqlstore.Bytes:
			to[i] = &values[i].Bytes
		default:
			to[i] = &values[i].Int
		}
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if err := row(values); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func typesOf(columns []sqlstore.Column) []sqlstore.Type {
	types := make([]sqlstore.Type, len(columns))
	for i, c := range columns {
		types[i] = c.Type
	}
	return types
}

func args(c sqlstore.Columns) []any {
	all := make([]any, len(c))
	for i, column := range c {
		all[i] = column.Any()
	}
	return all
}
