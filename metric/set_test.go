package metric_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
)

// value adds up a family's points.
func value(t *testing.T, p metric.Producer, name string) float64 {
	t.Helper()
	var sum float64
	found := false
	p.Produce(func(f metric.Family) {
		if f.Name == name {
			found = true
			for _, p := range f.Points {
				sum += p.Value
			}
		}
	})
	require.True(t, found, name)
	return sum
}

func values(p metric.Producer, name string) map[string]float64 {
	all := make(map[string]float64)
	p.Produce(func(f metric.Family) {
		if f.Name == name {
			for _, p := range f.Points {
				all[strings.Join(p.Values, ",")] += p.Value
			}
		}
	})
	return all
}

func logged(s *metric.Set) *bytes.Buffer {
	var b bytes.Buffer
	s.Logger = slog.New(slog.NewTextHandler(&b, nil))
	return &b
}

func TestOneDescIsOneVec(t *testing.T) {
	var s metric.Set
	d := metric.Desc{Name: "c", Keys: []string{"a"}}
	assert.Same(t, s.Counter(d), s.Counter(d))
	assert.Same(t, s.Counter(d).With("x"), s.Counter(d).With("x"))
	assert.NotSame(t, s.Counter(d).With("x"), s.Counter(d).With("y"))
}

func TestADescThatConflictsOrIsWrongGivesNilAndOneWarning(t *testing.T) {
	for name, refused := range map[string]func(*metric.Set) bool{
		"kind":      func(s *metric.Set) bool { return s.Gauge(metric.Desc{Name: "c", Keys: []string{"a"}}) == nil },
		"keys":      func(s *metric.Set) bool { return s.Counter(metric.Desc{Name: "c", Keys: []string{"b"}}) == nil },
		"no name":   func(s *metric.Set) bool { return s.Counter(metric.Desc{}) == nil },
		"key twice": func(s *metric.Set) bool { return s.Counter(metric.Desc{Name: "d", Keys: []string{"a", "a"}}) == nil },
		"limit":     func(s *metric.Set) bool { return s.Counter(metric.Desc{Name: "d", Limit: -1}) == nil },
	} {
		t.Run(name, func(t *testing.T) {
			var s metric.Set
			out := logged(&s)
			s.Counter(metric.Desc{Name: "c", Keys: []string{"a"}})
			assert.True(t, refused(&s))
			assert.True(t, refused(&s))
			assert.Equal(t, 1, strings.Count(out.String(), "\n"), out)
		})
	}
}

func TestPastItsLimitAValueBecomesOtherWithOneWarningThatNamesTheAttribute(t *testing.T) {
	var s metric.Set
	out := logged(&s)
	v := s.Counter(metric.Desc{Name: "c", Keys: []string{"route", "status"}, Limit: 3})
	for i := range 10 {
		v.With(fmt.Sprint("/", i), "ok").Add(1)
	}
	v.With("/0", "ok").Add(1)
	assert.Equal(t, map[string]float64{"/0,ok": 2, "/1,ok": 1, "/2,ok": 1, "other,ok": 7}, values(&s, "c"))
	assert.Equal(t, 1, strings.Count(out.String(), "\n"), out)
	assert.Contains(t, out.String(), "attribute=route")
}

func TestManyKeysTogetherAreBoundedToo(t *testing.T) {
	var s metric.Set
	out := logged(&s)
	v := s.Counter(metric.Desc{Name: "c", Keys: []string{"a", "b"}, Limit: 200})
	for i := range 200 {
		for j := range 60 {
			v.With(fmt.Sprint(i), fmt.Sprint(j)).Add(1)
		}
	}
	assert.LessOrEqual(t, len(values(&s, "c")), 10_001)
	assert.Equal(t, 12_000.0, value(t, &s, "c"), "nothing is lost")
	assert.Equal(t, 1, strings.Count(out.String(), "\n"), out)
}

