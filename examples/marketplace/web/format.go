package web

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
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
		"section":  section,
		"methods":  func() any { return methods },
		"plural":   plural,
		"list":     func(items ...string) []string { return items },
		"dict":     dict,
	}
}

// section is the tab that a route belongs to.
func section(route string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(route, "/"), "/")
	switch first {
	case "{$}", "cart", "checkout":
		return "products"
	default:
		return first
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
	paid := milestone{"done", "Paid", s.clock(o.PlacedAt)}
	accepted := milestone{"done", "Accepted by " + o.Supplier, s.clock(o.ConfirmedAt)}
	door := milestone{"later", "At your door", about(s.clock(o.DueAt))}
	switch o.Status {
	case store.Cancelled:
		return []milestone{paid, {"bad", "Cancelled, " + o.CancelReason + ". Your money is on its way back.", s.clock(o.CancelledAt)}}
	case store.Placed:
		return []milestone{paid, {"now", "Waiting for " + o.Supplier, ""}, {"later", "On its way", ""}, door}
	case store.Confirmed:
		return []milestone{paid, accepted, {"now", "Being packed", ""}, door}
	case store.OnItsWay:
		return []milestone{paid, accepted, {"now", "On its way", s.clock(o.PickedUpAt)}, door}
	default:
		return []milestone{paid, accepted, {"done", "On its way", s.clock(o.PickedUpAt)}, {"done", "At your door", s.clock(o.DeliveredAt)}}
	}
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
