package alerting

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/metric"
)

func TestAPushedReadingRaisesTheWorstLevelBroken(t *testing.T) {
	for _, tc := range []struct {
		name  string
		value float64
		want  Severity
	}{
		{"error_rate", 2.5, P0}, {"error_rate", 2, P1}, {"error_rate", 1.5, P1}, {"error_rate", 1, 0},
		{"payment_success", 98.9, P0}, {"payment_success", 99, 0},
		{"p95_latency", 501, P1}, {"p95_latency", 500, 0},
		{"page_load", 3001, P1}, {"page_load", 3000, 0},
		{"db_connection_pool", 81, P2}, {"db_connection_pool", 80, 0},
		{"cache_hit_rate", 69, P2}, {"cache_hit_rate", 70, 0},
		{"log_critical", 1, P1}, {"log_critical", 0, 0},
		{"business_unstored", 61, P1}, {"business_unstored", 60, 0},
		{"monitoring_dropped", 1, P1}, {"monitoring_dropped", 0, 0},
	} {
		t.Run(fmt.Sprintf("%s=%v", tc.name, tc.value), func(t *testing.T) {
			b := newBench(t, Config{})
			require.NoError(t, b.CheckMetric(bg, tc.name, tc.value))
			if tc.want == 0 {
				assert.Empty(t, b.Active())
				assert.Empty(t, b.said())
				return
			}
			require.Len(t, b.Active(), 1)
			a := b.Active()[0]
			assert.Equal(t, tc.want, a.Severity)
			assert.Equal(t, Firing, a.State)
			assert.Equal(t, tc.value, a.Value)
			assert.Equal(t, []string{tc.want.String() + " firing"}, b.said())
		})
	}
}

func TestAPushedReadingThatIsNoneIsRefused(t *testing.T) {
	b := newBench(t, Config{})
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		err := b.CheckMetric(bg, "error_rate", v)
		assert.ErrorIs(t, err, ErrInvalid)
		var field *config.FieldError
		assert.ErrorAs(t, err, &field)
	}
	assert.ErrorIs(t, b.CheckMetric(bg, "no_such_metric", 1), ErrNoRule)
	assert.Empty(t, b.Active())
	assert.Equal(t, 3.0, dropped(b.Manager)["metric/not_finite"])
}

func TestAPushedAlertEasesByHysteresisAtOnce(t *testing.T) {
	b := newBench(t, Config{})
	for _, v := range []float64{3, 1.9, 1.6, 1.5, 0.6, 0.5} {
		require.NoError(t, b.CheckMetric(bg, "error_rate", v))
		switch {
		case v > 1.5:
			assert.Equal(t, P0, b.Active()[0].Severity, v)
		case v > 0.5:
			assert.Equal(t, P1, b.Active()[0].Severity, v)
		default:
			assert.Empty(t, b.Active(), v)
		}
	}
	assert.Equal(t, []string{"P0 firing", "P1 resolved"}, b.said(), "easing tells nobody")
}

func TestNeitherSourceSilencesTheOther(t *testing.T) {
	b := newBench(t, Config{})
	b.board.set("error_rate", plain(1.5))
	b.step()
	require.Equal(t, P1, b.Active()[0].Severity)
	id := b.Active()[0].ID

	require.NoError(t, b.CheckMetric(bg, "error_rate", 4))
	a := b.Active()[0]
	assert.Equal(t, P0, a.Severity)
	assert.Equal(t, 4.0, a.Value, "of the worse")
	assert.Equal(t, 2.0, a.Threshold)
	assert.Equal(t, id, a.ID)

	require.NoError(t, b.CheckMetric(bg, "error_rate", 0))
	a = b.Active()[0]
	assert.Equal(t, P1, a.Severity, "the evaluated source still fires")
	assert.Equal(t, 1.5, a.Value)
	assert.Equal(t, 1.0, a.Threshold)

	require.NoError(t, b.CheckMetric(bg, "error_rate", 1.2))
	b.board.set("error_rate", plain(0))
	b.run(4 * time.Minute)
	require.Len(t, b.Active(), 1)
	require.NoError(t, b.CheckMetric(bg, "error_rate", 1.2), "still pushed")
	b.run(2 * time.Minute)
	require.Len(t, b.Active(), 1, "the pushed source still fires")
	require.NoError(t, b.CheckMetric(bg, "error_rate", 0.5))
	assert.Empty(t, b.Active())
	assert.Equal(t, []string{"P1 firing", "P0 firing", "P1 resolved"}, b.said())
}

