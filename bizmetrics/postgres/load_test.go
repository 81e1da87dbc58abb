package postgres

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore/enginetest"
)

// TestLoad measures; LOAD is the number of events.
func TestLoad(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("LOAD"))
	if err != nil {
		t.Skip("set LOAD to a number of events")
	}
	enginetest.Load(t, openStore(t, newPool(t), Config{Location: time.UTC}), n/10, n/2, n)
}
