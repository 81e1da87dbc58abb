package metric_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/metric"
)

func TestHotPathsDoNotAllocate(t *testing.T) {
	var s metric.Set
	c := s.Counter(metric.Desc{Name: "c", Keys: []string{"a", "b"}})
	g := s.Gauge(metric.Desc{Name: "g"})
	h := s.Histogram(metric.Desc{Name: "h", Keys: []string{"route"}})
	c.With("x", "y").Add(1)
	h.With("/").Observe(.01)
	for name, f := range map[string]func(){
		"counter":   func() { c.With("x", "y").Add(1) },
		"gauge":     func() { g.With().Add(1) },
		"histogram": func() { h.With("/").Observe(.01) },
	} {
		assert.Zero(t, testing.AllocsPerRun(100, f), name)
	}
}
