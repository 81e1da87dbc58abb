package bizmetrics

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// csvColumn is a column of the CSV format: add, never rename.
type csvColumn struct {
	name string
	get  func(*csvLine) string
	set  func(*csvLine, string) error
}

var csvColumns = []csvColumn{
	textColumn("kind", func(l *csvLine) *string { return &l.kind }),
	textColumn("status", func(l *csvLine) *string { return &l.wire.Status }),
	textColumn("id", func(l *csvLine) *string { return &l.wire.ID }),
	{"at", func(l *csvLine) string { return l.at.Format(time.RFC3339Nano) }, (*csvLine).setAt},
	flagColumn("at_given", func(l *csvLine) *bool { return &l.given }),
	textColumn("order", func(l *csvLine) *string { return &l.wire.Order }),
	textColumn("customer", func(l *csvLine) *string { return &l.wire.Customer }),
	textColumn("supplier", func(l *csvLine) *string { return &l.wire.Supplier }),
	textColumn("user", func(l *csvLine) *string { return &l.wire.User }),
	textColumn("referrer", func(l *csvLine) *string { return &l.wire.Referrer }),
	textColumn("method", func(l *csvLine) *string { return &l.wire.Method }),
	textColumn("tenant", func(l *csvLine) *string { return &l.wire.Tenant }),
	textColumn("amount", func(l *csvLine) *string { return &l.amount }),
	textColumn("currency", func(l *csvLine) *string { return &l.currency }),
	textColumn("value", func(l *csvLine) *string { return &l.value }),
	textColumn("value_currency", func(l *csvLine) *string { return &l.valueCurrency }),
	flagColumn("succeeded", func(l *csvLine) *bool { return &l.wire.Succeeded }),
	flagColumn("declined", func(l *csvLine) *bool { return &l.wire.Declined }),
	flagColumn("accepted", func(l *csvLine) *bool { return &l.wire.Accepted }),
	{"after_seconds", (*csvLine).after, (*csvLine).setAfter},
	{"score", (*csvLine).score, (*csvLine).setScore},
	textColumn("reason", func(l *csvLine) *string { return &l.wire.Reason }),
	textColumn("comment", func(l *csvLine) *string { return &l.wire.Comment }),
}

func csvNames() []string {
	names := make([]string, len(csvColumns))
	for i, c := range csvColumns {
		names[i] = c.name
	}
	return names
}

func textColumn(name string, of func(*csvLine) *string) csvColumn {
	return csvColumn{name, func(l *csvLine) string { return *of(l) }, func(l *csvLine, s string) error {
		*of(l) = s
		return nil
	}}
}

// flagColumn is empty for false. Spreadsheets write TRUE.
func flagColumn(name string, of func(*csvLine) *bool) csvColumn {
	return csvColumn{
		name, func(l *csvLine) string {
			if *of(l) {
				return "true"
			}
			return ""
		}, func(l *csvLine, s string) error {
			*of(l) = strings.EqualFold(s, "true")
			if !*of(l) && s != "" && !strings.EqualFold(s, "false") {
				return errors.New("neither true nor false")
			}
			return nil
		},
	}
}

func (l *csvLine) setAt(s string) error {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return errors.New("no time such as 2026-03-01T09:30:00Z")
	}
	l.at = at.UTC()
	return nil
}

func (l *csvLine) after() string {
	if l.wire.After == 0 {
		return ""
	}
	return decimal(l.wire.After, 9)
}

func (l *csvLine) setAfter(s string) (err error) {
	if s != "" {
		l.wire.After, err = parseDecimal(s, 9)
	}
	return err
}

func (l *csvLine) score() string {
	if l.wire.Score == nil {
		return ""
	}
	return strconv.Itoa(int(*l.wire.Score))
}

func (l *csvLine) setScore(s string) error {
	if s == "" {
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 8)
	if err != nil {
		return errors.New("no number from 0 to 10")
	}
	l.wire.Score = new(int8(n))
	return nil
}

// parseMoney reads what Money.Decimal has written.
func parseMoney(amount, currency string) (Money, error) {
	decimals, known := ledger.Exponent(currency)
	if !known {
		return Money{}, fmt.Errorf("currency %q: %w", cut(currency, 16), ErrInvalid)
	}
	minor, err := parseDecimal(amount, decimals)
	if err != nil {
		return Money{}, fmt.Errorf("amount %q in %s: %w: %w", cut(amount, 32), currency, ErrInvalid, err)
	}
	return Money{Minor: minor, Currency: currency}, nil
}

// decimal is n divided by ten to the power of decimals, without zeros at its
// end.
func decimal(n int64, decimals int) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	if missing := decimals + 1 - len(s); missing > 0 {
		s = strings.Repeat("0", missing) + s
	}
	whole, part := s[:len(s)-decimals], strings.TrimRight(s[len(s)-decimals:], "0")
	if part == "" {
		return sign + whole
	}
	return sign + whole + "." + part
}

// parseDecimal reads a decimal number exactly, as a whole number of its last
// decimal.
func parseDecimal(s string, decimals int) (int64, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, part, _ := strings.Cut(digits, ".")
	if len(part) > decimals {
		return 0, fmt.Errorf("more than %d decimals", decimals)
	}
	var n uint64
	for _, c := range whole + part + strings.Repeat("0", decimals-len(part)) {
		if c < '0' || c > '9' {
			return 0, errors.New("no decimal number such as 19.99")
		}
		if n > (1<<63)/10 {
			return 0, ErrOverflow
		}
		n = n*10 + uint64(c-'0')
	}
	switch {
	case whole == "":
		return 0, errors.New("no decimal number such as 19.99")
	case negative && n <= 1<<63:
		return -int64(n), nil
	case negative || n > math.MaxInt64:
		return 0, ErrOverflow
	}
	return int64(n), nil
}
