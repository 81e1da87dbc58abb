package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/bizmetrics"
)

func TestAnEventCountsOnceOnEveryReplica(t *testing.T) {
	pool := newPool(t)
	a, b := openStore(t, pool, Config{}), openStore(t, pool, Config{})
	order := placed("1", noon, 1999)
	assert.Equal(t, []bizmetrics.Outcome{bizmetrics.Stored, bizmetrics.Duplicate}, appendAll(t, a, order, order))
	assert.Equal(t, []bizmetrics.Outcome{bizmetrics.Duplicate, bizmetrics.Conflict}, appendAll(t, b, order, placed("1", noon, 1)))
	for _, s := range []*Store{a, b} {
		assert.Equal(t, int64(1999), revenueOf(t, s, noon))
	}
	assert.Equal(t, []bizmetrics.Event{order}, scanAll(t, a))
}

func TestAnotherReplicasEventOfAnOrderChangesItsEffect(t *testing.T) {
	pool := newPool(t)
	a, b := openStore(t, pool, Config{}), openStore(t, pool, Config{})
	appendAll(t, a, refund("r", "1", noon.AddDate(0, 0, 40), 3000)) // before its order: all of it is taken off
	assert.Equal(t, int64(-3000), revenueOf(t, b, noon.AddDate(0, 0, 40)))
	appendAll(t, b, placed("1", noon, 2000))
	appendAll(t, a, refund("r2", "1", noon.AddDate(0, 0, 39), 500))
	for _, s := range []*Store{a, b} {
		assert.Equal(t, int64(2000), revenueOf(t, s, noon))
		assert.Equal(t, int64(-500), revenueOf(t, s, noon.AddDate(0, 0, 39)))
		assert.Equal(t, int64(-1500), revenueOf(t, s, noon.AddDate(0, 0, 40)))
	}
}

func TestAStoreRefusesAnotherCalendarThanTheDatabases(t *testing.T) {
	pool := newPool(t)
	openStore(t, pool, Config{Location: time.UTC, MonthStart: 5})
	_, err := Open(t.Context(), pool, Config{Location: time.UTC, MonthStart: 6})
	assert.ErrorIs(t, err, bizmetrics.ErrInvalid)
	assert.ErrorContains(t, err, "Config.MonthStart")
}
