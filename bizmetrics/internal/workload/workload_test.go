package workload

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func spring(t testing.TB, events int) Config {
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	return Config{Seed: 7, Events: events, From: time.Date(2026, 3, 2, 0, 0, 0, 0, zone), To: time.Date(2026, 4, 9, 0, 0, 0, 0, zone), Zone: zone}
}

func TestTheSameSeedGivesTheSameEvents(t *testing.T) {
	c := spring(t, 5000)
	a, b := Generate(c), Generate(c)
	assert.Equal(t, a, b)
	c.Seed++
	assert.NotEqual(t, a, Generate(c))
}

func TestAWorkloadHasWhatGoesWrongInService(t *testing.T) {
	c := spring(t, 20_000)
	all := Generate(c)
	require.Len(t, all, c.Events)
	kinds, zero, late, ahead, disorder := map[reflect.Type]int{}, 0, 0, 0, 0
	for i, a := range all {
		kinds[reflect.TypeOf(a.Event)]++
		at, _ := timeOf(a.Event)
		switch {
		case at.IsZero():
			zero++
		case a.Clock.Sub(at) > time.Hour:
			late++
		case at.After(a.Clock):
			ahead++
		}
		if i > 0 {
			assert.False(t, a.Clock.Before(all[i-1].Clock), "the clock never goes back")
			if a.At().Before(all[i-1].At()) {
				disorder++
			}
		}
		assert.False(t, a.At().Before(c.From.Add(-time.Hour)))
	}
	assert.Len(t, kinds, 11, "every kind of event")
	for what, n := range map[string]int{"without a time": zero, "late": late, "ahead of the clock": ahead, "in disorder": disorder} {
		assert.Greater(t, n, 20, what)
	}
	count := Outcomes(all)
	assert.Greater(t, count.Duplicates, 300)
	assert.Greater(t, count.Conflicts, 100)
	assert.Equal(t, c.Events, count.Stored+count.Duplicates+count.Conflicts)
}

func BenchmarkGenerate(b *testing.B) {
	c := spring(b, 100_000)
	for b.Loop() {
		Generate(c)
	}
}
