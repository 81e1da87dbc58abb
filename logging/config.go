package logging

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"

	"golang.org/x/term"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/metric"
)

var (
	// ErrInvalid is what a wrong setting Is.
	ErrInvalid = config.ErrInvalid
	// ErrNotInitialized is returned where there is no Logger to act on.
	ErrNotInitialized = config.ErrNotInitialized
)

const (
	defaultRecent = 1000
	mostRecent    = 1_000_000
)

// Config sets up a Logger. The zero Config works.
type Config struct {
	// Format is "json", "console", "gcp", "ecs", "datadog" or "logfmt"; "":
	// console if Output is a terminal, else json.
	Format string
	// Service, Environment and Release are constants of the formats that have a
	// place for them: gcp, ecs and datadog; "": left out.
	Service, Environment, Release string
	// Level is the least level that is logged; nil: info. Logger.SetLevel
	// overrules it.
	Level slog.Leveler
	// BreadcrumbLevel is the least level of records that become breadcrumbs of
	// their request or job; nil: info.
	BreadcrumbLevel slog.Leveler
	// Sampling thins out floods of one record below warn; nil: none, every
	// record is written.
	Sampling *Sampling
	// Output gets one Write per record, never two at once; nil: stderr.
	Output io.Writer
	// Recent is how many records are kept for Logger.Recent; 0: 1000; < 0: none.
	Recent int
	// Allow names fields that are not redacted: "email", or a path of groups
	// and key, "user.email".
	Allow []string
	// Handlers get each record as well, redacted, with the IDs among its
	// attributes, if they are enabled for its level.
	Handlers []slog.Handler
	// TrustedCallers may hand Middleware a trace: whether it is recorded, its
	// baggage, its IDs. They are compared with the peer's address, so they are
	// the service's own networks and proxies; nil: none, each request begins a
	// trace.
	TrustedCallers []netip.Prefix
	// PropagateTo are the hosts to which Transport hands on all there is about a
	// trace, baggage included: names such as "orders.example", "*.example" for
	// all below it, "*" for all hosts; empty: none. nil: what only a private
	// network has, which is loopback and private addresses, names without a dot,
	// and those under .internal, .local, .localhost, .svc and .home.arpa.
	PropagateTo []string
	// Registry gets the metrics; nil: a private one.
	Registry *metric.Registry
	// Disabled: records are written, and nothing is kept, counted or handed on.
	Disabled bool
}

// Validate gives all wrong fields, joined; each Is ErrInvalid.
func (c Config) Validate() error {
	var f config.Faults
	if _, ok := formats[c.Format]; !ok && c.Format != "" && c.Format != "console" && c.Format != "logfmt" {
		f.Add("Format", `"json", "console", "gcp", "ecs", "datadog" or "logfmt"`, c.Format)
	}
	if c.Recent > mostRecent {
		f.Add("Recent", "at most 1,000,000", c.Recent)
	}
	for i, p := range c.TrustedCallers {
		if !p.IsValid() {
			f.Add(fmt.Sprintf("TrustedCallers[%d]", i), "a network prefix", nil)
		}
	}
	for i, t := range c.PropagateTo {
		if !validTarget(t) {
			f.Add(fmt.Sprintf("PropagateTo[%d]", i), `a host, "*.domain" or "*"`, t)
		}
	}
	c.Sampling.validate(&f)
	for _, h := range c.Handlers {
		if h == nil {
			f.Add("Handlers", "handlers that are not nil", nil)
			break
		}
	}
	return f.Err()
}

func (c Config) withDefaults() Config {
	if c.Output == nil {
		c.Output = os.Stderr
	}
	if c.Format == "" {
		c.Format = "json"
		if terminal(c.Output) {
			c.Format = "console"
		}
	}
	switch {
	case c.Recent == 0:
		c.Recent = defaultRecent
	case c.Recent < 0:
		c.Recent = 0
	}
	return c
}

func terminal(w io.Writer) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}
