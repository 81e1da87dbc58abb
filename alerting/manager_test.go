package alerting

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/metric"
)

func TestACreatedAlertIsOneUntilItIsResolved(t *testing.T) {
	b := newBench(t, Config{})
	first, err := b.CreateAlert(bg, Alert{Severity: P1, Title: "High Error Rate", Message: "first", Labels: map[string]string{"shop": "a"}})
	require.NoError(t, err)
	assert.Len(t, first.ID, 16)
	assert.Equal(t, Firing, first.State)
	again, err := b.CreateAlert(bg, Alert{Severity: P1, Title: "High Error Rate", Message: "again", Labels: map[string]string{"shop": "a"}})
	require.NoError(t, err)
	assert.Equal(t, first, again)
	other, err := b.CreateAlert(bg, Alert{Severity: P1, Title: "High Error Rate", Labels: map[string]string{"shop": "b"}})
	require.NoError(t, err)
	assert.NotEqual(t, first.ID, other.ID)
	require.NoError(t, b.Resolve(bg, first.ID))
	after, err := b.CreateAlert(bg, Alert{Severity: P1, Title: "High Error Rate", Labels: map[string]string{"shop": "a"}})
	require.NoError(t, err)
	assert.NotEqual(t, first.ID, after.ID)
	assert.Equal(t, []string{"P1 firing", "P1 firing", "P1 resolved", "P1 firing"}, b.said())
}

func TestACreatedAlertIsRaisedByAWorseOneAndNotLoweredByAMilder(t *testing.T) {
	b := newBench(t, Config{})
	for _, s := range []Severity{P2, P0, P3} {
		_, err := b.CreateAlert(bg, Alert{Severity: s, Title: "t"})
		require.NoError(t, err)
	}
	require.Len(t, b.Active(), 1)
	assert.Equal(t, P0, b.Active()[0].Severity)
	assert.Equal(t, []string{"P2 firing", "P0 firing"}, b.said())
}

func TestAWrongAlertNamesEveryWrongField(t *testing.T) {
	b := newBench(t, Config{})
	_, err := b.CreateAlert(bg, Alert{Title: " ", Value: math.NaN(), Severity: 9})
	require.ErrorIs(t, err, ErrInvalid)
	var field *config.FieldError
	require.ErrorAs(t, err, &field)
	for _, name := range []string{"Severity", "Title", "Value"} {
		assert.ErrorContains(t, err, name)
	}
	_, err = b.CreateAlert(bg, Alert{Title: "no severity"})
	assert.ErrorIs(t, err, ErrInvalid)
	assert.Empty(t, b.Active())
}

func TestAcknowledgingStopsRepeatsAndTellsNobody(t *testing.T) {
	chat := &inbox{}
	b := newBench(t, Config{Routes: []Route{{Name: "chat", To: chat, Repeat: 10 * time.Minute}}})
	a, err := b.CreateAlert(bg, Alert{Severity: P1, Title: "t"})
	require.NoError(t, err)
	b.run(25 * time.Minute)
	b.delivered()
	assert.Len(t, chat.messages(), 3)
	assert.Len(t, b.all.messages(), 1, "the other route has no Repeat")
	require.NoError(t, b.Acknowledge(bg, a.ID, "ada"))
	b.run(time.Hour)
	b.delivered()
	assert.Len(t, chat.messages(), 3)
	got := b.Active()[0]
	assert.Equal(t, Acknowledged, got.State)
	assert.Equal(t, "ada", got.AcknowledgedBy)
	assert.Equal(t, start.Add(25*time.Minute), got.AcknowledgedAt)
	require.NoError(t, b.Unacknowledge(bg, a.ID))
	b.step()
	b.delivered()
	assert.Len(t, chat.messages(), 4, "taken back: the repeat is overdue")
}

