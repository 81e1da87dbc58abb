package alerting

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/metric"
)

// none is a step without a reading.
var none = math.NaN()

// feed hands one reading a step to the rule called name.
func (b *bench) feed(name string, values ...float64) {
	for _, v := range values {
		if math.IsNaN(v) {
			b.board.set(name)
		} else {
			b.board.set(name, plain(v))
		}
		b.step()
	}
}

func times(n int, v float64) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = v
	}
	return s
}

func TestForCountsOnlyTimeWithABrokenLevel(t *testing.T) {
	for name, tc := range map[string]struct {
		readings []float64
		fires    bool
	}{
		"30 s broken":                        {times(4, 900), true},
		"20 s broken":                        {times(3, 900), false},
		"a good one in between":              {[]float64{900, 900, 900, 400, 900, 900, 900}, false},
		"on the threshold is good":           {[]float64{900, 900, 900, 500, 900, 900, 900}, false},
		"a gap does not advance":             {[]float64{900, none, none, none, none, 900}, false},
		"a gap does not reset":               {[]float64{900, 900, none, 900, 900, 900}, true},
		"the way out of a gap does not tell": {[]float64{900, 900, none, 900, 900}, false},
		"no data at all":                     {times(20, none), false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.feed("p95_latency", tc.readings...)
			assert.Equal(t, tc.fires, len(b.Active()) == 1)
		})
	}
}

func TestAPendingAlertIsShownButNobodyIsTold(t *testing.T) {
	b := newBench(t, Config{})
	b.feed("p95_latency", 900)
	require.Len(t, b.Pending(), 1)
	p := b.Pending()[0]
	assert.Equal(t, Pending, p.State)
	assert.Equal(t, P1, p.Severity)
	assert.Equal(t, "P95 latency above 500 ms", p.Title)
	assert.Empty(t, b.Active())
	assert.Empty(t, b.said())
	b.feed("p95_latency", 400)
	assert.Empty(t, b.Pending())
}

func TestKeepCountsOnlyTimeOnTheGoodSideByHysteresis(t *testing.T) {
	good := times(30, 0.5)
	for name, tc := range map[string]struct {
		readings []float64
		resolved bool
	}{
		"5 min good":                  {append([]float64{0.5}, good...), true},
		"10 s less":                   {good, false},
		"good, but within hysteresis": {times(100, 0.51), false},
		"one bad in between":          {append(append([]float64{}, good...), append([]float64{0.6}, good...)...), false},
		"a gap does not advance":      {append(append([]float64{}, times(16, 0)...), append(times(40, none), times(15, 0)...)...), false},
		"a gap does not reset":        {append(append([]float64{}, times(16, 0)...), append(times(40, none), times(16, 0)...)...), true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.feed("error_rate", 1.5)
			require.Len(t, b.Active(), 1)
			b.feed("error_rate", tc.readings...)
			assert.Equal(t, tc.resolved, len(b.Active()) == 0)
		})
	}
}

func TestSeverityGoesUpAtOnceAndDownAfterKeepAndTellsOnlyOfUp(t *testing.T) { // cases 78
	p0, p1 := &inbox{}, &inbox{}
	b := newBench(t, Config{Routes: []Route{
		{Name: "p0", To: p0, Severities: []Severity{P0}},
		{Name: "p1", To: p1, Severities: []Severity{P1}},
	}})
	b.feed("error_rate", 1.5, 1.5, 3)
	a := b.Active()[0]
	assert.Equal(t, P0, a.Severity)
	b.feed("error_rate", times(30, 1.2)...)
	assert.Equal(t, P0, b.Active()[0].Severity)
	b.feed("error_rate", 1.2)
	assert.Equal(t, P1, b.Active()[0].Severity)
	assert.Equal(t, a.ID, b.Active()[0].ID)
	b.feed("error_rate", times(31, 0)...)
	assert.Empty(t, b.Active())
	assert.Equal(t, []string{"P1 firing", "P0 firing", "P1 resolved"}, b.said())
	assert.Equal(t, []string{"P0 firing", "P1 resolved"}, p0.said(), "told once, told of the end")
	assert.Equal(t, []string{"P1 firing", "P1 resolved"}, p1.said())
}

func TestHoveringAroundALevelIsOneMessage(t *testing.T) {
	b := newBench(t, Config{})
	for i := range 1000 {
		b.feed("error_rate", []float64{1.9, 2.1, 1.6, 2.4}[i%4])
	}
	assert.Equal(t, []string{"P1 firing", "P0 firing"}, b.said())
}

