package bizmetrics

import (
	"context"
	"math"
)

// NPSReport is the net promoter score of this month's answers, in points.
//
//	score = 100 (promoters - detractors) / answers
//
// Promoters answer 9 or 10, passives 7 or 8, detractors 0 to 6. (F. F.
// Reichheld, The One Number You Need to Grow, Harvard Business Review,
// December 2003.)
type NPSReport struct {
	Score      float64 // -100 to 100; NaN: no answer
	Previous   float64 // of all the month before; NaN: no answer
	Promoters  int64   // 9 and 10
	Passives   int64   // 7 and 8
	Detractors int64   // 0 to 6
	Change     float64 // Score less Previous, points; NaN: one of them has no answer
	Trend      []Row   // score and answers of each of the last 12 months, this one the last; NaN: no answer
}

// NPS reports on this month and the 11 before, by the calendar of Config.
func (r *Recorder) NPS(ctx context.Context) (NPSReport, error) {
	report := NPSReport{Score: math.NaN(), Previous: math.NaN(), Change: math.NaN()}
	if r == nil {
		return report, ErrNotInitialized
	}
	now := r.now()
	answers, err := r.byMonth(ctx, "nps", now, trendMonths, "status")
	if err != nil {
		return report, err
	}
	months := make([][3]int64, trendMonths) // promoters, passives, detractors
	first := r.cfg.calendar().MonthOf(r.monthOf(now, 1-trendMonths))
	for _, row := range answers {
		i := int(r.cfg.calendar().MonthOf(row.At) - first)
		if i < 0 || i >= trendMonths {
			continue
		}
		switch row.Group[0] {
		case "promoter":
			months[i][0] += row.Count
		case "passive":
			months[i][1] += row.Count
		case "detractor":
			months[i][2] += row.Count
		}
	}
	for i, m := range months {
		n := m[0] + m[1] + m[2]
		report.Trend = append(report.Trend, Row{At: r.monthOf(now, i+1-trendMonths), Value: 100 * float64(m[0]-m[2]) / float64(n), Count: n})
	}
	this := months[trendMonths-1]
	report.Promoters, report.Passives, report.Detractors = this[0], this[1], this[2]
	report.Score, report.Previous = report.Trend[trendMonths-1].Value, report.Trend[trendMonths-2].Value
	report.Change = report.Score - report.Previous
	return report, nil
}
