package sqlstore_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore/enginetest"
)

func TestWhatIsAddedUpSaysWhatAllEventsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		engine := sqlstore.NewFake()
		engine.Shared = rapid.Bool().Draw(t, "shared")
		enginetest.Check(t, func() (sqlstore.Engine, func(error)) { return engine, func(err error) { engine.Fail = err } })
	})
}