func TestAnAlertPerLabelSet(t *testing.T) {
	b := newBench(t, Config{Rules: []Rule{{Indicator: "pool", By: []string{"pool"}, Levels: []Level{{Severity: P2, Threshold: 80}}, Keep: 10 * time.Second}}})
	b.board.set("pool", plain(90, "orders"), plain(10, "users"), plain(95, "reports"))
	b.step()
	require.Len(t, b.Active(), 2)
	b.board.set("pool", plain(10, "orders"), plain(10, "users"), plain(95, "reports"))
	b.run(20 * time.Second)
	require.Len(t, b.Active(), 1)
	assert.Equal(t, map[string]string{"pool": "reports"}, b.Active()[0].Labels)
	assert.Equal(t, []string{"P2 firing", "P2 firing", "P2 resolved"}, b.said())
}

func TestAnEvaluatedAlertWithoutReadingsGoesStaleAfterHalfAnHour(t *testing.T) {
	b := newBench(t, Config{})
	b.feed("error_rate", 5)
	b.board.set("error_rate")
	b.run(29*time.Minute + 50*time.Second)
	require.Len(t, b.Active(), 1)
	b.step()
	assert.Empty(t, b.Active())
	assert.Equal(t, Stale, b.Alerts(start)[0].Resolution)
}

func TestStaleIsTheServicesChoice(t *testing.T) {
	b := newBench(t, Config{Stale: time.Minute})
	b.feed("error_rate", 5)
	require.NoError(t, b.CheckMetric(bg, "p95_latency", 900))
	b.board.set("error_rate")
	b.run(time.Minute)
	assert.Empty(t, b.Active())
}

func TestReadingsThatAreNoNumberChangeNothing(t *testing.T) { // cases 88
	b := newBench(t, Config{})
	b.feed("error_rate", 5)
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		b.board.set("error_rate", metric.Reading{Value: v, Low: v, High: v, Samples: 100})
		b.run(9 * time.Minute)
		require.Len(t, b.Active(), 1)
		assert.Equal(t, 5.0, b.Active()[0].Value)
	}
	quietOne := newBench(t, Config{})
	quietOne.board.set("error_rate", metric.Reading{Value: math.Inf(1), Low: 1, High: 2, Samples: 100})
	quietOne.run(time.Minute)
	assert.Empty(t, quietOne.Active())
}

func TestEvaluateNowTakesForAsElapsed(t *testing.T) {
	b := newBench(t, Config{})
	b.board.set("p95_latency", plain(900))
	b.board.set("cache_hit_rate", plain(10))
	b.EvaluateNow(b.Now())
	assert.Len(t, b.Active(), 2)
}

func TestAFrozenProcessCountsAsOneStretchOnly(t *testing.T) {
	b := newBench(t, Config{Rules: []Rule{{Indicator: "x", For: 2 * time.Minute, Levels: []Level{{Severity: P1, Threshold: 1}}}}})
	b.feed("x", 2, 2)
	b.clock.now = b.clock.now.Add(time.Hour)
	b.feed("x", 2)
	assert.Empty(t, b.Active(), "an hour asleep is no two minutes broken")
	b.clock.now = b.clock.now.Add(-2 * time.Hour)
	b.feed("x", 2)
	assert.Empty(t, b.Active(), "nor is a clock that was set back")
	b.feed("x", times(12, 2)...)
	assert.Len(t, b.Active(), 1)
}

func TestAStretchThatIsNotUsualCountsAsOneThatIs(t *testing.T) {
	for name, tc := range map[string]struct{ gaps, counted []int }{
		"each step":             {[]int{10, 10, 10}, []int{10, 10, 10}},
		"late and early ones":   {[]int{10, 29, 1, 10}, []int{10, 29, 1, 10}},
		"frozen for an hour":    {[]int{10, 10, 3600, 10}, []int{10, 10, 10, 10}},
		"frozen before the end": {[]int{10, 0, 3600, 10}, []int{10, 0, 10, 10}},
		"a clock set back":      {[]int{10, -3600, 10}, []int{10, 0, 10}},
		"from the start on":     {[]int{3600, 10}, []int{60, 10}},
		"a step that changed":   {[]int{10, 60, 60}, []int{10, 10, 60}},
	} {
		t.Run(name, func(t *testing.T) {
			now := start
			at := tick{}.following(now)
			for i, gap := range tc.gaps {
				now = now.Add(time.Duration(gap) * time.Second)
				at = at.following(now)
				assert.Equal(t, time.Duration(tc.counted[i])*time.Second, at.step, i)
			}
		})
	}
}

