package storetest

import (
	"testing"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

// Config is what a store is opened with.
type Config struct {
	// Dir is a folder of the test's own, and names what the store holds: opened
	// with the same Dir again, a store has the same events. A store elsewhere than
	// on disk takes it as a name.
	Dir string
	// Location is where the business's days begin; never nil.
	Location *time.Location
	// MonthStart is the day of the month on which the business's month begins, 1
	// to 28.
	MonthStart int
}

// Suite says how to open the store that is to pass.
type Suite struct {
	// Open opens the store; it ends the test if it cannot. The suite closes what
	// it opens.
	Open func(t testing.TB, c Config) bizmetrics.Store
	// Volatile says that a store's events are gone once it is closed.
	Volatile bool
	// Shared says that several may be open with one Dir at a time, as those of
	// replicas are.
	Shared bool
}

// Run runs the suite: each behaviour is a subtest.
func Run(t *testing.T, s Suite) {
	t.Helper()
	for _, part := range []struct {
		name string
		test func(*testing.T, Suite)
	}{
		{"Append", testAppend},
		{"Query", testQuery},
		{"Scan", testScan},
		{"Close", testClose},
		{"Concurrency", testConcurrency},
		{"Properties", testProperties},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, s) })
	}
	if !s.Volatile {
		t.Run("Reopen", func(t *testing.T) { testReopen(t, s) })
	}
	if s.Shared {
		t.Run("Replicas", func(t *testing.T) { testReplicas(t, s) })
	}
}

// open makes an empty store with days of UTC, and closes it when t ends.
func (s Suite) open(t testing.TB) bizmetrics.Store {
	t.Helper()
	return s.openIn(t, Config{Dir: t.TempDir(), Location: time.UTC, MonthStart: 1})
}

func (s Suite) openIn(t testing.TB, c Config) bizmetrics.Store {
	t.Helper()
	store := s.Open(t, c)
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return store
}
