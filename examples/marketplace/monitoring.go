package main

import (
	"errors"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/errortracking"

	"github.com/distri-night/monitoring/examples/marketplace/payment"
	"github.com/distri-night/monitoring/examples/marketplace/shop"
)

// dailyTargetMinor is the revenue that the shop wants of a day.
const dailyTargetMinor = 25_000_00

// monitoringConfig watches the shop. A demo should not keep its viewer waiting:
// the default rules look at one minute instead of five.
func monitoringConfig(o options, zone *time.Location, events bizmetrics.Store) monitoring.Config {
	c := monitoring.Config{
		Service:     "shop",
		Environment: "demo",
		StateDir:    o.state,
		Errors:      errortracking.Config{Classify: classify},
		Business: bizmetrics.Config{
			Currency: shop.Currency,
			Location: zone,
			Store:    events,
			Target:   bizmetrics.Money{Minor: dailyTargetMinor, Currency: shop.Currency},
		},
		Alerts: alerting.Config{Rules: alerting.DefaultRules()},
	}
	if c.StateDir == "" {
		c.StateDir = monitoring.Memory
	}
	for i := range c.Alerts.Rules {
		c.Alerts.Rules[i].Window = time.Minute
		c.Alerts.Rules[i].Keep = time.Minute
	}
	c.Dashboard.Location, c.Dashboard.Title = zone, "Distri-Night"
	return c
}

// classify knows the shop's own errors; the library knows the rest.
func classify(err error) (errortracking.Class, bool) {
	if errors.Is(err, payment.ErrUnavailable) {
		return errortracking.Class{Category: errortracking.Payment, Level: slog.LevelError}, true
	}
	return errortracking.Class{}, false
}
