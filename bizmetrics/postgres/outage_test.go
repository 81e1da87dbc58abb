package postgres

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/killtest"
	"github.com/distri-night/monitoring/internal/pgtest"
)

// The server is stopped without a goodbye, and does not commit synchronously
// by default: what was acknowledged is there all the same.
func TestAServerStoppedAndStartedUnderLoadLosesNothing(t *testing.T) {
	server := pgtest.NewServer(t)
	s, err := Connect(context.Background(), server.URL, Config{})
	require.NoError(t, err)
	c := bizmetrics.Config{Store: s, Dir: t.TempDir(), Currency: "EUR", Logger: slog.New(slog.DiscardHandler)}
	killtest.Outage(t, c, func() { server.Down(t) }, func() { server.Up(t) })
}
