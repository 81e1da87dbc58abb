package alerting

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/distri-night/monitoring/internal/config"
)

// Level is one step of a rule's ladder.
type Level struct {
	Severity  Severity
	Threshold float64 // in the indicator's unit
	Message   string  // what to do, said in the alert's message
}

// Rule says when an indicator is wrong, and how badly. All of its levels are
// one alert for each label set, whose severity moves.
//
// A share of counted events (Reading.Low and High differ) has a noise guard:
// see the package comment.
type Rule struct {
	Name       string        // "": Indicator
	Indicator  string        // read from the registry; one that nobody has defined yet is legal
	Below      bool          // fires below the thresholds, else above; on a threshold is good
	Levels     []Level       // at least one, each severity once; the worst broken wins
	Window     time.Duration // 0: the indicator's
	For        time.Duration // how long a level must be broken before the alert fires; 0: one reading is enough
	Keep       time.Duration // how long readings must be good before it eases; 0: 5 min
	Hysteresis float64       // how far on the good side they must be, in the indicator's unit
	By         []string      // an alert for each of the indicator's values of these keys
	Title      string        // what people call it; "": the name in words
	Unit       string        // shown after figures; "": the indicator's
}

const (
	defaultKeep = 5 * time.Minute
	maxWindow   = 31 * 24 * time.Hour // a Registry keeps no more
)

// DefaultRules is a copy of the rules that a Manager has when it is given
// none. Their names are those of their indicators.
func DefaultRules() []Rule {
	const (
		page   = "Page on-call immediately"
		chat   = "Slack alert to team"
		look   = "Investigation required"
		users  = "User experience degraded"
		scale  = "Scaling alert"
		slower = "Performance issue"
	)
	return []Rule{
		{Indicator: "error_rate", Title: "Error rate", Unit: "%", Hysteresis: 0.5,
			Levels: []Level{{P0, 2, page}, {P1, 1, chat}}},
		{Indicator: "payment_success", Title: "Payment success", Unit: "%", Below: true, Hysteresis: 0.5,
			Levels: []Level{{P0, 99, page}}},
		{Indicator: "p95_latency", Title: "P95 latency", Unit: "ms", For: 30 * time.Second, Hysteresis: 50,
			Levels: []Level{{P1, 500, look}}},
		{Indicator: "page_load", Title: "Page load", Unit: "ms", Hysteresis: 300,
			Levels: []Level{{P1, 3000, users}}},
		{Indicator: "db_connection_pool", Title: "Database connections in use", Unit: "%", For: time.Minute, Hysteresis: 5,
			By: []string{"pool"}, Levels: []Level{{P2, 80, scale}}},
		{Indicator: "cache_hit_rate", Title: "Cache hit rate", Unit: "%", Below: true, For: time.Minute, Hysteresis: 2,
			Levels: []Level{{P2, 70, slower}}},
		{Indicator: "log_critical", Title: "Critical log records",
			Levels: []Level{{P1, 0, chat}}},
		{Indicator: "business_unstored", Title: "Business events not stored", Unit: "s",
			Levels: []Level{{P1, 60, chat}}},
		{Indicator: "monitoring_dropped", Title: "Monitoring data lost",
			Levels: []Level{{P1, 0, chat}}},
	}
}

// withDefaults fills Name and Keep in.
func (r Rule) withDefaults() Rule {
	if r.Name == "" {
		r.Name = r.Indicator
	}
	if r.Keep == 0 {
		r.Keep = defaultKeep
	}
	return r
}

// Validate checks the rule by itself. Every fault Is [ErrInvalid] and As
// *monitoring.FieldError.
func (r Rule) Validate() error {
	var f config.Faults
	if r.Name == "" && r.Indicator == "" {
		f.Add("Indicator", "an indicator's name, or a Name for readings that are pushed", r.Indicator)
	}
	if len(r.Levels) == 0 {
		f.Add("Levels", "at least one level", nil)
	}
	for i, l := range r.Levels {
		path := fmt.Sprintf("Levels[%d].", i)
		f.Finite(path+"Threshold", l.Threshold)
		if !l.Severity.Valid() {
			f.Add(path+"Severity", wantSeverity, uint8(l.Severity))
			continue
		}
		for _, other := range r.Levels[:i] {
			switch {
			case other.Severity == l.Severity:
				f.Add(path+"Severity", "each severity once", l.Severity.String())
			case other.Severity.worse(l.Severity) && r.breaks(other.Threshold, l.Threshold) == r.breaks(l.Threshold, other.Threshold):
				f.Add(path+"Threshold", "another threshold than "+other.Severity.String()+" has", l.Threshold)
			case other.Severity.worse(l.Severity) != r.breaks(other.Threshold, l.Threshold):
				f.Add(path+"Threshold", "thresholds in the order of the severities, or the milder level never shows", l.Threshold)
			}
		}
	}
	for _, d := range []struct {
		field string
		value time.Duration
	}{{"Window", r.Window}, {"For", r.For}, {"Keep", r.Keep}} {
		if d.value < 0 {
			f.Add(d.field, "no negative duration", d.value.String())
		}
	}
	if r.Window > maxWindow {
		f.Add("Window", "at most 31 days", r.Window.String())
	}
	if !(r.Hysteresis >= 0) || math.IsInf(r.Hysteresis, 0) {
		f.Add("Hysteresis", "a finite number, 0 or more", r.Hysteresis)
	}
	for i, key := range r.By {
		if key == "" || slices.Contains(r.By[:i], key) {
			f.Add(fmt.Sprintf("By[%d]", i), "a key of the indicator, each once", key)
		}
	}
	return f.Err()
}

