package bizmetrics

import (
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// NewMemory is the in-memory store alone.
func NewMemory(loc *time.Location, monthStart int) Store {
	return newMemory(ledger.Calendar{Location: loc, MonthStart: monthStart})
}
