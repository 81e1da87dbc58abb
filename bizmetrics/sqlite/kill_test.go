package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/killtest"
	"github.com/distri-night/monitoring/bizmetrics/sqlite"
)

func TestAKillLosesNothing(t *testing.T) {
	for name, journal := range map[string]string{"journal before the file": "journal", "file alone": ""} {
		t.Run(name, func(t *testing.T) {
			killtest.Kill(t, func(dir string) (bizmetrics.Config, error) {
				s, err := sqlite.Open(filepath.Join(dir, "events.db"), sqlite.Config{})
				c := bizmetrics.Config{Store: s, Currency: "EUR"}
				if journal != "" {
					c.Dir = filepath.Join(dir, journal)
					err = os.MkdirAll(c.Dir, 0o700)
				}
				return c, err
			})
		})
	}
}
