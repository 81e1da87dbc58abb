package errortracking

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/metric"
)

var (
	// ErrInvalid is what a wrong setting Is.
	ErrInvalid = config.ErrInvalid
	// ErrNotInitialized is returned where there is no Tracker to act on.
	ErrNotInitialized = config.ErrNotInitialized
)

// Config sets up a Tracker. The zero Config works: events go to the log.
type Config struct {
	// DSN of the Sentry project. "": events go to Logger, one record each.
	// The variable SENTRY_DSN is not read here.
	DSN string
	// Environment; "": "production".
	Environment string
	// Release; "": the commit that the build info names, else its version.
	Release string

	// SampleRate is the share of errors that are sent, 0..1; nil: 1. Panics
	// and critical ones always are.
	SampleRate *float64
	// TracesSampleRate is the share of requests and jobs that are recorded as
	// transactions, with their queries and calls, 0..1; nil: 0.1; 0: none. It is
	// the browser's rate too. Where a trusted caller has decided, it is followed.
	TracesSampleRate *float64
	// ReplaysSessionSampleRate, 0..1; nil: 0.1. For the browser.
	ReplaysSessionSampleRate *float64
	// ReplaysOnErrorSampleRate, 0..1; nil: 1. For the browser.
	ReplaysOnErrorSampleRate *float64

	// TrustedCallers may hand the Middleware a trace, by the peer's address,
	// where logging's Middleware, which has a list of its own, is not outside of
	// it; nil: none.
	TrustedCallers []netip.Prefix

	// SpoolDir keeps events until Sentry has them; "": memory, at most 16 MiB.
	SpoolDir string
	// FloodLimit is how many events of one fingerprint go out in a minute;
	// 0: 10. The rest is counted, and one event at the end of each minute
	// carries the count.
	FloodLimit int
	// EventLevel is the least level of log records of which Handler makes
	// events; nil: error.
	EventLevel slog.Leveler
	// Classify is asked before the built-in rules, for the error and for each
	// branch of a joined one; false leaves it to them.
	Classify func(error) (Class, bool)
	// Sample is the share, 0..1, of the errors of a class that are sent, in
	// place of SampleRate; nil: SampleRate for all. Panics and critical ones
	// always are.
	Sample func(Class) float64
	// BeforeSend may change an event; false drops it.
	BeforeSend func(context.Context, *Event) bool
	// EventURL is where Sentry shows an event, with "{event_id}" for its ID;
	// "": found from DSN, which for self-hosted Sentry takes its organization
	// to be "sentry".
	EventURL string
	// Allow names fields that are not redacted, such as "User.Email".
	Allow []string

	// Sink, if set, gets every event that would go out, in place of Sentry;
	// nothing is spooled. A DSN is checked then, and not used.
	Sink func(ctx context.Context, e Event)
	// Logger gets what the Tracker itself has to say, panics, and the events
	// if there is no DSN; nil: slog.Default().
	Logger *slog.Logger
	// Registry gets the metrics; nil: a private one.
	Registry *metric.Registry
	// Now is the wall clock; nil: time.Now.
	Now func() time.Time
	// Disabled: nothing is measured, kept or sent.
	Disabled bool
}

const defaultFloodLimit = 10

// Validate names every wrong field in one error, which Is [ErrInvalid].
func (c Config) Validate() error {
	var f config.Faults
	if c.DSN != "" {
		if _, err := parseDSN(c.DSN); err != nil {
			// The value may be a secret pasted into the wrong variable.
			f.Add("DSN", "a Sentry DSN, such as https://key@host/1", nil)
		}
	}
	f.Share("SampleRate", c.SampleRate)
	f.Share("TracesSampleRate", c.TracesSampleRate)
	f.Share("ReplaysSessionSampleRate", c.ReplaysSessionSampleRate)
	f.Share("ReplaysOnErrorSampleRate", c.ReplaysOnErrorSampleRate)
	if c.EventURL != "" && (!strings.HasPrefix(c.EventURL, "http") || !strings.Contains(c.EventURL, eventIDMark)) {
		f.Add("EventURL", "a URL with "+eventIDMark, c.EventURL)
	}
	for i, p := range c.TrustedCallers {
		if !p.IsValid() {
			f.Add(fmt.Sprintf("TrustedCallers[%d]", i), "a network prefix", nil)
		}
	}
	if c.FloodLimit < 0 {
		f.Add("FloodLimit", "0 or more", c.FloodLimit)
	}
	return f.Err()
}

func (c Config) withDefaults() Config {
	if c.Environment == "" {
		c.Environment = "production"
	}
	if c.Release == "" {
		c.Release = buildRelease()
	}
	share := func(p **float64, v float64) {
		if *p == nil {
			*p = &v
		}
	}
	share(&c.SampleRate, 1)
	share(&c.TracesSampleRate, 0.1)
	share(&c.ReplaysSessionSampleRate, 0.1)
	share(&c.ReplaysOnErrorSampleRate, 1)
	if c.FloodLimit == 0 {
		c.FloodLimit = defaultFloodLimit
	}
	if c.EventLevel == nil {
		c.EventLevel = slog.LevelError
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// buildRelease is what the binary knows of itself. (sentry-go would start a
// git process for it.)
func buildRelease() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if commit := buildCommit(); commit != "" {
		return strings.TrimSuffix(commit, "-dirty")
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return info.Main.Path + "@" + v
	}
	return "unknown"
}

// buildCommit is the commit that the binary was built from; "" if it does not
// say so.
func buildCommit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return commitIn(info)
}

func commitIn(info *debug.BuildInfo) (commit string) {
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value + commit
		case "vcs.modified":
			if s.Value == "true" {
				commit += "-dirty"
			}
		}
	}
	if commit == "-dirty" {
		return ""
	}
	return commit
}

func serverName() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}
