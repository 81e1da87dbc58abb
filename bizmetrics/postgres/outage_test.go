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

func TestAServerStoppedAndStartedUnderLoadLosesNothing(t *testing.T) {
	for name, down := range map[string]func(*pgtest.Server){
		"by its administrator": func(s *pgtest.Server) { s.Down(t) },
	} {
		t.Run(name, func(t *testing.T) {
			server := pgtest.NewServer(t)
			s, err := Connect(context.Background(), server.URL, Config{})
			require.NoError(t, err)
			c := bizmetrics.Config{Store: s, Dir: t.TempDir(), Currency: "EUR", Logger: slog.New(slog.DiscardHandler)}
			killtest.Outage(t, c, func() { down(server) }, func() { server.Up(t) })
		})
	}
}
