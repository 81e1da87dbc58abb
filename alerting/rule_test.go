package alerting

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/config"
)

func TestTheDefaultRulesAreTheTable(t *testing.T) {
	got := map[string]Rule{}
	for _, r := range DefaultRules() {
		require.NoError(t, r.Validate())
		got[r.Indicator] = r
	}
	assert.Len(t, got, 9)
	for name, want := range map[string]struct {
		levels     []Level
		below      bool
		forAtLeast time.Duration
		hysteresis float64
	}{
		"error_rate":         {[]Level{{P0, 2, "Page on-call immediately"}, {P1, 1, "Slack alert to team"}}, false, 0, 0.5},
		"payment_success":    {[]Level{{P0, 99, "Page on-call immediately"}}, true, 0, 0.5},
		"p95_latency":        {[]Level{{P1, 500, "Investigation required"}}, false, 30 * time.Second, 50},
		"page_load":          {[]Level{{P1, 3000, "User experience degraded"}}, false, 0, 300},
		"db_connection_pool": {[]Level{{P2, 80, "Scaling alert"}}, false, time.Minute, 5},
		"cache_hit_rate":     {[]Level{{P2, 70, "Performance issue"}}, true, time.Minute, 2},
		"log_critical":       {[]Level{{P1, 0, "Slack alert to team"}}, false, 0, 0},
		"business_unstored":  {[]Level{{P1, 60, "Slack alert to team"}}, false, 0, 0},
		"monitoring_dropped": {[]Level{{P1, 0, "Slack alert to team"}}, false, 0, 0},
	} {
		r := got[name]
		assert.Equal(t, want.levels, r.Levels, name)
		assert.Equal(t, want.below, r.Below, name)
		assert.Equal(t, want.forAtLeast, r.For, name)
		assert.Equal(t, want.hysteresis, r.Hysteresis, name)
		assert.Equal(t, 5*time.Minute, r.withDefaults().Keep, name)
		assert.Equal(t, name, r.withDefaults().Name)
	}
	DefaultRules()[0].Levels[0].Threshold = 99
	assert.Equal(t, 2.0, DefaultRules()[0].Levels[0].Threshold, "a copy each time")
}

func TestAWrongConfigNamesEveryWrongField(t *testing.T) {
	levels := []Level{{Severity: P1, Threshold: 1}}
	err := Config{
		Stale: -time.Second,
		Rules: []Rule{
			{},
			{Indicator: "a", Levels: []Level{{Severity: 0, Threshold: math.NaN()}, {Severity: P1, Threshold: 1}, {Severity: P1, Threshold: 2}}},
			{Indicator: "b", Levels: levels, Window: -1, For: -1, Keep: -1, Hysteresis: -1, By: []string{"", "x", "x"}},
			{Indicator: "b", Levels: levels, Hysteresis: math.Inf(1)},
			{Indicator: "c", Levels: []Level{{Severity: P0, Threshold: 1}, {Severity: P1, Threshold: 2}}},
			{Indicator: "d", Below: true, Levels: []Level{{Severity: P1, Threshold: 1}, {Severity: P0, Threshold: 2}}},
			{Indicator: "e", Levels: []Level{{Severity: P0, Threshold: 1}, {Severity: P1, Threshold: 1}}},
			{Indicator: "f", Levels: levels, Window: 32 * 24 * time.Hour},
		},
		Routes:   []Route{{Name: "x", To: &inbox{}}, {Name: "x", Severities: []Severity{7}, Repeat: -1}, {Name: "a\nb", To: &inbox{}}},
		Evidence: []func(context.Context, Alert) (Section, error){nil},
	}.Validate()
	require.ErrorIs(t, err, ErrInvalid)
	var field *config.FieldError
	require.ErrorAs(t, err, &field)
	for _, want := range []string{
		"Rules[0].Indicator", "Rules[0].Levels", "Rules[1].Levels[0].Severity", "Rules[1].Levels[0].Threshold",
		"Rules[1].Levels[2].Severity", "Rules[2].Window", "Rules[2].For", "Rules[2].Keep", "Rules[2].Hysteresis", "Rules[2].By[0]", "Rules[2].By[2]",
		"Rules[3].Name", "Rules[3].Hysteresis", "Rules[4].Levels[1].Threshold", "Rules[5].Levels[1].Threshold", "Rules[6].Levels[1].Threshold", "Rules[7].Window",
		"Routes[1].Name", "Routes[1].To", "Routes[1].Severities[0]", "Routes[1].Repeat", "Routes[2].Name", "Stale", "Evidence[0]",
	} {
		assert.ErrorContains(t, err, want+":")
	}
	_, err = New(Config{Stale: -1})
	assert.ErrorIs(t, err, ErrInvalid)
}

