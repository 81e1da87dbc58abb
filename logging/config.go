package logging

import (
	"io"
	"log/slog"
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
	// Level is the least level that is logged; nil: info. Logger.SetLevel
	// overrules it.
	Level slog.Leveler
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
