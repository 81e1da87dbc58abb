package monitoring

import (
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/logging"
)

// ConfigFromEnv reads the variables that the README lists. A variable that is
// not set, or is broken, leaves its field empty; all broken ones are named in
// one error, which Is [ErrInvalid] and whose fields are the variables' names.
func ConfigFromEnv() (Config, error) {
	var (
		c      Config
		faults config.Faults
	)
	c.Service = firstEnv("MONITORING_SERVICE", "OTEL_SERVICE_NAME")
	c.Environment = os.Getenv("MONITORING_ENVIRONMENT")
	c.Region = os.Getenv("MONITORING_REGION")
	c.StateDir = os.Getenv("MONITORING_STATE_DIR")
	c.Errors.DSN = os.Getenv("SENTRY_DSN")
	c.Errors.Environment = os.Getenv("SENTRY_ENVIRONMENT")
	c.Errors.Release = os.Getenv("SENTRY_RELEASE")
	c.Log.Format = os.Getenv("MONITORING_LOG_FORMAT")
	c.Business.Currency = os.Getenv("MONITORING_CURRENCY")

	parse(&faults, "MONITORING_ENABLED", "true or false", func(s string) error {
		enabled, err := strconv.ParseBool(s)
		c.Disabled = err == nil && !enabled
		return err
	})
	parse(&faults, "MONITORING_SAMPLE_RATE", "a number from 0 to 1", func(s string) error {
		rate, err := strconv.ParseFloat(s, 64)
		if err == nil && !(rate >= 0 && rate <= 1) {
			err = strconv.ErrRange
		}
		if err == nil {
			c.Errors.TracesSampleRate, c.Perf.SampleRate = new(rate), new(rate)
		}
		return err
	})
	parse(&faults, "MONITORING_LOG_LEVEL", "debug, info, warn, error or critical", func(s string) error {
		level := logging.LevelCritical
		var err error
		if !strings.EqualFold(s, "critical") {
			err = level.UnmarshalText([]byte(s))
		}
		if err == nil {
			c.Log.Level = level
		}
		return err
	})
	parse(&faults, "MONITORING_TIMEZONE", `a time zone such as "Europe/Paris"`, func(s string) error {
		location, err := time.LoadLocation(s)
		if err == nil {
			c.Business.Location, c.Dashboard.Location = location, location
		}
		return err
	})
	return c, faults.Err()
}

// parse hands a variable that is set to set, and notes its failure.
func parse(faults *config.Faults, name, want string, set func(string) error) {
	value := os.Getenv(name)
	if value == "" {
		return
	}
	if err := set(value); err != nil {
		faults.Add(name, want, value)
	}
}

func firstEnv(names ...string) string {
	for _, name := range names {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}
