package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/killtest"
	"github.com/distri-night/monitoring/internal/pgtest"
)

// childURL is where a parent tells its children which database is theirs.
const childURL = "BIZMETRICS_POSTGRES_CHILD"

// sharedURL is a database for a test and for the children that it starts.
func sharedURL(t *testing.T) string {
	t.Helper()
	if url := os.Getenv(childURL); url != "" {
		return url
	}
	url := pgtest.Schema(t)
	t.Setenv(childURL, url)
	return url
}

func TestAKillLosesNothing(t *testing.T) {
	url := sharedURL(t)
	killtest.Kill(t, func(dir string) (bizmetrics.Config, error) {
		name := sha256.Sum256([]byte(dir))
		s, err := Connect(context.Background(), url, Config{Schema: hex.EncodeToString(name[:8])})
		return bizmetrics.Config{Store: s, Dir: filepath.Join(dir, "journal"), Currency: "EUR"}, err
	})
}
