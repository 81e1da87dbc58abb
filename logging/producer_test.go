package logging

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
)

func TestCriticalRecordsAreAnIndicator(t *testing.T) {
	now := time.Now()
	reg, err := metric.NewRegistry(metric.Config{Manual: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, reg.Close(context.Background())) }()
	l, _ := open(t, Config{Registry: reg, Level: slog.LevelDebug})
	reg.Sample(now)
	l.Critical("one")
	l.Error("two")
	l.CriticalContext(context.Background(), "three")
	reg.Sample(now.Add(10 * time.Second))
	got, err := reg.Read("log_critical")
	require.NoError(t, err)
	assert.InDelta(t, 2, got[0].Value, 0)
	reg.Sample(now.Add(20 * time.Minute))
	got, err = reg.Read("log_critical")
	require.NoError(t, err)
	assert.Zero(t, got[0].Value, "it eases")
}

func TestALostRecordIsCounted(t *testing.T) {
	now := time.Now()
	reg, err := metric.NewRegistry(metric.Config{Manual: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, reg.Close(context.Background())) }()
	l, _ := open(t, Config{Registry: reg, Output: panicWriter{}})
	reg.Sample(now)
	l.Info("lost")
	reg.Sample(now.Add(10 * time.Second))
	got, err := reg.Read(metric.DroppedIndicator.Name)
	require.NoError(t, err)
	assert.InDelta(t, 1, got[0].Value, 0)
}

func TestTwoLoggersDoNotShareARegistry(t *testing.T) {
	var out bytes.Buffer
	a, _ := open(t, Config{Output: &out})
	b, _ := open(t, Config{Output: &out})
	a.Info("a")
	assert.Len(t, a.Recent(""), 1)
	assert.Empty(t, b.Recent(""))
}
