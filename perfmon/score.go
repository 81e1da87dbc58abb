package perfmon

import "math"

// curve is a log-normal scoring curve by its two control points.
type curve struct{ p10, median float64 }

// erfcInvFifth is erfc^-1(1/5): it makes p10 score 90.
const erfcInvFifth = 0.9061938024368232

// score maps a value, in the unit of the control points, to 0..100: the p10
// point to 90, the median to 50. Source: Lighthouse's scoring calculator.
func (c curve) score(v float64) float64 {
	if v <= 0 {
		return 100
	}
	return 50 * math.Erfc(erfcInvFifth*math.Log(v/c.median)/math.Log(c.median/c.p10))
}

// vital is one Web Vital: how a beacon names it, how the metric is called, its
// limits, and how it is scored.
type vital struct {
	beacon, name, unit, help string
	scale                    float64 // from the metric's unit to the beacon's and the page's
	good, poor               float64 // limits at the 75th percentile, in ms (CLS: none); web.dev
	most                     float64 // a larger value is a page that slept, and is dropped
	weight                   float64 // Sentry's performance score
	mobile, desktop          curve   // in ms (CLS: none); Lighthouse's and Sentry's
}

func (v vital) shownUnit() string {
	if v.unit == "1" {
		return ""
	}
	return "ms"
}

const minute = 60_000 // ms

var vitalTable = []vital{
	{"LCP", "lcp", "s", "Largest Contentful Paint.", 1000, 2500, 4000, 5 * minute, 30, curve{2500, 4000}, curve{1200, 2400}},
	{"INP", "inp", "s", "Interaction to Next Paint.", 1000, 200, 500, 5 * minute, 30, curve{200, 500}, curve{200, 500}},
	{"FID", "fid", "s", "First Input Delay, where INP is not known.", 1000, 100, 300, 5 * minute, 0, curve{100, 300}, curve{100, 300}},
	{"CLS", "cls", "1", "Cumulative Layout Shift.", 1, 0.1, 0.25, 100, 15, curve{0.1, 0.25}, curve{0.1, 0.25}},
	{"FCP", "fcp", "s", "First Contentful Paint.", 1000, 1800, 3000, 5 * minute, 15, curve{1800, 3000}, curve{900, 1600}},
	{"TTFB", "ttfb", "s", "Time to First Byte.", 1000, 800, 1800, 5 * minute, 10, curve{800, 1800}, curve{200, 400}},
	{"load", "load", "s", "The page's load event.", 1000, 0, 0, 5 * minute, 0, curve{}, curve{}},
}

// uxScore is the mean of the vitals' scores by Sentry's weights, renormalised
// over those that have a value; NaN if none has. p75 is by metric name. FID
// stands in for INP where only it is known.
func uxScore(device string, p75 map[string]float64) float64 {
	var sum, weights float64
	for _, v := range vitalTable {
		weight, value, known := v.weight, 0.0, false
		value, known = p75[v.name]
		if v.name == "fid" {
			if inp, has := p75["inp"]; !has || math.IsNaN(inp) {
				weight = 30
			}
		}
		if weight == 0 || !known || math.IsNaN(value) {
			continue
		}
		c := v.mobile
		if device == "desktop" {
			c = v.desktop
		}
		sum += weight * c.score(value)
		weights += weight
	}
	if weights == 0 {
		return math.NaN()
	}
	return sum / weights
}
