package postgres

import (
	"fmt"
	"strings"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// OFFSET 0 has no effect but on the planner: it must look up row by row, in the
// order in which the statement says so.

// statements are what is asked of one table. Rows come as one array a column:
// that is the fastest way to hand over thousands that may be there already.
type statements struct {
	table                  sqlstore.Table // named with its schema
	find, add, put, delete string
}

func newStatements(s schema, t *sqlstore.Table) *statements {
	st := &statements{table: *t}
	st.table.Name = s.quoted + "." + t.Name
	keys, values := namesOf(t.Key), namesOf(t.Values)
	match := make([]string, len(keys))
	for i, k := range keys {
		match[i] = fmt.Sprintf("t.%s = k.%[1]s", k)
	}
	where := strings.Join(match, " AND ")
	st.find = fmt.Sprintf("SELECT k.i, t.* FROM unnest(%s) WITH ORDINALITY AS k (%s, i), LATERAL (SELECT %s FROM %s AS t WHERE %s OFFSET 0) AS t",
		arrays(t.Key), strings.Join(keys, ", "), strings.Join(values, ", "), st.table.Name, where)
	st.delete = fmt.Sprintf("DELETE FROM %s AS t USING unnest(%s) AS k (%s) WHERE %s",
		st.table.Name, arrays(t.Key), strings.Join(keys, ", "), where)
	insert := fmt.Sprintf("INSERT INTO %s AS t (%s) SELECT * FROM unnest(%s) ON CONFLICT (%s) DO UPDATE SET ",
		st.table.Name, strings.Join(namesOf(t.Columns()), ", "), arrays(t.Columns()), strings.Join(keys, ", "))
	added, set := make([]string, len(values)), make([]string, len(values))
	for i, v := range values {
		added[i] = fmt.Sprintf("%s = t.%[1]s + excluded.%[1]s", v)
		set[i] = fmt.Sprintf("%s = excluded.%[1]s", v)
	}
	st.add = insert + strings.Join(added, ", ")
	st.put = insert + strings.Join(set, ", ")
	return st
}

func namesOf(columns []sqlstore.Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}

// arrays are the parameters of unnest, one array a column.
func arrays(columns []sqlstore.Column) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = fmt.Sprintf("$%d::%s[]", i+1, sqlType(c.Type))
	}
	return strings.Join(all, ", ")
}

func sqlType(t sqlstore.Type) string {
	switch t {
	case sqlstore.Text:
		return "text"
	case sqlstore.Bytes:
		return "bytea"
	}
	return "bigint"
}

// eventStatements are what is asked of the events and their keys.
type eventStatements struct {
	byHash, byUnit, effects  string
	partitions, drop, forget string
	copyEvents, copyKeys     string
	last, next               string
}

func newEventStatements(s schema) eventStatements {
	found := `, LATERAL (SELECT ` + strings.Join(namesOf(sqlstore.Events.Columns()), ", ") + `
		FROM {schema}.events e WHERE e.at = k.at AND e.id = k.id OFFSET 0) AS e`
	return eventStatements{
		byHash: s.sql(`SELECT e.* FROM unnest($1::bigint[]) AS h (hash),
			LATERAL (SELECT at, id FROM {schema}.event_keys k WHERE k.hash = h.hash OFFSET 0) AS k` + found),
		byUnit: s.sql(`SELECT e.* FROM unnest($1::bigint[]) AS u (unit),
			LATERAL (SELECT at, id FROM {schema}.event_keys k WHERE k.unit = u.unit AND k.unit <> 0 OFFSET 0) AS k` + found),
		effects: s.sql(`UPDATE {schema}.events AS e SET supplier = c.supplier, customer = c.customer, currency = c.currency, amount = c.amount
			FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[]) AS c (at, id, supplier, customer, currency, amount)
			WHERE e.at = c.at AND e.id = c.id`),
		last:       s.sql(`SELECT next_id, batch, process FROM {schema}.writer`),
		next:       s.sql(`UPDATE {schema}.writer SET next_id = $1, batch = $2, process = $3`),
		partitions: s.sql(`SELECT {schema}.make_partitions($1::bigint[])`),
		drop:       s.sql(`SELECT dropped, kept_from FROM {schema}.drop_partition($1)`),
		forget:     s.sql(`DELETE FROM {schema}.event_keys WHERE at < $1 AND id < $2`),
		copyEvents: s.sql(`COPY {schema}.events (` + strings.Join(namesOf(sqlstore.Events.Columns()), ", ") + `) FROM STDIN (FORMAT binary)`),
		copyKeys:   s.sql(`COPY {schema}.event_keys (hash, unit, at, id) FROM STDIN (FORMAT binary)`),
	}
}