func TestANewRuleTakesOverTheAlertsOfTheOld(t *testing.T) {
	b := newBench(t, Config{})
	b.feed("error_rate", 5)
	id := b.Active()[0].ID
	require.NoError(t, b.SetRule(bg, Rule{Indicator: "error_rate", Levels: []Level{{Severity: P2, Threshold: 4}}, Keep: 10 * time.Second}))
	b.feed("error_rate", 5)
	require.Len(t, b.Active(), 1)
	assert.Equal(t, id, b.Active()[0].ID)
	assert.Equal(t, P2, b.Active()[0].Severity)
	b.feed("error_rate", 3, 3)
	assert.Empty(t, b.Active())
	require.ErrorIs(t, b.SetRule(bg, Rule{Indicator: "error_rate"}), ErrInvalid)
	require.NoError(t, b.SetRule(bg, Rule{Name: "new", Indicator: "y", Levels: []Level{{Severity: P3, Threshold: 0}}}))
	require.NoError(t, b.CheckMetric(bg, "new", 1))
	assert.Len(t, b.Active(), 1)
	assert.Len(t, b.Rules(), len(DefaultRules())+1)
}

func TestThePartsOfAnAlertSayWhatToDo(t *testing.T) {
	b := newBench(t, Config{Rules: append(DefaultRules(), Rule{Indicator: "queue_depth", Levels: []Level{{Severity: P3, Threshold: 10}}})})
	b.board.define(metric.Indicator{Name: "queue_depth", Unit: "{order}"})
	b.board.set("queue_depth", plain(12345.678))
	b.feed("payment_success", 98.99999)
	active := b.Active()
	require.Len(t, active, 2)
	assert.Equal(t, "Payment success below 99 %", active[0].Title)
	assert.Equal(t, "Page on-call immediately: payment_success is 98.99999 %, below 99 %", active[0].Message)
	assert.Equal(t, "Queue depth above 10", active[1].Title)
	assert.Equal(t, "queue_depth is 12346, above 10", active[1].Message)
}

// The life of one source, whatever the readings are.
func TestASourceKeepsItsPromises(t *testing.T) {
	c := compile(Rule{
		Indicator: "x", For: 20 * time.Second, Keep: 40 * time.Second, Hysteresis: 1,
		Levels: []Level{{Severity: P0, Threshold: 20}, {Severity: P1, Threshold: 10}, {Severity: P3, Threshold: 5}},
	})
	rapid.Check(t, func(t *rapid.T) {
		var s source
		tk := tick{}
		now := start
		sinceGood := 0 // readings in a row that hold some level
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(10 * time.Second)
			tk = tk.following(now)
			if rapid.IntRange(0, 9).Draw(t, "gap") == 0 {
				before := s
				if s = s.expired(now, time.Hour); s != before {
					t.Fatal("a gap changed the source")
				}
				continue
			}
			v := float64(rapid.IntRange(0, 30).Draw(t, "v"))
			before := s
			s = s.next(c, v, tk, judging{forAtLeast: c.For, keep: c.Keep})
			broken := c.worstBroken(v, nil)
			if v > 4 {
				sinceGood++
			} else {
				sinceGood = 0
			}
			switch {
			case before.Level == 0 && s.Level != 0 && broken.Severity != s.Level:
				t.Fatalf("fires at %v on %v", s.Level, v)
			case before.Level != 0 && broken.Severity.worse(s.Level):
				t.Fatalf("%v does not raise %v", v, s.Level)
			case before.Level != 0 && s.Level.worse(before.Level) && broken.Severity != s.Level:
				t.Fatalf("raised to %v by %v", s.Level, v)
			case before.Level != 0 && s.Level == 0 && sinceGood > 0:
				t.Fatalf("resolved by %v", v)
			case before.Level != 0 && s.Level != 0 && s.Level != before.Level && s.Threshold == before.Threshold:
				t.Fatal("the threshold is not the level's")
			case s.Level != 0 && s.Pending != 0:
				t.Fatal("pending and firing")
			}
		}
	})
}
