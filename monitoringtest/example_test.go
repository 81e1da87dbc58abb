package monitoringtest_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/monitoringtest"
)

func Example() {
	// In a test file of the service:
	_ = func(t *testing.T) {
		rec := monitoringtest.New(t, monitoring.Config{})
		errortracking.CaptureException(t.Context(), errors.New("card refused"))
		require.Len(t, rec.Exceptions(), 1)

		rec.Evaluate()
		require.Empty(t, rec.Alerts.Active())
	}
	// Output:
}
