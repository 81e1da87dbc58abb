package bizmetrics

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// WriteCSV writes events as CSV by RFC 4180, after a row of headers, and tells
// how many. Each field of the event has a column:
//
//   - kind and status (of an order, what a user did, what a cost is for)
//   - id, order, customer, supplier, user, referrer, method (also a feature, and
//     the channel of a cost), tenant, reason, comment, score
//   - at, and at_given: whether the service gave that time; without the column
//     it did
//   - amount and currency, and value and value_currency: the amount in the
//     currency of the reports. Money has the decimals of ISO 4217, "19.99"
//   - succeeded, declined, accepted (of a delivery: in time): true, or empty
//   - after_seconds: of a supplier's answer
//
// A cell that a spreadsheet would take for a formula (it begins with =, +, -, @
// or a control character), and one that begins with ', gets a ' in front:
// [ReadCSV] takes it off, and gives the same events back. It holds one event at
// a time, and stops at the first error of events or of w.
func WriteCSV(w io.Writer, events iter.Seq2[Event, error]) (n int64, err error) {
	out := csvWriter{out: bufio.NewWriter(w)}
	out.row(csvNames())
	cells := make([]string, len(csvColumns))
	for e, err := range events {
		if err != nil {
			return n, fmt.Errorf("read events: %w", errors.Join(err, out.out.Flush()))
		}
		l, err := csvLineOf(e)
		if err != nil {
			return n, fmt.Errorf("write event %q: %w", e.Key, errors.Join(err, out.out.Flush()))
		}
		for i, c := range csvColumns {
			cells[i] = guard(c.get(l))
		}
		if out.row(cells); out.err != nil {
			break
		}
		n++
	}
	if err := errors.Join(out.err, out.out.Flush()); err != nil {
		return n, fmt.Errorf("write events: %w", err)
	}
	return n, nil
}

// ReadCSV gives the events that [WriteCSV] has written. The first row names the
// columns, in any order; columns may be missing, and a mark of UTF-8 in front
// is passed over, as are empty lines. A row that is no event is a [*LineError]:
// the loop may go on, with the next line. A header that is wrong is one too, and
// the last. An error of r is any other error, and the last. It holds one row at
// a time, of 1 MiB at most.
func ReadCSV(r io.Reader) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		in := newCSVReader(r)
		columns, err := readHeader(in)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			yield(Event{}, err)
			return
		}
		for {
			cells, err := in.row()
			if errors.Is(err, io.EOF) {
				return
			}
			var e Event
			line := in.begin
			if err == nil {
				if e, err = eventOf(columns, cells); err != nil {
					err = &LineError{Line: line, Err: err}
				}
			}
			bad := new(LineError)
			if !yield(e, err) || err != nil && !errors.As(err, &bad) {
				return
			}
		}
	}
}

func readHeader(in *csvReader) ([]*csvColumn, error) {
	cells, err := in.row()
	if err != nil {
		return nil, err
	}
	columns := make([]*csvColumn, len(cells))
	seen := map[string]bool{}
	for i, name := range cells {
		name = strings.TrimSpace(name)
		at := slices.IndexFunc(csvColumns, func(c csvColumn) bool { return c.name == name })
		if at < 0 || seen[name] {
			return nil, &LineError{Line: in.begin, Err: fmt.Errorf("column %q: want each once of %s: %w", cut(name, 64), strings.Join(csvNames(), ", "), ErrInvalid)}
		}
		columns[i], seen[name] = &csvColumns[at], true
	}
	for _, name := range []string{"kind", "id", "at"} {
		if !seen[name] {
			return nil, &LineError{Line: in.begin, Err: fmt.Errorf("no column %q: %w", name, ErrInvalid)}
		}
	}
	return columns, nil
}

func eventOf(columns []*csvColumn, cells []string) (Event, error) {
	if len(cells) != len(columns) {
		return Event{}, fmt.Errorf("%d cells, and %d columns: %w", len(cells), len(columns), ErrInvalid)
	}
	l := &csvLine{given: true} // unless a column says otherwise
	for i, c := range columns {
		if err := c.set(l, unguard(cells[i])); err != nil {
			return Event{}, fmt.Errorf("%s: %w: %w", c.name, ErrInvalid, err)
		}
	}
	return l.event()
}

// guard keeps a spreadsheet from taking a cell for a formula.
func guard(cell string) string {
	if cell != "" && (strings.IndexByte("=+-@'", cell[0]) >= 0 || cell[0] < ' ') {
		return "'" + cell
	}
	return cell
}

func unguard(cell string) string { return strings.TrimPrefix(cell, "'") }

// csvLine is an event by its columns.
type csvLine struct {
	kind  string
	at    time.Time
	given bool
	wire  ledger.Wire

	amount, currency, value, valueCurrency string
}

func csvLineOf(e Event) (*csvLine, error) {
	record, err := ledger.Decode(ledger.Event(e))
	if err != nil {
		return nil, err
	}
	l := &csvLine{kind: e.Kind, at: e.At.UTC(), given: record.AtGiven, wire: record.Wire()}
	if record.Base != "" {
		l.amount, l.currency = Money(record.Amount).Decimal(), record.Amount.Currency
		l.value, l.valueCurrency = Money{Minor: record.Value, Currency: record.Base}.Decimal(), record.Base
	}
	return l, nil
}

func (l *csvLine) event() (Event, error) {
	if l.amount+l.currency != "" {
		m, err := parseMoney(l.amount, l.currency)
		if err != nil {
			return Event{}, err
		}
		v := m
		if l.value+l.valueCurrency != "" {
			if v, err = parseMoney(l.value, l.valueCurrency); err != nil {
				return Event{}, err
			}
		}
		l.wire.SetMoney(ledger.Money(m), ledger.Money(v))
	}
	if l.given {
		l.wire.At = &l.at
	}
	record, err := parseWire(&l.wire, l.kind, l.at)
	if err != nil {
		return Event{}, err
	}
	data, err := json.Marshal(record.Wire())
	if err != nil {
		return Event{}, fmt.Errorf("encode: %w", err)
	}
	return Event{Key: record.Kind.Key(record.ID), Kind: l.kind, At: time.UnixMicro(record.At).UTC(), Data: data}, nil
}
