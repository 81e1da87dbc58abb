package dashboard

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// csv reads p once more and gives its table or series; nil if it is neither.
func (d *Dashboard) csv(ctx context.Context, p *panel, s span) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	from, to := s.bounds(d.cfg.Now(), d.cfg.Location)
	r := d.ask(ctx, p, from, to)
	if r.err != nil {
		return nil, fmt.Errorf("read the panel: %w", r.err)
	}
	var rows [][]string
	switch v := deref(r.raw).(type) {
	case Table:
		rows = append(rows, slices.Clone(v.Columns))
		for _, row := range v.Rows {
			out := make([]string, 0, len(row))
			for _, c := range row {
				out = append(out, plain(c))
			}
			rows = append(rows, out)
		}
	case Series:
		rows = seriesRows(v)
	case Hero:
		rows = seriesRows(v.Curve)
	default:
		return nil, nil
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true // RFC 4180
	for _, row := range rows {
		for i, c := range row {
			row[i] = harmless(c)
		}
		if err := w.Write(row); err != nil {
			return nil, fmt.Errorf("write CSV: %w", err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func seriesRows(s Series) [][]string {
	head := []string{"time"}
	for _, l := range s.Lines {
		head = append(head, l.Name)
	}
	rows := [][]string{head}
	for i, at := range s.At {
		row := []string{at.UTC().Format(time.RFC3339)}
		for _, l := range s.Lines {
			if i < len(l.Values) {
				row = append(row, plain(l.Values[i]))
			} else {
				row = append(row, "")
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// plain is a cell's value as text, without unit or mark.
func plain(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case Cell:
		return plain(x.Value)
	case *Cell:
		if x == nil {
			return ""
		}
		return plain(x.Value)
	case time.Time:
		return x.UTC().Format(time.RFC3339)
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return ""
		}
		return strconv.FormatFloat(x, 'f', -1, 64)
	default:
		return fmt.Sprint(x)
	}
}

// harmless keeps a spreadsheet from running a cell as a formula.
func harmless(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}
