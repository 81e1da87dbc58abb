package oracle

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
)

// steps are the starts of q's steps and the end of the last one, in SQL, each
// with its number; 0 is the step before the first.
func steps(q bizmetrics.Query) string {
	day, most := int64(24*time.Hour), int64(0)
	if q.Step > 0 {
		most = int64(q.To.Sub(q.From)/q.Step) + 3
	}
	switch {
	case q.Monthly:
		return `select n, ((date_trunc('month', (@from::timestamptz at time zone @zone)::date - (@start::int - 1))::date + (@start::int - 1)) + (n - 1) * interval '1 month') at time zone @zone as begin
			from generate_series(0, 200) n`
	case q.Step == 0: // a whole month is compared with the month before, another span with one as long
		return `select n, case n when 1 then @from::timestamptz else (
				with m as (select date_trunc('month', (@from::timestamptz at time zone @zone)::date - (@start::int - 1))::date + (@start::int - 1) as month)
				select case when month::timestamp at time zone @zone = @from and (month + interval '1 month') at time zone @zone = @to
					then (month - interval '1 month') at time zone @zone else @from - (@to::timestamptz - @from::timestamptz) end from m) end as begin
			from generate_series(0, 1) n`
	case int64(q.Step)%day == 0:
		return fmt.Sprintf(`select n, ((@from::timestamptz at time zone @zone)::date + (n - 1) * %d)::timestamp at time zone @zone as begin
			from generate_series(0, %d) n`, int64(q.Step)/day, most)
	}
	return fmt.Sprintf(`select n, @from::timestamptz + (n - 1) * interval '%d microseconds' as begin from generate_series(0, %d) n`, q.Step.Microseconds(), most)
}