func TestAGoodReadingTakesNoAllocation(t *testing.T) {
	b := newBench(t, Config{})
	SetDefault(b.Manager)
	defer SetDefault(nil)
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _ = CheckMetric(bg, "error_rate", 0.5) }))
	b.mu.Lock() // a good reading that took the lock would hang here
	defer b.mu.Unlock()
	require.NoError(t, CheckMetric(bg, "error_rate", 0.5))
}

func TestAPushedAlertWithoutReadingsGoesStale(t *testing.T) {
	b := newBench(t, Config{})
	require.NoError(t, b.CheckMetric(bg, "error_rate", 5))
	b.run(4*time.Minute + 50*time.Second)
	require.Len(t, b.Active(), 1)
	b.step()
	assert.Empty(t, b.Active())
	b.delivered()
	got := b.all.messages()
	require.Len(t, got, 2)
	assert.Equal(t, Stale, got[1].Alerts[0].Resolution)
	require.NoError(t, b.CheckMetric(bg, "error_rate", 0.9), "the fast way is open again")
	assert.Empty(t, b.Active())
}

func TestARuleIsFoundByWhateverName(t *testing.T) {
	names := []string{"", "a", "ab", "ba", "1234567", "12345678", "123456789"}
	for i := range 300 { // apart in their middle only: the table cannot tell
		names = append(names, fmt.Sprintf("services_%03d_errors_rate", i))
	}
	for _, n := range []int{1, 3, 7, 20, len(names)} {
		rules := map[string]*compiled{}
		for _, name := range names[:n] {
			rules[name] = &compiled{Rule: Rule{Name: name}}
		}
		l := newLookup(rules)
		for _, name := range names[:n] {
			assert.Same(t, rules[name], l.find(name), name)
		}
		for _, name := range []string{"x", "abc", "services_999_errors_rate", "12345677"} {
			assert.Nil(t, l.find(name), name)
		}
	}
	defaults := ruleset{}
	for _, r := range DefaultRules() {
		defaults = defaults.with(compile(r))
	}
	assert.NotNil(t, defaults.fast.slots, "the default rules take the table")
}

func TestAReadingIsJudgedByTheRuleOfItsNameWhateverTheNamesLength(t *testing.T) {
	var rules []Rule
	for _, name := range []string{"q", "sevenxx", "eightxxx", "sixteen_xxxxxxxx", "seventeen_xxxxxxx", "two_long_names_that_differ_1_here", "two_long_names_that_differ_2_here"} {
		rules = append(rules, Rule{Name: name, Levels: []Level{{Severity: P2, Threshold: float64(len(rules))}}})
	}
	b := newBench(t, Config{Rules: rules})
	for i, r := range rules {
		require.NoError(t, b.CheckMetric(bg, r.Name, float64(i)), "on the threshold is good")
		require.NoError(t, b.CheckMetric(bg, r.Name, -math.MaxFloat64))
		assert.ErrorIs(t, b.CheckMetric(bg, r.Name, math.Inf(-1)), ErrInvalid)
		assert.ErrorIs(t, b.CheckMetric(bg, r.Name, math.Inf(1)), ErrInvalid)
		require.Len(t, b.Active(), i)
		require.NoError(t, b.CheckMetric(bg, r.Name, float64(i)+0.5))
		require.Len(t, b.Active(), i+1)
	}
	for _, name := range []string{"", "x", "two_long_names_that_differ_3_here"} {
		assert.ErrorIs(t, b.CheckMetric(bg, name, 0), ErrNoRule, name)
	}
}

func BenchmarkCheckMetricGood(b *testing.B) {
	m := newBench(b, Config{})
	SetDefault(m.Manager)
	defer SetDefault(nil)
	b.ReportAllocs()
	for b.Loop() {
		_ = CheckMetric(bg, "error_rate", 0.5)
	}
}

var _ metric.Producer = (*Manager)(nil)