func TestTheWrongNumberOfValuesIsNoPanic(t *testing.T) {
	var s metric.Set
	out := logged(&s)
	v := s.Counter(metric.Desc{Name: "c", Keys: []string{"a", "b"}})
	v.With().Add(1)
	v.With("x").Add(1)
	v.With("x", "y", "z").Add(1)
	assert.Equal(t, map[string]float64{",": 1, "x,": 1, "x,y": 1}, values(&s, "c"))
	assert.Equal(t, 1, strings.Count(out.String(), "\n"), out)
}

func TestHostileValuesAreCutAndMadeValid(t *testing.T) {
	var s metric.Set
	v := s.Counter(metric.Desc{Name: "c", Keys: []string{"a"}})
	v.With("bad\xff").Add(1)
	v.With("bad\xff").Add(1)
	v.With(strings.Repeat("ü", 300)).Add(1)
	got := values(&s, "c")
	assert.Len(t, got, 2)
	assert.Equal(t, 2.0, got["bad\uFFFD"])
	assert.Equal(t, 1.0, got[strings.Repeat("ü", 128)])
}

func TestValuesOfKeysAreNotMixedUp(t *testing.T) {
	var s metric.Set
	v := s.Counter(metric.Desc{Name: "c", Keys: []string{"a", "b"}})
	assert.NotSame(t, v.With("x", ""), v.With("", "x"))
	assert.NotSame(t, v.With("x\xff", "y"), v.With("x", "\xffy"))
}

func TestAGaugeAddsAndReadsNaNAsNoData(t *testing.T) {
	var s metric.Set
	g := s.Gauge(metric.Desc{Name: "g"}).With()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				g.Add(2)
				g.Add(-1)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 4000.0, value(t, &s, "g"))
	g.Set(math.NaN())
	assert.True(t, math.IsNaN(value(t, &s, "g")))
	g.Add(3)
	assert.Equal(t, 3.0, value(t, &s, "g"))
}

func TestSeriesMadeAtOnceByManyAreOne(t *testing.T) {
	var s metric.Set
	v := s.Counter(metric.Desc{Name: "c", Keys: []string{"a"}, Limit: 1000})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 500 {
				v.With(fmt.Sprint(i)).Add(1)
			}
		})
	}
	for range 20 {
		s.Produce(func(metric.Family) {})
	}
	wg.Wait()
	got := values(&s, "c")
	require.Len(t, got, 500)
	for k, n := range got {
		assert.Equal(t, 4.0, n, k)
	}
}

func TestAnIndicatorIsDefinedOnceOrTheSame(t *testing.T) {
	var s metric.Set
	i := metric.Indicator{Name: "i", Unit: "%", Of: metric.Selector{Metric: "a"}, Per: metric.Selector{Metric: "b"}}
	require.NoError(t, s.Define(i))
	i.Scale, i.By = 100, []string{}
	require.NoError(t, s.Define(i), "a default may be spelt out")
	i.MinSamples = 7
	assert.ErrorIs(t, s.Define(i), metric.ErrConflict)
	assert.Len(t, s.Indicators(), 1)
}

func TestAWrongIndicatorIsRefused(t *testing.T) {
	of := metric.Selector{Metric: "m"}
	for name, i := range map[string]metric.Indicator{
		"name":       {Of: of},
		"of":         {Name: "i"},
		"quantile":   {Name: "i", Of: of, Quantile: 1.5},
		"quantile 2": {Name: "i", Of: of, Quantile: math.NaN()},
		"below":      {Name: "i", Of: of, Below: -1},
		"both":       {Name: "i", Of: of, Below: 1, Mean: true},
		"per":        {Name: "i", Of: of, Per: of, Quantile: .5},
		"scale":      {Name: "i", Of: of, Scale: math.Inf(1)},
		"window":     {Name: "i", Of: of, Window: -1},
		"by":         {Name: "i", Of: of, By: []string{"a", "a"}},
	} {
		var s metric.Set
		assert.ErrorIs(t, s.Define(i), metric.ErrInvalid, name)
		assert.Empty(t, s.Indicators())
	}
}
