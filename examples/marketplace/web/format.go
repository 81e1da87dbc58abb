package web

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/examples/marketplace/store"
)

func (s *server) funcs() template.FuncMap {
	return template.FuncMap{
		"money":    money,
		"euros":    func(minor int64) string { return "€" + group((minor+50)/100) },
		"times":    func(n int, minor int64) int64 { return int64(n) * minor },
		"add":      func(a, b int) int { return a + b },
		"count":    group,
		"clock":    s.clock,
		"day":      func(t time.Time) string { return t.In(s.Shop.Zone()).Format("Mon 2 Jan, 15:04") },
		"minutes":  func(seconds float64) string { return duration(time.Duration(seconds * float64(time.Second))) },
		"since":    func(t time.Time) string { return duration(time.Since(t)) },
		"percent":  percent,
		"share":    func(part, whole int64) float64 { return 100 * float64(part) / float64(whole) },
		"bps":      func(n int) string { return strconv.FormatFloat(float64(n)/100, 'f', 1, 64) + "\u202f%" },
		"status":   func(st store.Status) string { return statusWords[st] },
		"progress": s.progress,
		"methods":  func() any { return methods },
		"plural":   plural,
		"list":     func(items ...string) []string { return items },
		"dict":     dict,
	}
}

// money writes minor units: 123450 is €1,234.50.
func money(minor int64) string {
	sign := ""
	if minor < 0 {
		sign, minor = "\u2212", -minor
	}
	return fmt.Sprintf("%s€%s.%02d", sign, group(minor/100), minor%100)
}

func group(n int64) string {
	if n < 0 {
		return "\u2212" + group(-n)
	}
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func percent(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "No data"
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + "\u202f%"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func duration(d time.Duration) string {
	switch {
	case d <= 0:
		return "No data"
	case d < 100*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 100*time.Minute:
		return fmt.Sprintf("%.0f min", d.Minutes())
	default:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
}

func (s *server) clock(t any) string {
	switch t := t.(type) {
	case time.Time:
		return t.In(s.Shop.Zone()).Format("15:04")
	case *time.Time:
		if t != nil {
			return t.In(s.Shop.Zone()).Format("15:04")
		}
	}
	return ""
}

var statusWords = map[store.Status]string{
	store.Placed: "Waiting for the supplier", store.Confirmed: "Accepted", store.OnItsWay: "On its way",
	store.Delivered: "Delivered", store.Cancelled: "Cancelled",
}

// milestone is one line of an order's progress. State: "done", "now", "later", "bad".
type milestone struct{ State, Text, Time string }

func (s *server) progress(o store.Order) []milestone {
	lines := []milestone{{"done", "Paid", s.clock(o.PlacedAt)}}
	if o.Status == store.Cancelled {
		return append(lines, milestone{"bad", "Cancelled, " + o.CancelReason + ". Your money is on its way back.", s.clock(o.CancelledAt)})
	}
	for _, m := range []struct {
		done, now, later string
		at               *time.Time
		about            string
	}{
		{"Accepted by " + o.Supplier, "Waiting for " + o.Supplier, "Accepted by " + o.Supplier, o.ConfirmedAt, ""},
		{"Left the kitchen", "Being packed", "On its way", o.PickedUpAt, ""},
		{"At your door", "On its way", "At your door", o.DeliveredAt, s.clock(o.DueAt)},
	} {
		switch {
		case m.at != nil:
			lines = append(lines, milestone{"done", m.done, s.clock(m.at)})
		case lines[len(lines)-1].State == "done":
			lines = append(lines, milestone{"now", m.now, about(m.about)})
		default:
			lines = append(lines, milestone{"later", m.later, about(m.about)})
		}
	}
	return lines
}

func about(clock string) string {
	if clock == "" {
		return ""
	}
	return "about " + clock
}

// dict makes a map of pairs, to hand several values to a part of a page.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d values are no pairs", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: key %v is no string", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}
