package sqlstore

import "context"

// Engine is a database with the [Tables] in it, made by its own migrations.
type Engine interface {
	// Write runs f in one transaction and commits it, durably. There is one
	// writer at a time, of all processes: what f reads stays as it is until the
	// commit. An error of f undoes all. f is called once.
	Write(ctx context.Context, f func(Tx) error) error
	// Read runs f on one snapshot.
	Read(ctx context.Context, f func(Reader) error) error
	// Exclusive reports, while Write runs, whether nobody else has written since
	// this engine did, so that what was read or written by the last batch need not
	// be read again by this one.
	Exclusive() bool
	// Purge deletes events before a time (µs), and what finds them: not more at
	// once than takes a moment. done: none is left that it would delete.
	Purge(ctx context.Context, before int64) (done bool, err error)
	// Close releases the database.
	Close() error
}

// Reader reads one snapshot. It is used by one goroutine, and no call is made
// from within a callback. What a callback is given is valid until it returns;
// texts stay.
type Reader interface {
	// Find reads the rows of t with those keys (the columns of t.Key). For each
	// that is there it calls row with the key's index and the values (t.Values),
	// in any order. Keys occur once.
	Find(t *Table, keys Columns, row func(i int, values []Value)) error
	// Select reads what s says, row by row.
	Select(s Select, row func([]Value) error) error
	// EventsByHash gives the events whose hash is one of those, EventsByUnit
	// those of units: all columns of [Events], in any order. Hashes occur once;
	// several events may have one.
	EventsByHash(hashes []int64, row func([]Value)) error
	EventsByUnit(units []int64, row func([]Value)) error
}

// Tx is a [Reader] that sees its own writes. What it is given to write is not
// changed by the caller before the end of the transaction.
type Tx interface {
	Reader
	// Insert adds new events (the columns of [Events] without id, in their
	// order) and returns their IDs, in their order.
	Insert(events Columns) (ids []int64, err error)
	// Effects changes the effect of events: columns at, id, supplier, customer,
	// currency, amount.
	Effects(changes Columns) error
	// Add adds the values, all of them integers, to the rows of t with those
	// keys. What is not there yet begins at 0. Keys occur once. Columns are those
	// of [Table.Columns].
	Add(t *Table, rows Columns) error
	// Put writes rows, over those with the same key.
	Put(t *Table, rows Columns) error
	// Delete removes the rows with those keys (the columns of t.Key); those that
	// are not there do not matter.
	Delete(t *Table, keys Columns) error
}

// Value is one value of a row: the member of its column's type.
type Value struct {
	Int   int64
	Text  string
	Bytes []byte
}

// Columns are rows, column by column, as PostgreSQL takes arrays. All columns
// have the same length.
type Columns []Slice

// Slice is a column of rows: the member of its type is used.
type Slice struct {
	Type  Type
	Ints  []int64
	Texts []string
	Bytes [][]byte
}

// Len is the number of rows.
func (c Columns) Len() int {
	if len(c) == 0 {
		return 0
	}
	return c[0].Len()
}

// Len is the number of values.
func (s Slice) Len() int {
	switch s.Type {
	case Text:
		return len(s.Texts)
	case Bytes:
		return len(s.Bytes)
	default:
		return len(s.Ints)
	}
}

// At is value i as database drivers take it: int64, string or []byte.
func (s Slice) At(i int) any {
	switch s.Type {
	case Text:
		return s.Texts[i]
	case Bytes:
		return s.Bytes[i]
	default:
		return s.Ints[i]
	}
}

// Any is the whole slice: []int64, []string or [][]byte.
func (s Slice) Any() any {
	switch s.Type {
	case Text:
		return s.Texts
	case Bytes:
		return s.Bytes
	default:
		return s.Ints
	}
}

// MakeColumns are empty ones of those types, with room for n rows.
func MakeColumns(of []Column, n int) Columns {
	all := make(Columns, len(of))
	for i, c := range of {
		all[i].Type = c.Type
		switch c.Type {
		case Text:
			all[i].Texts = make([]string, 0, n)
		case Bytes:
			all[i].Bytes = make([][]byte, 0, n)
		default:
			all[i].Ints = make([]int64, 0, n)
		}
	}
	return all
}

// add appends to a column of integers, text and bytes to others.
func (c Columns) add(i int, v int64)    { c[i].Ints = append(c[i].Ints, v) }
func (c Columns) text(i int, v string)  { c[i].Texts = append(c[i].Texts, v) }
func (c Columns) bytes(i int, v []byte) { c[i].Bytes = append(c[i].Bytes, v) }
func (c Columns) adds(from int, v ...int64) {
	for i, v := range v {
		c.add(from+i, v)
	}
}
