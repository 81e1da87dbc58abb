package dashboard

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// num is a float as JSON has it: NaN and the infinities are null.
type num float64

// MarshalJSON never fails.
func (n num) MarshalJSON() ([]byte, error) { return appendNum(nil, float64(n), -1), nil }

// nums are many of them, to six figures: more than any chart can show.
type nums []float64

// MarshalJSON never fails.
func (ns nums) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 8*len(ns)+2), '[')
	for i, n := range ns {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNum(b, n, 6)
	}
	return append(b, ']'), nil
}

func appendNum(b []byte, n float64, figures int) []byte {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, n, 'g', figures, 64)
}

// set is n, or NaN where 0 stands for none.
func set(n float64) num {
	if n == 0 {
		return num(math.NaN())
	}
	return num(n)
}

// seconds is t as Unix seconds, 0 for none.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// deref is the value that a pointer to one of the kinds points to.
func deref(v any) any {
	switch x := v.(type) {
	case *Number:
		if x != nil {
			return *x
		}
	case *Series:
		if x != nil {
			return *x
		}
	case *Table:
		if x != nil {
			return *x
		}
	case *List:
		if x != nil {
			return *x
		}
	case *Verdict:
		if x != nil {
			return *x
		}
	case *Timeline:
		if x != nil {
			return *x
		}
	case *Hero:
		if x != nil {
			return *x
		}
	default:
		return v
	}
	return nil
}

// encode gives the kind of v and its form on the wire.
func encode(v any, zone *time.Location) (kind string, data any, err error) {
	switch x := deref(v).(type) {
	case Number:
		return "number", wireNumber(x), nil
	case Series:
		return "series", wireSeries(x), nil
	case Table:
		return "table", wireTable(x, zone), nil
	case List:
		return "list", wireList(x), nil
	case Verdict:
		return "verdict", wireVerdict(x), nil
	case Timeline:
		return "timeline", wireTimeline(x), nil
	case Hero:
		return "hero", wireHero(x), nil
	default:
		return "", nil, fmt.Errorf("the panel gave a %T, not a Number, Series, Table, List, Verdict, Timeline or Hero", v)
	}
}

// frame is what every panel has, whatever it shows.
type frame struct {
	ID     string    `json:"id"`
	Title  string    `json:"title"`
	Unit   string    `json:"unit,omitempty"`
	Help   string    `json:"help,omitempty"`
	Kind   string    `json:"kind"`
	Width  int       `json:"width"`
	Group  string    `json:"group,omitempty"`
	Span   int       `json:"span,omitempty"`
	Good   Direction `json:"good,omitempty"`
	Window string    `json:"window,omitempty"`
	Link   *jsonLink `json:"link,omitempty"`
	Limits []limit   `json:"limits,omitempty"`
	Error  string    `json:"error,omitempty"`
	Data   any       `json:"data,omitempty"`
}

type jsonLink struct {
	Text string `json:"text"`
	Href string `json:"href"`
}

func wireLink(l *Link) *jsonLink {
	if l == nil {
		return nil
	}
	return &jsonLink{l.Text, safeHref(l.Href)}
}

type limit struct {
	Label string `json:"label,omitempty"`
	Level string `json:"level,omitempty"`
	Value num    `json:"value"`
}

func wireLimit(t Threshold) limit { return limit{t.Label, t.Level, num(t.Value)} }

type change struct {
	Text string `json:"text"`
	Good int8   `json:"good"`
}

func wireChange(c *Change) *change {
	if c == nil {
		return nil
	}
	return &change{c.Text, c.Good}
}

type marker struct {
	At    int64  `json:"at"`
	Kind  string `json:"kind"`
	Label string `json:"label"`
	Link  string `json:"link,omitempty"`
	Level string `json:"level,omitempty"`
}

func wireMarkers(ms []Marker) []marker {
	out := make([]marker, 0, len(ms))
	for _, m := range ms {
		out = append(out, marker{seconds(m.At), m.Kind, m.Label, safeHref(m.Link), m.Level})
	}
	return out
}

type action struct {
	Text string `json:"text"`
	Href string `json:"href,omitempty"`
	Post string `json:"post,omitempty"`
	Key  string `json:"key,omitempty"`
	Undo string `json:"undo,omitempty"`
}

func wireActions(as []Action) []action {
	out := make([]action, 0, len(as))
	for _, a := range as {
		out = append(out, action{a.Text, safeHref(a.Href), a.Post, a.Key, a.Undo})
	}
	return out
}

// safeHref drops what is no http or mailto link and no relative one: a panel may take
// its links from data, and a script URL is no evidence.
func safeHref(s string) string {
	for i, c := range s {
		switch {
		case c == '/' || c == '?' || c == '#':
			return s
		case c == ':':
			switch s[:i] {
			case "http", "https", "mailto":
				return s
			}
			return ""
		case c <= ' ':
			return ""
		}
	}
	return s
}
