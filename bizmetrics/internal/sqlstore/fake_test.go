package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fake is an Engine of maps: what the interface says, and nothing more.
type Fake struct {
	Shared bool
	tables map[*Table]map[string][]Value // by the key's text
	ids    int64
	Fail   error // of the next commit
}

func NewFake() *Fake {
	f := &Fake{tables: map[*Table]map[string][]Value{}}
	for _, t := range Tables {
		f.tables[t] = map[string][]Value{}
	}
	return f
}

func (f *Fake) Exclusive() bool { return !f.Shared }
func (f *Fake) Close() error    { return nil }

func (f *Fake) Read(_ context.Context, do func(Reader) error) error { return do(f) }

func (f *Fake) Write(_ context.Context, do func(Tx) error) error {
	before := map[*Table]map[string][]Value{}
	for t, rows := range f.tables {
		before[t] = map[string][]Value{}
		for k, row := range rows {
			before[t][k] = slices.Clone(row)
		}
	}
	err := cmp.Or(do(f), f.Fail)
	f.Fail = nil
	if err != nil {
		f.tables = before
	}
	return err
}

func (f *Fake) Purge(_ context.Context, before int64) (done bool, err error) {
	maps.DeleteFunc(f.tables[Events], func(_ string, row []Value) bool { return row[colAt].Int < before })
	return true, nil
}

func row(c Columns, i int) []Value {
	values := make([]Value, len(c))
	for j, s := range c {
		switch v := s.At(i).(type) {
		case int64:
			values[j].Int = v
		case string:
			values[j].Text = v
		case []byte:
			values[j].Bytes = v
		}
	}
	return values
}

func keyText(values []Value) string {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintf(&b, "%d %q;", v.Int, v.Text)
	}
	return b.String()
}

func (f *Fake) Find(t *Table, keys Columns, found func(int, []Value)) error {
	for i := range keys.Len() {
		if r, ok := f.tables[t][keyText(row(keys, i))]; ok {
			found(i, r[len(t.Key):])
		}
	}
	return nil
}

func (f *Fake) byColumn(place int, hashes []int64, found func([]Value)) error {
	for _, r := range f.tables[Events] {
		if slices.Contains(hashes, r[place].Int) {
			found(r)
		}
	}
	return nil
}

func (f *Fake) EventsByHash(hashes []int64, found func([]Value)) error {
	return f.byColumn(colHash, hashes, found)
}

func (f *Fake) EventsByUnit(units []int64, found func([]Value)) error {
	return f.byColumn(colUnit, units, found)
}

func columnAt(t *Table, column string) int {
	return slices.IndexFunc(t.Columns(), func(c Column) bool { return c.Name == column })
}

func compare(v Value, to any) int {
	if text, ok := to.(string); ok {
		return cmp.Compare(v.Text, text)
	}
	return cmp.Compare(v.Int, to.(int64))
}

func (c Cond) holds(v Value) bool {
	switch c.Is {
	case Equal:
		return compare(v, c.Values[0]) == 0
	case NotEqual:
		return compare(v, c.Values[0]) != 0
	case Least:
		return compare(v, c.Values[0]) >= 0
	case Below:
		return compare(v, c.Values[0]) < 0
	}
	return slices.ContainsFunc(c.Values, func(want any) bool { return compare(v, want) == 0 })
}

func summand(t *Table, r []Value, sum string) int64 {
	if sum == CountAll {
		return 1
	}
	column, of, _ := strings.Cut(sum, " ")
	v := r[columnAt(t, column)].Int
	switch of {
	case ">> 32":
		return v >> 32
	case "& 4294967295":
		return v & 0xffffffff
	}
	return v
}

func (f *Fake) Select(s Select, each func([]Value) error) error {
	if slices.ContainsFunc(s.Where, func(c Cond) bool { return len(c.Values) == 0 }) {
		return fmt.Errorf("select %s: a list without a value", s.From.Name) // PostgreSQL's syntax has none
	}
	var out [][]Value
	groups := map[string][]Value{}
	for _, r := range f.tables[s.From] {
		if slices.ContainsFunc(s.Where, func(c Cond) bool { return !c.holds(r[columnAt(s.From, c.Column)]) }) {
			continue
		}
		var values []Value
		for _, c := range s.Columns {
			values = append(values, r[columnAt(s.From, c)])
		}
		if len(s.Sum) > 0 {
			k := keyText(values)
			if groups[k] == nil {
				groups[k] = append(values, make([]Value, len(s.Sum))...)
				out = append(out, groups[k])
			}
			for i, c := range s.Sum {
				groups[k][len(s.Columns)+i].Int += summand(s.From, r, c)
			}
			continue
		}
		out = append(out, values)
	}
	if len(s.Sum) > 0 && len(s.Columns) == 0 && len(out) == 0 {
		out = append(out, make([]Value, len(s.Sum)))
	}
	slices.SortFunc(out, func(a, b []Value) int {
		for _, by := range s.OrderBy {
			name, down := strings.CutSuffix(by, " DESC")
			i := slices.Index(s.Columns, name)
			c := cmp.Or(cmp.Compare(a[i].Int, b[i].Int), cmp.Compare(a[i].Text, b[i].Text))
			if down {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	if s.Limit > 0 {
		out = out[:min(len(out), s.Limit)]
	}
	for _, r := range out {
		if err := each(r); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fake) Insert(events Columns) ([]int64, error) {
	var ids []int64
	for i := range events.Len() {
		f.ids++
		ids = append(ids, f.ids)
		r := row(events, i)
		r = slices.Insert(r, colID, Value{Int: f.ids})
		f.tables[Events][keyText(r[:2])] = r
	}
	return ids, nil
}

func (f *Fake) Effects(changes Columns) error {
	for i := range changes.Len() {
		c := row(changes, i)
		r := f.tables[Events][keyText(c[:2])]
		if r == nil {
			return fmt.Errorf("no event %v", c[:2])
		}
		r[colSupplier], r[colCustomer], r[colCurrency], r[colAmount] = c[2], c[3], c[4], c[5]
	}
	return nil
}

func (f *Fake) each(t *Table, rows Columns, do func(key string, r []Value)) error {
	seen := map[string]bool{}
	for i := range rows.Len() {
		r := row(rows, i)
		if len(r) != len(t.Columns()) {
			return fmt.Errorf("%s: %d columns", t.Name, len(r))
		}
		k := keyText(r[:len(t.Key)])
		if seen[k] {
			return fmt.Errorf("%s: key %s occurs twice", t.Name, k)
		}
		seen[k] = true
		do(k, r)
	}
	return nil
}

func (f *Fake) Add(t *Table, rows Columns) error {
	return f.each(t, rows, func(k string, r []Value) {
		old := f.tables[t][k]
		if old == nil {
			f.tables[t][k] = r
			return
		}
		for i := len(t.Key); i < len(r); i++ {
			old[i].Int += r[i].Int
		}
	})
}

func (f *Fake) Put(t *Table, rows Columns) error {
	return f.each(t, rows, func(k string, r []Value) { f.tables[t][k] = r })
}

func (f *Fake) Delete(t *Table, keys Columns) error {
	for i := range keys.Len() {
		delete(f.tables[t], keyText(row(keys, i)))
	}
	return nil
}