func TestAWorseLevelOpensAnAcknowledgedAlertAgain(t *testing.T) {
	b := newBench(t, Config{})
	require.NoError(t, b.CheckMetric(bg, "error_rate", 1.5))
	require.NoError(t, b.Acknowledge(bg, b.Active()[0].ID, "ada"))
	require.NoError(t, b.CheckMetric(bg, "error_rate", 1.8))
	require.Equal(t, Acknowledged, b.Active()[0].State)
	require.NoError(t, b.CheckMetric(bg, "error_rate", 3))
	assert.Equal(t, Firing, b.Active()[0].State)
	assert.Empty(t, b.Active()[0].AcknowledgedBy)
	assert.Equal(t, []string{"P1 firing", "P0 firing"}, b.said())
}

func TestAnUnknownIDIsNotFound(t *testing.T) {
	b := newBench(t, Config{})
	assert.ErrorIs(t, b.Acknowledge(bg, "nope", "ada"), ErrNotFound)
	assert.ErrorIs(t, b.Unacknowledge(bg, "nope"), ErrNotFound)
	assert.ErrorIs(t, b.Resolve(bg, "nope"), ErrNotFound)
	a, err := b.CreateAlert(bg, Alert{Severity: P3, Title: "t"})
	require.NoError(t, err)
	require.NoError(t, b.Resolve(bg, a.ID))
	assert.ErrorIs(t, b.Resolve(bg, a.ID), ErrNotFound, "it is over")
}

func TestARuleThatIsStillBrokenFiresAnewAfterItWasResolvedByHand(t *testing.T) {
	b := newBench(t, Config{})
	b.board.set("p95_latency", plain(900))
	b.run(40 * time.Second)
	first := b.Active()[0].ID
	require.NoError(t, b.Resolve(bg, first))
	assert.Empty(t, b.Active())
	b.run(30 * time.Second)
	assert.Empty(t, b.Active(), "For begins anew")
	b.step()
	require.Len(t, b.Active(), 1)
	assert.NotEqual(t, first, b.Active()[0].ID)
	assert.Equal(t, []string{"P1 firing", "P1 resolved", "P1 firing"}, b.said())
}

func TestStatisticsCountAlertsAtTheirWorst(t *testing.T) {
	b := newBench(t, Config{})
	require.NoError(t, b.CheckMetric(bg, "error_rate", 1.5))
	require.NoError(t, b.CheckMetric(bg, "error_rate", 3))
	require.NoError(t, b.CheckMetric(bg, "error_rate", 1.2))
	a, err := b.CreateAlert(bg, Alert{Severity: P3, Title: "t"})
	require.NoError(t, err)
	b.run(time.Minute)
	require.NoError(t, b.Acknowledge(bg, a.ID, "ada"))
	b.run(2 * time.Minute)
	require.NoError(t, b.Resolve(bg, a.ID))
	b.delivered()
	s := b.Stats()
	assert.Equal(t, map[Severity]int{P1: 1}, s.Active)
	assert.Equal(t, map[Severity]int{P0: 1, P3: 1}, s.Total)
	assert.Equal(t, time.Minute, s.MTTA)
	assert.Equal(t, 3*time.Minute, s.MTTR)
	assert.Zero(t, s.Undelivered)
	assert.Len(t, b.Alerts(start), 2)
	assert.Len(t, b.Alerts(b.Now().Add(time.Second)), 1, "the active one")
}

func TestANilManagerIsANoOp(t *testing.T) {
	var m *Manager
	assert.ErrorIs(t, m.CheckMetric(bg, "error_rate", 5), ErrNotInitialized)
	_, err := m.CreateAlert(bg, Alert{Severity: P0, Title: "t"})
	assert.ErrorIs(t, err, ErrNotInitialized)
	assert.ErrorIs(t, m.Acknowledge(bg, "x", "y"), ErrNotInitialized)
	assert.ErrorIs(t, m.Resolve(bg, "x"), ErrNotInitialized)
	assert.ErrorIs(t, m.SetRule(bg, Rule{}), ErrNotInitialized)
	assert.Empty(t, m.Active())
	assert.Empty(t, m.Pending())
	assert.Empty(t, m.Alerts(start))
	assert.Empty(t, m.Rules())
	assert.Empty(t, m.Stats().Active)
	assert.Empty(t, m.Failing())
	assert.Empty(t, m.Indicators())
	assert.NotPanics(t, func() { m.Produce(nil); m.EvaluateNow(start) })
	assert.NoError(t, m.Flush(bg))
	assert.NoError(t, m.Close(bg))

	assert.ErrorIs(t, CheckMetric(bg, "error_rate", 5), ErrNotInitialized)
	assert.Empty(t, Active())
}

