package panels

import (
	"context"
	"math"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

func activeUsers(s Source) dashboard.Panel {
	return number("users", "Active users", "now", "", dashboard.UpIsGood, "Distinct signed-in users seen in requests of the last 5 minutes.",
		func(_ context.Context, from, to time.Time) (dashboard.Number, error) {
			value, noData := s.reading("active_users")
			n := dashboard.Number{Value: value, NoData: noData, Previous: s.yesterday("active_users"), Target: math.NaN()}
			_, n.Spark = s.points("active_users", from, to)
			return n, nil
		})
}
