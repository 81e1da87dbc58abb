package main

import (
	"time"

	monitoring "github.com/distri-night/monitoring/examples/marketplace/observe"
)

func monitoringConfig(o options, zone *time.Location) monitoring.Config { return monitoring.Config{} }