// breaks reports whether v is on the bad side of threshold.
func (r Rule) breaks(v, threshold float64) bool {
	if r.Below {
		return v < threshold
	}
	return v > threshold
}

// eases reports whether v is on the good side of threshold by Hysteresis.
func (r Rule) eases(v, threshold float64) bool {
	if r.Below {
		return v >= threshold+r.Hysteresis
	}
	return v <= threshold-r.Hysteresis
}

// compiled is a rule made ready to judge. It never changes but for pushed,
// which the compiled rule that replaces it takes over.
type compiled struct {
	sign, bound float64      // a reading v is harmless up to v*sign = bound
	pushed      *atomic.Bool // whether a pushed reading holds an alert of this rule
	warned      *atomic.Bool // whether its unknown indicator was warned of
	mildest     float64      // the threshold that breaks first
	Rule
}

// harmless reports whether v is finite and breaks no level.
func (c *compiled) harmless(v float64) bool {
	v *= c.sign
	return v <= c.bound && v >= -math.MaxFloat64 // NaN is neither
}

// compile copies r, fills its defaults in and sorts the ladder, worst first.
func compile(r Rule) *compiled {
	r = r.withDefaults()
	r.By = slices.Clone(r.By)
	r.Levels = slices.Clone(r.Levels)
	slices.SortFunc(r.Levels, func(a, b Level) int { return int(a.Severity) - int(b.Severity) })
	c := &compiled{
		Rule:    r,
		mildest: r.Levels[len(r.Levels)-1].Threshold,
		sign:    1,
		pushed:  new(atomic.Bool),
		warned:  new(atomic.Bool),
	}
	if r.Below {
		c.sign = -1
	}
	c.bound = c.sign * c.mildest
	return c
}

// level is the one of severity s; false if the ladder has none.
func (c *compiled) level(s Severity) (Level, bool) {
	for _, l := range c.Levels {
		if l.Severity == s {
			return l, true
		}
	}
	return Level{}, false
}

// title is "Error rate above 2 %".
func (c *compiled) title(l Level) string {
	name := c.Title
	if name == "" {
		name = strings.ReplaceAll(c.Name, "_", " ")
		_, first := utf8.DecodeRuneInString(name)
		name = strings.ToUpper(name[:first]) + name[first:]
	}
	return name + " " + c.side() + " " + figure(l.Threshold, c.Unit)
}

// message is "Page on-call immediately: error_rate is 2.5 %, above 2 %".
func (c *compiled) message(l Level, v float64) string {
	value, threshold := figure(v, c.Unit), figure(l.Threshold, c.Unit)
	if value == threshold && v != l.Threshold { // rounding must not hide what fired
		value = strings.Replace(value, figure(v, ""), strconv.FormatFloat(v, 'f', -1, 64), 1)
	}
	text := fmt.Sprintf("%s is %s, %s %s", c.Name, value, c.side(), threshold)
	if l.Message == "" {
		return text
	}
	return l.Message + ": " + text
}

func (c *compiled) side() string {
	if c.Below {
		return "below"
	}
	return "above"
}

// figure shows v with at most 4 significant digits, and never rounds a large
// number to an exponent.
func figure(v float64, unit string) string {
	s := strconv.FormatFloat(v, 'g', 4, 64)
	if math.Abs(v) >= 1000 || strings.ContainsAny(s, "e") {
		s = strconv.FormatFloat(v, 'f', -1, 64)
		if math.Abs(v) >= 1000 {
			s = strconv.FormatFloat(math.Round(v), 'f', -1, 64)
		}
	}
	if unit == "" || unit == "1" || strings.HasPrefix(unit, "{") {
		return s
	}
	return s + " " + unit
}