// Query answers q in SQL, whose days are those of v's zone.
func (o *Oracle) Query(t testing.TB, v View, q bizmetrics.Query) []bizmetrics.Row {
	t.Helper()
	m, known := metrics[q.Metric]
	require.True(t, known, q.Metric)
	v.MonthStart = max(v.MonthStart, 1)
	l := &look{Oracle: o, t: t, v: v}
	args := pgx.NamedArgs{"from": q.From, "to": q.To, "of": nil}
	if tenant, asked := q.Filter["tenant"]; asked { // its cohorts are its own
		args["of"] = tenant
	}

	where := []string{"true"}
	if _, byStatus := q.Filter["status"]; q.Metric == "orders" && !byStatus && !slices.Contains(q.GroupBy, "status") {
		where = append(where, "status = 'placed'") // orders are those placed
	}
	for g, value := range q.Filter {
		where = append(where, column(g)+" = @filter_"+g)
		args["filter_"+g] = value
	}
	groups := make([]string, len(q.GroupBy))
	for i, g := range q.GroupBy {
		groups[i] = fmt.Sprintf("%s as g%d", column(g), i)
	}
	names := func(prefix string) string {
		var all strings.Builder
		for i := range groups {
			fmt.Fprintf(&all, ", %sg%d", prefix, i)
		}
		return all.String()
	}
	on, order := "", ""
	for i := range groups {
		on += fmt.Sprintf(" and c.g%[1]d = g.g%[1]d", i)
		order += fmt.Sprintf(", g.g%d collate \"C\"", i)
	}
	again := "false"
	if m.figure == "returning" { // in the step before too, in the same group
		same := ""
		for i := range groups {
			same += fmt.Sprintf(" and b.g%[1]d = f.g%[1]d", i)
		}
		again = `exists (select from counted b where b.customer <> '' and b.customer = f.customer and b.n = f.n - 1` + same + `)`
	}
	source := m.source
	if slices.Contains(workload.Groups[q.Metric], "cohort") {
		source = `select s.*, coalesce((select to_char(` + strings.ReplaceAll(monthOf, "(at at", "(c.first_order at") + `, 'YYYY-MM') from customers c where c.customer = s.customer and c.of is not distinct from @of::text), '') as cohort from (` + source + `) s`
	}
	extra := ""
	if len(groups) > 0 {
		extra = ", " + strings.Join(groups, ", ")
	}
	// What is in a step: the first one begins with From, the one before the
	// first is whole.
	sql := `with bounds as materialized (select n, begin from (` + steps(q) + `) s where n <= 1 or begin < @to),
		list as materialized (select array_agg(begin order by n) as begins from bounds),
		facts as (select f.*` + extra + ` from (` + source + `) f where ` + strings.Join(where, " and ") + ` and at < @to and (at >= @from or @before and at < (select begin from bounds where n = 1))),
		counted as materialized (select facts.*, width_bucket(at, (select begins from list)) - 1 as n from facts where at >= (select begin from bounds where n = 0)),
		groups as (select distinct 1` + names("") + ` from counted), -- for a comparison the step before the first counts too
		cells as (select n` + names("") + `, ` + figures[m.figure] + ` from (select f.*, ` + again + ` as again from counted f) x where n >= 1 group by n` + names("") + `)
		select b.begin, ` + groupArray(len(groups)) + `, c.* from bounds b cross join ` + groupsOf(len(groups)) + ` left join (select n as cell` + names("") + `, amount, number, behind from cells as cells (n` + names("") + `, amount, number, behind)) c on c.cell = b.n` + on + `
		where b.n >= 1 and (b.begin < @to or @single and b.n = 1) order by b.n` + order
	args["single"], args["before"] = q.Step == 0 && !q.Monthly, m.figure == "returning"
	rows := l.rows(sql, args)
	all := make([]bizmetrics.Row, 0, len(rows))
	for _, r := range rows {
		row := bizmetrics.Row{At: r[0].(time.Time).In(v.Zone)}
		for _, g := range r[1].([]any) {
			row.Group = append(row.Group, g.(string))
		}
		last := r[len(r)-3:]
		if behind, ok := last[2].(int64); ok {
			row.Count = behind
		}
		if amount, ok := last[0].(int64); ok {
			row.Money = bizmetrics.Money{Minor: amount, Currency: workload.Currency}
			row.Value = row.Money.Major()
		}
		if number, ok := last[1].(float64); ok {
			row.Value = number
		}
		if row.Count == 0 && empty[m.figure] {
			row.Value = math.NaN()
		}
		all = append(all, row)
	}
	return all
}

func column(group string) string { return `"` + group + `"` }

func groupArray(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("g.g%d", i)
	}
	return "array[" + strings.Join(all, ", ") + "]::text[]"
}

// groupsOf are the groups that occur; without groups the one of all.
func groupsOf(n int) string {
	if n == 0 {
		return "(select 1) g"
	}
	return "groups g"
}

// CheckQuery compares the answer to q with what SQL says.
func (o *Oracle) CheckQuery(t testing.TB, v View, q bizmetrics.Query, got []bizmetrics.Row, err error) {
	t.Helper()
	label := fmt.Sprintf("%s by %v of %v, %v to %v, step %v, monthly %v", q.Metric, q.GroupBy, q.Filter, q.From.In(v.Zone), q.To.In(v.Zone), q.Step, q.Monthly)
	if !assert.NoError(t, err, label) {
		return
	}
	want := o.Query(t, v, q)
	if len(want) != len(got) {
		t.Errorf("%s: want %d rows, got %d:\n%v\n%v", label, len(want), len(got), want, got)
		return
	}
	for i, w := range want {
		g := got[i]
		if !w.At.Equal(g.At) || !slices.Equal(w.Group, g.Group) || w.Money.Minor != g.Money.Minor || w.Count != g.Count || !near(w.Value, g.Value) ||
			w.Money.Minor != 0 && g.Money.Currency != w.Money.Currency {
			t.Errorf("%s, row %d of %d:\nwant %+v\ngot  %+v", label, i, len(want), w, g)
			return
		}
	}
}
