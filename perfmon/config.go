package perfmon

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/metric"
)

var (
	// ErrInvalid is what a wrong setting or argument Is.
	ErrInvalid = config.ErrInvalid
	// ErrNotInitialized is returned by a write that has no instance to act on.
	ErrNotInitialized = config.ErrNotInitialized
)

// Config sets up a Monitor. The zero Config works.
type Config struct {
	// SampleRate is the share of page views whose vitals the script sends, 0 to
	// 1. nil: 1.
	SampleRate *float64
	// Origins may send beacons, such as "https://shop.example". nil: the
	// service's own origin.
	Origins []string
	// TrustedProxies are believed about the address of a beacon's sender, by
	// which beacons are limited. nil: none.
	TrustedProxies []netip.Prefix
	// SLOs are the objectives that requests are to meet. nil: [DefaultSLOs];
	// empty: none.
	SLOs []SLO
	// Disabled makes the Monitor inert.
	Disabled bool
	// Registry samples the Monitor's metrics. nil: a private one.
	Registry *metric.Registry
	// Logger gets the Monitor's own warnings. nil: slog.Default().
	Logger *slog.Logger
	// Now is the clock. nil: time.Now.
	Now func() time.Time
}

// Validate names all wrong fields in one error.
func (c Config) Validate() error {
	var faults config.Faults
	faults.Share("SampleRate", c.SampleRate)
	for i, origin := range c.Origins {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || u.RawQuery != "" {
			faults.Add(fmt.Sprintf("Origins[%d]", i), `an origin such as "https://shop.example"`, origin)
		}
	}
	validateSLOs(&faults, c.SLOs)
	return faults.Err()
}