func TestALadderIsLegalInAnyOrder(t *testing.T) {
	assert.NoError(t, Rule{Indicator: "a", Levels: []Level{{Severity: P2, Threshold: 1}, {Severity: P0, Threshold: 3}, {Severity: P1, Threshold: 2}}}.Validate())
	assert.NoError(t, Rule{Indicator: "a", Below: true, Levels: []Level{{Severity: P0, Threshold: 1}, {Severity: P3, Threshold: 3}}}.Validate())
	assert.NoError(t, Config{}.Validate())
}

func TestSeveritiesAreWordsInJSON(t *testing.T) {
	for _, s := range severities {
		back, err := ParseSeverity(strings.ToLower(s.String()))
		require.NoError(t, err)
		assert.Equal(t, s, back)
	}
	data, err := json.Marshal(map[Severity]Severity{P0: P3})
	require.NoError(t, err)
	assert.Equal(t, `{"P0":"P3"}`, string(data))
	var got map[Severity]Severity
	require.NoError(t, json.Unmarshal(data, &got))
	assert.Equal(t, map[Severity]Severity{P0: P3}, got)
	for _, s := range []string{"", "P", "P4", "p-1", "0", "P00", "Ｐ0"} {
		_, err := ParseSeverity(s)
		assert.ErrorIs(t, err, ErrInvalid, s)
		assert.ErrorIs(t, new(Severity).UnmarshalText([]byte(s)), ErrInvalid)
	}
	_, err = json.Marshal(Severity(0))
	assert.ErrorIs(t, err, ErrInvalid)
	assert.Equal(t, "Severity(9)", Severity(9).String())
}

func TestSecretsAreTakenOutOfAlerts(t *testing.T) {
	b := newBench(t, Config{})
	a, err := b.CreateAlert(bg, Alert{
		Severity: P1, Title: "login of ada@example.com failed", Message: "postgres://shop:s3cret@db/shop is down",
		Labels: map[string]string{"password": "hunter2", "pool": "orders"},
	})
	require.NoError(t, err)
	b.delivered()
	for _, got := range []Alert{a, b.Active()[0], b.all.messages()[0].Alerts[0]} {
		text, err := json.Marshal(got)
		require.NoError(t, err)
		for _, secret := range []string{"ada@example.com", "s3cret", "hunter2"} {
			assert.NotContains(t, string(text), secret)
		}
		assert.Equal(t, "orders", got.Labels["pool"])
	}
}

func TestLongTextIsCutAndSent(t *testing.T) { // cases 76
	b := newBench(t, Config{})
	a, err := b.CreateAlert(bg, Alert{Severity: P1, Title: strings.Repeat("ü", 1000), Message: "\xff" + strings.Repeat("m", 1e5), Labels: map[string]string{"k": strings.Repeat("v", 1000)}})
	require.NoError(t, err)
	for text, limit := range map[string]int{a.Title: maxTitle, a.Message: maxMessage, a.Labels["k"]: maxLabel} {
		assert.LessOrEqual(t, len(text), limit)
		assert.True(t, utf8.ValidString(text))
		assert.True(t, strings.HasSuffix(text, "…"))
	}
	assert.Equal(t, []string{"P1 firing"}, b.said())
	many := map[string]string{}
	for i := range 40 {
		many[strings.Repeat("k", i+1)] = "v"
	}
	_, err = b.CreateAlert(bg, Alert{Severity: P1, Title: "t", Labels: many})
	assert.ErrorIs(t, err, ErrInvalid)
}

