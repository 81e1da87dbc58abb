package panels

import (
	"context"
	"math"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

// ruleCard is a number panel of an indicator that a default rule watches.
type ruleCard struct {
	indicator, title, unit string
	good                   dashboard.Direction
	scale                  float64 // from the indicator's unit to the one shown
}

// ruleCards are in the fixed order of the page.
var ruleCards = []ruleCard{
	{"payment_success", "Payment success", "%", dashboard.UpIsGood, 1},
	{"error_rate", "Error rate", "%", dashboard.DownIsGood, 1},
	{"p95_latency", "P95 latency", "ms", dashboard.DownIsGood, 1},
	{"page_load", "Page load", "s", dashboard.DownIsGood, 0.001},
	{"db_connection_pool", "DB pool", "%", dashboard.DownIsGood, 1},
	{"cache_hit_rate", "Cache hits", "%", dashboard.UpIsGood, 1},
}

func ruleIndicators(s Source) []dashboard.Panel {
	panels := make([]dashboard.Panel, 0, len(ruleCards))
	for _, card := range ruleCards {
		def, _ := s.Metrics.Lookup(card.indicator)
		panels = append(panels, dashboard.Panel{
			ID: card.indicator, Title: card.title, Unit: card.unit, Help: def.Help, Page: dashboard.Operations, Width: 2,
			Good: card.good, Thresholds: s.thresholds(card.indicator, card.scale),
			Data: func(_ context.Context, from, to time.Time) (any, error) { return s.card(card, from, to), nil },
		})
	}
	return panels
}

// card is one number: the last reading, its day, its limit, its change.
func (s Source) card(c ruleCard, from, to time.Time) dashboard.Number {
	value, noData := s.reading(c.indicator)
	n := dashboard.Number{
		Value: value * c.scale, Previous: s.yesterday(c.indicator) * c.scale, Target: math.NaN(),
		NoData: noData, Level: s.level(c.indicator), Note: s.mildest(c),
	}
	if noData == "" && n.Level == "" && !s.broken(c.indicator, value) {
		n.Verdict = "good"
	}
	_, n.Spark = s.points(c.indicator, from, to)
	for i := range n.Spark {
		n.Spark[i] *= c.scale
	}
	return n
}

// mildest is the first limit that a reading meets: "P1 above 1".
func (s Source) mildest(c ruleCard) string {
	limits := s.thresholds(c.indicator, c.scale)
	if len(limits) == 0 {
		return ""
	}
	mildest := limits[0]
	for _, l := range limits {
		if l.Level > mildest.Level {
			mildest = l
		}
	}
	return mildest.Label
}