func TestADisabledManagerTakesAllAndKeepsNothing(t *testing.T) {
	dir := t.TempDir() + "/state"
	m, err := New(Config{Disabled: true, Dir: dir})
	require.NoError(t, err)
	assert.NoError(t, m.CheckMetric(bg, "error_rate", 50))
	a, err := m.CreateAlert(bg, Alert{})
	assert.NoError(t, err)
	assert.Empty(t, a.ID)
	assert.NoError(t, m.Acknowledge(bg, "x", "y"))
	assert.Empty(t, m.Active())
	assert.NoError(t, m.Flush(bg))
	assert.NoError(t, m.Close(bg))
	assert.NoDirExists(t, dir)
}

func TestCloseMayComeTwiceAndEndsWrites(t *testing.T) {
	b := newBench(t, Config{})
	require.NoError(t, b.Close(bg))
	require.NoError(t, b.Close(bg))
	_, err := b.CreateAlert(bg, Alert{Severity: P0, Title: "late"})
	assert.ErrorIs(t, err, ErrNotInitialized)
	assert.ErrorIs(t, b.CheckMetric(bg, "error_rate", 5), ErrNotInitialized)
	assert.ErrorIs(t, b.SetRule(bg, DefaultRules()[0]), ErrNotInitialized)
	assert.NoError(t, b.Flush(bg))
}

func TestCloseNamesWhatIsLeftByItsDeadline(t *testing.T) {
	for name, receiver := range map[string]Notifier{
		"fails": notify(func(context.Context, Notification) error { return assert.AnError }),
		"hangs": notify(func(ctx context.Context, _ Notification) error { <-ctx.Done(); return ctx.Err() }),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, err := New(Config{Logger: quiet, Routes: []Route{{To: receiver}}})
				require.NoError(t, err)
				for _, title := range []string{"a", "b"} {
					_, err := m.CreateAlert(bg, Alert{Severity: P0, Title: title})
					require.NoError(t, err)
				}
				ctx, cancel := context.WithTimeout(bg, 200*time.Millisecond)
				defer cancel()
				began := time.Now()
				assert.EqualError(t, m.Close(ctx), "alerts: 2 notifications left in the outbox")
				assert.LessOrEqual(t, time.Since(began), 230*time.Millisecond)
			})
		})
	}
}

type notify func(context.Context, Notification) error

func (f notify) Notify(ctx context.Context, n Notification) error { return f(ctx, n) }

func TestAMessageThatIsLostForGoodIsP1(t *testing.T) {
	now := start
	registry, err := metric.NewRegistry(metric.Config{Manual: true, Now: func() time.Time { return now }})
	require.NoError(t, err)
	refuses := notify(func(context.Context, Notification) error { return Permanent(assert.AnError) })
	m, err := New(Config{Registry: registry, Logger: quiet, Now: func() time.Time { return now }, Routes: []Route{
		{Name: "gone", Severities: []Severity{P3}, To: refuses}, {Name: "chat", Severities: []Severity{P1}, To: &inbox{}},
	}})
	require.NoError(t, err)
	defer func() { require.NoError(t, errors.Join(m.Close(bg), registry.Close(bg))) }()
	_, err = m.CreateAlert(bg, Alert{Severity: P3, Title: "a ticket"})
	require.NoError(t, err)
	require.NoError(t, m.Flush(bg))
	now = now.Add(10 * time.Second)
	registry.Sample(now)
	require.Len(t, m.Active(), 2)
	assert.Equal(t, "monitoring_dropped", m.Active()[0].Rule)
	assert.Equal(t, P1, m.Active()[0].Severity)
}