func TestIdentityIsRuleOrTitleAndLabels(t *testing.T) {
	base := Alert{Rule: "r", Title: "a", Labels: map[string]string{"x": "1", "y": "2"}}
	same := Alert{Rule: "r", Title: "b", Severity: P0, Value: 9, Labels: map[string]string{"y": "2", "x": "1"}}
	assert.Equal(t, identity(base), identity(same))
	for _, other := range []Alert{
		{Rule: "r"}, {Rule: "s", Labels: base.Labels}, {Title: "r", Labels: base.Labels},
		{Rule: "r", Labels: map[string]string{"x": "1"}}, {Rule: "r", Labels: map[string]string{"x": "2", "y": "1"}},
	} {
		assert.NotEqual(t, identity(base), identity(other))
	}
}

func TestTheLogNotifierWritesARecordAnAlert(t *testing.T) {
	var out strings.Builder
	l := LogNotifier{Logger: slog.New(slog.NewTextHandler(&out, nil))}
	a := Alert{ID: "1", Rule: "error_rate", Title: "Error rate above 2 %", Message: "Page on-call immediately", Severity: P0, State: Firing, Value: 2.5, Threshold: 2, Labels: map[string]string{"pool": "x"}, StartedAt: start}
	p2, over := a, a
	p2.Severity = P2
	over.State, over.ResolvedAt, over.Resolution = Resolved, start.Add(time.Minute), Recovered
	p3 := Alert{ID: "2", Title: "t", Severity: P3, State: Firing}
	require.NoError(t, l.Notify(bg, Notification{Alerts: []Alert{a, p2, p3, over}}))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 4)
	assert.Contains(t, lines[0], `level=ERROR msg="alert: Error rate above 2 %" alert_id=1 severity=P0 state=firing detail="Page on-call immediately" rule=error_rate value=2.5 threshold=2 label.pool=x`)
	assert.Contains(t, lines[1], "level=WARN")
	assert.Contains(t, lines[2], "level=INFO")
	assert.Contains(t, lines[3], `level=INFO msg="alert resolved: Error rate above 2 %"`)
	assert.Contains(t, lines[3], "lasted=1m0s")
}

func TestWithoutRoutesAlertsGoToTheLog(t *testing.T) {
	var out lockedBuilder
	m, err := New(Config{Logger: slog.New(slog.NewTextHandler(&out, nil))})
	require.NoError(t, err)
	require.NoError(t, m.CheckMetric(bg, "error_rate", 5))
	require.NoError(t, m.Flush(bg))
	require.NoError(t, m.Close(bg))
	assert.Contains(t, out.String(), "Error rate above 2 %")
}

func TestPermanentMarksAnErrorAndKeepsIt(t *testing.T) {
	boom := errors.New("boom")
	err := Permanent(boom)
	assert.ErrorIs(t, err, boom)
	assert.True(t, IsPermanent(err))
	assert.False(t, IsPermanent(boom))
	assert.NoError(t, Permanent(nil))
	assert.False(t, IsPermanent(nil))
}

func TestARuleWithoutATitleIsCalledByItsName(t *testing.T) {
	for name, want := range map[string]string{"queue_depth": "Queue depth above 3", "élan": "Élan above 3", "x": "X above 3"} {
		c := compile(Rule{Name: name, Levels: []Level{{Severity: P1, Threshold: 3}}})
		assert.Equal(t, want, c.title(c.Levels[0]))
	}
}

func TestFiguresAreShort(t *testing.T) {
	for want, got := range map[string]string{
		"2.5 %": figure(2.5, "%"), "2 %": figure(2, "%"), "3000 ms": figure(3000, "ms"), "12346": figure(12345.678, "{order}"),
		"0.00001": figure(0.00001, ""), "1500000": figure(1.5e6, "1"), "-4.321": figure(-4.3214, ""),
	} {
		assert.Equal(t, want, got)
	}
}

func FuzzParseSeverity(f *testing.F) {
	f.Add("P0")
	f.Add("p3")
	f.Add("P")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSeverity(text)
		if err != nil {
			if s != 0 || !errors.Is(err, ErrInvalid) {
				t.Fatal(s, err)
			}
			return
		}
		if !strings.EqualFold(s.String(), text) {
			t.Fatalf("%q became %v", text, s)
		}
	})
}
