package errortracking

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(exitDSN); dsn != "" {
		exitChild(dsn, os.Getenv(exitDir), os.Getenv(exitHow))
	}
	goleak.VerifyTestMain(m)
}
