package perfmon

import "math"

// Vital is one Web Vital over the last 15 minutes.
type Vital struct {
	P75                          float64 // 75th percentile in ms (CLS: none); NaN: no data
	Good, NeedsImprovement, Poor float64 // shares of the visits, percent; NaN: no data
	Samples                      uint64
}

// Metrics are the Web Vitals and the score made of them. NaN: no data.
type Metrics struct {
	LCP, INP, FID, CLS, FCP, TTFB Vital
	UXScore                       float64 // 0..100
}

// Metrics reads the vitals as of the Registry's last sample.
func (m *Monitor) Metrics() Metrics {
	return Metrics{
		LCP: m.vital("lcp"), INP: m.vital("inp"), FID: m.vital("fid"),
		CLS: m.vital("cls"), FCP: m.vital("fcp"), TTFB: m.vital("ttfb"),
		UXScore: m.UXScore(),
	}
}

func (m *Monitor) vital(name string) Vital {
	p75, samples := m.read(name)
	good, _ := m.read(name + "_good")
	fair, _ := m.read(name + "_fair")
	return Vital{P75: p75, Samples: samples, Good: good, NeedsImprovement: fair - good, Poor: 100 - fair}
}

// read gives NaN where there is no data.
func (m *Monitor) read(indicator string) (value float64, samples uint64) {
	if m == nil || m.registry == nil {
		return math.NaN(), 0
	}
	readings, err := m.registry.Read(indicator)
	if err != nil || len(readings) == 0 {
		return math.NaN(), 0
	}
	return readings[0].Value, readings[0].Samples
}

// UXScore is 0..100, NaN without data: of each device the vitals' scores by
// Sentry's weights on Lighthouse's curves, missing vitals left out, then the
// mean of the devices weighted by visits.
func (m *Monitor) UXScore() float64 {
	if m == nil || m.registry == nil {
		return math.NaN()
	}
	p75, visits := map[string]map[string]float64{}, map[string]uint64{}
	for _, v := range vitalTable {
		if v.beacon == "load" {
			continue
		}
		readings, err := m.registry.Read(v.name, "device")
		if err != nil {
			continue
		}
		for _, r := range readings {
			if len(r.Values) != 1 || math.IsNaN(r.Value) {
				continue
			}
			device := r.Values[0]
			if p75[device] == nil {
				p75[device] = map[string]float64{}
			}
			p75[device][v.name] = r.Value
			visits[device] = max(visits[device], r.Samples)
		}
	}
	var sum, weight float64
	for device, values := range p75 {
		if score := uxScore(device, values); !math.IsNaN(score) {
			sum += score * float64(visits[device])
			weight += float64(visits[device])
		}
	}
	if weight == 0 {
		return math.NaN()
	}
	return sum / weight
}
