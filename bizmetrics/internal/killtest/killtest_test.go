package killtest_test

import (
	"path/filepath"
	"testing"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/killtest"
)

func TestAKillLosesNothingThatMemoryAndJournalMadeDurable(t *testing.T) {
	killtest.Kill(t, func(dir string) (bizmetrics.Config, error) {
		return bizmetrics.Config{Currency: "EUR", Dir: filepath.Join(dir, "journal")}, nil
	})
}
