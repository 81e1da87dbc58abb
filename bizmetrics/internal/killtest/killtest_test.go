package killtest_test

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/killtest"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestAKillLosesNothingThatMemoryAndJournalMadeDurable(t *testing.T) {
	killtest.Kill(t, func(dir string) (bizmetrics.Config, error) {
		return bizmetrics.Config{Currency: "EUR", Dir: filepath.Join(dir, "journal"), Logger: quiet()}, nil
	})
}

func relayed(dir string, chance float64) (bizmetrics.Config, error) {
	s, err := openFileStore(filepath.Join(dir, "store"))
	if err != nil {
		return bizmetrics.Config{}, err
	}
	s.chance = chance
	return bizmetrics.Config{Currency: "EUR", Store: s, Dir: filepath.Join(dir, "journal"), Logger: quiet()}, nil
}

func TestAKillLosesNothingBeforeAStore(t *testing.T) {
	for name, chance := range map[string]float64{"that works": 0, "that refuses every other batch": 0.5, "that is away": 1} {
		t.Run(name, func(t *testing.T) {
			killtest.Kill(t, func(dir string) (bizmetrics.Config, error) {
				if !killtest.Recording() { // it is back when it is read
					return relayed(dir, 0)
				}
				return relayed(dir, chance)
			})
		})
	}
}

func TestAStoreThatIsAwayForAWhileMissesNothing(t *testing.T) {
	dir := t.TempDir()
	c, err := relayed(dir, 0)
	require.NoError(t, err)
	s := c.Store.(*fileStore)
	killtest.Outage(t, c, func() { s.away.Store(true) }, func() { s.away.Store(false) })
	info, err := os.Stat(filepath.Join(dir, "store"))
	require.NoError(t, err)
	require.Positive(t, info.Size())
}
