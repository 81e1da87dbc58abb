package bizmetrics

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

var formats = []struct {
	name  string
	write func(io.Writer, iter.Seq2[Event, error]) (int64, error)
	read  func(io.Reader) iter.Seq2[Event, error]
}{{"JSON lines", WriteJSONLines, ReadJSONLines}, {"CSV", WriteCSV, ReadCSV}}

func sequence(events []Event) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// collect reads all, and the errors beside it.
func collect(events iter.Seq2[Event, error]) (all []Event, errs []error) {
	for e, err := range events {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, e)
	}
	return all, errs
}

// anyEvent has what files can get wrong: quotes, line ends, formulas, other
// scripts, the largest amounts.
func anyEvent(t *rapid.T) Event {
	text := rapid.OneOf(
		rapid.SampledFrom([]string{"", "=1+1", "+1", "-1", "@x", "'", "''=", "a,b", `"`, `""`, "a\r\nb", "\r", "\n", "\t", " ", " x ", "\u2028", "\uFEFF", "null", "true", "0x1", "<&>", `\`, "\U0001F600"}),
		rapid.StringN(0, 20, 60),
	)
	id := func(label string) string {
		return rapid.Map(text, func(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "0") }).Draw(t, label)
	}
	r := &ledger.Record{
		Kind: ledger.Kind(rapid.IntRange(1, ledger.Kinds-1).Draw(t, "kind")), ID: "i" + id("id"), Customer: "c" + id("customer"), Supplier: id("supplier") + "s",
		Method: id("method") + "m", Tenant: id("tenant"), Order: id("order"),
		At: rapid.Int64Range(0, 4e15).Draw(t, "at"), AtGiven: rapid.Bool().Draw(t, "given"),
	}
	switch r.Kind {
	case ledger.KindNPS:
		r.Score, r.Text = int8(rapid.IntRange(0, 10).Draw(t, "score")), id("comment")
	case ledger.KindResponse:
		r.After = time.Duration(rapid.Int64Min(0).Draw(t, "after"))
	case ledger.KindPayment:
		r.Succeeded, r.Text = rapid.Bool().Draw(t, "succeeded"), id("reason")
		r.Declined = !r.Succeeded && rapid.Bool().Draw(t, "declined")
	case ledger.KindDelivery:
		r.Accepted = rapid.Bool().Draw(t, "accepted")
	case ledger.KindSignedUp:
		r.Text = id("referrer")
	}
	if r.Kind.IsOrder() || rapid.Bool().Draw(t, "money") {
		currency := rapid.SampledFrom([]string{"EUR", "JPY", "KWD", "CLF"})
		r.Amount = ledger.Money{Minor: rapid.Int64Min(0).Draw(t, "minor"), Currency: currency.Draw(t, "currency")}
		r.Value, r.Base = rapid.Int64Min(0).Draw(t, "value"), currency.Draw(t, "base")
	}
	if r.Base == "" {
		r.Kind = ledger.KindNPS
	}
	e, err := r.Event()
	require.NoError(t, err)
	return Event(e)
}

func TestFilesGiveBackTheSameEvents(t *testing.T) {
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				events := rapid.SliceOfN(rapid.Custom(anyEvent), 0, 5).Draw(t, "events")
				var file bytes.Buffer
				n, err := f.write(&file, sequence(events))
				require.NoError(t, err)
				require.EqualValues(t, len(events), n)
				got, errs := collect(f.read(bytes.NewReader(file.Bytes())))
				require.Empty(t, errs)
				require.Len(t, got, len(events))
				for i, e := range events {
					require.Equal(t, [2]string{e.Key, e.Kind}, [2]string{got[i].Key, got[i].Kind})
					require.True(t, e.At.Equal(got[i].At))
					require.JSONEq(t, string(e.Data), string(got[i].Data))
				}
				if f.name == "CSV" { // a stranger's reader finds as many rows and cells
					rows, err := csv.NewReader(&file).ReadAll()
					require.NoError(t, err)
					require.Len(t, rows, len(events)+1)
				}
			})
		})
	}
}

func TestASpreadsheetFindsNoFormula(t *testing.T) {
	var events []Event
	for i, evil := range []string{"=HYPERLINK(\"http://x\")", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "'=1"} {
		r := ledger.Record{Kind: ledger.KindNPS, ID: evil + fmt.Sprint(i), Text: evil, Tenant: evil}
		e, err := r.Event()
		require.NoError(t, err)
		events = append(events, Event(e))
	}
	var file bytes.Buffer
	_, err := WriteCSV(&file, sequence(events))
	require.NoError(t, err)
	rows, err := csv.NewReader(&file).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		for _, cell := range row {
			assert.NotContains(t, []byte("=+-@\t\r"), append([]byte(cell), 'x')[0], "%q", cell)
		}
	}
}

func TestMoneyInCSVHasTheDecimalsOfItsCurrency(t *testing.T) {
	file := "kind,status,id,at,amount,currency\n" +
		"order,placed,1,2026-03-01T09:30:00Z,19.99,EUR\n" +
		"order,placed,2,2026-03-01T09:30:00+01:00,20,EUR\n" +
		"order,placed,3,2026-03-01T09:30:00Z,10000,JPY\n" +
		"order,placed,4,2026-03-01T09:30:00Z,1.234,KWD\n" +
		"order,placed,5,2026-03-01T09:30:00Z,1.5,JPY\n" +
		"order,placed,6,2026-03-01T09:30:00Z,1.999,EUR\n" +
		"order,placed,7,2026-03-01T09:30:00Z,1e3,EUR\n" +
		"order,placed,8,2026-03-01T09:30:00Z,-1,EUR\n" +
		"order,placed,9,2026-03-01T09:30:00Z,92233720368547758.08,EUR\n" +
		"order,placed,10,2026-03-01T09:30:00Z,92233720368547758.07,EUR\n" +
		"order,placed,11,2026-03-01T09:30:00Z,1,XXX\n"
	events, errs := collect(ReadCSV(strings.NewReader(file)))
	var got []string
	for _, e := range events {
		r, err := ledger.Decode(ledger.Event(e))
		require.NoError(t, err)
		got = append(got, Money(r.Amount).String())
	}
	assert.Equal(t, []string{"19.99 EUR", "20.00 EUR", "10000 JPY", "1.234 KWD", "92233720368547758.07 EUR"}, got)
	var lines []int
	for _, err := range errs {
		bad := new(LineError)
		require.ErrorAs(t, err, &bad)
		require.ErrorIs(t, err, ErrInvalid)
		lines = append(lines, bad.Line)
	}
	assert.Equal(t, []int{6, 7, 8, 9, 10, 12}, lines)
}

func TestABadLineIsNamedAndTheNextIsRead(t *testing.T) {
	good := `{"kind":"nps","at":"2026-03-01T09:30:00Z","data":{"id":"a","score":9}}`
	for name, bad := range map[string]string{
		"no JSON": "hello", "an array": "[]", "two": good + good, "no kind": `{"at":"2026-03-01T09:30:00Z","data":{"id":"a"}}`,
		"no score": `{"kind":"nps","at":"2026-03-01T09:30:00Z","data":{"id":"a"}}`, "score": strings.Replace(good, "9}", "11}", 1),
		"no ID": strings.Replace(good, `"a"`, `""`, 1), "no time": `{"kind":"nps","data":{"id":"a","score":9}}`,
		"another's key": strings.Replace(good, `{"kind"`, `{"key":"nps:b","kind"`, 1), "no UTF-8": strings.Replace(good, `"a"`, "\"a\xff\"", 1),
		"NUL": strings.Replace(good, `"a"`, `"a\u0000"`, 1), "long": `{"x":"` + strings.Repeat("y", maxLine) + `"}`, "long ID": strings.Replace(good, `"a"`, `"`+strings.Repeat("a", 257)+`"`, 1),
		"too early": strings.Replace(good, "2026", "1026", 1), "too late": strings.Replace(good, "2026", "99999", 1),
	} {
		t.Run(name, func(t *testing.T) {
			events, errs := collect(ReadJSONLines(strings.NewReader(good + "\n\n" + bad + "\r\n" + good)))
			assert.Len(t, events, 2)
			require.Len(t, errs, 1)
			line := new(LineError)
			require.ErrorAs(t, errs[0], &line)
			assert.Equal(t, 3, line.Line)
			assert.ErrorIs(t, errs[0], ErrInvalid)
		})
	}
	header := "\xEF\xBB\xBFid,kind,at,score,comment\r\n"
	row := "a,nps,2026-03-01T09:30:00Z,9,\r\n"
	for name, bad := range map[string]string{
		"few cells": "a,nps\n", "many cells": "a,nps,2026-03-01T09:30:00Z,9,,\n", "all commas": strings.Repeat(",", 100_000) + "\n", "a quote inside": "a\"b,nps,2026-03-01T09:30:00Z,9,\n",
		"text after a quote": "\"a\"b,nps,2026-03-01T09:30:00Z,9,\n", "time": "a,nps,yesterday,9,\n", "kind": "a,np,2026-03-01T09:30:00Z,9,\n", "no score": "a,nps,2026-03-01T09:30:00Z,,\n",
		"long": "a,nps,2026-03-01T09:30:00Z,9," + strings.Repeat("y", maxLine) + "\n", "no UTF-8": "a,nps,2026-03-01T09:30:00Z,9,\xff\n",
	} {
		t.Run("CSV "+name, func(t *testing.T) {
			events, errs := collect(ReadCSV(strings.NewReader(header + strings.Replace(row, "9,", "9,\"of\r\ntwo lines\"", 1) + bad + row)))
			assert.Len(t, events, 2)
			require.Len(t, errs, 1)
			line := new(LineError)
			require.ErrorAs(t, errs[0], &line)
			assert.Equal(t, 4, line.Line)
			assert.ErrorIs(t, errs[0], ErrInvalid)
		})
	}
}

func TestAHeaderThatIsWrongEndsTheFile(t *testing.T) {
	for _, header := range []string{"kind,id", "kind,id,at,price", "kind,id,at,id", "\"kind,id,at"} {
		events, errs := collect(ReadCSV(strings.NewReader(header + "\norder,1,2026-03-01T09:30:00Z\n")))
		assert.Empty(t, events, header)
		require.Len(t, errs, 1, header)
		assert.ErrorIs(t, errs[0], ErrInvalid)
	}
	events, errs := collect(ReadCSV(strings.NewReader("")))
	assert.Empty(t, events)
	assert.Empty(t, errs)
}

// endless is a file of one line that never ends, or of a quote that is never
// closed.
type endless struct {
	begin string
	left  int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.begin != "" {
		n := copy(p, e.begin)
		e.begin = e.begin[n:]
		return n, nil
	}
	if e.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	for i := range p {
		p[i] = 'x'
	}
	e.left -= len(p)
	return len(p), nil
}

func TestALineWithoutAnEndIsHeldInBoundedMemory(t *testing.T) {
	for name, read := range map[string]func() iter.Seq2[Event, error]{
		"JSON lines": func() iter.Seq2[Event, error] { return ReadJSONLines(&endless{left: 1 << 28}) },
		"CSV":        func() iter.Seq2[Event, error] { return ReadCSV(&endless{begin: "kind,id,at\norder,\"", left: 1 << 28}) },
	} {
		t.Run(name, func(t *testing.T) {
			perRun := testing.Benchmark(func(b *testing.B) {
				b.ReportAllocs()
				for range b.N {
					_, errs := collect(read())
					require.NotEmpty(b, errs)
					require.ErrorIs(b, errs[len(errs)-1], io.ErrUnexpectedEOF)
				}
			})
			assert.Less(t, perRun.AllocedBytesPerOp(), int64(16<<20))
		})
	}
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

func TestAFileThatCannotBeWrittenIsAnError(t *testing.T) {
	e, err := (&ledger.Record{Kind: ledger.KindNPS, ID: "a"}).Event()
	require.NoError(t, err)
	many := func(yield func(Event, error) bool) {
		for yield(Event(e), nil) {
		}
	}
	for _, f := range formats {
		_, err := f.write(&failing{after: 10_000}, many)
		require.ErrorContains(t, err, "disk full", f.name)
		n, err := f.write(io.Discard, func(yield func(Event, error) bool) {
			_ = yield(Event(e), nil) && yield(Event{}, errors.New("no connection"))
		})
		require.ErrorContains(t, err, "no connection", f.name)
		assert.EqualValues(t, 1, n)
	}
}

func fuzzRead(f *testing.F, read func(io.Reader) iter.Seq2[Event, error], write func(io.Writer, iter.Seq2[Event, error]) (int64, error)) {
	f.Fuzz(func(t *testing.T, data []byte) {
		events, errs := collect(read(bytes.NewReader(data)))
		for _, err := range errs {
			line := new(LineError)
			require.ErrorAs(t, err, &line)
			require.Positive(t, line.Line)
		}
		var file bytes.Buffer
		_, err := write(&file, sequence(events))
		require.NoError(t, err, "what was read can be written")
		again, errs := collect(read(&file))
		require.Empty(t, errs)
		require.Len(t, again, len(events))
		for i, e := range events {
			require.Equal(t, e.Key, again[i].Key)
			require.True(t, e.Same(again[i]))
		}
	})
}

func FuzzReadJSONLines(f *testing.F) {
	f.Add([]byte(`{"key":"order:placed:o","kind":"order","at":"2026-03-01T09:30:00Z","data":{"id":"o","status":"placed","amount":{"minor":1,"currency":"EUR"}}}` + "\nx\n"))
	f.Add([]byte(`{"kind":"nps","at":"2026-03-01T09:30:00.000001Z","data":{"id":"n","score":10,"at":"2026-03-01T09:30:00Z"}}`))
	fuzzRead(f, ReadJSONLines, WriteJSONLines)
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("kind,status,id,at,amount,currency,at_given\norder,placed,'=o,2026-03-01T09:30:00Z,1.5,EUR,TRUE\n\"nps\",,\"a\"\"b\r\n\",2026-03-01T09:30:00Z\n"))
	f.Add([]byte("id,kind,at,supplier,after_seconds\na,supplier_response,2026-03-01T09:30:00Z,s,1.000000001"))
	fuzzRead(f, ReadCSV, WriteCSV)
}
