package dashboard

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// span is the stretch of time that a page shows: either live, ending now, or
// fixed. Comparable, so that it can key a cache.
type span struct {
	live     string // "-24h", "today", "month"; "": fixed
	from, to int64  // of a fixed one, Unix seconds
}

const (
	day     = 24 * time.Hour
	maxSpan = 400 * day
)

// usual is what a page shows when nothing else is asked for.
var usual = map[Page]span{
	Executive:  {live: "today"},
	Operations: {live: "-24h"},
	Product:    {live: "-84d"},
	Finance:    {live: "month"},
}

// streamed are the spans that can be followed live. The set is small, so that
// the panels are computed for few of them, however many look.
var streamed = map[string]time.Duration{
	"-1h": time.Hour, "-6h": 6 * time.Hour, "-24h": day, "-7d": 7 * day, "-30d": 30 * day, "-84d": 84 * day,
	"today": 0, "month": 0,
}

// bounds are the two ends at now, in the zone whose days count.
func (s span) bounds(now time.Time, zone *time.Location) (from, to time.Time) {
	switch s.live {
	case "":
		return time.Unix(s.from, 0).In(zone), time.Unix(s.to, 0).In(zone)
	case "today":
		y, m, d := now.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, zone), now.In(zone)
	case "month":
		y, m, _ := now.In(zone).Date()
		return time.Date(y, m, 1, 0, 0, 0, 0, zone), now.In(zone)
	default:
		return now.In(zone).Add(-streamed[s.live]), now.In(zone)
	}
}

// parseSpan reads the two query parameters: RFC 3339, or relative as "-1h",
// "-7d", "now". Nothing at all is the usual span of page.
func parseSpan(page Page, from, to string, now time.Time) (span, error) {
	if from == "" && (to == "" || to == "now") {
		return usual[page], nil
	}
	if _, ok := streamed[from]; ok && (to == "" || to == "now") {
		return span{live: from}, nil
	}
	if from == "" {
		return span{}, fmt.Errorf("from: missing, as to is given")
	}
	f, err := parseMoment(from, now)
	if err != nil {
		return span{}, fmt.Errorf("from: %w", err)
	}
	t := now
	if to != "" {
		if t, err = parseMoment(to, now); err != nil {
			return span{}, fmt.Errorf("to: %w", err)
		}
	}
	switch {
	case !f.Before(t):
		return span{}, fmt.Errorf("from: must be before to")
	case t.Sub(f) > maxSpan:
		return span{}, fmt.Errorf("from: at most 400 days before to")
	case t.After(now.Add(maxSpan)) || f.Before(now.Add(-10*maxSpan)):
		return span{}, fmt.Errorf("from: too far from now")
	case f.Unix() == t.Unix():
		return span{}, fmt.Errorf("from: at least a second before to")
	}
	return span{from: f.Unix(), to: t.Unix()}, nil
}

var relative = regexp.MustCompile(`^-([0-9]{1,6})(s|m|h|d|w)$`)

var units = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": day, "w": 7 * day}

func parseMoment(s string, now time.Time) (time.Time, error) {
	if s == "now" {
		return now, nil
	}
	if m := relative.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1]) // at most six digits
		if time.Duration(n) > 10*maxSpan/units[m[2]] {
			return time.Time{}, fmt.Errorf("%q is too long ago", s)
		}
		return now.Add(-time.Duration(n) * units[m[2]]), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("want RFC 3339 or relative such as -1h, got %.40q", s)
	}
	return t, nil
}
