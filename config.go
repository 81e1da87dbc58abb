package monitoring

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

// Memory as Config.StateDir: nothing touches the disk.
const Memory = ":memory:"

var (
	// ErrInvalid is what a wrong setting Is; it is the same value in every package.
	ErrInvalid = config.ErrInvalid
	// ErrInitialized is returned by Init while an earlier default lives.
	ErrInitialized = errors.New("monitoring is already initialized")
)

// FieldError names one wrong field and what it takes. It Is [ErrInvalid].
type FieldError = config.FieldError

// Config sets up a Monitor. The zero Config works: a field that is not set has
// the default that its comment names. The packages' own Logger and Registry
// fields are set by New.
type Config struct {
	// Service names the service. "": the name of the program.
	Service string
	// Environment, such as "staging". "": that of Errors, else "production".
	Environment string
	// Release of the service. "": that of Errors, else the version or commit in
	// the build information, else "unknown".
	Release string
	// Region in which this process runs. "": none.
	Region string
	// Instance names this process among its replicas. "": host and process ID.
	Instance string
	// Disabled makes the whole library inert: nothing is measured, kept or
	// sent, and writes return nil.
	Disabled bool
	// StateDir keeps what must survive the process: undelivered errors and
	// alerts, business events, history. [Memory]: nothing touches the disk. "":
	// the variable MONITORING_STATE_DIR, else the user's state folder. Where it
	// cannot be written, memory is used and a warning says so.
	StateDir string

	Errors    errortracking.Config
	Log       logging.Config
	Perf      perfmon.Config
	DB        dbmon.Config
	Business  bizmetrics.Config
	Alerts    alerting.Config
	Dashboard dashboard.Config
	// Metrics sets up the registry that samples all of them.
	Metrics metric.Config

	// Mount serves handlers below Handler, to whoever may see a dashboard, such
	// as "/metrics"; with a slash at its end also what is below, "/debug/pprof/".
	// The dashboards' own paths cannot be taken.
	Mount map[string]http.Handler
	// TrustedProxies are believed about the client's address, and about the
	// trace that a request belongs to, with its baggage (traceparent, tracestate,
	// baggage, sentry-trace): proxies, and services of one's own. nil: none, the
	// address is the peer's, and a request begins a trace.
	TrustedProxies []netip.Prefix
}

var (
	mountable = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+/?$`)
	ownPaths  = []string{
		"executive", "operations", "product", "finance", "assets", "events", "health",
		"beacon", "vitals.js", "browser.json", "tunnel",
	}
)

// Validate names all wrong fields, of all packages, in one error.
func (c Config) Validate() error {
	var faults config.Faults
	faults.Under("Errors", c.Errors.Validate())
	faults.Under("Log", c.Log.Validate())
	faults.Under("Perf", c.Perf.Validate())
	faults.Under("DB", c.DB.Validate())
	faults.Under("Business", c.Business.Validate())
	faults.Under("Alerts", c.Alerts.Validate())
	faults.Under("Dashboard", c.Dashboard.Validate())
	faults.Under("Metrics", c.Metrics.Validate())
	for path, h := range c.Mount {
		if !mountable.MatchString(path) || h == nil {
			faults.Add(fmt.Sprintf("Mount[%q]", path), `a path such as "/metrics" and a handler`, nil)
		} else if own, _, _ := strings.Cut(path[1:], "/"); slices.Contains(ownPaths, own) {
			faults.Add(fmt.Sprintf("Mount[%q]", path), "a path that is not the dashboards' own", nil)
		}
	}
	for i, p := range c.TrustedProxies {
		if !p.IsValid() {
			faults.Add(fmt.Sprintf("TrustedProxies[%d]", i), "a network prefix", nil)
		}
	}
	return faults.Err()
}
