package bizmetrics

import (
	"context"
	"math"
)

// NPSReport is the net promoter score of this month's answers.
//
//	score = 100 (promoters - detractors) / answers
type NPSReport struct {
	Score      float64 // -100 to 100; NaN: no answer
	Previous   float64 // of all the month before; NaN: no answer
	Promoters  int64   // 9 and 10
	Passives   int64   // 7 and 8
	Detractors int64   // 0 to 6
}

// NPS reports on this month, by the days of Config.Location.
func (r *Recorder) NPS(ctx context.Context) (NPSReport, error) {
	report := NPSReport{Score: math.NaN(), Previous: math.NaN()}
	if r == nil {
		return report, ErrNotInitialized
	}
	month := thisMonth(r.now(), r.cfg.calendar())
	answers, err := r.breakdown(ctx, "nps", month, "status")
	if err != nil {
		return report, err
	}
	for _, row := range answers {
		switch row.Group[0] {
		case "promoter":
			report.Promoters = row.Count
		case "passive":
			report.Passives = row.Count
		case "detractor":
			report.Detractors = row.Count
		}
	}
	n := report.Promoters + report.Passives + report.Detractors
	report.Score = 100 * float64(report.Promoters-report.Detractors) / float64(n)
	before, err := r.figure(ctx, "nps", month.before, month.from)
	report.Previous = before.Value
	return report, err
}
