package sqlstore

import (
	"strings"
)

// Select reads columns of the rows of a table that fulfil all conditions; with
// Sum, one row for each group of equal Columns, with the sums behind them: of
// columns, or of what CountAll, HighPart and LowPart say. No Columns and a Sum:
// one row, also of nothing (zeros).
type Select struct {
	From    *Table
	Where   []Cond
	Columns []string
	Sum     []string
	OrderBy []string // columns, each ascending, or with " DESC" behind it
	Limit   int      // 0: all
}

// Cond is a condition on a column. In has at least one value, and few.
type Cond struct {
	Column string
	Is     Comparison
	Values []any // int64 or string: one, of In any number
}

// Comparison is how a column is compared.
type Comparison string

// The comparisons.
const (
	Equal    Comparison = "="
	NotEqual Comparison = "<>"
	Least    Comparison = ">="
	Below    Comparison = "<"
	In       Comparison = "IN"
)

// CountAll is a sum that counts rows.
const CountAll = "1"

// HighPart and LowPart of a column add up to sums in two parts.
func HighPart(column string) string { return column + " >> 32" }

// LowPart is beside HighPart.
func LowPart(column string) string { return column + " & 4294967295" }

// Eq is a condition that the column is v.
func Eq(column string, v any) Cond { return Cond{column, Equal, []any{v}} }

// Not is a condition that the column is not v.
func Not(column string, v any) Cond { return Cond{column, NotEqual, []any{v}} }

// AtLeast is a condition that the column is v or more.
func AtLeast(column string, v any) Cond { return Cond{column, Least, []any{v}} }

// Less is a condition that the column is less than v.
func Less(column string, v any) Cond { return Cond{column, Below, []any{v}} }

// fewUnits is up to how many numbers a condition lists.
const fewUnits = 32

// Among are the conditions that the column is a number from first until before
// end. Few are listed, so that an index is of use for the columns behind it too.
func Among(column string, first, end int64) []Cond {
	switch {
	case end-first == 1:
		return []Cond{Eq(column, first)}
	case end <= first, end-first > fewUnits:
		return []Cond{AtLeast(column, first), Less(column, end)}
	}
	all := make([]int64, 0, fewUnits)
	for v := first; v < end; v++ {
		all = append(all, v)
	}
	return []Cond{OneOf(column, all)}
}

// OneOf is a condition that the column has one of the values.
func OneOf[T int64 | string](column string, values []T) Cond {
	c := Cond{Column: column, Is: In}
	if len(values) == 1 {
		c.Is = Equal
	}
	for _, v := range values {
		c.Values = append(c.Values, v)
	}
	return c
}

// Types are those of the columns of a row.
func (s Select) Types() []Type {
	types := make([]Type, 0, len(s.Columns)+len(s.Sum))
	for _, c := range s.Columns {
		types = append(types, s.From.Column(c).Type)
	}
	for range s.Sum {
		types = append(types, Int)
	}
	return types
}

// SQL is the statement and its arguments. placeholder writes the i-th
// parameter, from 1. The text does not depend on values, so that it can be
// prepared.
func (s Select) SQL(placeholder func(i int) string) (text string, args []any) {
	var b strings.Builder
	b.WriteString("SELECT ")
	for i, c := range s.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c)
	}
	for i, c := range s.Sum {
		if i > 0 || len(s.Columns) > 0 {
			b.WriteString(", ")
		}
		b.WriteString("CAST(COALESCE(SUM(" + c + "), 0) AS BIGINT)")
	}
	b.WriteString(" FROM " + s.From.Name)
	for i, c := range s.Where {
		b.WriteString([]string{" AND ", " WHERE "}[b2i(i == 0)] + c.Column + " " + string(c.Is) + " ")
		if c.Is == In {
			b.WriteString("(")
		}
		for j, v := range c.Values {
			if j > 0 {
				b.WriteString(", ")
			}
			args = append(args, v)
			b.WriteString(placeholder(len(args)))
		}
		if c.Is == In {
			b.WriteString(")")
		}
	}
	if len(s.Sum) > 0 && len(s.Columns) > 0 {
		b.WriteString(" GROUP BY " + strings.Join(s.Columns, ", "))
	}
	if len(s.OrderBy) > 0 {
		b.WriteString(" ORDER BY " + strings.Join(s.OrderBy, ", "))
	}
	if s.Limit > 0 {
		b.WriteString(" LIMIT ")
		args = append(args, int64(s.Limit))
		b.WriteString(placeholder(len(args)))
	}
	return b.String(), args
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
